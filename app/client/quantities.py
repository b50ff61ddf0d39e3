"""Writes sizes and durations for people."""

from typing import Final

_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")
_STEP: Final = 1_000
_MINUTE: Final = 60
_HOUR: Final = 3_600


def format_size(size: float) -> str:
    """Return a number of bytes with its unit, such as `2.7 GB`."""
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:,.0f} {unit}" if unit == _UNITS[0] else f"{size:.1f} {unit}"
        size /= _STEP
    return f"{size:,.1f} {_UNITS[-1]}"


def format_duration(seconds: float) -> str:
    """Return a duration, such as `14 min`."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def count(number: int, noun: str) -> str:
    """Return a number with a noun, such as `1,204 photos`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
