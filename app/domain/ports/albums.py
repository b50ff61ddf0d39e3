"""Defines the interface of the store of albums."""

from collections.abc import Collection
from typing import Protocol

from app.domain.albums import Album


class Albums(Protocol):
    """Reads and writes albums. The images themselves know in which albums they are."""

    def list(self, owner: str) -> list[Album]:
        """Return the owner's albums, oldest first."""

    def get(self, owner: str, album_id: str) -> Album:
        """Return the owner's album with this id.

        Raises:
            AlbumNotFound: the owner has no such album.
        """

    def find_titles(self, owner: str, keys: Collection[str]) -> dict[str, str]:
        """Return the ids of the owner's albums whose titles have these different normal forms, by normal form."""

    def put(self, owner: str, album: Album) -> None:
        """Create an album, or change the title of an existing one.

        Raises:
            AlbumExists: another album has an equal title.
            Unavailable: conflicts or throttling prevented all attempts.
        """

    def delete(self, owner: str, album_id: str) -> None:
        """Delete an album, and schedule the work that removes its images from it. The images stay.

        Raises:
            AlbumNotFound: the owner has no such album.
            Unavailable: conflicts or throttling prevented all attempts.
        """

    def count(self, owner: str) -> dict[str, int]:
        """Return the number of ready images in each album that has any, by its id."""
