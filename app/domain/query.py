"""The query language: parse, say what it means (`matches`), and plan which rows to read. Pure, no I/O.

    person>=2, car, !dog, cat|bird, traffic light=1, after:2026-01-31, untagged

Commas join (all must hold), `|` offers alternatives, `!` negates the one alternative it stands before.
A bare tag means at least one, `:N` and `>=N` at least N, `=N` exactly N, `<=N` at most N. `after:` takes the
images added on that day (UTC) or later, `before:` those added earlier than that day; `untagged` those without tags.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final

from app.domain.errors import InvalidQuery, InvalidTag
from app.domain.ids import min_id_at
from app.domain.tags import MAX_COUNT, OPERATORS, Tags, tag_name

MAX_TEXT: Final = 1_000
MAX_TERMS: Final = 24  # an image has no more tags than that
MAX_ALTERNATIVES: Final = 8
DAYS: Final = ("after", "before")
MIN_ID: Final = "0"
MAX_ID: Final = "~"

_SIGNS: Final = {"AND": ",", "OR": "|", "NOT": "!"}
_WORD: Final = re.compile(r"(?<=\s)(?:AND|OR)(?=\s)|(?<![^\s,|])NOT(?=\s)")
_GROUP: Final = re.compile(r"\([^()]*[,|][^()]*\)")
_ALONE: Final = re.compile(r"([<>])\s*(\d{1,3})(?!\d)")

_TERM: Final = re.compile(
    rf"\s*(?P<not>!?)\s*(?P<tag>[^{''.join(OPERATORS)}!][^{''.join(OPERATORS)}]*)"
    r"(?:(?P<operator>>=|<=|=|:)\s*(?P<value>[^\s,|]*)\s*)?"
)


@dataclass(frozen=True, slots=True)
class Term:
    """A tag is there at least `least` and at most `most` times (None: no limit), or, negated, it is not so."""

    tag: str
    min_count: int = 1
    max_count: int | None = None
    negated: bool = False

    def holds(self, tags: Tags) -> bool:
        """Whether the term is true of an image with these tags."""
        count = tags.get(self.tag, 0)
        return (self.min_count <= count and (self.max_count is None or count <= self.max_count)) is not self.negated

    @property
    def implies_tag(self) -> bool:
        """Whether every image of which the term is true has the tag, so that the tag's index finds them all."""
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
"""Alternatives: one of them must hold."""


@dataclass(frozen=True, slots=True)
class Query:
    """All clauses must hold; `after` is the first day taken (UTC), `before` the first day no longer taken."""

    clauses: tuple[Clause, ...] = ()
    after: date | None = None
    before: date | None = None
    untagged: bool = False

    def holds(self, tags: Tags) -> bool:
        """Whether the query takes these tags, whenever the image was added."""
        tagged = not (self.untagged and tags)
        return tagged and all(any(term.holds(tags) for term in clause) for clause in self.clauses)

    def __str__(self) -> str:
        parts = ["|".join(map(str, clause)) for clause in self.clauses]
        parts += [f"after:{self.after}"] if self.after else []
        parts += [f"before:{self.before}"] if self.before else []
        parts += ["untagged"] if self.untagged else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which rows to read: those of the tags' indexes, or (no tags) of all images, with `first <= id < last`."""

    tags: tuple[str, ...] = ()
    start: str = MIN_ID
    end: str = MAX_ID


def matches(tags: Tags, image_id: str, query: Query) -> bool:
    """The meaning of a query: whether it takes an image with these tags that was added when its id says."""
    span = plan(query)
    return span.start <= image_id < span.end and query.holds(tags)


def plan(query: Query, images: Mapping[str, int] | None = None) -> Plan:
    """The cheapest rows that hold every match: of the clauses an index can serve, the rarest.

    Args:
        query: What is looked for.
        images: Of how many images each tag is; a tag that is missing counts as being of none.
    """
    served = [tuple(dict.fromkeys(term.tag for term in clause)) for clause in indexed_clauses(query)]
    counted = images or {}
    rarest = min(served, key=lambda tags: sum(counted.get(tag, 0) for tag in tags), default=())
    return Plan(
        tags=rarest,
        start=min_id_at(_midnight(query.after)) if query.after else MIN_ID,
        end=min_id_at(_midnight(query.before)) if query.before else MAX_ID,
    )


def indexed_clauses(query: Query) -> list[Clause]:
    """The clauses that are true only of images with one of their tags."""
    return [clause for clause in query.clauses if all(term.implies_tag for term in clause)]


def query_all(counts: Iterable[tuple[str, int]]) -> Query:
    """The query for all these tags, each at least as often as said.

    Raises:
        InvalidTag: a name that cannot be a tag's.
    """
    return Query(clauses=tuple((Term(tag_name(tag), count),) for tag, count in counts))


def query_any(tags: Iterable[str]) -> Query:
    """The query for at least one of these tags; of many, for the first `MAX_ALTERNATIVES`."""
    return Query(clauses=(tuple(Term(tag) for tag in tags)[:MAX_ALTERNATIVES],))


def list_shortfalls(wanted: Tags, tags: Tags) -> list[str]:
    """What is wanted and not there, or not as often, in words: `dog missing`, `person 1 of 2`."""
    return [
        f"{tag} {tags[tag]} of {count}" if tag in tags else f"{tag} missing"
        for tag, count in wanted.items()
        if tags.get(tag, 0) < count
    ]


def measure_shortage(wanted: Tags, tags: Tags) -> float:
    """How much of what is wanted is not there: 0 for all of it, 1 for none."""
    return sum(1 - min(tags.get(tag, 0), count) / count for tag, count in wanted.items()) / len(wanted)


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        InvalidQuery: the text is not of the language; the error points at the character.
    """
    if len(text) > MAX_TEXT:
        raise InvalidQuery(f"A query has at most {MAX_TEXT} characters, this one has {len(text)}", text, MAX_TEXT)
    if word := _WORD.search(text):
        sign, tag = _SIGNS[word[0]], word[0].lower()
        raise InvalidQuery(f"Write {sign} for {word[0]}; or {tag}, if a tag is called so", text, word.start())
    if group := _GROUP.search(text):
        raise InvalidQuery("Leave the parentheses out: a comma joins what | offers", text, group.start())
    draft = _Draft(text)
    for start, end in _split(text, ",", 0, len(text)):
        draft.add(start, end)
    return Query(tuple(draft.clauses), draft.days.get("after"), draft.days.get("before"), draft.untagged)


@dataclass(slots=True)
class _Draft:
    """A query while its parts are read one by one."""

    text: str
    clauses: list[Clause] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)
    untagged: bool = False

    def add(self, start: int, end: int) -> None:
        """Read the part at text[start:end]."""
        part = self.text[start:end].strip().casefold()
        name, colon, value = (piece.strip() for piece in part.partition(":"))
        if part == "untagged":
            self.untagged = True
        elif colon and name in DAYS:
            self._add_day(name, value, start)
        else:
            self._add_clause(start, end)

    def _add_clause(self, start: int, end: int) -> None:
        clause = tuple(_term(self.text, *span) for span in _split(self.text, "|", start, end))
        if len(clause) > MAX_ALTERNATIVES:
            raise InvalidQuery(f"A part has at most {MAX_ALTERNATIVES} alternatives", self.text, start)
        self.clauses.append(clause)
        if sum(map(len, self.clauses)) > MAX_TERMS:
            raise InvalidQuery(f"A query names at most {MAX_TERMS} tags", self.text, start)

    def _add_day(self, name: str, value: str, start: int) -> None:
        position = self.text.index(":", start) + 1
        if name in self.days:
            raise InvalidQuery(f"{name}: can be said once", self.text, start)
        try:
            self.days[name] = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            raise InvalidQuery("A day is written like 2026-01-31", self.text, position) from None


def _split(text: str, separator: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    for piece in text[start:end].split(separator):
        yield start, start + len(piece)
        start += len(piece) + 1


def _term(text: str, start: int, end: int) -> Term:
    found = _TERM.match(text, start, end)
    if not found:
        raise InvalidQuery("A tag is missing", text, start)
    if found.end() != end:
        raise InvalidQuery(_hint(found["tag"], text[found.end() : end]), text, found.end())
    try:
        tag = tag_name(found["tag"])
    except InvalidTag as error:
        raise InvalidQuery(str(error).removesuffix("."), text, found.start("tag")) from error
    operator = found["operator"]
    min_count, max_count = _BOUNDS[operator](_count(text, found)) if operator else (1, None)
    return Term(tag, min_count, max_count, negated=bool(found["not"]))


def _hint(tag: str, rest: str) -> str:
    """What to write instead of this, behind a tag."""
    alone = _ALONE.match(rest)
    if not alone:
        return "Behind a tag only >=, <= or = with a count can stand, or a comma"
    count = int(alone[2]) + (1 if alone[1] == ">" else -1)
    return f"Write {tag.strip()}{alone[1]}={max(0, count)}"


def _count(text: str, found: re.Match[str]) -> int:
    value = found["value"]
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(MAX_COUNT))):
        raise InvalidQuery(f"A count is a whole number from 0 to {MAX_COUNT}", text, found.start("value"))
    return int(value)


_BOUNDS: Final[Mapping[str, Callable[[int], tuple[int, int | None]]]] = {
    ">=": lambda count: (count, None),
    ":": lambda count: (count, None),
    "=": lambda count: (count, count),
    "<=": lambda count: (0, count),
}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
