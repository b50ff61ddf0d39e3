"""Converts the values of sidecars, which can have any type, to metadata. Invalid values are left out."""

from datetime import UTC, datetime
from math import isfinite
from typing import Final

from app.domain.capture_times import judge
from app.domain.marks import MAX_TITLE
from detector.metadata.text import clean_text
from detector.metadata.values import CaptureTime, Position

MIN_ALTITUDE: Final = -11_000
MAX_ALTITUDE: Final = 100_000


def make_position(latitude: object, longitude: object, altitude: object = None) -> Position | None:
    """Return the position, or None if it is invalid. 0° N 0° E means that the place is unknown."""
    north, east = make_number(latitude), make_number(longitude)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180 or north == east == 0:  # noqa: PLR2004
        return None
    height = make_number(altitude)
    is_known = height and MIN_ALTITUDE <= height <= MAX_ALTITUDE  # programs write 0 for an unknown altitude
    return Position(north, east, height if is_known else None)


def make_number(value: object) -> float | None:
    """Return a number, also from its text, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def keep_plausible(time: CaptureTime | None) -> CaptureTime | None:
    """Return the time, or None if the server would refuse it as implausible."""
    return time if time and judge(time, datetime.now(UTC)).plausible else None


def make_text(value: object) -> str:
    """Return a text, or an empty text for other values."""
    return value if isinstance(value, str) else ""


def make_title(value: object) -> str:
    """Return the title of an album as the server takes it, or an empty text."""
    return clean_text(make_text(value), MAX_TITLE)
