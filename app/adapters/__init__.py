"""Adapters that implement storage and messaging."""
