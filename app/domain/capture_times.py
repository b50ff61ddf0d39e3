"""Converts capture times to the text that is stored, shown and sorted, and decides whether they are plausible."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from detector.metadata.values import CaptureTime, TimeSource

MAX_TEXT: Final = 64
MIN_YEAR: Final = 1826  # the year of the oldest known photo
IMPLAUSIBLE: Final = "!"
"""The prefix of implausible times. They sort before all other times."""

_DATE_CHARACTERS: Final = len("2019-07-28")
_EASTERNMOST: Final = timedelta(hours=14)
_DAY: Final = timedelta(days=1)


def judge(time: CaptureTime, now: datetime) -> CaptureTime:
    """Return the capture time with its plausibility.

    A time is plausible from 1826 to tomorrow. "Tomorrow" is the day after the current day in the easternmost time zone,
    where each day begins first. So the clock of no place and a clock that is a few hours fast are plausible.

    Args:
        time: The capture time.
        now: The current time, with a time zone.
    """
    tomorrow = (now.astimezone(UTC) + _EASTERNMOST).date() + _DAY
    return replace(time, plausible=time.local.year >= MIN_YEAR and time.local.date() <= tomorrow)


def sort_text(time: CaptureTime) -> str:
    """Return the wall clock at the place to the second: `2019-07-28T01:03:00`. An implausible time has a prefix."""
    prefix = "" if time.plausible else IMPLAUSIBLE
    return f"{prefix}{time.local.replace(microsecond=0).isoformat()}"


def format_capture_time(time: CaptureTime) -> str:
    """Return a capture time in ISO 8601: `2019-07-28T01:03:00+09:00`, without the offset, or only the date."""
    if time.date_only:
        return time.local.date().isoformat()
    local = time.local if time.offset is None else time.local.replace(tzinfo=timezone(time.offset))
    return local.isoformat()


def parse_capture_time(text: str, source: TimeSource) -> CaptureTime:
    """Return the capture time that `format_capture_time` wrote.

    Raises:
        ValueError: the text is not a time.
    """
    moment = datetime.fromisoformat(text)
    return CaptureTime(moment.replace(tzinfo=None), source, moment.utcoffset(), date_only=len(text) == _DATE_CHARACTERS)


def from_file_time(time: datetime | None) -> CaptureTime | None:
    """Return the capture time of a file that was last modified at this time, in the time zone of the client."""
    if time is None:
        return None
    return CaptureTime(time.replace(microsecond=0, tzinfo=None), TimeSource.FILE, time.utcoffset())


def dump_capture_time(time: CaptureTime | None) -> str | None:
    """Return the stored text of a capture time: the time, and its source unless it is EXIF.

    An implausible time has a prefix. Rows of PixTag before version 0.5 contain only times from EXIF, and those before
    version 0.6 no prefix, so they need no change.
    """
    if time is None:
        return None
    text = f"{'' if time.plausible else IMPLAUSIBLE}{format_capture_time(time)}"
    return text if time.source is TimeSource.EXIF else f"{text} {time.source}"


def load_capture_time(text: str | None) -> CaptureTime | None:
    """Return the capture time in a stored text.

    Raises:
        ValueError: the text is not a capture time.
    """
    if not text:
        return None
    time, _, source = text.partition(" ")
    loaded = parse_capture_time(time.removeprefix(IMPLAUSIBLE), TimeSource(source or TimeSource.EXIF))
    return replace(loaded, plausible=False) if time.startswith(IMPLAUSIBLE) else loaded
