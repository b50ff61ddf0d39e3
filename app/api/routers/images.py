"""Images: the library, single images, and the trash."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response, status
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from app.api.auth import CurrentUser, limit_edits
from app.api.bulk import BulkResponse, BulkRunnerDep, ExpectedVersion, ImageSelection
from app.api.dependencies import BucketDep, LibraryDep, TableDep
from app.api.problems import RETRY_AFTER, responses
from app.api.request_validation import StrictRoute
from app.api.schemas import Cursor, ImageDetails, ImagePage, Limit, to_image_details, to_image_page
from app.domain import errors
from app.domain.ids import Rendition
from app.domain.images import LISTED, ImageState, ImageSummary

router = APIRouter(route_class=StrictRoute, prefix="/images", tags=["images"], responses=responses(errors.InvalidToken))

BULK_RESPONSES = responses(errors.InvalidQuery, errors.InvalidCursor, errors.TooManyRequests)


@router.get("", operation_id="listImages", summary="List images", responses=responses(errors.InvalidCursor))
def list_images(
    user: CurrentUser,
    table: TableDep,
    bucket: BucketDep,
    state: Annotated[ImageState | None, Query(description="Only images in this state. Default: not trashed.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ImagePage:
    """Return your images, newest first, including pending and failed ones. `state=trashed` returns the trash."""
    states = frozenset({state}) if state else LISTED
    return to_image_page(table.list_images(user.owner, limit, cursor, states - {ImageState.GONE}), bucket)


@router.get(
    "/{image_id}",
    operation_id="getImage",
    summary="Get an image",
    responses=responses(errors.ImageNotFound)
    | {202: {"model": ImageDetails, "description": "The image is pending. Request it again.", "headers": RETRY_AFTER}},
)
def get_image(image_id: str, user: CurrentUser, table: TableDep, bucket: BucketDep, response: Response) -> ImageDetails:
    """Return one image: its state, tags and detections, and links to original, preview and thumbnail.

    If you uploaded bytes that your library already had, this returns the existing image.
    """
    image = table.get_image(user.owner, image_id)
    if image.state is ImageState.PENDING:
        response.status_code = status.HTTP_202_ACCEPTED
        response.headers["Retry-After"] = "1"
    return to_image_details(image, bucket, response)


@router.get(
    "/{image_id}/original",
    operation_id="getOriginal",
    summary="Download the original",
    status_code=status.HTTP_307_TEMPORARY_REDIRECT,
    responses=responses(errors.ImageNotFound, errors.InvalidState),
    response_class=RedirectResponse,
)
def get_original(image_id: str, user: CurrentUser, table: TableDep, bucket: BucketDep) -> str:
    """Redirect to the uploaded bytes, unchanged."""
    image = table.get_image(user.owner, image_id)
    if image.state is not ImageState.READY:
        raise errors.InvalidState(image.state)
    return bucket.link(Rendition.ORIGINAL.key(user.owner, image.id), download=image.name)


@router.delete(
    "/{image_id}",
    operation_id="trashImage",
    summary="Move an image to the trash",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.ImageNotFound, errors.ImageChanged, errors.VersionOutdated, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def trash_image(image_id: str, user: CurrentUser, library: LibraryDep, version: ExpectedVersion) -> None:
    """Remove an image from every search. It can be restored for 30 days, then it is deleted.

    A pending or failed image is deleted at once.
    """
    library.trash(user.owner, image_id, version=version)


class BulkRequest(BaseModel, extra="forbid", strict=True):
    """The images to change."""

    images: ImageSelection


def _is_trashed(image: ImageSummary) -> bool:
    return image.state is ImageState.TRASHED


@router.post(
    "/trash",
    operation_id="trashImages",
    summary="Move images to the trash",
    responses=BULK_RESPONSES,
    dependencies=[Depends(limit_edits)],
)
def trash_images(request: BulkRequest, user: CurrentUser, library: LibraryDep, runner: BulkRunnerDep) -> BulkResponse:
    """Move up to 100 images per request to the trash, selected by ids, by links or by a query."""
    return runner.run(
        request.images,
        lambda image_id: library.trash(user.owner, image_id),
        would_change=lambda image: not _is_trashed(image),
    )


@router.post(
    "/restore",
    operation_id="restoreImages",
    summary="Restore images from the trash",
    responses=BULK_RESPONSES,
    dependencies=[Depends(limit_edits)],
)
def restore_images(request: BulkRequest, user: CurrentUser, library: LibraryDep, runner: BulkRunnerDep) -> BulkResponse:
    """Restore up to 100 images per request with the tags they had. A query selects among images in the trash."""
    return runner.run(
        request.images,
        lambda image_id: library.restore(user.owner, image_id),
        would_change=_is_trashed,
        trashed=True,
    )


@router.post(
    "/purge",
    operation_id="purgeImages",
    summary="Delete images in the trash permanently",
    responses=BULK_RESPONSES,
    dependencies=[Depends(limit_edits)],
)
def purge_images(request: BulkRequest, user: CurrentUser, library: LibraryDep, runner: BulkRunnerDep) -> BulkResponse:
    """Delete up to 100 images in the trash and their files. This cannot be undone.

    S3 keeps deleted objects as old versions for 30 days. This API cannot read them.
    """
    return runner.run(
        request.images,
        lambda image_id: library.purge(user.owner, image_id),
        would_change=_is_trashed,
        trashed=True,
    )
