"""Search: by a query in words, by tags and counts as JSON, by a link, or by showing a picture."""

from typing import Annotated, Final

from fastapi import APIRouter, File, Response, UploadFile
from fastapi import Query as QueryParameter
from pydantic import BaseModel, Field

from app.api.auth import UserDep, ViewerDep
from app.api.bulk import ChooserDep
from app.api.dependencies import BucketDep, CatalogDep, TableDep
from app.api.problems import MAX_FILE_BYTES, responses
from app.api.request_validation import StrictRoute
from app.api.schemas import (
    CountedTag,
    Cursor,
    ImageDetails,
    ImagePage,
    ImageSummary,
    Limit,
    counted,
    details,
    page,
    summary,
)
from app.domain import errors
from app.domain.images import EXAMPLE_ID, MAX_COUNT, MAX_TAGS
from app.domain.query import MAX_TEXT, any_of, of_counts, parse, shortage, shortfalls

MAX_FOUND: Final = 50
MAX_COMPARED: Final = 200

router = APIRouter(
    route_class=StrictRoute,
    prefix="/search",
    tags=["search"],
    responses=responses(errors.InvalidToken, errors.InvalidCursor),
)


@router.get("", operation_id="search", summary="Search by a query", responses=responses(errors.InvalidQuery))
def search(
    q: Annotated[
        str, QueryParameter(max_length=MAX_TEXT, description="What they have to match.", examples=["person>=2, dog"])
    ],
    user: UserDep,
    table: TableDep,
    bucket: BucketDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ImagePage:
    """Your ready images that match, newest first.

    `person>=2, car, !dog, cat|bird, traffic light=1, after:2026-01-31, untagged`: commas join (all must
    hold), `|` offers alternatives, `!` negates, a bare tag means at least one, `:N` and `>=N` at least N,
    `=N` exactly N, `<=N` at most N; `after:` takes what was added on that day (UTC) or later,
    `before:` what was added before it.
    """
    return page(table.search(user.owner, parse(q), limit, cursor), bucket)


class WantedTag(BaseModel, extra="forbid", strict=True):
    """A tag, and how often at least it has to be there."""

    tag: str = Field(examples=["person"])
    count: int = Field(1, ge=1, le=MAX_COUNT, examples=[2])


class TagSearch(BaseModel, extra="forbid", strict=True):
    """All of these tags are wanted."""

    tags: list[WantedTag] = Field(min_length=1, max_length=MAX_TAGS)
    limit: int = Field(50, ge=1, le=100, description="How many images to answer with, at most.", examples=[50])
    cursor: str | None = Field(None, description="The `next` of the previous answer.", examples=[EXAMPLE_ID])


@router.post("", operation_id="searchByTags", summary="Search by tags", responses=responses(errors.InvalidTag))
def search_by_tags(wanted: TagSearch, user: UserDep, table: TableDep, bucket: BucketDep) -> ImagePage:
    """Your ready images that have all these tags, each at least as often as said, newest first."""
    query = of_counts((one.tag, one.count) for one in wanted.tags)
    return page(table.search(user.owner, query, wanted.limit, wanted.cursor), bucket)


@router.get(
    "/thumbnail",
    operation_id="searchByThumbnail",
    summary="Find an image by its thumbnail's link",
    responses=responses(errors.ImageNotFound),
)
def search_by_thumbnail(
    url: Annotated[
        str,
        QueryParameter(max_length=2_048, description="The link.", examples=[f"https://…/thumbnails/…/{EXAMPLE_ID}?…"]),
    ],
    user: UserDep,
    table: TableDep,
    bucket: BucketDep,
    chooser: ChooserDep,
    response: Response,
) -> ImageDetails:
    """The image whose thumbnail, preview or original a link of ours shows, however old the link is."""
    return details(table.get_image(user.owner, chooser.id_of(url)), bucket, response)


class NearMatch(BaseModel):
    """An image that lacks something of what was searched for."""

    image: ImageSummary
    missing: list[str] = Field(description="What it lacks.", examples=[["dog missing", "person 1 of 2"]])


class PictureResults(BaseModel):
    """What is to be seen on the picture, and which images show as much."""

    seen: list[CountedTag]
    images: list[ImageSummary] = Field(description="All those tags at least as often; newest first.")
    near: list[NearMatch] = Field(
        description="Those with some of them (of many: of the first eight), the nearest first."
    )


@router.post(
    "/image",
    operation_id="searchByPicture",
    summary="Search by showing a picture",
    responses=responses(errors.InvalidPhoto, errors.WrongSize, errors.TooManyRequests),
)
def search_by_picture(
    file: Annotated[
        UploadFile,
        File(description=f"At most {MAX_FILE_BYTES:,} bytes; never stored.", json_schema_extra={"format": "binary"}),
    ],
    user: ViewerDep,
    table: TableDep,
    catalog: CatalogDep,
    bucket: BucketDep,
) -> PictureResults:
    """Find the images that show at least what this picture shows; one without any object finds nothing."""
    seen = catalog.see(file.file.read(MAX_FILE_BYTES + 1), most=MAX_FILE_BYTES)
    if not seen:
        return PictureResults(seen=[], images=[], near=[])
    found = table.search(user.owner, of_counts(seen.items()), MAX_FOUND).cards
    some = table.search(user.owner, any_of(seen), MAX_COMPARED).cards
    near = sorted((card for card in some if shortfalls(seen, card.tags)), key=lambda card: shortage(seen, card.tags))
    return PictureResults(
        seen=counted(seen),
        images=[summary(card, bucket) for card in found],
        near=[NearMatch(image=summary(card, bucket), missing=shortfalls(seen, card.tags)) for card in near[:MAX_FOUND]],
    )
