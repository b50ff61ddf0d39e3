"""Parses queries, and matches images against queries.

    person>=2, car, !dog, cat|bird, traffic light=1, taken:2019-07, added>=2026, untagged, undated

Commas separate clauses. Every clause must match. `|` separates alternatives. At least one alternative must match. `!`
negates an alternative. A tag alone means a count of at least one. `:N` and `>=N` mean at least N, `=N` means exactly
N, and `<=N` means at most N. `untagged` matches images without tags.

`taken` compares the day of the capture time: the wall clock at the place. Days are years, months or dates. `:` and `=`
mean this period, `>=` its first day or later, and `<=` its last day or earlier. `taken:2018-06..2018-08` has two
bounds. `after:D` means `taken>=D`, and `before:D` means taken before D. `added` compares the day of the upload (UTC).
`undated` matches images of which only the time of the upload is known.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from app.domain.errors import InvalidQuery, InvalidTag
from app.domain.ids import MAX_ID, MIN_ID, min_id_at
from app.domain.periods import UNLIMITED, Condition, Period, parse_condition
from app.domain.snapshots import Snapshot
from app.domain.tags import MAX_COUNT, OPERATORS, Tags, queried_tag_name

MAX_TEXT: Final = 1_000
MAX_TERMS: Final = 24  # in all clauses
MAX_ALTERNATIVES: Final = 8
MIN_KEY: Final = "!"
MAX_KEY: Final = "~"

_MIN_PLAUSIBLE: Final = "0"
_DAY: Final = timedelta(days=1)

_WORD_SIGNS: Final = {"AND": ",", "OR": "|", "NOT": "!"}
_WORD: Final = re.compile(r"(?<=\s)(?:AND|OR)(?=\s)|(?<![^\s,|])NOT(?=\s)")
_GROUP: Final = re.compile(r"\([^()]*[,|][^()]*\)")
_STRICT_COMPARISON: Final = re.compile(r"([<>])\s*(\d{1,3})(?!\d)")

_TERM: Final = re.compile(
    rf"\s*(?P<not>!?)\s*(?P<tag>[^{''.join(OPERATORS)}!][^{''.join(OPERATORS)}]*)"
    r"(?:(?P<operator>>=|<=|=|:)\s*(?P<value>[^\s,|]*)\s*)?"
)


@dataclass(frozen=True, slots=True)
class Term:
    """A condition on a tag's count. Both bounds are inclusive. A `max_count` of None means no limit."""

    tag: str
    min_count: int = 1
    max_count: int | None = None
    negated: bool = False

    def holds(self, tags: Tags) -> bool:
        """Return whether the term matches an image with these tags."""
        count = tags.get(self.tag, 0)
        is_in_range = self.min_count <= count and (self.max_count is None or count <= self.max_count)
        return is_in_range is not self.negated

    @property
    def implies_tag(self) -> bool:
        """Whether every matching image has the tag. If so, the tag's index contains all matches."""
        return self.min_count > 0 and not self.negated

    def __str__(self) -> str:
        sign = "!" if self.negated else ""
        if self.max_count is None:
            return f"{sign}{self.tag}" if self.min_count == 1 else f"{sign}{self.tag}>={self.min_count}"
        return (
            f"{sign}{self.tag}={self.max_count}"
            if self.min_count == self.max_count
            else f"{sign}{self.tag}<={self.max_count}"
        )


Clause = tuple[Term, ...]
"""Alternative terms. At least one term must match."""


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. An image matches if every condition is met.

    Attributes:
        clauses: Conditions on tags. Every clause must match.
        taken: The days on which the photo may have been taken.
        added: The days (UTC) on which the image may have been added.
        untagged: Whether the image must have no tags.
        undated: Whether only the time of the upload may be known.
    """

    clauses: tuple[Clause, ...] = ()
    taken: Period = UNLIMITED
    added: Period = UNLIMITED
    untagged: bool = False
    undated: bool = False

    def holds(self, image: Snapshot) -> bool:
        """Return whether an image matches. `taken` is not checked, because the range of a plan guarantees it."""
        if (self.untagged and image.tags) or (self.undated and not image.undated):
            return False
        if self.added:
            first, end = find_ids(self.added)
            if not first <= image.id < end:
                return False
        return all(any(term.holds(image.tags) for term in clause) for clause in self.clauses)

    def __str__(self) -> str:
        parts = ["|".join(map(str, clause)) for clause in self.clauses]
        parts += [self.taken.format("taken")] if self.taken else []
        parts += [self.added.format("added")] if self.added else []
        parts += ["untagged"] if self.untagged else []
        parts += ["undated"] if self.undated else []
        return ", ".join(parts)


def matches(image: Snapshot, query: Query) -> bool:
    """Return whether an image matches a query."""
    return make_matcher(query)(image)


def make_matcher(query: Query) -> Callable[[Snapshot], bool]:
    """Return `matches` for one query. It is faster for many images."""
    start, end = find_times(query.taken)
    return lambda image: start <= image.sorted_at < end and query.holds(image)


def find_times(period: Period) -> tuple[str, str]:
    """Return bounds so that `start <= sorted_at < end` for the times in a period. They hold for sort keys too.

    A period with a bound contains no implausible times.
    """
    if not period:
        return MIN_KEY, MAX_KEY
    start = period.first.isoformat() if period.first else _MIN_PLAUSIBLE
    return start, f"{period.last}{MAX_KEY}" if period.last else MAX_KEY


@lru_cache
def find_ids(added: Period) -> tuple[str, str]:
    """Return bounds so that `start <= id < end` for the images that were added in a period."""
    start = min_id_at(_midnight(added.first)) if added.first else MIN_ID
    is_bounded = added.last is not None and added.last < date.max
    return start, min_id_at(_midnight(added.last + _DAY)) if added.last and is_bounded else MAX_ID


def query_all(counts: Iterable[tuple[str, int]]) -> Query:
    """Return a query for images that have all these tags with at least these counts.

    Raises:
        InvalidTag: a name is not a valid tag.
    """
    return Query(clauses=tuple((Term(queried_tag_name(tag), count),) for tag, count in counts))


def query_any(tags: Iterable[str], limit: int = MAX_ALTERNATIVES) -> Query:
    """Return a query for images that have at least one of the first `limit` tags."""
    return Query(clauses=(tuple(Term(tag) for tag in tags)[:limit],))


def parse(text: str) -> Query:
    """Parse a query.

    Raises:
        InvalidQuery: the text is not a valid query. The error contains the position of the first invalid character.
    """
    if len(text) > MAX_TEXT:
        raise InvalidQuery(f"A query has at most {MAX_TEXT} characters. This one has {len(text)}", text, MAX_TEXT)
    if word := _WORD.search(text):
        message = f"Use '{_WORD_SIGNS[word[0]]}' instead of {word[0]}. In a tag, write it in lower case"
        raise InvalidQuery(message, text, word.start())
    if group := _GROUP.search(text):
        raise InvalidQuery("Remove the parentheses. '|' binds more tightly than ','", text, group.start())
    draft = _Draft(text)
    for start, end in _split(text, ",", 0, len(text)):
        draft.add(start, end)
    periods = {name: Period(**bounds) for name, bounds in draft.bounds.items()}
    return Query(tuple(draft.clauses), **periods, untagged=draft.untagged, undated=draft.undated)


@dataclass(slots=True)
class _Draft:
    """A partly parsed query."""

    text: str
    clauses: list[Clause] = field(default_factory=list)
    bounds: dict[str, dict[str, date]] = field(default_factory=dict)
    untagged: bool = False
    undated: bool = False

    def add(self, start: int, end: int) -> None:
        """Parse the part `text[start:end]` and add it to the query."""
        part = self.text[start:end].strip().casefold()
        if part == "untagged":
            self.untagged = True
        elif part == "undated":
            self.undated = True
        elif condition := parse_condition(self.text, start, end):
            self._add_condition(condition, start)
        else:
            self._add_clause(start, end)

    def _add_condition(self, condition: Condition, start: int) -> None:
        bounds = self.bounds.setdefault(condition.name, {})
        for name, day in (("first", condition.period.first), ("last", condition.period.last)):
            if day and name in bounds:
                raise InvalidQuery(f"Give the {name} day of '{condition.name}' only once", self.text, start)
            bounds |= {name: day} if day else {}

    def _add_clause(self, start: int, end: int) -> None:
        clause = tuple(_parse_term(self.text, *span) for span in _split(self.text, "|", start, end))
        if len(clause) > MAX_ALTERNATIVES:
            raise InvalidQuery(f"Use at most {MAX_ALTERNATIVES} alternatives between two commas", self.text, start)
        self.clauses.append(clause)
        if sum(map(len, self.clauses)) > MAX_TERMS:
            raise InvalidQuery(f"Use at most {MAX_TERMS} tags in a query", self.text, start)


def _split(text: str, separator: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Yield the start and end of each piece of `text[start:end]` between separators."""
    for piece in text[start:end].split(separator):
        yield start, start + len(piece)
        start += len(piece) + 1


def _parse_term(text: str, start: int, end: int) -> Term:
    match = _TERM.match(text, start, end)
    if not match:
        raise InvalidQuery("Expected a tag", text, start)
    if match.end() != end:
        raise InvalidQuery(_suggest(match["tag"], text[match.end() : end]), text, match.end())
    try:
        tag = queried_tag_name(match["tag"])
    except InvalidTag as error:
        raise InvalidQuery(str(error).removesuffix("."), text, match.start("tag")) from error
    operator = match["operator"]
    min_count, max_count = _BOUNDS[operator](_parse_count(text, match)) if operator else (1, None)
    return Term(tag, min_count, max_count, negated=bool(match["not"]))


def _suggest(tag: str, rest: str) -> str:
    """Return a suggestion that replaces the invalid text after a tag."""
    comparison = _STRICT_COMPARISON.match(rest)
    if not comparison:
        return "Expected >=, <= or = and a number after the tag, or a comma"
    sign = comparison[1]
    count = int(comparison[2]) + (1 if sign == ">" else -1)
    return f"Use {tag.strip()}{sign}={max(0, count)}"


def _parse_count(text: str, match: re.Match[str]) -> int:
    value = match["value"]
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(MAX_COUNT))):
        raise InvalidQuery(f"Expected a whole number from 0 to {MAX_COUNT}", text, match.start("value"))
    return int(value)


_BOUNDS: Final[Mapping[str, Callable[[int], tuple[int, int | None]]]] = {
    ">=": lambda count: (count, None),
    ":": lambda count: (count, None),
    "=": lambda count: (count, count),
    "<=": lambda count: (0, count),
}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
