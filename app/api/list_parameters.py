"""Defines the query parameters of lists of images."""

from enum import StrEnum
from typing import Annotated

from fastapi import Query

from app.domain.ids import EXAMPLE_KEY
from app.domain.pages import MAX_CURSOR

Limit = Annotated[int, Query(ge=1, le=100, description="Maximum number of images in the response.", examples=[50])]
Cursor = Annotated[
    str | None,
    Query(
        max_length=MAX_CURSOR,
        description="The value of `next` in the previous response. Or a month such as `2019-07`, with which the list"
        " then begins.",
        examples=[EXAMPLE_KEY],
    ),
]


class Direction(StrEnum):
    """The direction of a list: newest first (`desc`) or oldest first (`asc`)."""

    NEWEST_FIRST = "desc"
    OLDEST_FIRST = "asc"


ListDirection = Annotated[Direction, Query(description="`desc` returns the newest images first, `asc` the oldest.")]
