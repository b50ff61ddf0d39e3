"""Writes SQL that selects images in the order of their sort keys or ids.

A selection reads the candidates from an index. For each candidate, it says whether the image matches. The caller can
stop after any candidate.
"""

import itertools
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Final

from app.domain.errors import ImageNotFound, InvalidCursor
from app.domain.ids import MAX_ID, require_id
from app.domain.images import ImageState
from app.domain.marks import is_mark
from app.domain.periods import Period
from app.domain.plans import Order, Plan, View, require_review_key
from app.domain.query import MAX_KEY, Query, find_ids, find_times
from app.domain.snapshots import sort_by_upload
from app.domain.terms import Term
from app.domain.texts import load_texts

MAX_CANDIDATES: Final = 2_000  # per request, which takes at most two or three milliseconds longer

Parameters = dict[str, str | int]

Source = tuple[str, str, str]
"""A part of an index: the index, the tag or state, and the condition on its candidates."""

_UNLIMITED: Final = 2**31
_MONTH: Final = re.compile(r"\d{4}-\d\d")
_TAG_INDEX: Final = "image_tag AS candidate WHERE candidate.owner = :owner AND candidate.tag = :source{}"
_STATE_INDEX: Final = (
    "image AS candidate INDEXED BY image_order WHERE candidate.owner = :owner AND candidate.state = :source{}"
)
_UPLOAD_INDEX: Final = (
    "image AS candidate INDEXED BY image_state WHERE candidate.owner = :owner AND candidate.state = :source{}"
)
_UNTAGGED_INDEX: Final = (
    "image AS candidate INDEXED BY image_untagged"
    " WHERE candidate.owner = :owner AND candidate.state = 'ready' AND candidate.tags = '{{}}'"
)
_TEXT_INDEX: Final = (
    "image AS candidate INDEXED BY image_texts WHERE candidate.owner = :owner AND candidate.state = 'ready'"
)
_UNDATED_INDEX: Final = (
    "image AS candidate INDEXED BY image_undated"
    " WHERE candidate.owner = :owner AND candidate.state = 'ready' AND candidate.taken_at IS NULL"
)

_UNREVIEWED: Final = (
    "SELECT review_key AS sorted_at, id, TRUE FROM image INDEXED BY image_review"
    " WHERE owner = :owner AND review_key > '' AND review_key < :end ORDER BY review_key DESC"
)

_PLACE: Final = "(candidate.sorted_at, candidate.id)"
_RANGE: Final = f"{_PLACE} >= (:start, :start_id) AND {_PLACE} < (:end, :end_id)"
_UPLOAD_RANGE: Final = "candidate.id >= :start_id AND candidate.id < :end_id"

_OWN_COUNT: Final = "(candidate.{1} BETWEEN :low{0} AND :high{0})"
_INDEXED_COUNT: Final = (
    "EXISTS (SELECT 1 FROM image_tag WHERE owner = :owner AND id = candidate.id AND tag = :tag{0}"
    " AND {1} BETWEEN :low{0} AND :high{0})"
)
_STORED_COUNT: Final = (
    "EXISTS (SELECT 1 FROM json_each(candidate.{1}) WHERE key = :tag{0} AND value BETWEEN :low{0} AND :high{0})"
)
_ADDED: Final = "candidate.id >= :added_first AND candidate.id < :added_last"
_IS_UNDATED: Final = "candidate.taken_at IS NULL"
_TAG_IS_UNDATED: Final = (
    "EXISTS (SELECT 1 FROM image INDEXED BY image_undated WHERE owner = :owner AND state = 'ready' AND taken_at IS NULL"
    " AND sorted_at = candidate.sorted_at AND id = candidate.id)"
)
_TAKEN: Final = (  # for images in the trash, whose `sorted_at` is not the capture time
    "CASE WHEN candidate.taken_at IS NULL THEN candidate.id >= :taken_first_id AND candidate.id < :taken_last_id"
    " ELSE candidate.taken_at >= :taken_first AND candidate.taken_at < :taken_last END"
)


def _key_by_time(sorted_at: str, image_id: str) -> str:
    return f"{sorted_at}#{image_id}"


def _key_by_upload(_: str, image_id: str) -> str:
    return f"{sort_by_upload(image_id)}#{image_id}"


def _plain_key(key: str, _: str) -> str:
    return key


def _plain_id(_: str, image_id: str) -> str:
    return image_id


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement that yields `sorted_at` and the id of each candidate in order, and whether it matches.

    In the order of ids, `sorted_at` is empty. A candidate may be repeated. The text depends only on the form of the
    query, so SQLite compiles it only once.

    If there are conditions on texts, the statement yields the texts of a match, and otherwise 1.

    Attributes:
        sql: The statement.
        parameters: Its parameters.
        make_cursor: Returns the cursor of the page after a candidate.
        candidates: The number of candidates to read at most.
        query: The query with conditions on texts, or None.
        excluded: The ids of candidates that do not match.
    """

    sql: str
    parameters: Parameters
    make_cursor: Callable[[str, str], str] = _key_by_time
    candidates: int = MAX_CANDIDATES
    query: Query | None = None
    excluded: frozenset[str] = frozenset()

    def is_match(self, image_id: str, value: int | str | None) -> bool:
        """Return whether a candidate matches, for what the statement yields."""
        if image_id in self.excluded:
            return False
        return bool(value) and (self.query is None or self.query.holds_texts(load_texts(str(value))))


def select_states(owner: str, states: Iterable[ImageState], rows: Plan, order: Order = Order.TAKEN) -> Selection:
    """Select all images in these states."""
    names = sorted(map(str, states)) or [""]  # no image has this state
    if order is Order.TAKEN:
        return _select(owner, rows, [(_STATE_INDEX, name, "TRUE") for name in names])
    ids = {"start_id": _first_id(rows.start), "end_id": _first_id(rows.end)}
    sources = [(_UPLOAD_INDEX, name, "TRUE") for name in names]
    parameters = {"owner": owner, **ids, **_number("source", names)}
    return Selection(_merge(sources, _UPLOAD_RANGE, rows, "id"), parameters, _key_by_upload)


def select_ids(owner: str, states: Iterable[ImageState], cursor: str | None) -> Selection:
    """Select all images in these states, latest id first, with ids as cursors.

    Raises:
        InvalidCursor: the cursor does not have the form of an id.
    """
    try:
        end = MAX_ID if cursor is None else require_id(cursor)
    except ImageNotFound as error:
        raise InvalidCursor from error
    selection = select_states(owner, states, Plan(end=end), Order.ADDED)
    return replace(selection, make_cursor=_plain_id)


def select_trash(owner: str, query: Query, rows: Plan) -> Selection:
    """Select matching images in the trash. The tag index does not contain them."""
    conditions = [_match_tags(query, _STORED_COUNT, count="tags"), *_match_times(query, _IS_UNDATED)]
    conditions += ["candidate.tags = '{}'"] if query.untagged else []
    conditions += [_TAKEN] if query.taken else []
    return _select(owner, rows, [(_STATE_INDEX, str(ImageState.TRASHED), " AND ".join(conditions))], query)


def select_ready(owner: str, query: Query, rows: Plan) -> Selection:
    """Select matching ready images. The candidates have one of the plan's tags, if it has any."""
    if query.texts:
        conditions = [_match_tags(query, _INDEXED_COUNT), *_match_times(query, _IS_UNDATED)]
        conditions += ["candidate.tags = '{}'"] if query.untagged else []
        sources = [(_TEXT_INDEX, "", conditions)]
    elif query.untagged:
        sources = [(_UNTAGGED_INDEX, "", [_match_untagged(query), *_match_times(query, _IS_UNDATED)])]
    elif rows.tags:
        times = _match_times(query, _TAG_IS_UNDATED)
        sources = [(_TAG_INDEX, tag, [_match_tags(query, _INDEXED_COUNT, tag), *times]) for tag in rows.tags]
    else:
        index = _UNDATED_INDEX if rows.view is View.UNDATED else _STATE_INDEX
        sources = [(index, str(ImageState.READY), [_match_tags(query, _INDEXED_COUNT), *_match_times(query, "")])]
    return _select(owner, rows, [(index, value, " AND ".join(parts)) for index, value, parts in sources], query)


def select_unreviewed(owner: str, cursor: str | None) -> Selection:
    """Select the ready images with something to review. Their cursors are those of `ImageSummary.review_key`.

    Raises:
        InvalidCursor: the cursor is not valid.
    """
    end = MAX_KEY if cursor is None else require_review_key(cursor)
    return Selection(_UNREVIEWED, {"owner": owner, "end": end}, _plain_key)


def _select(owner: str, rows: Plan, sources: Sequence[Source], query: Query | None = None) -> Selection:
    """Select candidates by `sorted_at` from parts of an index."""
    (start, _, start_id), (end, _, end_id) = rows.start.partition("#"), rows.end.partition("#")
    terms = list(chain.from_iterable(query.clauses)) if query else []
    ranges = [_to_range(term) for term in terms]
    parameters = {
        "owner": owner,
        "start": start,
        "start_id": start_id,
        "end": end,
        "end_id": end_id,
        **_number("source", [value for _, value, _ in sources]),
        **_number("tag", [term.tag for term in terms]),
        **_number("low", [low for low, _, _ in ranges]),
        **_number("high", [high for _, high, _ in ranges]),
        **(_bound_periods(query) if query else {}),
    }
    if query and query.texts:
        sources = [(index, value, f"iif({condition}, candidate.texts, NULL)") for index, value, condition in sources]
        return Selection(_merge(sources, _RANGE, rows, "sorted_at", "id"), parameters, query=query)
    return Selection(_merge(sources, _RANGE, rows, "sorted_at", "id"), parameters)


def _merge(sources: Sequence[Source], bounds: str, rows: Plan, *columns: str) -> str:
    """Write the statement that merges the candidates of several parts of an index."""
    parts = [
        f"SELECT {'candidate.sorted_at' if 'sorted_at' in columns else repr('')} AS sorted_at, candidate.id AS id,"  # noqa: S608 - all values are parameters
        f" {condition} FROM {index.format(number)} AND {bounds}"
        for number, (index, _, condition) in enumerate(sources)
    ]
    direction = "DESC" if rows.newest_first else "ASC"
    return f"{' UNION ALL '.join(parts)} ORDER BY {', '.join(f'{column} {direction}' for column in columns)}"


def _number(name: str, values: Iterable[str | int]) -> Parameters:
    return {f"{name}{number}": value for number, value in enumerate(values)}


def _first_id(bound: str) -> str:
    """Return the first id from a bound on: from a key, from the start of a month, or from its end, marked with `~`."""
    key, _, image_id = bound.partition("#")
    if image_id or not _MONTH.match(key):
        return image_id or key
    first = date(int(key[:4]), int(key[5:7]), 1)
    first_id, end_id = find_ids(Period(first, first.replace(day=monthrange(first.year, first.month)[1])))
    return end_id if key.endswith(MAX_KEY) else first_id


def _bound_periods(query: Query) -> Parameters:
    """Return the bounds of the query's periods. The last ones are excluded."""
    (first, last), (first_id, last_id), added = find_times(query.taken), find_ids(query.taken), find_ids(query.added)
    return {
        "taken_first": first,
        "taken_last": last,
        "taken_first_id": first_id,
        "taken_last_id": last_id,
        "added_first": added[0],
        "added_last": added[1],
    }


def _match_times(query: Query, is_undated: str) -> list[str]:
    """Return the conditions on the time of the upload, and on dates that are unknown, unless the index has them."""
    conditions = [_ADDED] if query.added else []
    return [*conditions, is_undated] if query.undated and is_undated else conditions


def _match_untagged(query: Query) -> str:
    """Write the condition on images that have no tags, but may have marks."""
    if any(is_mark(term.tag) for term in chain.from_iterable(query.clauses)):
        return _match_tags(query, _INDEXED_COUNT)
    allows_none = all(any(term.holds({}, {}) for term in clause) for clause in query.clauses)
    return "TRUE" if allows_none else "FALSE"


def _match_tags(query: Query, count_in_range: str, own_tag: str = "", count: str = "count") -> str:
    """Write the condition on tags. The index itself contains the counts of `own_tag`.

    `count` is the column with the counts. The column `certain` has the certain ones. If `count` is the column `tags`,
    the column `marks` has the marks.
    """
    numbers = itertools.count()

    def write(term: Term) -> str:
        column = "certain" if term.certain else count
        column = "marks" if is_mark(term.tag) and count == "tags" else column
        text = (_OWN_COUNT if term.tag == own_tag else count_in_range).format(next(numbers), column)
        return text if _to_range(term)[2] else f"NOT {text}"

    return " AND ".join(f"({' OR '.join(map(write, clause))})" for clause in query.clauses) or "TRUE"


def _to_range(term: Term) -> tuple[int, int, bool]:
    """Return the bounds of a range without 0, and whether the term holds inside or outside of it."""
    if term.min_count:
        return term.min_count, _UNLIMITED if term.max_count is None else term.max_count, not term.negated
    return (_UNLIMITED if term.max_count is None else term.max_count) + 1, _UNLIMITED, term.negated
