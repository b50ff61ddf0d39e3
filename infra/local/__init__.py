"""Runs the local cloud, which is PixTag with emulated AWS services on one machine."""
