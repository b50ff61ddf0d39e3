"""Converts capture times to the text that is stored and shown, and chooses between their sources."""

from datetime import datetime, timezone
from typing import Final

from detector.metadata.values import CaptureTime, TimeSource

MAX_TEXT: Final = 64
_DATE_CHARACTERS: Final = len("2019-07-28")


def format_capture_time(time: CaptureTime) -> str:
    """Return a capture time in ISO 8601: `2019-07-28T01:03:00+09:00`, without the offset, or only the date."""
    if time.date_only:
        return time.local.date().isoformat()
    zone = None if time.offset is None else timezone(time.offset)
    return time.local.replace(tzinfo=zone).isoformat()


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

    Rows of PixTag before version 0.5 contain only times from EXIF, so they need no change.
    """
    if time is None:
        return None
    text = format_capture_time(time)
    return text if time.source is TimeSource.EXIF else f"{text} {time.source}"


def load_capture_time(text: str | None) -> CaptureTime | None:
    """Return the capture time in a stored text.

    Raises:
        ValueError: the text is not a capture time.
    """
    if not text:
        return None
    time, _, source = text.partition(" ")
    return parse_capture_time(time, TimeSource(source or TimeSource.EXIF))
