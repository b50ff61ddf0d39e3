"""Export: the library as COCO JSON or CSV, one page per response."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from app.api.auth import CurrentUser
from app.api.dependencies import TableDep
from app.api.export_formats import COLUMNS, WRITERS, CocoDocument, ExportFormat, write_page
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.ids import EXAMPLE_ID

MAX_IMAGES: Final = 1_000

CSV_EXAMPLE: Final = f"""{",".join(COLUMNS)}\r
{EXAMPLE_ID},beach.jpg,2026-01-31T12:00:00+00:00,2026-01-30T16:20:11,4032,3024,person,2,1,\r
"""
PAGE_RESPONSE: Final[dict[str, Any]] = {
    "model": CocoDocument,
    "description": "One page of the library.",
    "content": {"text/csv": {"schema": {"type": "string"}, "example": CSV_EXAMPLE}},
    "headers": {
        "Link": {
            "description": 'The next page: `</export?…>; rel="next"`. Omitted on the last page.',
            "schema": {"type": "string"},
        },
        "Content-Disposition": {"description": "A file name for the page.", "schema": {"type": "string"}},
    },
}

router = APIRouter(
    route_class=StrictRoute, tags=["export"], responses=responses(errors.InvalidToken, errors.InvalidCursor)
)


@router.get(
    "/export",
    operation_id="exportLibrary",
    summary="Export your library",
    response_class=Response,
    responses={200: PAGE_RESPONSE},
)
def export_library(
    user: CurrentUser,
    table: TableDep,
    export_format: Annotated[
        ExportFormat, Query(alias="format", description="Detections as COCO JSON, or tags as CSV.")
    ],
    limit: Annotated[
        int, Query(ge=1, le=MAX_IMAGES, description="Maximum number of images in the response.", examples=[500])
    ] = 500,
    cursor: Annotated[
        str | None,
        Query(description="The cursor in the `Link` header of the previous response.", examples=[EXAMPLE_ID]),
    ] = None,
) -> Response:
    """Return a page of your ready images, newest first. Follow the `Link` header until there is none.

    Each page is a complete document. A page can be short or empty although more follow.

    **COCO**: each detection is an annotation, except those of tags that you removed. Ids are unique only within a
    document. Across documents, images have the same `pixtag_id` and categories the same `name`. `tags` of an image
    contains all its tags.

    **CSV** (RFC 4180, UTF-8, times in ISO 8601): one row for each tag of each image, and one row without a tag for an
    image without tags. `count` is the count of the tag, `boxes` the number of its detections, and `edited` the time
    when you last edited the count or corrected a detection. If a name or tag starts with `=`, `+`, `-`, `@`, a tab or
    a carriage return, an apostrophe is added before it, so that spreadsheets do not run it as a formula. The same
    applies after a semicolon.
    """
    writer = WRITERS[export_format]()
    next_cursor = write_page(writer, table.list_details(user.owner, limit, cursor))
    part = f"-{cursor}" if cursor else ""
    headers = {
        "Content-Disposition": f'attachment; filename="pixtag-{datetime.now(UTC):%Y-%m-%d}{part}.{writer.extension}"'
    }
    if next_cursor:
        query = urlencode({"format": export_format, "limit": limit, "cursor": next_cursor})
        headers["Link"] = f'</export?{query}>; rel="next"'
    return Response(writer.text(), headers=headers, media_type=writer.media_type)
