"""Provides logs, metrics and timings."""
