"""Creates, lists, changes and deletes albums."""

from dataclasses import replace
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Response, status

from app.api.album_schemas import (
    AlbumChange,
    AlbumCursor,
    AlbumLimit,
    AlbumList,
    AlbumRequest,
    AlbumResponse,
    to_album,
    to_album_list,
)
from app.api.album_viewer import AlbumReaderDep, AlbumViewerDep
from app.api.auth import EDIT, CurrentUser, limit_edits
from app.api.conditional_requests import ExpectedVersion
from app.api.dependencies import AlbumsDep, ImagesDep, ObjectsDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import LOCATION
from app.domain import errors
from app.domain.albums import MAX_ALBUMS, Album, clean_title
from app.domain.ids import is_id, new_id
from app.domain.ports import Images
from app.services.albums import change_album, is_shown

router = APIRouter(route_class=StrictRoute, prefix="/albums", tags=["albums"], responses=responses(errors.InvalidToken))


@router.get("", operation_id="listAlbums", summary="List albums", responses=responses(errors.InvalidCursor))
def list_albums(
    user: CurrentUser,
    albums: AlbumsDep,
    reader: AlbumReaderDep,
    objects: ObjectsDep,
    limit: AlbumLimit = 50,
    cursor: AlbumCursor = None,
) -> AlbumList:
    """Return a page of your albums with their numbers of images and their covers."""
    if cursor is not None and not is_id(cursor):
        raise errors.InvalidCursor
    page = albums.list_page(user.owner, limit, cursor or "")
    counts = albums.count(user.owner, page[0].id, page[-1].id) if page else {}
    next_cursor = page[-1].id if len(page) == limit else None
    return to_album_list(page, counts, reader.find_covers(user.owner, page), objects, next_cursor)


@router.post(
    "",
    operation_id="createAlbum",
    summary="Create an album",
    status_code=status.HTTP_201_CREATED,
    responses={
        **responses(errors.AlbumExists, errors.InvalidTitle, errors.TooManyAlbums, errors.TooManyRequests),
        201: {"headers": LOCATION},
    },
    dependencies=EDIT,
)
def create_album(
    request: AlbumRequest, user: CurrentUser, albums: AlbumsDep, objects: ObjectsDep, response: Response
) -> AlbumResponse:
    """Create an empty album. Then add images with `POST /albums/{id}/add`. You can have up to 1,000 albums."""
    album = Album(new_id(), clean_title(request.title), datetime.now(UTC))
    if len(albums.list(user.owner)) >= MAX_ALBUMS:
        raise errors.TooManyAlbums(MAX_ALBUMS)
    albums.put(user.owner, album)
    response.headers["Location"] = f"/albums/{album.id}"
    return to_album(album, 0, None, objects, response)


@router.get("/{album_id}", operation_id="getAlbum", summary="Get an album", responses=responses(errors.AlbumNotFound))
def get_album(album_id: str, user: CurrentUser, albums: AlbumsDep, viewer: AlbumViewerDep) -> AlbumResponse:
    """Return an album, its number of images and its cover."""
    return viewer.show(albums.get(user.owner, album_id))


@router.patch(
    "/{album_id}",
    operation_id="changeAlbum",
    summary="Change an album",
    responses=responses(
        errors.AlbumChanged,
        errors.AlbumExists,
        errors.AlbumNotFound,
        errors.ImageNotFound,
        errors.ImageNotInAlbum,
        errors.InvalidTitle,
        errors.TooManyRequests,
        errors.VersionOutdated,
    ),
    dependencies=EDIT,
)
def edit_album(
    album_id: str,
    request: AlbumChange,
    user: CurrentUser,
    albums: AlbumsDep,
    images: ImagesDep,
    viewer: AlbumViewerDep,
    version: ExpectedVersion,
) -> AlbumResponse:
    """Change the title, the cover or the order of an album. Saved searches for the album still find its images.

    To place its images by hand, use `PUT /albums/{id}/order`. If you change the order to `taken`, PixTag remembers
    their places.
    """

    def change(album: Album) -> Album:
        if request.title is not None:
            album = replace(album, title=clean_title(request.title))
        if request.order is not None:
            album = replace(album, order=request.order)
        if "cover" in request.model_fields_set:
            album = replace(album, cover=_find_cover(images, user.owner, album, request.cover))
        return album

    return viewer.show(change_album(albums, user.owner, album_id, change, version=version))


def _find_cover(images: Images, owner: str, album: Album, image_id: str | None) -> str:
    """Return the id of the image that becomes the cover. It is empty if the cover is chosen automatically."""
    if image_id is None:
        return ""
    image = images.get_image(owner, image_id)
    if not is_shown(image, album):
        raise errors.ImageNotInAlbum
    return image.id


@router.delete(
    "/{album_id}",
    operation_id="deleteAlbum",
    summary="Delete an album",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.AlbumNotFound, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def delete_album(album_id: str, user: CurrentUser, albums: AlbumsDep) -> None:
    """Delete an album. Its images stay in your library. This cannot be undone."""
    albums.delete(user.owner, album_id)
