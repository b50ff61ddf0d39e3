"""Reads years and months in sentences: `in July 2019`, `since 2018`, `from 2018 to 2020`."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from app.domain.periods import Period
from app.domain.sentence_words import MONTHS

_DAY: Final = timedelta(days=1)
_YEARS: Final = range(1826, 2100)
_BEFORE: Final = ("before", "until", "till")
_AFTER: Final = ("after", "since")
_TO: Final = ("to", "until", "till", "-", "and")


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
    """Return the first and the last day of the year or month at a position, and the number of its words."""
    here = words[position : position + 2]
    month = _find_month(here[0]) if here else 0
    year = here[1] if month and len(here) > 1 else here[0] if here else ""
    if not (year.isdecimal() and int(year) in _YEARS):
        return None, 0
    first = date(int(year), month or 1, 1)
    last = date(int(year), month or 12, monthrange(int(year), month or 12)[1])
    return (first, last), 2 if month else 1


def _find_month(word: str) -> int:
    """Return the number of a month, or 0."""
    return next((number for number, month in enumerate(MONTHS, 1) if word in {month, month[:3]}), 0)
