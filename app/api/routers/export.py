"""The export: the library as CSV or COCO JSON, one page of it in each answer."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from app.api.auth import CurrentUser
from app.api.dependencies import TableDep
from app.api.export_formats import COLUMNS, DOCUMENTS, CocoDocument, ExportFormat, fill
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.ids import EXAMPLE_ID

MAX_IMAGES: Final = 1_000

CSV_EXAMPLE: Final = f"""{",".join(COLUMNS)}\r
{EXAMPLE_ID},beach.jpg,2026-01-31T12:00:00+00:00,2026-01-30T16:20:11,4032,3024,person,2,1,\r
"""
ANSWER: Final[dict[str, Any]] = {
    "model": CocoDocument,
    "description": "One page of the library.",
    "content": {"text/csv": {"schema": {"type": "string"}, "example": CSV_EXAMPLE}},
    "headers": {
        "Link": {
            "description": 'The address of the next page: `</export?…>; rel="next"`; not there at the end.',
            "schema": {"type": "string"},
        },
        "Content-Disposition": {"description": "A name for the file.", "schema": {"type": "string"}},
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
    responses={200: ANSWER},
)
def export_library(
    user: CurrentUser,
    table: TableDep,
    kind: Annotated[ExportFormat, Query(alias="format", description="Boxes as COCO JSON, or tags as CSV.")],
    limit: Annotated[
        int, Query(ge=1, le=MAX_IMAGES, description="How many images to answer with, at most.", examples=[500])
    ] = 500,
    cursor: Annotated[
        str | None, Query(description="That of the previous answer's `Link`.", examples=[EXAMPLE_ID])
    ] = None,
) -> Response:
    """Your ready images, newest first, one page in each answer: follow the header `Link` until there is none.

    A page can be short, or empty, and not the last. Each is a document by itself.

    **COCO**: every box is an annotation, but those of tags that you took away. Numbers count within the
    document; `pixtag_id` names an image across documents, `name` a category. `tags` of an image holds all its tags.

    **CSV** (RFC 4180, UTF-8, times in ISO 8601): one row for each tag of each image, and one without a tag for an
    image that has none. `count` is how often the image has the tag, `boxes` how many boxes show it, `edited` when
    you last set the count by hand or corrected a box. A name or tag that has `=`, `+`, `-`, `@`, a tab or a
    carriage return at its start, or behind a semicolon, gets an apostrophe there: no spreadsheet sees a formula.
    """
    document = DOCUMENTS[kind]()
    behind = fill(document, table.list_details(user.owner, limit, cursor))
    part = f"-{cursor}" if cursor else ""
    headers = {
        "Content-Disposition": f'attachment; filename="pixtag-{datetime.now(UTC):%Y-%m-%d}{part}.{document.ending}"'
    }
    if behind:
        query = urlencode({"format": kind, "limit": limit, "cursor": behind})
        headers["Link"] = f'</export?{query}>; rel="next"'
    return Response(document.text(), headers=headers, media_type=document.media_type)
