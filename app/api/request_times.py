"""Parses dates and times in requests."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

MAX_TIME_TEXT: Final = 40


def _parse_time(value: object) -> datetime:
    """Parse a date and time with a time zone (RFC 3339). The time zone is kept, for the clock of the place."""
    try:
        if isinstance(value, str) and len(value) <= MAX_TIME_TEXT and (time := datetime.fromisoformat(value)).tzinfo:
            time.astimezone(UTC)  # raises an error if UTC cannot express it
            return time
    except (OverflowError, ValueError):
        pass
    raise ValueError("Use a date and time with a time zone, such as 2026-01-31T16:20:00Z")


ZonedTime = Annotated[
    datetime,
    BeforeValidator(_parse_time),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": MAX_TIME_TEXT}),
]
