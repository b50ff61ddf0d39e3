"""Defines the base classes of errors."""


class PixTagError(Exception):
    """An error. Its message names the fault, and then the remedy."""


class StartFailed(Exception):
    """PixTag cannot start. The message says why, then what to do."""
