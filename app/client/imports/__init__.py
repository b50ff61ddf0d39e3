"""Readers of photo libraries of other programs. They open files, and never the network."""
