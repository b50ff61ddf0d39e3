"""Writes and restores backups of all libraries."""
