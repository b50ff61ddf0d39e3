"""Reads dates in sentences: `on July 14, 2019`, `in summer 2019`, `Christmas 2018`, `since 2018`."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from app.domain.holidays import NAMES, find_holiday
from app.domain.periods import Period
from app.domain.sentence_words import MONTHS

_DAY: Final = timedelta(days=1)
SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The first month of each season, in the northern hemisphere. A winter belongs to the year in which it begins."""

_YEARS: Final = range(1826, 2100)
_BEFORE: Final = ("before", "until", "till")
_AFTER: Final = ("after", "since")
_TO: Final = ("to", "until", "till", "-", "and")
PERIOD_NAMES: Final = frozenset({*SEASONS, *NAMES})
"""Words for a part of a year that may also be tags."""

_MAX_WORDS: Final = 7  # of a date, with signs: `the 14 th of july , 2019`

_YEAR: Final = r"(?P<year>\d{4})(?!\S)"
_MONTH: Final = rf"(?P<month>{'|'.join(f'{month}|{month[:3]}' for month in MONTHS)}|sept)"
_DAY_NUMBER: Final = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_DAY_OF_MONTH: Final = rf"(?:the )?{_DAY_NUMBER}(?: (?:st|[nr]d|th))?"
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        rf"{_DAY_OF_MONTH}(?: of)? {_MONTH}(?: ,)? {_YEAR}",
        rf"(?P<season>{'|'.join(SEASONS)})(?: of)? {_YEAR}",
        rf"(?P<holiday>{'|'.join(NAMES)})(?: ,| in| of)? {_YEAR}",  # the words after it decide for the longest name
        rf"(?P<year>\d{{4}}) (?P<holiday>{'|'.join(sorted(NAMES, key=len, reverse=True))})(?!\S)",
        rf"{_MONTH}(?: {_DAY_OF_MONTH})?(?: ,| of)? {_YEAR}",
        rf"(?P<year>\d{{4}}) - (?P<month>0?[1-9]|1[0-2])(?: - {_DAY_NUMBER})?(?!\S)",
        _YEAR,
    )
)
"""The forms of a date, the longest one first."""


def read_period(words: Sequence[str], position: int) -> tuple[Period | None, int]:
    """Return the period at a position, and the number of its words. Without a year, return None and 0."""
    word = words[position]
    is_bound = word in {*_BEFORE, *_AFTER}
    days, length = _read_days(words, position + is_bound)
    if not days:
        return None, 0
    first, last = days
    if word in _BEFORE:
        return Period(last=first - _DAY if word == "before" else last), length + 1
    if word in _AFTER:
        return Period(first=first if word == "since" else last + _DAY), length + 1
    end = position + length
    if words[end : end + 1] and words[end] in _TO:
        later, later_length = _read_days(words, end + 1)
        if later and later[1] >= first:
            return Period(first, later[1]), length + 1 + later_length
    return Period(first, last), length


def _read_days(words: Sequence[str], position: int) -> tuple[tuple[date, date] | None, int]:
    """Return the first and the last day of the date at a position, and the number of its words."""
    text = " ".join(words[position : position + _MAX_WORDS])
    for match in filter(None, (form.match(text) for form in _FORMS)):
        days = _find_days(match)
        if days:
            return days, len(match[0].split(" "))
    return None, 0


def _find_days(match: re.Match[str]) -> tuple[date, date] | None:
    """Return the first and the last day of a date, or None if the calendar does not have it."""
    parts = match.groupdict()
    year, day = int(parts["year"]), int(parts.get("day") or 0)
    month = _find_month(parts.get("month") or "")
    if year in _YEARS and parts.get("season"):
        return _find_season(year, SEASONS[parts["season"]])
    if year in _YEARS and parts.get("holiday"):
        return find_holiday(parts["holiday"], year)
    if year not in _YEARS or day > (last := monthrange(year, month or 12)[1]):
        return None
    return date(year, month or 1, day or 1), date(year, month or 12, day or last)


def _find_season(year: int, month: int) -> tuple[date, date]:
    next_year, months = divmod(12 * year + month + 2, 12)  # the month after the season
    return date(year, month, 1), date(next_year, months + 1, 1) - _DAY


def _find_month(word: str) -> int:
    """Return the number of a month, or 0 without a month."""
    names = (number for number, month in enumerate(MONTHS, 1) if word[:3] == month[:3])
    return int(word) if word.isdecimal() else next(names, 0)
