"""Implements PixTag's operations on several adapters: library, ingest, notifications and the outbox worker."""
