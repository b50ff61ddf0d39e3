"""Searches by a query, by tags and counts, by a link, or by a picture."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi import Query as QueryParameter
from pydantic import BaseModel, Field

from app.api.auth import CurrentUser, limit_detections
from app.api.bulk import BulkRunnerDep
from app.api.dependencies import AlbumsDep, ImagesDep, IngestDep, ObjectsDep
from app.api.facet_schemas import Facets, to_facets
from app.api.file_forms import ReceivedFile, describe_file
from app.api.json_response import JsonResponse
from app.api.list_parameters import Cursor, Direction, Limit, ListDirection
from app.api.problems import MAX_FILE_BYTES, responses
from app.api.request_validation import StrictRoute
from app.api.schemas import (
    ImageDetails,
    ImagePage,
    ImageSummary,
    to_image_details,
    to_image_page,
    to_image_summary,
)
from app.api.suggestion_schemas import Suggestion, to_suggestions
from app.api.tag_schemas import TagCount, TagName, to_tag_counts
from app.domain import errors
from app.domain.clauses import MAX_TERMS
from app.domain.ids import EXAMPLE_ID, EXAMPLE_KEY
from app.domain.pages import MAX_CURSOR, MAX_PAGES
from app.domain.ports import Images
from app.domain.query import MAX_TEXT, Query, parse, query_all, query_any
from app.domain.tags import MAX_COUNT, MAX_TAG_TEXT, list_shortfalls, measure_shortage, tag_name, tally_tags
from app.domain.uploads import Upload
from app.services.facets import find_facets
from app.services.similar_images import find_originals
from app.services.suggestions import correct_sentence, suggest_albums, suggest_for_search

MAX_MATCHES: Final = 50
MAX_COMPARED: Final = 200
MAX_NEAR_TAGS: Final = 4  # an index page is read for each
PART_PAGES: Final = MAX_PAGES // 2  # for each of the two searches by a picture

router = APIRouter(
    route_class=StrictRoute,
    prefix="/search",
    tags=["search"],
    responses=responses(errors.InvalidToken, errors.InvalidCursor),
)


class SearchPage(ImagePage):
    """A page of matches, and other queries that you may mean."""

    suggestions: list[Suggestion] = Field(
        description="Up to five other queries, if the query names a tag that no image has, or matches nothing. The"
        " most probable one is first, and those without images are last. Only the first page contains them.",
    )
    searched_until: date | None = Field(
        description="For a query with a condition on a text: the capture date of the last image that was compared, if"
        " `next` is not null. A page can have no images although more images match.",
        examples=["2019-03-14"],
    )


@router.get(
    "",
    operation_id="search",
    summary="Search by a query",
    response_model=SearchPage,
    responses=responses(errors.InvalidQuery),
)
def search(
    q: Annotated[str, QueryParameter(max_length=MAX_TEXT, description="The query.", examples=["person>=2, dog"])],
    user: CurrentUser,
    images: ImagesDep,
    objects: ObjectsDep,
    albums: AlbumsDep,
    direction: ListDirection = Direction.NEWEST_FIRST,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonResponse:
    """Return your ready images that match the query, sorted by their capture times.

    Example: `person>=2, !dog, cat|bird, traffic light=1, taken:2019-07`. A comma means AND, `|` means OR, and `!` or
    `-` means NOT. `|` binds more tightly than the comma. Parentheses contain a query: `(dog, cat)|bird`, `!(dog|cat)`.
    A tag alone means a count of at least one. `:N` and `>=N` mean at least N, `>N` more than N, `=N` exactly N, `<=N`
    at most N, `<N` less than N, and `person:2..5` from 2 to 5. A tag that begins with `-` or `"`, or has the name of a
    keyword, is written in quotes: `"-5"`. A quote in it is doubled. `untagged` selects images without tags.

    `taken:2019`, `taken:2019-07` and `taken:2019-07-14` select the photos of a year, month or day, in the time of the
    place. `taken>=2018-06`, `taken<=2018` and `taken:2018-06..2018-08` select longer periods, which include both ends.
    `taken>2018` and `taken<2018` exclude the year.
    `after:2018-06` means `taken>=2018-06`, and `before:2018-06` selects photos from before this month. `added` selects
    by the day of the upload (UTC) in the same forms. `undated` selects images whose capture time is unknown. They have
    the time of the upload.

    `is:favourite` selects favourites, and `album:"Summer 2019"` the images in an album.

    `name:`, `title:`, `camera:` and `lens:` select by a text of the photo, and `text:` by its name, title or
    description: `name:2034`, `title:"at the sea"`. The text must contain each word, or the phrase in quotes. The newest
    images are compared first. `searched_until` says how far.

    If the query names a tag that no image has, or matches nothing, `suggestions` contains up to five other queries with
    their numbers of images: for other words (`sofa`), plurals, spelling mistakes and sentences (`two dogs on a beach`).
    Unknown words are also looked for in the texts of photos (`text:beach`).
    """
    query = _parse(q, user.owner, images)
    is_newest_first = direction is Direction.NEWEST_FIRST
    page = images.search(user.owner, query, limit, cursor, newest_first=is_newest_first)
    suggestions = []
    if not cursor:
        similar = [] if page.images else suggest_albums(images, albums, user.owner, query)
        suggestions = similar or suggest_for_search(images, user.owner, q, query, page)
    return JsonResponse(
        to_image_page(page, objects)
        | {
            "suggestions": to_suggestions(suggestions),
            "searched_until": page.last_day if query.texts else None,
        }
    )


def _parse(text: str, owner: str, images: Images) -> Query:
    """Parse a query. The error of a sentence that is too long for a tag has the query that it means."""
    try:
        return parse(text)
    except errors.InvalidQuery as error:
        error.suggestion = error.suggestion or correct_sentence(images, owner, text)
        raise


@router.get(
    "/facets",
    operation_id="getFacets",
    summary="Count what matches have in common",
    responses=responses(errors.InvalidQuery, errors.InvalidTag),
)
def get_facets(
    user: CurrentUser,
    images: ImagesDep,
    q: Annotated[
        str | None,
        QueryParameter(
            max_length=MAX_TEXT, description="The query. Without it, your library is counted.", examples=["person"]
        ),
    ] = None,
    tag: Annotated[
        str | None,
        QueryParameter(max_length=MAX_TAG_TEXT, description="The tag whose counts you want.", examples=["person"]),
    ] = None,
) -> Facets:
    """Return the other tags of the images that match a query, the counts of one tag, and the years, with numbers.

    To narrow a search, add a condition with a comma: `, dog`, `, !dog`, `, person=2` or `, taken:2019`.
    """
    query = _parse(q, user.owner, images) if q else Query()
    name = None if tag is None else tag_name(tag)
    return to_facets(find_facets(images, user.owner, query, name), name)


class TagMinimum(BaseModel, extra="forbid", strict=True):
    """A tag and its minimum count."""

    tag: TagName = Field(examples=["person"])
    count: int = Field(1, ge=1, le=MAX_COUNT, description="The lowest count.", examples=[2])


class TagSearchRequest(BaseModel, extra="forbid", strict=True):
    """The tags that an image must have."""

    tags: list[TagMinimum] = Field(min_length=1, max_length=MAX_TERMS, description="The tags that each image has.")
    limit: int = Field(50, ge=1, le=100, description="Maximum number of images in the response.", examples=[50])
    cursor: str | None = Field(
        None, max_length=MAX_CURSOR, description="The value of `next` in the previous response.", examples=[EXAMPLE_KEY]
    )


@router.post(
    "",
    operation_id="searchByTags",
    summary="Search by tags",
    response_model=ImagePage,
    responses=responses(errors.InvalidTag),
)
def search_by_tags(
    request: TagSearchRequest, user: CurrentUser, images: ImagesDep, objects: ObjectsDep
) -> JsonResponse:
    """Return your ready images that have all these tags with at least these counts, newest first."""
    query = query_all((minimum.tag, minimum.count) for minimum in request.tags)
    page = images.search(user.owner, query, request.limit, request.cursor)
    return JsonResponse(to_image_page(page, objects))


@router.get(
    "/thumbnail",
    operation_id="searchByThumbnail",
    summary="Find an image by a link",
    responses=responses(errors.ImageNotFound),
)
def search_by_thumbnail(
    url: Annotated[
        str,
        QueryParameter(
            max_length=2_048, description="A link to an image.", examples=[f"https://…/thumbnails/…/{EXAMPLE_ID}?…"]
        ),
    ],
    user: CurrentUser,
    images: ImagesDep,
    objects: ObjectsDep,
    runner: BulkRunnerDep,
    response: Response,
) -> ImageDetails:
    """Return the image that a link belongs to. The link can be to a thumbnail, preview or original.

    Expired links work too.
    """
    return to_image_details(images.get_image(user.owner, runner.id_of(url)), objects, response)


class NearMatch(BaseModel):
    """An image that has some of the tags."""

    image: ImageSummary = Field(description="The image.")
    missing: list[str] = Field(
        description="The tags that are missing or have too low a count.", examples=[["dog missing", "person 1 of 2"]]
    )


class PictureSearchResponse(BaseModel):
    """The images that show the same picture, the picture's tags, and the images that have these tags."""

    copies: list[ImageSummary] = Field(
        description="Images that look the same as the picture, also in another size, format or quality, or cropped by"
        " about 3 %. Images with the same bytes come first, then the most similar ones. At most 50."
    )
    seen: list[TagCount] = Field(description="The tags that PixTag detected in the picture.")
    images: list[ImageSummary] = Field(
        description="Images with all these tags and at least these counts, newest first."
    )
    near: list[NearMatch] = Field(
        description="Images that match only some of the tags, best match first. Only the first four tags are used."
    )


@router.post(
    "/image",
    operation_id="searchByPicture",
    summary="Search by a picture",
    response_model=PictureSearchResponse,
    responses=responses(errors.InvalidPhoto, errors.WrongSize, errors.TooManyRequests),
    dependencies=[Depends(limit_detections)],
    openapi_extra=describe_file("The file is not stored."),
)
def search_by_picture(
    file: ReceivedFile,
    user: CurrentUser,
    images: ImagesDep,
    ingest: IngestDep,
    objects: ObjectsDep,
) -> JsonResponse:
    """Return images that show this picture, and images that have at least its tags and counts.

    A picture without tags has only copies.
    """
    data = file.file.read(MAX_FILE_BYTES + 1)
    result = ingest.detect_picture(data, max_bytes=MAX_FILE_BYTES)
    found = find_originals(images, user.owner, Upload(data, "", "").sha256, result.picture_hash)
    copies = [to_image_summary(image, objects) for image in found]
    tags = tally_tags(result.detections)
    if not tags:
        return JsonResponse({"copies": copies, "seen": [], "images": [], "near": []})
    matches = images.search(user.owner, query_all(tags.items()), MAX_MATCHES, max_pages=PART_PAGES).images
    partial = images.search(user.owner, query_any(tags, MAX_NEAR_TAGS), MAX_COMPARED, max_pages=PART_PAGES).images
    near = sorted(
        (image for image in partial if list_shortfalls(tags, image.tags)),
        key=lambda image: measure_shortage(tags, image.tags),
    )
    return JsonResponse(
        {
            "copies": copies,
            "seen": to_tag_counts(tags),
            "images": [to_image_summary(image, objects) for image in matches],
            "near": [
                {"image": to_image_summary(image, objects), "missing": list_shortfalls(tags, image.tags)}
                for image in near[:MAX_MATCHES]
            ],
        }
    )
