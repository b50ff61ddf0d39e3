"""Defines the errors of albums."""

from app.domain.errors.base import PixTagError


class AlbumNotFound(PixTagError):
    """You have no album with this id or title. It may have been deleted in the meantime."""

    def __init__(self, *album_ids: str) -> None:
        super().__init__("There is no such album. It may have been deleted.")
        self.album_ids = album_ids


class AlbumExists(PixTagError):
    """You already have an album with this title. Titles that differ only in case are equal."""

    def __init__(self) -> None:
        super().__init__("You already have an album with this title. Choose another one.")


class AlbumChanged(PixTagError):
    """Another request changed the album at the same time. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("Another request changed the album at the same time. Read it again, then retry.")


class ImageNotInAlbum(PixTagError):
    """The image is not in the album."""

    def __init__(self) -> None:
        super().__init__("This image is not in the album. Add it first, or choose another one.")


class InvalidTitle(PixTagError):
    """The title of an album is not valid."""


class TooManyAlbums(PixTagError):
    """You already have the maximum number of albums."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"You can have at most {maximum:,} albums. Delete one first.")
