"""Parses queries, and matches images against queries.

    person>=2, car, !dog, cat|bird, (traffic light=1, bus)|train, chair:2..5, taken:2019-07, added>=2026, untagged

Commas separate clauses. Every clause must match. `|` separates alternatives. At least one alternative must match. `!`
or `-` negates an alternative. Parentheses contain a query that is an alternative. A tag alone means a count of at least
one. `:N` and `>=N` mean at least N, `>N` more than N, `=N` exactly N, `<=N` at most N, `<N` less than N, and `:N..M`
from N to M. `!` at the end compares the certain count: `person>=2!`, `dog!`. Quotes contain a tag that has another
meaning without them. `untagged` matches images without tags.

`taken` compares the day of the capture time: the wall clock at the place. Days are years, months or dates. `:` and `=`
mean this period, `>=` its first day or later, `>` after it, `<=` its last day or earlier, and `<` before it.
`taken:2018-06..2018-08` has two bounds. `after:D` means `taken>=D`, and `before:D` means `taken<D`. `added` compares
the day of the upload (UTC). `undated` matches images of which only the time of the upload is known.

Groups are converted to clauses of alternatives: `(a, b)|c` means `a|c, b|c`, and `!(a|b)` means `!a, !b`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from app.domain.clauses import MAX_ALTERNATIVES, MAX_DEPTH, MAX_TERMS, TooManyClauses, match_all, match_any
from app.domain.errors import InvalidQuery
from app.domain.ids import MAX_ID, MIN_ID, min_id_at
from app.domain.nesting import Nesting, find_nesting
from app.domain.periods import UNLIMITED, Condition, Period, parse_condition
from app.domain.query_words import refuse_words
from app.domain.snapshots import Snapshot
from app.domain.tags import OPERATORS, queried_tag_name
from app.domain.terms import CERTAIN, SIGN, Clause, Term, insert, parse_term

MAX_TEXT: Final = 1_000
_FLAGS: Final = frozenset({"untagged", "undated"})
MIN_KEY: Final = "!"
MAX_KEY: Final = "~"

_MIN_PLAUSIBLE: Final = "0"
_DAY: Final = timedelta(days=1)
_MAX_CORRECTIONS: Final = 3


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
        return all(any(term.holds(image.tags, image.certain) for term in clause) for clause in self.clauses)

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


def parse(text: str, *, max_terms: int = MAX_TERMS) -> Query:
    """Parse a query.

    Raises:
        InvalidQuery: the text is not a valid query. The error contains the position of the first invalid character.
    """
    try:
        return _parse(text, max_terms)
    except InvalidQuery as error:
        error.suggestion = _correct(error, max_terms)
        raise


def _parse(text: str, max_terms: int) -> Query:
    if len(text) > MAX_TEXT:
        raise InvalidQuery(f"A query has at most {MAX_TEXT} characters. This one has {len(text)}", text, MAX_TEXT)
    nesting = find_nesting(text)
    refuse_words(text, nesting)
    draft = _Draft(text, nesting, max_terms)
    clauses = draft.parse_parts(0, len(text))
    periods = {name: Period(**bounds) for name, bounds in draft.bounds.items()}
    return Query(tuple(clauses), **periods, untagged="untagged" in draft.flags, undated="undated" in draft.flags)


def _correct(error: InvalidQuery, max_terms: int) -> str | None:
    """Return the canonical form of the suggestion in an error. If it is not valid either, continue with its own."""
    suggestion = error.suggestion
    for _ in range(_MAX_CORRECTIONS):
        if suggestion is None:
            break
        try:
            return str(_parse(suggestion, max_terms))
        except InvalidQuery as other:
            suggestion = other.suggestion
    return None


@dataclass(slots=True)
class _Draft:
    """A query that is being parsed. Negations are moved to the terms at once."""

    text: str
    nesting: Nesting
    max_terms: int
    bounds: dict[str, dict[str, date]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    def parse_parts(self, start: int, end: int, depth: int = 0, *, negated: bool = False) -> list[Clause]:
        """Return the clauses of the parts between commas in `text[start:end]`.

        Keywords and periods are added to the query. They are allowed if the parts are not in a group.
        """
        parts: list[list[Clause]] = []
        for part in self.nesting.split(self.text, ",", start, end):
            if depth or not self._add_condition(*part):
                parts.append(self._parse_alternatives(*part, depth, negated=negated))
                if not negated:
                    self._check_size(match_all(parts), part[0])
        return self._match_any(parts, start) if negated else match_all(parts)

    def _add_condition(self, start: int, end: int) -> bool:
        """Add the keyword or the period in `text[start:end]` to the query. Return False if it is none."""
        part = self.text[start:end].strip().casefold()
        if part in _FLAGS:
            self.flags.add(part)
        elif condition := parse_condition(self.text, start, end):
            self._add_period(condition, start)
        else:
            return False
        return True

    def _add_period(self, condition: Condition, start: int) -> None:
        bounds = self.bounds.setdefault(condition.name, {})
        for name, day in (("first", condition.period.first), ("last", condition.period.last)):
            if day and name in bounds:
                raise InvalidQuery(f"Give the {name} day of '{condition.name}' only once", self.text, start)
            bounds |= {name: day} if day else {}

    def _parse_alternatives(self, start: int, end: int, depth: int, *, negated: bool) -> list[Clause]:
        pieces = self.nesting.split(self.text, "|", start, end)
        alternatives = [self._parse_alternative(*piece, depth, negated=negated) for piece in pieces]
        return match_all(alternatives) if negated else self._match_any(alternatives, start)

    def _parse_alternative(self, start: int, end: int, depth: int, *, negated: bool) -> list[Clause]:
        """Return the clauses of the group or the term in `text[start:end]`."""
        sign = SIGN.match(self.text, start, end)
        opening = sign.end() if sign else start
        if opening not in self.nesting.groups:
            term = parse_term(self.text, start, end)
            return [(replace(term, negated=term.negated is not negated),)]
        if depth == MAX_DEPTH:
            raise InvalidQuery(f"Use at most {MAX_DEPTH} levels of parentheses", self.text, opening)
        closing = self.nesting.groups[opening]
        after = closing + 1 + len(self.text[closing + 1 : end]) - len(self.text[closing + 1 : end].lstrip())
        if after < end:
            if self.text[after] == CERTAIN:
                raise self._explain_mark(opening, after)
            raise _explain_rest(self.text, after)
        is_negated = negated is not bool(sign and sign["not"])
        return self.parse_parts(opening + 1, closing, depth + 1, negated=is_negated)

    def _explain_mark(self, opening: int, position: int) -> InvalidQuery:
        """Return the error of a `!` after a group."""
        clauses = [
            [str(replace(term, certain=True)) for term in clause]
            for clause in self.parse_parts(opening + 1, self.nesting.groups[opening], 1)
        ]
        group = f"({', '.join(map('|'.join, clauses))})"
        return InvalidQuery(
            "Write '!' after each tag", self.text, position, insert(self.text, opening, group, position + 1)
        )

    def _match_any(self, parts: list[list[Clause]], start: int) -> list[Clause]:
        try:
            clauses = match_any(parts)
        except TooManyClauses:
            raise self._explain_size(f"more than {self.max_terms} tags", start) from None
        self._check_size(clauses, start)
        return clauses

    def _check_size(self, clauses: list[Clause], start: int) -> None:
        if (terms := sum(map(len, clauses))) > self.max_terms:
            raise self._explain_size(f"{terms} tags", start)
        if (alternatives := max(map(len, clauses))) > MAX_ALTERNATIVES:
            raise self._explain_size(f"{alternatives} alternatives between two commas", start)

    def _explain_size(self, size: str, start: int) -> InvalidQuery:
        """Return the error of a query with too many terms or alternatives."""
        limits = f"Use at most {self.max_terms} tags in a query, and {MAX_ALTERNATIVES} alternatives between two commas"
        if not self.nesting.groups:
            return InvalidQuery(limits, self.text, start)
        return InvalidQuery(f"Without its parentheses, this query has {size}. {limits}", self.text, start)


def _explain_rest(text: str, position: int) -> InvalidQuery:
    """Return the error of a text that follows a group."""
    if text[position] in OPERATORS:
        return InvalidQuery("Write the count after each tag", text, position)
    return InvalidQuery("Expected a comma after the parenthesis", text, position, insert(text, position, ", "))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
