"""Images: the library, newest first, one image with all that was found on it, and the trash."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from app.api.auth import EditorDep, UserDep
from app.api.bulk import BulkAnswer, ChooserDep, Selection, VersionDep
from app.api.dependencies import BucketDep, CatalogDep, TableDep
from app.api.problems import RETRY_AFTER, responses
from app.api.request_validation import StrictRoute
from app.api.schemas import Cursor, ImageDetails, ImagePage, Limit, details, page
from app.domain import errors
from app.domain.images import SHOWN, Rendition, State

router = APIRouter(route_class=StrictRoute, prefix="/images", tags=["images"], responses=responses(errors.InvalidToken))


@router.get("", operation_id="listImages", summary="List your images", responses=responses(errors.InvalidCursor))
def list_images(
    user: UserDep,
    table: TableDep,
    bucket: BucketDep,
    state: Annotated[State | None, Query(description="Only these; all that are not deleted, if not given.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ImagePage:
    """Your images, newest first, with those that are pending or failed; or, with `state=trashed`, the trash."""
    states = frozenset({state}) if state else SHOWN
    return page(table.list_images(user.owner, limit, cursor, states - {State.GONE}), bucket)


@router.get(
    "/{image_id}",
    operation_id="getImage",
    summary="Read an image",
    responses=responses(errors.ImageNotFound)
    | {202: {"model": ImageDetails, "description": "It is pending: ask again.", "headers": RETRY_AFTER}},
)
def get_image(image_id: str, user: UserDep, table: TableDep, bucket: BucketDep, response: Response) -> ImageDetails:
    """One image: its state, tags and detections, and links to its original, preview and thumbnail.

    When its bytes were in your library already, the answer is the image that you have.
    """
    image = table.get_image(user.owner, image_id)
    if image.state is State.PENDING:
        response.status_code = status.HTTP_202_ACCEPTED
        response.headers["Retry-After"] = "1"
    return details(image, bucket, response)


@router.get(
    "/{image_id}/original",
    operation_id="getOriginal",
    summary="Download the original",
    status_code=status.HTTP_307_TEMPORARY_REDIRECT,
    responses=responses(errors.ImageNotFound, errors.NotReady),
    response_class=RedirectResponse,
)
def get_original(image_id: str, user: UserDep, table: TableDep, bucket: BucketDep) -> str:
    """Be sent to the bytes that were uploaded, untouched."""
    image = table.get_image(user.owner, image_id)
    if image.state is not State.READY:
        raise errors.NotReady(image.state)
    return bucket.link(Rendition.ORIGINAL.key(user.owner, image.id), download=image.name)


@router.delete(
    "/{image_id}",
    operation_id="trashImage",
    summary="Put an image into the trash",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.ImageNotFound, errors.ImageChanged, errors.VersionOutdated, errors.TooManyRequests),
)
def trash_image(image_id: str, user: EditorDep, catalog: CatalogDep, version: VersionDep) -> None:
    """Take an image out of every search at once; for 30 days it can be restored, then it is gone.

    One that is pending or has failed is gone at once.
    """
    catalog.trash(user.owner, image_id, version=version)


class Chosen(BaseModel, extra="forbid", strict=True):
    """Which images."""

    images: Selection


@router.post(
    "/trash",
    operation_id="trashImages",
    summary="Put many images into the trash",
    responses=responses(errors.InvalidQuery, errors.InvalidCursor, errors.TooManyRequests),
)
def trash_images(chosen: Chosen, user: EditorDep, catalog: CatalogDep, chooser: ChooserDep) -> BulkAnswer:
    """Put up to 100 images in one call into the trash, named by ids, by links or by a query over the library."""
    if chosen.images.dry_run:
        return chooser.foresee(chosen.images, lambda card: card.state is not State.TRASHED)
    return chooser.carry_out(chosen.images, lambda image_id: catalog.trash(user.owner, image_id))


@router.post(
    "/restore",
    operation_id="restoreImages",
    summary="Take images out of the trash",
    responses=responses(errors.InvalidQuery, errors.InvalidCursor, errors.TooManyRequests),
)
def restore_images(chosen: Chosen, user: EditorDep, catalog: CatalogDep, chooser: ChooserDep) -> BulkAnswer:
    """Take up to 100 images out of the trash, with the tags they had; a query looks among those in the trash."""
    if chosen.images.dry_run:
        return chooser.foresee(chosen.images, lambda card: card.state is State.TRASHED, trashed=True)
    return chooser.carry_out(chosen.images, lambda image_id: catalog.restore(user.owner, image_id), trashed=True)


@router.post(
    "/purge",
    operation_id="purgeImages",
    summary="Delete images in the trash for good",
    responses=responses(errors.InvalidQuery, errors.InvalidCursor, errors.TooManyRequests),
)
def purge_images(chosen: Chosen, user: EditorDep, catalog: CatalogDep, chooser: ChooserDep) -> BulkAnswer:
    """Remove up to 100 images that are in the trash, and their files. This cannot be undone.

    S3 keeps what was deleted as an old version for 30 days, out of reach of this API.
    """
    if chosen.images.dry_run:
        return chooser.foresee(chosen.images, lambda card: card.state is State.TRASHED, trashed=True)
    return chooser.carry_out(chosen.images, lambda image_id: catalog.purge(user.owner, image_id), trashed=True)
