"""Undoes operations."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from app.api.auth import CurrentUser, limit_edits
from app.api.bulk import MAX_IMAGES, BulkResponse, apply_to_image, respond
from app.api.dependencies import DiskDep, ImagesDep, OperationsDep, QuotasDep
from app.api.operations import EXAMPLE_OPERATION
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.ids import EXAMPLE_ID, is_id
from app.domain.operations import parse_operation_id
from app.domain.pages import MAX_CURSOR
from app.domain.quotas import Rate
from app.domain.undo_values import is_move
from app.services.undo import Undo

router = APIRouter(
    route_class=StrictRoute, prefix="/operations", tags=["operations"], responses=responses(errors.InvalidToken)
)


class UndoRequest(BaseModel, extra="forbid", strict=True):
    """Which images to continue with."""

    cursor: str | None = Field(
        None, max_length=MAX_CURSOR, description="The value of `next` in the previous response.", examples=[EXAMPLE_ID]
    )


@router.post(
    "/{operation}/undo",
    operation_id="undoOperation",
    summary="Undo an operation",
    responses=responses(errors.InvalidCursor, errors.OperationNotFound, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def undo_operation(
    operation: Annotated[str, Path(description="The id of the operation.", examples=[EXAMPLE_OPERATION])],
    request: UndoRequest,
    user: CurrentUser,
    operations: OperationsDep,
    images: ImagesDep,
    quotas: QuotasDep,
    disk: DiskDep,
) -> BulkResponse:
    """Undo a change of tags, dates or the trash, on up to 100 images per request.

    An operation can be undone for an hour after its latest request. Repeat the request with `next` as `cursor` until
    `next` is null. You have another hour to complete an undo that has begun.

    An image that was changed after the operation stays as it is, and its outcome is `failed`. An image that is already
    undone is `unchanged`. A permanent deletion cannot be undone.
    """
    cursor = request.cursor
    if cursor is not None and not is_id(cursor):
        raise errors.InvalidCursor
    current = operations.get(user.owner, parse_operation_id(operation), has_begun=cursor is not None)
    found = operations.list_rows(current, MAX_IMAGES + 1, cursor or "")
    page = found[:MAX_IMAGES]
    rows = {row.image_id: row for row in page if current.includes(row)}
    if disk and not all(map(is_move, rows.values())):  # as the trash itself, its undo must work on a full disk
        disk.require_space_for_edit()
    if len(rows) > 1:  # the route has counted the request as one edit
        quotas.count(user.owner, Rate.EDITS, len(rows) - 1)
    undo = Undo(images, operations, list(rows.values()))
    outcomes = [apply_to_image(image_id, image_id, lambda image_id: undo.undo(rows[image_id])) for image_id in rows]
    return respond(outcomes, page[-1].image_id if len(found) > MAX_IMAGES else None, current)
