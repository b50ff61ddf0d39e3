"""Lists the images of albums, places them, adds them and removes them."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends

from app.api.album_schemas import AlbumImagesCursor, AlbumImagesRequest, AlbumOrderRequest, AlbumResponse
from app.api.album_viewer import AlbumReaderDep, AlbumViewerDep
from app.api.auth import EDIT, CurrentUser
from app.api.bulk import BULK_ERRORS, BulkResponse, BulkRunner, BulkRunnerDep
from app.api.conditional_requests import ExpectedVersion
from app.api.dependencies import AlbumsDep, ObjectsDep
from app.api.json_response import JsonResponse
from app.api.list_parameters import Limit
from app.api.operations import OperationStarter, OperationStarterDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import ImagePage, to_image_page
from app.domain import errors
from app.domain.albums import AlbumOrder
from app.domain.images import ImageState, ImageSummary
from app.domain.ports import Albums
from app.services.albums import change_album
from app.services.library import Library

router = APIRouter(route_class=StrictRoute, prefix="/albums", tags=["albums"], responses=responses(errors.InvalidToken))


@router.get(
    "/{album_id}/images",
    operation_id="listAlbumImages",
    summary="List the images of an album",
    response_model=ImagePage,
    responses=responses(errors.AlbumNotFound, errors.InvalidCursor),
)
def list_album_images(
    album_id: str,
    user: CurrentUser,
    albums: AlbumsDep,
    reader: AlbumReaderDep,
    objects: ObjectsDep,
    limit: Limit = 50,
    cursor: AlbumImagesCursor = None,
) -> JsonResponse:
    """Return the ready images of an album in its order.

    The order `taken` has the oldest capture time first. The order `hand` has the images that you placed first, and then
    the others, the oldest capture time first. To combine an album with other conditions, search for `album:` with the
    title or the id.
    """
    page = reader.list_images(user.owner, albums.get(user.owner, album_id), limit, cursor)
    return JsonResponse(to_image_page(page, objects))


@router.put(
    "/{album_id}/order",
    operation_id="orderAlbum",
    summary="Order an album by hand",
    responses=responses(errors.AlbumChanged, errors.AlbumNotFound, errors.TooManyRequests, errors.VersionOutdated),
    dependencies=EDIT,
)
def order_album(
    album_id: str,
    request: AlbumOrderRequest,
    user: CurrentUser,
    albums: AlbumsDep,
    viewer: AlbumViewerDep,
    version: ExpectedVersion,
) -> AlbumResponse:
    """Place up to 1,000 images of an album, which come first in this order. Its `order` becomes `hand`.

    The ids replace those of earlier requests. Ids of images that are not in the album are ignored. Images that leave
    the album are left out. They have their place again if they return before the next request.

    To keep the changes of other people and windows, send the `ETag` of the album as `If-Match`.
    """
    by_hand = partial(replace, order=AlbumOrder.HAND)
    return viewer.show(change_album(albums, user.owner, album_id, by_hand, version=version, placed=request.images))


@dataclass(frozen=True, slots=True)
class AlbumFiller:
    """Adds images to the caller's albums, and removes them."""

    owner: str
    albums: Albums
    runner: BulkRunner
    starter: OperationStarter

    def run(self, album_id: str, request: AlbumImagesRequest, *, removes: bool) -> BulkResponse:
        """Add the selected images to an album, or remove them."""
        album = self.albums.get(self.owner, album_id)
        operation = self.starter.proceed(request.operation, dry_run=request.images.dry_run)

        def change(library: Library, image_id: str) -> bool:
            return library.change_album(self.owner, image_id, album.id, removes=removes, operation=operation)

        def would_change(image: ImageSummary) -> bool:
            is_in_album = image.is_in_album(album.id)
            return is_in_album if removes else image.state is ImageState.READY and not is_in_album

        return self.runner.run(request.images, change, operation=operation, would_change=would_change)


async def album_filler(
    user: CurrentUser, albums: AlbumsDep, runner: BulkRunnerDep, starter: OperationStarterDep
) -> AlbumFiller:
    """Return what changes which images are in the caller's albums."""
    return AlbumFiller(user.owner, albums, runner, starter)


AlbumFillerDep = Annotated[AlbumFiller, Depends(album_filler)]


@router.post(
    "/{album_id}/add",
    operation_id="addToAlbum",
    summary="Add images to an album",
    responses=responses(*BULK_ERRORS, errors.AlbumNotFound),
    dependencies=EDIT,
)
def add_images(album_id: str, request: AlbumImagesRequest, filler: AlbumFillerDep) -> BulkResponse:
    """Add up to 100 images per request to an album. Select them by ids, by links or by a query.

    An album counts as one of the 22 tags that an image can have. Images in the trash cannot be added.
    """
    return filler.run(album_id, request, removes=False)


@router.post(
    "/{album_id}/remove",
    operation_id="removeFromAlbum",
    summary="Remove images from an album",
    responses=responses(*BULK_ERRORS, errors.AlbumNotFound),
    dependencies=EDIT,
)
def remove_images(album_id: str, request: AlbumImagesRequest, filler: AlbumFillerDep) -> BulkResponse:
    """Remove up to 100 images per request from an album. They stay in your library."""
    return filler.run(album_id, request, removes=True)
