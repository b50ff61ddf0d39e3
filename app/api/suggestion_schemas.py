"""Contains the response schema of suggestions."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

from app.domain.query_descriptions import describe
from app.services import suggestions


class Suggestion(BaseModel):
    """A query that you may mean. PixTag never changes your query by itself."""

    query: str = Field(description="The query. Search for it.", examples=["dog>=2"])
    text: str = Field(description="The query in words.", examples=["dog (at least 2)"])
    images: int = Field(description="The number of images that match.", examples=[12])
    exact: bool = Field(
        description="Whether no more images match. If false, `images` is a lower bound.", examples=[True]
    )
    ignored: list[str] = Field(
        description="Words of your query that are no tags, so the suggestion does not contain them.",
        examples=[["beach"]],
    )


def to_suggestions(found: Iterable[suggestions.Suggestion]) -> list[Suggestion]:
    """Return suggestions as a part of a response."""
    return [
        Suggestion(
            query=str(each.query),
            text=describe(each.query),
            images=each.images,
            exact=each.is_exact,
            ignored=list(each.ignored),
        )
        for each in found
    ]
