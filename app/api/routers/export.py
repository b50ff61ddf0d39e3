"""Exports the library as COCO JSON or CSV, with one page per response."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from app.api.auth import CurrentUser
from app.api.coco_schemas import CocoDocument
from app.api.dependencies import AlbumsDep, ImagesDep
from app.api.export_formats import COLUMNS, WRITERS, ExportFormat, write_page
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.ids import EXAMPLE_ID
from app.domain.pages import MAX_CURSOR
from app.domain.ports import Albums, Images

MAX_IMAGES: Final = 1_000

CSV_EXAMPLE: Final = f"""{",".join(COLUMNS)}\r
{EXAMPLE_ID},beach.jpg,2026-01-31T12:00:00+00:00,2026-01-30T16:20:11,4032,3024,person,2,1,,exif,2,0,Summer 2019\r
"""
PAGE_HEADERS: Final[dict[str, Any]] = {
    "Link": {
        "description": 'A link to the next page: `</export/…>; rel="next"`. Omitted on the last page.',
        "schema": {"type": "string"},
    },
    "Content-Disposition": {"description": "A file name for the page.", "schema": {"type": "string"}},
}
PAGE: Final[dict[str, Any]] = {"description": "One page of the library.", "headers": PAGE_HEADERS}
CSV_CONTENT: Final[dict[str, Any]] = {"text/csv": {"schema": {"type": "string"}, "example": CSV_EXAMPLE}}

PageLimit = Annotated[
    int, Query(ge=1, le=MAX_IMAGES, description="Maximum number of images in the response.", examples=[500])
]
PageCursor = Annotated[
    str | None,
    Query(
        max_length=MAX_CURSOR,
        description="The cursor in the `Link` header of the previous response.",
        examples=[EXAMPLE_ID],
    ),
]

router = APIRouter(
    route_class=StrictRoute, tags=["export"], responses=responses(errors.InvalidToken, errors.InvalidCursor)
)


@router.get(
    "/export/coco",
    operation_id="exportCoco",
    summary="Export your library as COCO JSON",
    response_class=Response,
    responses={200: PAGE | {"model": CocoDocument}},
)
def export_coco(
    user: CurrentUser, images: ImagesDep, albums: AlbumsDep, limit: PageLimit = 500, cursor: PageCursor = None
) -> Response:
    """Return a page of your ready images, latest upload first. Follow the `Link` header until a response has none.

    Each page is a complete document. A page can have few or no images even if it is not the last page.

    Each detection is an annotation, except the detections of tags that you removed. Ids and file names are unique only
    within a document. To combine documents, number images and annotations again, and identify categories by `name`.
    `pixtag_id` identifies an image. The `tags` of an image contain all its tags.
    """
    return _respond(ExportFormat.COCO, user.owner, images, albums, limit, cursor)


@router.get(
    "/export/csv",
    operation_id="exportCsv",
    summary="Export your library as CSV",
    response_class=Response,
    responses={200: PAGE | {"content": CSV_CONTENT}},
)
def export_csv(
    user: CurrentUser, images: ImagesDep, albums: AlbumsDep, limit: PageLimit = 500, cursor: PageCursor = None
) -> Response:
    """Return a page of your ready images, latest upload first. Follow the `Link` header until a response has none.

    Each page is a complete document. A page can have few or no images even if it is not the last page.

    The CSV (RFC 4180) is UTF-8 with a byte order mark, so that Excel shows all letters. In Python, read it as
    `utf-8-sig`. Times are in ISO 8601. An image has one row for each tag. An image without tags has one row without a
    tag. `taken` is the time that a clock at the place showed, or only a date. If it is unknown, it is the time of the
    upload, and `taken_source` is `upload`. `count` is the tag's count. `boxes` is the number of the tag's detections.
    `edited` is the time when you last edited the count or corrected a detection. If a name or tag starts with `=`, `+`,
    `-`, `@`, a tab or a carriage return, an apostrophe is added before it. The apostrophe prevents spreadsheets from
    running the text as a formula. The same rule applies after a semicolon. `favourite` is 1 or 0. `albums` contains the
    titles of the albums with the image, with a line break between two of them.
    """
    return _respond(ExportFormat.CSV, user.owner, images, albums, limit, cursor)


def _respond(
    export_format: ExportFormat, owner: str, images: Images, albums: Albums, limit: int, cursor: str | None
) -> Response:
    writer = WRITERS[export_format]({album.id: album.title for album in albums.list(owner)})
    next_cursor = write_page(writer, images.list_details(owner, limit, cursor))
    part = f"-{cursor}" if cursor else ""
    headers = {
        "Content-Disposition": f'attachment; filename="pixtag-{datetime.now(UTC):%Y-%m-%d}{part}.{writer.extension}"'
    }
    if next_cursor:
        query = urlencode({"limit": limit, "cursor": next_cursor})
        headers["Link"] = f'</export/{export_format}?{query}>; rel="next"'
    return Response(writer.text(), headers=headers, media_type=writer.media_type)
