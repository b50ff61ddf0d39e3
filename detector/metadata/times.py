"""Parses dates and times as cameras, phones and programs write them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

MIN_YEAR: Final = 1800
MAX_YEAR: Final = 2199
"""Years before the first photos, and far in the future, are mistakes of the writer."""

_MAX_CHARACTERS: Final = 100
_MIN_OFFSET: Final = timedelta(hours=-12)
_MAX_OFFSET: Final = timedelta(hours=14)
_NOON: Final = 12
_MONTHS_OF_YEAR: Final = 12
_BLANKS: Final = " \t\r\n\"'"
_REPLACEMENTS: Final = str.maketrans("\0\u2212", " -")  # some cameras write NUL between the date and the time
_Date: TypeAlias = tuple[int, int, int]

_SEPARATOR: Final = r"\s*[:\-/._,年月]\s*"
_YEAR: Final = r"(?P<year>\d{4})"
_NUMERIC_DATES: Final = (
    re.compile(rf"{_YEAR}{_SEPARATOR}(?P<month>\d{{1,2}}){_SEPARATOR}(?P<day>\d{{1,2}})(?!\d)日?"),
    re.compile(rf"{_YEAR} (?P<month>\d{{1,2}}) (?P<day>\d{{1,2}})(?!\d)"),
    re.compile(rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)(?=(?:\d{{4}}|\d{{6}})?(?!\d))"),
    re.compile(rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}(?!\d)"),
)
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([/\-])(\d{1,2})\2(\d{4})(?!\d)")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY: Final = r"(?:[a-z]{3,9}\.?,?\s+)?"
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY: Final = r"(?P<day>\d{1,2})(?:[a-z]{2})?"
_CLOCK: Final = r"(?P<time>\d{1,2}:\d\d(?::\d\d)?)\s+(?:(?P<zone>[a-z0-9+:\-]+)\s+)?"
_WORD_DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}\.?[\s\-]+{_MONTH}[\s,\-]+{_YEAR}(?!\d)",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+{_YEAR}(?!\d)",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+{_CLOCK}{_YEAR}(?!\d)",
        rf"{_YEAR}[\s\-]+{_MONTH}[\s\-]+{_DAY}(?!\d)",
    )
)
_AM: Final = r"a\.?m\.?(?![a-z])|上午|午前|오전"
_PM: Final = r"p\.?m\.?(?![a-z])|下午|午後|오후"
_IS_PM: Final = re.compile(_PM, re.IGNORECASE)
_TIME: Final = re.compile(
    rf"""
    [\sT_,;:\-]* (?:at\s+)?
    (?P<before> {_AM}|{_PM} )? \s*
    (?: (?P<hour>\d{{1,2}}) \s*[:.h時时시]\s* (?P<minute>\d{{1,2}}) (?: \s*[:.m分분]\s* (?P<second>\d{{1,2}}) )?
      | (?P<hour2>\d{{1,2}}) (?P<separator>[\-_\ ]) (?P<minute2>\d{{1,2}}) (?P=separator) (?P<second2>\d{{1,2}})
      | (?P<hour3>\d\d) (?P<minute3>\d\d) (?P<second3>\d\d)?
    ) (?!\d)
    (?: [.,:](?P<fraction>\d{{1,30}}) )?
    \s* (?P<after> {_AM}|{_PM} )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OFFSET: Final = re.compile(
    r"""
    \s* (?: (?:UTC|GMT)? \s* (?P<sign>[+\-]) \s* (?P<hours>\d{1,2}) (?: :? (?P<minutes>\d\d) )? (?![\d:])
          | (?:Z|UTC|GMT) (?![a-z]|\s*[+\-]) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class ParsedTime:
    """A time as it is written.

    Attributes:
        local: The date and the time without a time zone. Midnight if only the date is given.
        offset: The difference from UTC, if it is given.
        date_only: Whether the time is missing or blank.
    """

    local: datetime
    offset: timedelta | None = None
    date_only: bool = False


def parse_time(text: str) -> ParsedTime | None:
    """Parse a date with or without a time.

    The spellings of EXIF, ISO 8601, RFC 1123, C and JavaScript are accepted, with any separators. Text after the time
    is ignored. A missing day, a year of two digits, and a date such as `07/08/2019`, whose order is unknown, are not
    guessed. The hour 24 belongs to the next day. A leap second becomes the second before it.

    Returns:
        The time, or None if a part is missing, unknown or out of range. Then another field can have the right time.
    """
    text = _normalize(text)
    parts = _split_numeric(text) or _split_year_last(text) or _split_words(text)
    if parts is None:
        return None
    (year, month, day), rest = parts
    try:
        date = datetime(year, month, day)  # noqa: DTZ001  # the offset is kept apart from the local time
    except ValueError:
        return None
    return _add_time(date, rest) if MIN_YEAR <= year <= MAX_YEAR else None


def parse_offset(text: str) -> timedelta | None:
    """Parse a difference from UTC, such as `+09:00`, `+0900`, `+9` or `Z`.

    Return None for other texts, and for values outside of -12:00 to +14:00, which no place has.
    """
    match = _OFFSET.fullmatch(_normalize(text))
    return _read_offset(match) if match else None


def _normalize(text: str) -> str:
    """Remove blanks and quotes around a text, and replace wide digits and signs by ordinary ones."""
    return unicodedata.normalize("NFKC", text[:_MAX_CHARACTERS]).translate(_REPLACEMENTS).strip(_BLANKS)


def _split_numeric(text: str) -> tuple[_Date, str] | None:
    """Return the year, month and day, and the text after them."""
    for pattern in _NUMERIC_DATES:
        if match := pattern.match(text):
            return (int(match["year"]), int(match["month"]), int(match["day"])), text[match.end() :]
    return None


def _split_year_last(text: str) -> tuple[_Date, str] | None:
    """Do the same for a date such as 28/07/2019, whose order is certain because one number is not a month."""
    match = _YEAR_LAST.match(text)
    if not match:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    rest = text[match.end() :]
    if first > _MONTHS_OF_YEAR or first == second:
        return (year, second, first), rest
    return ((year, first, second), rest) if second > _MONTHS_OF_YEAR else None


def _split_words(text: str) -> tuple[_Date, str] | None:
    """Do the same for a date with an English month. C writes the time and the time zone before the year."""
    for pattern in _WORD_DATES:
        if match := pattern.match(text):
            groups = match.groupdict()
            month = _MONTHS.index(groups["month"].lower()) + 1
            rest = f"{groups.get('time') or ''} {groups.get('zone') or ''}{text[match.end() :]}"
            return (int(groups["year"]), month, int(groups["day"])), rest
    return None


def _add_time(date: datetime, rest: str) -> ParsedTime | None:
    """Add the time and the offset in `rest`. If it has other digits, the spelling is unknown."""
    match = _TIME.match(rest)
    rest = rest[match.end() :] if match else rest
    zone = _OFFSET.match(rest)
    offset = _read_offset(zone) if zone else None
    if match:
        time = _read_time(match)
        return ParsedTime(date + time, offset) if time is not None else None
    unknown = _DIGIT.search(rest, zone.end() if zone else 0)
    return None if unknown else ParsedTime(date, offset, date_only=True)


def _read_time(match: re.Match[str]) -> timedelta | None:
    """Return the time since midnight, or None if it is out of range."""
    parts = match.groupdict()
    hour, minute, second = (
        int(parts[name] or parts[f"{name}2"] or parts[f"{name}3"] or 0) for name in ("hour", "minute", "second")
    )
    half = parts["before"] or parts["after"]
    if half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if _IS_PM.match(half) else 0)
    if hour > 24 or minute > 59 or second > 60:  # noqa: PLR2004  # the hour 24 and leap seconds exist
        return None
    microseconds = int((parts["fraction"] or "").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=microseconds)


def _read_offset(match: re.Match[str]) -> timedelta | None:
    if not match["sign"]:
        return timedelta()
    minutes = int(match["minutes"] or 0)
    offset = timedelta(hours=int(match["hours"]), minutes=minutes) * (-1 if match["sign"] == "-" else 1)
    return offset if minutes < 60 and _MIN_OFFSET <= offset <= _MAX_OFFSET else None  # noqa: PLR2004
