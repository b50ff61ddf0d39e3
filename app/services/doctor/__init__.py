"""Compares all libraries with their images, and repairs them (`pixtag doctor`)."""
