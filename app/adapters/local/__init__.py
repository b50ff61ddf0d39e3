"""Implements the adapters for one machine, with SQLite and files."""
