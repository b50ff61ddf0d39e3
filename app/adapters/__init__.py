"""Implements storage and messaging."""
