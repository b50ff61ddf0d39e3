"""Writes SQL that selects images, newest first.

A selection reads the ids of candidates from an index. For each candidate, it says whether the image matches. The caller
can stop after any candidate.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count
from typing import Final

from app.domain.images import ImageState
from app.domain.query import Plan, Query, Term

MAX_CANDIDATES: Final = 2_000  # per request, which takes at most two or three milliseconds longer

Parameters = dict[str, str | int]

_UNLIMITED: Final = 2**31
_TAG_INDEX: Final = "image_tag AS candidate WHERE candidate.owner = :owner AND candidate.tag = :source{}"
_STATE_INDEX: Final = (
    "image AS candidate INDEXED BY image_state WHERE candidate.owner = :owner AND candidate.state = :source{}"
)
_UNTAGGED_INDEX: Final = (
    "image AS candidate INDEXED BY image_untagged"
    " WHERE candidate.owner = :owner AND candidate.state = 'ready' AND candidate.tags = '{{}}'"
)
_NOTHING: Final = "SELECT NULL AS id, FALSE WHERE FALSE"
_OWN_COUNT: Final = "(candidate.count BETWEEN :low{0} AND :high{0})"
_INDEXED_COUNT: Final = (
    "EXISTS (SELECT 1 FROM image_tag WHERE owner = :owner AND tag = :tag{0} AND id = candidate.id"
    " AND count BETWEEN :low{0} AND :high{0})"
)
_STORED_COUNT: Final = (
    "EXISTS (SELECT 1 FROM json_each(candidate.tags) WHERE key = :tag{0} AND value BETWEEN :low{0} AND :high{0})"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement that yields the id of each candidate, newest first, and whether it matches.

    A candidate may be repeated. The text depends only on the form of the query, so SQLite compiles it only once.
    At most `candidates` candidates are read.
    """

    sql: str
    parameters: Parameters
    candidates: int = MAX_CANDIDATES


def select_states(owner: str, states: Iterable[ImageState], rows: Plan) -> Selection:
    """Select all images in these states."""
    names = sorted(map(str, states)) or [""]  # no image has this state
    return _select(owner, rows, [(_STATE_INDEX, name, "TRUE") for name in names])


def select_trash(owner: str, query: Query, rows: Plan) -> Selection:
    """Select matching images in the trash. The tag index does not contain them."""
    condition = _write_condition(query, _STORED_COUNT)
    if query.untagged:
        condition += " AND candidate.tags = '{}'"
    return _select(owner, rows, [(_STATE_INDEX, str(ImageState.TRASHED), condition)], query)


def select_ready(owner: str, query: Query, rows: Plan) -> Selection:
    """Select matching ready images. The candidates have one of the plan's tags, if it has any."""
    if query.untagged:
        sources = [(_UNTAGGED_INDEX, str(ImageState.READY), "TRUE" if query.holds({}) else "FALSE")]
    elif rows.tags:
        sources = [(_TAG_INDEX, tag, _write_condition(query, _INDEXED_COUNT, tag)) for tag in rows.tags]
    else:
        sources = [(_STATE_INDEX, str(ImageState.READY), _write_condition(query, _INDEXED_COUNT))]
    return _select(owner, rows, sources, query)


def _select(owner: str, rows: Plan, sources: Iterable[tuple[str, str, str]], query: Query | None = None) -> Selection:
    """Merge the candidates of several parts of an index: the index, its tag or state, and the condition."""
    parts: list[str] = []
    parameters: Parameters = {"owner": owner, "start": rows.start, "end": rows.end}
    for number, (index, value, condition) in enumerate(sources):
        candidates = f"{index.format(number)} AND candidate.id >= :start AND candidate.id < :end"
        parts.append(f"SELECT candidate.id AS id, {condition} FROM {candidates}")  # noqa: S608 - all values are parameters
        parameters[f"source{number}"] = value
    for number, term in enumerate(chain.from_iterable(query.clauses if query else ())):
        low, high, _ = _to_range(term)
        parameters |= {f"tag{number}": term.tag, f"low{number}": low, f"high{number}": high}
    return Selection(f"{' UNION ALL '.join(parts or [_NOTHING])} ORDER BY id DESC", parameters)


def _write_condition(query: Query, count_in_range: str, own_tag: str = "") -> str:
    """Write the condition on tags. The index itself contains the counts of `own_tag`."""
    numbers = count()

    def write(term: Term) -> str:
        text = (_OWN_COUNT if term.tag == own_tag else count_in_range).format(next(numbers))
        return text if _to_range(term)[2] else f"NOT {text}"

    return " AND ".join(f"({' OR '.join(map(write, clause))})" for clause in query.clauses) or "TRUE"


def _to_range(term: Term) -> tuple[int, int, bool]:
    """Return the bounds of a range without 0, and whether the term holds inside or outside of it."""
    if term.min_count:
        return term.min_count, _UNLIMITED if term.max_count is None else term.max_count, not term.negated
    return (_UNLIMITED if term.max_count is None else term.max_count) + 1, _UNLIMITED, term.negated
