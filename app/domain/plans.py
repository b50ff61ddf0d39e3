"""Plans which rows a list or a search reads, and continues plans at cursors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from app.domain.errors import InvalidCursor
from app.domain.ids import ID
from app.domain.query import MAX_KEY, MIN_KEY, Query, find_times
from app.domain.terms import Clause

MAX_COUNTED: Final = 12  # tags whose images are counted for the plan of a query

_KEY: Final = re.compile(rf"!?\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d#{ID}", re.ASCII)
_REVIEW_KEY: Final = re.compile(rf"\d{{3}}#{ID}", re.ASCII)
_MONTH: Final = re.compile(r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_AFTER_KEY: Final = "!"


class Order(StrEnum):
    """The order of a list of images."""

    TAKEN = "taken"  # by `sort_key`
    ADDED = "added"  # by `added_key`


class View(StrEnum):
    """The ready images whose rows are read: all of them, those without tags, or those without a date."""

    READY = "ready"
    UNTAGGED = "untagged"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Plan:
    """The rows to read: those of the images with one of the `tags`. Without tags, those of the `view`.

    Only rows with `start <= key < end` are read. The keys are sort keys, or added keys in the order of uploads.
    """

    tags: tuple[str, ...] = ()
    view: View = View.READY
    start: str = MIN_KEY
    end: str = MAX_KEY
    newest_first: bool = True


def plan(query: Query, images: Mapping[str, int] | None = None, *, newest_first: bool = True) -> Plan:
    """Return the plan that finds every match and reads the fewest rows. It uses the rarest indexed clause.

    Args:
        query: The query.
        images: The number of images with each of the `counted_tags`.
        newest_first: Whether the matches are wanted newest first.
    """
    if query.texts:  # only the rows of this view contain texts
        return Plan((), View.READY, *find_times(query.taken), newest_first)
    choices = [tuple(dict.fromkeys(term.tag for term in clause)) for clause in indexed_clauses(query)]
    totals = images or {}
    counted = [tags for tags in choices if totals.keys() >= {*tags}]
    rarest = min(counted or choices, key=lambda tags: sum(totals.get(tag, 0) for tag in tags), default=())
    view = View.UNTAGGED if query.untagged else View.UNDATED if query.undated else View.READY
    start, end = find_times(query.taken)
    return Plan(rarest, view, start, end, newest_first)


def continue_plan(rows: Plan, cursor: str | None) -> Plan:
    """Return the plan for the page after the image with this key, or from this month on. Without a cursor, return it.

    Raises:
        InvalidCursor: the cursor is neither a key nor a month.
    """
    if cursor is None:
        return rows
    is_month = _MONTH.fullmatch(cursor) is not None
    if not is_month and not _KEY.fullmatch(cursor):
        raise InvalidCursor
    if rows.newest_first:
        return replace(rows, end=min(rows.end, cursor + MAX_KEY if is_month else cursor))
    # No key is the beginning of another key, so this bound excludes only the key itself.
    return replace(rows, start=max(rows.start, cursor if is_month else cursor + _AFTER_KEY))


def require_review_key(cursor: str) -> str:
    """Return the cursor if it has the form of `ImageSummary.review_key`.

    Raises:
        InvalidCursor: it does not.
    """
    if not _REVIEW_KEY.fullmatch(cursor):
        raise InvalidCursor
    return cursor


def indexed_clauses(query: Query) -> list[Clause]:
    """Return the clauses whose matches all have at least one of the clause's tags."""
    return [clause for clause in query.clauses if all(term.implies_tag for term in clause)]


def counted_tags(query: Query) -> set[str]:
    """Return the tags whose images must be counted to plan a query: those of the first clauses, or none."""
    clauses, counted = [] if query.texts else indexed_clauses(query), set[str]()
    for clause in clauses if len(clauses) > 1 else []:
        tags = counted | {term.tag for term in clause}
        if len(tags) > MAX_COUNTED:
            break
        counted = tags
    return counted
