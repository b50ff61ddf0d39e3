"""Lists, returns, trashes, restores and purges images."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response, status
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from app.api.auth import CurrentUser, limit_edits
from app.api.bulk import BULK_ERRORS, BulkResponse, BulkRunnerDep, ImageSelection
from app.api.conditional_requests import ExpectedVersion
from app.api.dependencies import ImagesDep, LibraryDep, ObjectsDep
from app.api.json_response import JsonResponse
from app.api.list_parameters import Cursor, Direction, Limit, ListDirection
from app.api.operations import OperationId, OperationStarterDep
from app.api.problems import RETRY_AFTER, responses
from app.api.request_validation import StrictRoute
from app.api.schemas import ImageDetails, ImagePage, find_original, to_image_details, to_image_page
from app.domain import errors
from app.domain.images import LISTED, ImageState, ImageSummary
from app.domain.plans import Order

router = APIRouter(route_class=StrictRoute, prefix="/images", tags=["images"], responses=responses(errors.InvalidToken))

BULK_RESPONSES = responses(*BULK_ERRORS)
ORIGINAL_FILE: Final[dict[str, Any]] = {
    "description": "The file, if the client follows the redirect. The media type is that of the file.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


@router.get(
    "",
    operation_id="listImages",
    summary="List images",
    response_model=ImagePage,
    responses=responses(errors.InvalidCursor),
)
def list_images(
    user: CurrentUser,
    images: ImagesDep,
    objects: ObjectsDep,
    state: Annotated[
        ImageState | None,
        Query(description="Return only images in this state. By default, trashed images are omitted."),
    ] = None,
    order: Annotated[
        Order,
        Query(
            description="`taken` sorts by the capture time at the place, and images without one by the time of the"
            " upload. `added` sorts all images by the time of the upload."
        ),
    ] = Order.TAKEN,
    direction: ListDirection = Direction.NEWEST_FIRST,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonResponse:
    """Return your images. Pending and failed images are included. They are sorted by the time of their upload.

    `state=trashed` lists the trash, which is always sorted by the time of the deletion. To jump to a month, send it as
    `cursor`: with `cursor=2019-07`, the list begins with the latest image of July 2019 or before. With
    `direction=asc`, it begins with the earliest image of July 2019 or after.
    """
    states = (frozenset({state}) if state else LISTED) - {ImageState.GONE}
    is_newest_first = direction is Direction.NEWEST_FIRST
    page = images.list_images(user.owner, limit, cursor, states, order=order, newest_first=is_newest_first)
    return JsonResponse(to_image_page(page, objects))


@router.get(
    "/{image_id}",
    operation_id="getImage",
    summary="Get an image",
    responses=responses(errors.ImageNotFound)
    | {202: {"model": ImageDetails, "description": "The image is pending. Request it again.", "headers": RETRY_AFTER}},
)
def get_image(
    image_id: str, user: CurrentUser, images: ImagesDep, objects: ObjectsDep, response: Response
) -> ImageDetails:
    """Return an image with its state, tags, detections and links.

    If your library already had the bytes that you uploaded, the response contains the existing image.
    """
    image = images.get_image(user.owner, image_id)
    if image.state is ImageState.PENDING:
        response.status_code = status.HTTP_202_ACCEPTED
        response.headers["Retry-After"] = "1"
    return to_image_details(image, objects, response)


@router.get(
    "/{image_id}/original",
    operation_id="getOriginal",
    summary="Download the original",
    status_code=status.HTTP_307_TEMPORARY_REDIRECT,
    responses=responses(errors.ImageNotFound, errors.InvalidState) | {200: ORIGINAL_FILE},
    response_class=RedirectResponse,
)
def get_original(image_id: str, user: CurrentUser, images: ImagesDep, objects: ObjectsDep) -> str:
    """Redirect to the original file, exactly as uploaded. The file of a failed image can be downloaded too.

    A client that follows redirects gets the bytes of the file.
    """
    image = images.get_image(user.owner, image_id)
    link = None if image.state is ImageState.TRASHED else find_original(image, objects)
    if link is None:
        raise errors.InvalidState(image.state)
    return link


@router.delete(
    "/{image_id}",
    operation_id="trashImage",
    summary="Move an image to the trash",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.ImageNotFound, errors.ImageChanged, errors.VersionOutdated, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def trash_image(image_id: str, user: CurrentUser, library: LibraryDep, version: ExpectedVersion) -> None:
    """Move an image to the trash, so that searches no longer find it. You can restore the image for 30 days.

    After 30 days, the image is deleted. A pending or failed image is deleted immediately.
    """
    library.trash(user.owner, image_id, version=version)


class PurgeRequest(BaseModel, extra="forbid", strict=True):
    """The images to delete permanently. This cannot be undone."""

    images: ImageSelection = Field(description="The images to delete permanently.")


class BulkRequest(BaseModel, extra="forbid", strict=True):
    """The images to change."""

    images: ImageSelection = Field(description="The images to change.")
    operation: OperationId = None


def _is_trashed(image: ImageSummary) -> bool:
    return image.state is ImageState.TRASHED


@router.post(
    "/trash",
    operation_id="trashImages",
    summary="Move images to the trash",
    responses=BULK_RESPONSES,
    dependencies=[Depends(limit_edits)],
)
def trash_images(
    request: BulkRequest,
    user: CurrentUser,
    runner: BulkRunnerDep,
    starter: OperationStarterDep,
) -> BulkResponse:
    """Move up to 100 images per request to the trash. Select them by ids, by links or by a query.

    Pending and failed images are deleted immediately.
    """
    operation = starter.proceed(request.operation, dry_run=request.images.dry_run)
    return runner.run(
        request.images,
        lambda library, image_id: library.trash(user.owner, image_id, operation=operation),
        operation=operation,
        would_change=lambda image: not _is_trashed(image),
    )


@router.post(
    "/restore",
    operation_id="restoreImages",
    summary="Restore images from the trash",
    responses=BULK_RESPONSES,
    dependencies=[Depends(limit_edits)],
)
def restore_images(
    request: BulkRequest,
    user: CurrentUser,
    runner: BulkRunnerDep,
    starter: OperationStarterDep,
) -> BulkResponse:
    """Restore up to 100 images per request with their previous tags. A query selects only images in the trash."""
    operation = starter.proceed(request.operation, dry_run=request.images.dry_run)
    return runner.run(
        request.images,
        lambda library, image_id: library.restore(user.owner, image_id, operation=operation),
        operation=operation,
        would_change=_is_trashed,
        trashed=True,
    )


@router.post(
    "/purge",
    operation_id="purgeImages",
    summary="Delete images in the trash permanently",
    responses=responses(errors.InvalidQuery, errors.InvalidCursor, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def purge_images(request: PurgeRequest, user: CurrentUser, library: LibraryDep, runner: BulkRunnerDep) -> BulkResponse:
    """Permanently delete up to 100 images in the trash per request. A query selects only images in the trash.

    On AWS, S3 keeps old versions of deleted files for 30 days. You cannot restore them.
    """
    return runner.run_together(
        request.images,
        lambda image_ids: library.purge_all(user.owner, image_ids),
        would_change=_is_trashed,
        trashed=True,
    )
