"""Finds the capture time in the names that cameras, phones and messengers give to files."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from detector.metadata.values import CaptureTime, TimeSource

_MIN_YEAR: Final = 1990
_MAX_CHARACTERS: Final = 255
_UTC: Final = timedelta()
_NOON: Final = 12

# A number after a digit, or after letters after a digit, is part of an identifier.
_DATE: Final = re.compile(
    r"""
    (?<![0-9]) (?<![0-9][A-Za-z]) (?<![0-9][A-Za-z]{2}) (?<![0-9]{4}-)
    (?: ([0-9]{4}) ([\-_.]) ([0-9]{2}) \2 ([0-9]{2}) (?![0-9])
      | ([0-9]{4}) ([0-9]{2}) ([0-9]{2}) (?= (?:[0-9]{6}|[0-9]{9})? (?![0-9]) )
      | ([0-9]{4}) _ ([0-9]{2}) ([0-9]{2}) (?= _[0-9]{6} (?![0-9]) ) )
    """,
    re.VERBOSE,
)
_TIME: Final = re.compile(
    r"""
    (?: [\-_.,\s]{0,3} | T | \s[^\W\d]{1,5}\.?\s )
    (?: ([0-9]{2}) ([0-9]{2}) ([0-9]{2}) | ([0-9]{1,2}) ([\-_.:\s\ua789]) ([0-9]{2}) \5 ([0-9]{2}) )
    (?: [\-.]? ([0-9]{3}) )? (?![0-9]) (?: \s? ([AP]) M (?![A-Z]) | (Z) (?![A-Z]) )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MILLISECONDS: Final = re.compile(r"(?:[A-Za-z_ -]*[A-Za-z_ -])?([1-9][0-9]{12})(?![0-9A-Za-z])")
_HASH: Final = re.compile(
    r"""
    (?<![0-9a-z]) [0-9a-f]{8} (?:-[0-9a-f]{4}){3} - [0-9a-f]{12} (?![0-9a-z])
    | (?=[0-9a-f]{0,40}[0-9][a-f]) [0-9a-f]{16,}
    """,
    re.VERBOSE | re.IGNORECASE,
)


def parse_file_name_time(name: str) -> CaptureTime | None:
    """Return the time in a file name, or None.

    Years from 1990 to the next one are accepted. Numbers that are part of longer numbers, hashes and UUIDs are ignored.
    Names of Pixel phones (`PXL_`), times that end with `Z` and milliseconds since 1970 are UTC. They have the offset 0.

    Args:
        name: The name, with or without folders and an extension, such as `IMG_20190728_010300.jpg`.
    """
    name = re.split(r"[/\\]", name)[-1][:_MAX_CHARACTERS]
    if match := _MILLISECONDS.match(name):
        return _read_milliseconds(int(match[1]))
    name = _HASH.sub(" ", name)
    times = (_read_time(match, name) for match in _DATE.finditer(name))
    return next((time for time in times if time), None)


def _read_milliseconds(number: int) -> CaptureTime | None:
    local = datetime(1970, 1, 1) + timedelta(milliseconds=number)  # noqa: DTZ001  # the offset is kept apart
    return CaptureTime(local, TimeSource.NAME, offset=_UTC) if _is_plausible(local.year) else None


def _read_time(match: re.Match[str], name: str) -> CaptureTime | None:
    year, month, day = (int(match[a] or match[b] or match[c]) for a, b, c in ((1, 5, 8), (3, 6, 9), (4, 7, 10)))
    try:
        date = datetime(year, month, day)  # noqa: DTZ001  # the offset is kept apart
    except ValueError:
        return None
    if not _is_plausible(date.year):
        return None
    clock = _TIME.match(name, match.end())
    time = _read_clock(clock) if clock else None
    if time is None:
        return CaptureTime(date, TimeSource.NAME, date_only=True)
    is_utc = (clock and clock[10]) or name.upper().startswith("PXL_")
    return CaptureTime(date + time, TimeSource.NAME, offset=_UTC if is_utc else None)


def _read_clock(match: re.Match[str]) -> timedelta | None:
    """Return the time since midnight, or None if it is out of range."""
    hour, minute, second = (int(match[short] or match[long]) for short, long in ((1, 4), (2, 6), (3, 7)))
    if match[9] and hour <= _NOON:
        hour = hour % _NOON + (_NOON if match[9].upper() == "P" else 0)
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second, milliseconds=int(match[8] or 0))


def _is_plausible(year: int) -> bool:
    return _MIN_YEAR <= year <= datetime.now(UTC).year + 1
