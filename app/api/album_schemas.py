"""Defines the schemas of albums, and converts albums to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Self

from fastapi import Query, Response
from pydantic import BaseModel, Field, model_validator

from app.api.bulk import ImageSelection
from app.api.conditional_requests import format_version
from app.api.operations import OperationId
from app.api.schemas import PreviewLinks, link_previews
from app.domain.albums import MAX_PLACED, Album, AlbumOrder
from app.domain.ids import EXAMPLE_ID, ID
from app.domain.images import ImageSummary
from app.domain.marks import MAX_TITLE
from app.domain.pages import MAX_CURSOR
from app.domain.ports import Objects

MAX_TITLE_TEXT: Final = 1_024  # longer texts are refused before their characters are looked at

_ORDER: Final = (
    "The order of the images: `taken`, the oldest capture time first, as an album tells a story. Or `hand`: first the"
    " images that you placed, and then the others, the oldest capture time first."
)

Title = Annotated[
    str,
    Field(
        max_length=MAX_TITLE_TEXT,
        description=f"Up to {MAX_TITLE} characters without control characters. Titles that differ only in case or"
        " spaces are equal. No two albums have equal titles.",
        examples=["Summer 2019"],
    ),
]
ImageId = Annotated[str, Field(min_length=26, max_length=26, pattern=f"^{ID}$")]
AlbumLimit = Annotated[int, Query(ge=1, le=100, description="Maximum number of albums in the response.", examples=[50])]
AlbumCursor = Annotated[
    str | None,
    Query(max_length=MAX_CURSOR, description="The value of `next` in the previous response.", examples=[EXAMPLE_ID]),
]
AlbumImagesCursor = Annotated[
    str | None,
    Query(max_length=MAX_CURSOR, description="The value of `next` in the previous response.", examples=["placed:50"]),
]


class AlbumCover(PreviewLinks):
    """The image that you chose, while it is a ready image of the album. Otherwise the newest one by capture time."""

    id: str = Field(description="The id of the image.", examples=[EXAMPLE_ID])


class AlbumResponse(BaseModel):
    """An album."""

    id: str = Field(description="The id of the album.", examples=[EXAMPLE_ID])
    title: str = Field(description='Find its images with `album:"Summer 2019"`.', examples=["Summer 2019"])
    created_at: datetime = Field(description="When you created the album.", examples=["2026-01-31T16:20:00Z"])
    images: int = Field(description="The number of ready images in the album.", examples=[143])
    cover: AlbumCover | None = Field(
        description="The image that you chose, while it is a ready image of the album. Otherwise the newest one by"
        " capture time. Null if the album has no ready images."
    )
    order: AlbumOrder = Field(description=_ORDER, examples=["taken"])


class AlbumList(BaseModel):
    """A page of your albums, oldest first."""

    albums: list[AlbumResponse] = Field(description="The albums of this page.")
    next: str | None = Field(
        description="Send this value as `cursor` to get the next page. Null on the last page.", examples=[None]
    )


class AlbumRequest(BaseModel, extra="forbid", strict=True):
    """The title of an album."""

    title: Title


class AlbumChange(
    BaseModel, extra="forbid", strict=True, json_schema_extra={"examples": [{"title": "Summer 2019", "order": "hand"}]}
):
    """The fields to change. Those that are omitted do not change, nor do a title and an order that are null."""

    title: Title | None = Field(default=None, description="The new title.", examples=["Summer 2019"])
    cover: ImageId | None = Field(
        default=None,
        description="The id of an image in the album. Null makes the newest image by capture time the cover.",
        examples=[EXAMPLE_ID],
    )
    order: AlbumOrder | None = Field(default=None, description=_ORDER, examples=["hand"], strict=False)


class AlbumOrderRequest(BaseModel, extra="forbid", strict=True):
    """The images to place, in their order."""

    images: Annotated[list[ImageId], Field(max_length=MAX_PLACED)] = Field(
        description="At most 1,000 different ids. Ids of images that are not in the album are ignored.",
        examples=[[EXAMPLE_ID]],
        json_schema_extra={"uniqueItems": True},
    )

    @model_validator(mode="after")
    def _require_different_ids(self) -> Self:
        if len(set(self.images)) < len(self.images):
            raise ValueError("Send each id only once.")
        return self


class AlbumImagesRequest(BaseModel, extra="forbid", strict=True):
    """The images to add or to remove."""

    images: ImageSelection = Field(description="The images to add or to remove.")
    operation: OperationId = None


def to_album_list(
    albums: Sequence[Album],
    images: dict[str, int],
    covers: dict[str, ImageSummary],
    objects: Objects,
    cursor: str | None,
) -> AlbumList:
    """Return a page of albums with their numbers of images and their covers, by the ids of the albums."""
    page = [_to_album(each, images.get(each.id, 0), covers.get(each.id), objects) for each in albums]
    return AlbumList(albums=page, next=cursor)


def to_album(
    album: Album, images: int, cover: ImageSummary | None, objects: Objects, response: Response
) -> AlbumResponse:
    """Return an album with its number of images and its cover. Set the response's `ETag` to the album's version."""
    response.headers["ETag"] = format_version(album.version)
    return _to_album(album, images, cover, objects)


def _to_album(album: Album, images: int, cover: ImageSummary | None, objects: Objects) -> AlbumResponse:
    links = link_previews(cover, objects) if cover else None
    return AlbumResponse(
        id=album.id,
        title=album.title,
        created_at=album.created_at,
        images=images,
        cover=AlbumCover(id=cover.id, **links) if cover and links else None,
        order=album.order,
    )
