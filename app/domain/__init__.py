"""Defines images, tags, queries and errors in pure Python without I/O."""
