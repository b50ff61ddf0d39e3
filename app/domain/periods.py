"""Defines periods of days and their text in queries: `taken:2019`, `taken>=2018-06`, `taken:2018-06..2018-08`."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.domain.errors import InvalidQuery

_DAY: Final = timedelta(days=1)
_MONTHS_OF_YEAR: Final = 12
_EXAMPLES: Final = "such as 2019, 2019-07 or 2019-07-14"
_CONDITION: Final = re.compile(
    r"\s*(?:(?P<name>taken|added)\s*(?P<operator>>=|<=|[=:<>]|$)|(?P<bound>after|before)\s*:)\s*", re.IGNORECASE
)
_DATE: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?", re.ASCII)
_OTHER_DATE: Final = re.compile(r"(\d{4})[-/.:]?(\d\d)[-/.:]?(\d\d)(?:[T ].*)?", re.ASCII)
_RANGE: Final = ".."


@dataclass(frozen=True, slots=True)
class Period:
    """A number of days. Both bounds are inclusive. None means no bound."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        """Return whether the period has a bound."""
        return self != UNLIMITED

    def format(self, name: str) -> str:
        """Return the shortest conditions for the bounds: `taken:2019-07` or `taken>=2018-06`.

        Two bounds are written with the same precision. Bounds that contradict each other are separate conditions.
        """
        first, last = self.first, self.last
        if first and last and first <= last:
            texts = next(pair for pair in zip(_write_start(first), _write_end(last), strict=True) if all(pair))
            return f"{name}:{texts[0]}" if texts[0] == texts[1] else f"{name}:{texts[0]}{_RANGE}{texts[1]}"
        starts = [f"{name}>={next(filter(None, _write_start(first)))}"] if first else []
        ends = [f"{name}<={next(filter(None, _write_end(last)))}"] if last else []
        return ", ".join(starts + ends)


UNLIMITED: Final = Period()


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition. `name` is `taken` or `added`."""

    name: str
    period: Period


def parse_condition(text: str, start: int, end: int) -> Condition | None:
    """Parse the condition in `text[start:end]`. Return None if it does not begin with the name of a period.

    Raises:
        InvalidQuery: the condition is not valid.
    """
    match = _CONDITION.match(text, start, end)
    if not match:
        return None
    value = match.end()
    stop = value + len(text[value:end].rstrip())
    if text[value:stop].endswith("!"):
        raise InvalidQuery("Write '!' after tags only", text, stop - 1, f"{text[: stop - 1]}{text[stop:]}")
    if bound := match["bound"]:
        day, _ = _parse_date(text, value, stop)
        is_start = bound.lower() == "after"
        return Condition("taken", Period(first=day) if is_start else Period(last=_find_day_before(day, text, value)))
    name, operator = match["name"].lower(), match["operator"]
    if not operator:
        message = f"Expected ':', '>=', '<=', '>' or '<' and a date after {name}, {_EXAMPLES}"
        raise InvalidQuery(message, text, match.end("name"))
    return Condition(name, _OPERATORS[operator](text, value, stop))


def _parse_range(text: str, start: int, end: int) -> Period:
    middle = text.find(_RANGE, start, end)
    if middle < 0:
        return Period(*_parse_date(text, start, end))
    after = middle + len(_RANGE)
    first_end = start + len(text[start:middle].rstrip())
    last_start = end - len(text[after:end].lstrip())
    first = _parse_date(text, start, first_end)[0] if first_end > start else None
    last = _parse_date(text, last_start, end)[1] if last_start < end or not first else None
    if first and last and last < first:
        swapped = f"{text[:start]}{text[last_start:end]}{_RANGE}{text[start:first_end]}{text[end:]}"
        raise InvalidQuery("The end of a period must not be before its start", text, last_start, swapped)
    return Period(first, last)


_OPERATORS: Final[dict[str, Callable[[str, int, int], Period]]] = {
    ":": _parse_range,
    "=": _parse_range,
    ">=": lambda text, start, end: Period(first=_parse_date(text, start, end)[0]),
    "<=": lambda text, start, end: Period(last=_parse_date(text, start, end)[1]),
    ">": lambda text, start, end: Period(first=_find_day_after(_parse_date(text, start, end)[1], text, start)),
    "<": lambda text, start, end: Period(last=_find_day_before(_parse_date(text, start, end)[0], text, start)),
}


def _parse_date(text: str, start: int, end: int) -> tuple[date, date]:
    """Return the first and the last day of the year, month or day in `text[start:end]`.

    Raises:
        InvalidQuery: it is not a date.
    """
    match = _DATE.match(text, start, end)
    other = _OTHER_DATE.fullmatch(text, start, end)
    suggestion = f"{text[:start]}{other[1]}-{other[2]}-{other[3]}{text[end:]}" if other else None
    if not match:
        raise InvalidQuery(f"Expected a date {_EXAMPLES}", text, start)
    year, month, day = (int(match[name] or 0) for name in ("year", "month", "day"))
    if not year:
        raise InvalidQuery("Expected a year from 0001 to 9999", text, start)
    if match["month"] and not 1 <= month <= _MONTHS_OF_YEAR:
        raise InvalidQuery(f"Expected a month from 01 to {_MONTHS_OF_YEAR}", text, match.start("month"))
    days = monthrange(year, month or _MONTHS_OF_YEAR)[1]
    if match["day"] and not 1 <= day <= days:
        raise InvalidQuery(f"Expected a day from 01 to {days}", text, match.start("day"))
    if match.end() != end:
        raise InvalidQuery(f"Expected a date {_EXAMPLES}, or a comma", text, match.end(), suggestion)
    return date(year, month or 1, day or 1), date(year, month or _MONTHS_OF_YEAR, day or days)


def _find_day_before(day: date, text: str, start: int) -> date:
    if day == date.min:
        raise InvalidQuery("There is no day before this date", text, start)
    return day - _DAY


def _find_day_after(day: date, text: str, start: int) -> date:
    if day == date.max:
        raise InvalidQuery("There is no day after this date", text, start)
    return day + _DAY


def _write_start(day: date) -> Iterator[str]:
    """Yield the year, month and day whose first day this is. Empty texts are in the place of others."""
    yield day.isoformat()[:4] if (day.month, day.day) == (1, 1) else ""
    yield day.isoformat()[:7] if day.day == 1 else ""
    yield day.isoformat()


def _write_end(day: date) -> Iterator[str]:
    """Yield the year, month and day whose last day this is. Empty texts are in the place of others."""
    is_last = day.day == monthrange(day.year, day.month)[1]
    yield day.isoformat()[:4] if is_last and day.month == _MONTHS_OF_YEAR else ""
    yield day.isoformat()[:7] if is_last else ""
    yield day.isoformat()
