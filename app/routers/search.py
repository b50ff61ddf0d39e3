"""Search: by a query in words, or by tags and counts as JSON."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameter
from pydantic import BaseModel, Field

from app import errors
from app.answers import Cursor, ImagePage, Limit, page
from app.auth import UserDep
from app.images import MAX_COUNT, MAX_TAGS
from app.problems import responses
from app.query import MAX_TEXT, of_counts, parse
from app.wiring import BucketDep, TableDep

router = APIRouter(prefix="/search", tags=["search"], responses=responses(errors.InvalidToken, errors.InvalidCursor))


@router.get("", operation_id="search", summary="Search by a query", responses=responses(errors.InvalidQuery))
def search(
    q: Annotated[str, QueryParameter(max_length=MAX_TEXT, examples=["person>=2, dog"])],
    user: UserDep,
    table: TableDep,
    bucket: BucketDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ImagePage:
    """Your ready images that match, newest first.

    `person>=2, car, !dog, cat|bird, traffic light=1, after:2026-01-31, untagged`: commas join (all must
    hold), `|` offers alternatives, `!` negates, a bare tag means at least one, `:N` and `>=N` at least N,
    `=N` exactly N, `<=N` at most N; `after:` and `before:` compare the day (UTC) on which it was added.
    """
    return page(table.search(user.owner, parse(q), limit, cursor), bucket)


class WantedTag(BaseModel, extra="forbid", strict=True):
    """A tag, and how often at least it has to be there."""

    tag: str = Field(examples=["person"])
    count: int = Field(1, ge=1, le=MAX_COUNT, examples=[2])


class TagSearch(BaseModel, extra="forbid", strict=True):
    """All of these tags are wanted."""

    tags: list[WantedTag] = Field(min_length=1, max_length=MAX_TAGS)
    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = None


@router.post("", operation_id="searchByTags", summary="Search by tags", responses=responses(errors.InvalidTag))
def search_by_tags(wanted: TagSearch, user: UserDep, table: TableDep, bucket: BucketDep) -> ImagePage:
    """Your ready images that have all these tags, each at least as often as said, newest first."""
    query = of_counts((one.tag, one.count) for one in wanted.tags)
    return page(table.search(user.owner, query, wanted.limit, wanted.cursor), bucket)
