"""Runs PixTag and an AWS emulator on one machine. This is called the local cloud."""
