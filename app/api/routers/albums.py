"""Creates, lists, renames and deletes albums, and changes which images are in them."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field

from app.api.auth import EDIT, CurrentUser, limit_edits
from app.api.bulk import BULK_ERRORS, BulkResponse, BulkRunnerDep, ImageSelection
from app.api.dependencies import AlbumsDep, LibraryDep
from app.api.operations import OperationId, OperationStarterDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import LOCATION
from app.domain import errors
from app.domain.albums import MAX_ALBUMS, Album, clean_title
from app.domain.ids import EXAMPLE_ID, new_id
from app.domain.images import ImageState
from app.domain.marks import MAX_TITLE

router = APIRouter(route_class=StrictRoute, prefix="/albums", tags=["albums"], responses=responses(errors.InvalidToken))

MAX_TITLE_TEXT: Final = 1_024  # longer texts are refused before their characters are looked at

Title = Annotated[
    str,
    Field(
        max_length=MAX_TITLE_TEXT,
        description=f"Up to {MAX_TITLE} characters without control characters. Titles that differ only in case or"
        " spaces are equal. No two albums have equal titles.",
        examples=["Summer 2019"],
    ),
]


class AlbumResponse(BaseModel):
    """An album."""

    id: str = Field(examples=[EXAMPLE_ID])
    title: str = Field(description='Find its images with `album:"Summer 2019"`.', examples=["Summer 2019"])
    created_at: datetime = Field(examples=["2026-01-31T16:20:00Z"])
    images: int = Field(description="The number of ready images in the album.", examples=[143])


class AlbumList(BaseModel):
    """Your albums, oldest first."""

    albums: list[AlbumResponse]


class AlbumRequest(BaseModel, extra="forbid", strict=True):
    """The title of an album."""

    title: Title


@router.get("", operation_id="listAlbums", summary="List albums")
def list_albums(user: CurrentUser, albums: AlbumsDep) -> AlbumList:
    """Return your albums and their numbers of images."""
    counts = albums.count(user.owner)
    return AlbumList(albums=[_to_response(each, counts.get(each.id, 0)) for each in albums.list(user.owner)])


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
def create_album(request: AlbumRequest, user: CurrentUser, albums: AlbumsDep, response: Response) -> AlbumResponse:
    """Create an empty album. Then add images with `POST /albums/{id}/add`. You can have up to 1,000 albums."""
    album = Album(new_id(), clean_title(request.title), datetime.now(UTC))
    if len(albums.list(user.owner)) >= MAX_ALBUMS:
        raise errors.TooManyAlbums(MAX_ALBUMS)
    albums.put(user.owner, album)
    response.headers["Location"] = f"/albums/{album.id}"
    return _to_response(album, 0)


@router.get("/{album_id}", operation_id="getAlbum", summary="Get an album", responses=responses(errors.AlbumNotFound))
def get_album(album_id: str, user: CurrentUser, albums: AlbumsDep) -> AlbumResponse:
    """Return an album and its number of images. To list the images, search for `album:` with the title or the id."""
    return _to_response(albums.get(user.owner, album_id), albums.count(user.owner).get(album_id, 0))


@router.patch(
    "/{album_id}",
    operation_id="renameAlbum",
    summary="Rename an album",
    responses=responses(errors.AlbumExists, errors.AlbumNotFound, errors.InvalidTitle, errors.TooManyRequests),
    dependencies=EDIT,
)
def rename_album(album_id: str, request: AlbumRequest, user: CurrentUser, albums: AlbumsDep) -> AlbumResponse:
    """Change the title of an album. Saved searches for the album still find its images."""
    album = albums.get(user.owner, album_id)
    renamed = Album(album.id, clean_title(request.title), album.created_at)
    albums.put(user.owner, renamed)
    return _to_response(renamed, albums.count(user.owner).get(album_id, 0))


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


class AlbumImagesRequest(BaseModel, extra="forbid", strict=True):
    """The images to add or to remove."""

    images: ImageSelection
    operation: OperationId = None


@router.post(
    "/{album_id}/add",
    operation_id="addToAlbum",
    summary="Add images to an album",
    responses=responses(*BULK_ERRORS, errors.AlbumNotFound),
    dependencies=EDIT,
)
def add_images(
    album_id: str,
    request: AlbumImagesRequest,
    user: CurrentUser,
    albums: AlbumsDep,
    library: LibraryDep,
    runner: BulkRunnerDep,
    starter: OperationStarterDep,
) -> BulkResponse:
    """Add up to 100 images per request to an album. Select them by ids, by links or by a query.

    An album counts as one of the 22 tags that an image can have. Images in the trash cannot be added.
    """
    album = albums.get(user.owner, album_id)
    operation = starter.proceed(request.operation, dry_run=request.images.dry_run)
    return runner.run(
        request.images,
        lambda image_id: library.change_album(user.owner, image_id, album.id, operation=operation),
        operation=operation,
        would_change=lambda image: image.state is ImageState.READY and not image.is_in_album(album.id),
    )


@router.post(
    "/{album_id}/remove",
    operation_id="removeFromAlbum",
    summary="Remove images from an album",
    responses=responses(*BULK_ERRORS, errors.AlbumNotFound),
    dependencies=EDIT,
)
def remove_images(
    album_id: str,
    request: AlbumImagesRequest,
    user: CurrentUser,
    albums: AlbumsDep,
    library: LibraryDep,
    runner: BulkRunnerDep,
    starter: OperationStarterDep,
) -> BulkResponse:
    """Remove up to 100 images per request from an album. They stay in your library."""
    album = albums.get(user.owner, album_id)
    operation = starter.proceed(request.operation, dry_run=request.images.dry_run)
    return runner.run(
        request.images,
        lambda image_id: library.change_album(user.owner, image_id, album.id, removes=True, operation=operation),
        operation=operation,
        would_change=lambda image: image.is_in_album(album.id),
    )


def _to_response(album: Album, images: int) -> AlbumResponse:
    return AlbumResponse(id=album.id, title=album.title, created_at=album.created_at, images=images)
