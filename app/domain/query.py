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

`is:favourite` matches favourites, and `album:"At the sea"` the images in an album. Both can be negated and be
alternatives, as tags can.

`name`, `title`, `camera`, `lens` and `text` match photos whose text contains each of the words after the colon.

Groups are converted to clauses of alternatives: `(a, b)|c` means `a|c, b|c`, and `!(a|b)` means `!a, !b`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from app.domain.clauses import MAX_ALTERNATIVES, MAX_TERMS
from app.domain.errors import InvalidQuery
from app.domain.ids import MAX_ID, MIN_ID, min_id_at
from app.domain.marks import album_mark, find_title, title_key
from app.domain.nesting import find_nesting
from app.domain.periods import UNLIMITED, Period
from app.domain.query_drafts import FLAGS, Draft
from app.domain.query_words import refuse_words
from app.domain.snapshots import Snapshot
from app.domain.tags import queried_tag_name
from app.domain.terms import Clause, Term
from app.domain.text_conditions import MAX_CONDITIONS, TextCondition
from app.domain.texts import PhotoTexts

MAX_TEXT: Final = 1_000
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
        texts: Conditions on texts. All must be met.
    """

    clauses: tuple[Clause, ...] = ()
    taken: Period = UNLIMITED
    added: Period = UNLIMITED
    untagged: bool = False
    undated: bool = False
    texts: tuple[TextCondition, ...] = ()

    @property
    def canonical(self) -> "Query":
        """The query with its conditions and their alternatives in a fixed order, each only once."""
        clauses = {tuple(sorted({*clause}, key=str)) for clause in self.clauses}
        return replace(self, clauses=tuple(sorted(clauses, key=str)), texts=tuple(sorted({*self.texts}, key=str)))

    def holds(self, image: Snapshot) -> bool:
        """Return whether an image matches.

        `taken` is not checked, because the range of a plan guarantees it, and `texts` by `holds_texts`.
        """
        if (self.untagged and not image.is_untagged) or (self.undated and not image.undated):
            return False
        if self.added:
            first, end = find_ids(self.added)
            if not first <= image.id < end:
                return False
        return all(any(term.holds(image.tags, image.certain) for term in clause) for clause in self.clauses)

    def holds_texts(self, texts: PhotoTexts) -> bool:
        """Return whether an image with these texts meets the conditions on texts."""
        return all(condition.holds(texts) for condition in self.texts)

    def __str__(self) -> str:
        parts = ["|".join(map(str, clause)) for clause in self.clauses]
        parts += map(str, self.texts)
        parts += [self.taken.format("taken")] if self.taken else []
        parts += [self.added.format("added")] if self.added else []
        parts += ["untagged"] if self.untagged else []
        parts += ["undated"] if self.undated else []
        return ", ".join(parts)


def matches(image: Snapshot, query: Query) -> bool:
    """Return whether an image matches a query, apart from its conditions on texts."""
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


def resolve_albums(query: Query, find_albums: Callable[[Collection[str]], Mapping[str, str]]) -> Query:
    """Return a query with the marks of albums in place of their titles. `find_albums` finds their ids by title key.

    The title of an unknown album stays. It matches no image.
    """
    titles = _list_titles(query)
    if not titles:
        return query
    keys = {title: title_key(title) for title in titles}
    found = find_albums(set(keys.values()))

    def resolve(term: Term) -> Term:
        album_id = found.get(keys.get(find_title(term.tag) or "", ""))
        return replace(term, tag=album_mark(album_id)) if album_id else term

    return replace(query, clauses=tuple(tuple(map(resolve, clause)) for clause in query.clauses))


def has_unknown_album(query: Query) -> bool:
    """Return whether a query contains the title of an album that is not resolved."""
    return bool(_list_titles(query))


def _list_titles(query: Query) -> list[str]:
    return [title for clause in query.clauses for term in clause if (title := find_title(term.tag))]


def leave_out(query: Query, tag: str) -> Query:
    """Return a query for the matches of another one that do not have this tag."""
    return replace(query, clauses=(*query.clauses, (Term(tag, negated=True),)))


def query_all(counts: Iterable[tuple[str, int]]) -> Query:
    """Return a query for images that have all these tags with at least these counts.

    Raises:
        InvalidTag: a name is not a valid tag.
    """
    return Query(clauses=tuple((Term(queried_tag_name(tag), count),) for tag, count in counts))


def query_any(tags: Iterable[str], limit: int = MAX_ALTERNATIVES) -> Query:
    """Return a query for images that have at least one of the first `limit` tags."""
    return Query(clauses=(tuple(Term(tag) for tag in tags)[:limit],))


def parse(text: str, *, max_terms: int = MAX_TERMS, allows_texts: bool = True) -> Query:
    """Parse a query.

    Args:
        text: The query.
        max_terms: The number of tags that it may have.
        allows_texts: Whether it may have conditions on texts.

    Raises:
        InvalidQuery: the text is not a valid query. The error contains the position of the first invalid character.
    """
    max_texts = MAX_CONDITIONS if allows_texts else 0
    try:
        return _parse(text, max_terms, max_texts)
    except InvalidQuery as error:
        error.suggestion = _correct(error, max_terms, max_texts)
        raise


def _parse(text: str, max_terms: int, max_texts: int) -> Query:
    if len(text) > MAX_TEXT:
        raise InvalidQuery(f"A query has at most {MAX_TEXT} characters. This one has {len(text)}", text, MAX_TEXT)
    nesting = find_nesting(text)
    refuse_words(text, nesting)
    draft = Draft(text, nesting, max_terms, max_texts)
    clauses = draft.parse_parts(0, len(text))
    taken, added = (Period(**draft.bounds.get(name, {})) for name in ("taken", "added"))
    texts = tuple(dict.fromkeys(draft.texts))
    untagged, undated = (flag in draft.flags for flag in FLAGS)
    return Query(tuple(clauses), taken, added, untagged, undated, texts)


def _correct(error: InvalidQuery, max_terms: int, max_texts: int) -> str | None:
    """Return the canonical form of the suggestion in an error. If it is not valid either, continue with its own."""
    suggestion = error.suggestion
    for _ in range(_MAX_CORRECTIONS):
        if suggestion is None:
            break
        try:
            return str(_parse(suggestion, max_terms, max_texts))
        except InvalidQuery as other:
            suggestion = other.suggestion
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
