"""Parses queries, matches images against queries, and plans which rows to read.

    person>=2, car, !dog, cat|bird, traffic light=1, after:2026-01-31, untagged

Commas separate clauses. Every clause must match. `|` separates alternatives. At least one alternative must match. `!`
negates an alternative. A tag alone means a count of at least one. `:N` and `>=N` mean at least N, `=N` means exactly
N, and `<=N` means at most N. `after:` matches images added on that day (UTC) or later. `before:` matches images added
before that day. `untagged` matches images without tags.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Final

from app.domain.errors import ImageNotFound, InvalidCursor, InvalidQuery, InvalidTag
from app.domain.ids import min_id_at, require_id
from app.domain.tags import MAX_COUNT, OPERATORS, Tags, tag_name

MAX_TEXT: Final = 1_000
MAX_TERMS: Final = 24  # the maximum number of tags per image
MAX_ALTERNATIVES: Final = 8
MAX_COUNTED: Final = 12  # tags whose images are counted for the plan of a query
DAYS: Final = ("after", "before")
MIN_ID: Final = "0"
MAX_ID: Final = "~"

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
        after: If given, the image must have been added on this day (UTC) or later.
        before: If given, the image must have been added before this day (UTC).
        untagged: Whether the image must have no tags.
    """

    clauses: tuple[Clause, ...] = ()
    after: date | None = None
    before: date | None = None
    untagged: bool = False

    def holds(self, tags: Tags) -> bool:
        """Return whether an image with these tags matches. `after` and `before` are not checked."""
        is_allowed = not (self.untagged and tags)
        return is_allowed and all(any(term.holds(tags) for term in clause) for clause in self.clauses)

    def __str__(self) -> str:
        parts = ["|".join(map(str, clause)) for clause in self.clauses]
        parts += [f"after:{self.after}"] if self.after else []
        parts += [f"before:{self.before}"] if self.before else []
        parts += ["untagged"] if self.untagged else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Plan:
    """The rows to read. They are in the indexes of `tags`. Without tags, they are the rows of all images.

    Only rows with `start <= id < end` are read.
    """

    tags: tuple[str, ...] = ()
    start: str = MIN_ID
    end: str = MAX_ID


def matches(tags: Tags, image_id: str, query: Query) -> bool:
    """Return whether an image with these tags matches. The image's id contains its creation time."""
    return make_matcher(query)(tags, image_id)


def make_matcher(query: Query) -> Callable[[Tags, str], bool]:
    """Return `matches` for one query. It is faster for many images."""
    rows = plan(query)
    return lambda tags, image_id: rows.start <= image_id < rows.end and query.holds(tags)


def plan(query: Query, images: Mapping[str, int] | None = None) -> Plan:
    """Return the plan that finds every match and reads the fewest rows. It uses the rarest indexed clause.

    Args:
        query: The query.
        images: The number of images with each of the `counted_tags`.
    """
    choices = [tuple(dict.fromkeys(term.tag for term in clause)) for clause in indexed_clauses(query)]
    totals = images or {}
    counted = [tags for tags in choices if totals.keys() >= {*tags}]
    rarest = min(counted or choices, key=lambda tags: sum(totals.get(tag, 0) for tag in tags), default=())
    return Plan(
        tags=rarest,
        start=min_id_at(_midnight(query.after)) if query.after else MIN_ID,
        end=min_id_at(_midnight(query.before)) if query.before else MAX_ID,
    )


def continue_plan(rows: Plan, cursor: str | None) -> Plan:
    """Return the plan for the page after the image with this id. Without a cursor, return the plan unchanged.

    Raises:
        InvalidCursor: the cursor does not have the form of an image id.
    """
    if cursor is None:
        return rows
    try:
        return replace(rows, end=min(rows.end, require_id(cursor)))
    except ImageNotFound as error:
        raise InvalidCursor from error


def indexed_clauses(query: Query) -> list[Clause]:
    """Return the clauses whose matches all have at least one of the clause's tags."""
    return [clause for clause in query.clauses if all(term.implies_tag for term in clause)]


def counted_tags(query: Query) -> set[str]:
    """Return the tags whose images must be counted to plan a query: those of the first clauses, or none."""
    clauses, counted = indexed_clauses(query), set[str]()
    for clause in clauses if len(clauses) > 1 else []:
        tags = counted | {term.tag for term in clause}
        if len(tags) > MAX_COUNTED:
            break
        counted = tags
    return counted


def query_all(counts: Iterable[tuple[str, int]]) -> Query:
    """Return a query for images that have all these tags with at least these counts.

    Raises:
        InvalidTag: a name is not a valid tag.
    """
    return Query(clauses=tuple((Term(tag_name(tag), count),) for tag, count in counts))


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
    return Query(tuple(draft.clauses), draft.days.get("after"), draft.days.get("before"), draft.untagged)


@dataclass(slots=True)
class _Draft:
    """A partly parsed query."""

    text: str
    clauses: list[Clause] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)
    untagged: bool = False

    def add(self, start: int, end: int) -> None:
        """Parse the part `text[start:end]` and add it to the query."""
        part = self.text[start:end].strip().casefold()
        name, colon, value = (piece.strip() for piece in part.partition(":"))
        if part == "untagged":
            self.untagged = True
        elif colon and name in DAYS:
            self._add_day(name, value, start)
        else:
            self._add_clause(start, end)

    def _add_clause(self, start: int, end: int) -> None:
        clause = tuple(_parse_term(self.text, *span) for span in _split(self.text, "|", start, end))
        if len(clause) > MAX_ALTERNATIVES:
            raise InvalidQuery(f"Use at most {MAX_ALTERNATIVES} alternatives between two commas", self.text, start)
        self.clauses.append(clause)
        if sum(map(len, self.clauses)) > MAX_TERMS:
            raise InvalidQuery(f"Use at most {MAX_TERMS} tags in a query", self.text, start)

    def _add_day(self, name: str, value: str, start: int) -> None:
        position = self.text.index(":", start) + 1
        if name in self.days:
            raise InvalidQuery(f"Use '{name}:' only once", self.text, start)
        try:
            self.days[name] = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            raise InvalidQuery("Expected a date such as 2026-01-31", self.text, position) from None


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
        tag = tag_name(match["tag"])
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
