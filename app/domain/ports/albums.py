"""Defines the interface of the store of albums."""

from collections.abc import Collection, Sequence
from typing import Protocol

from app.domain.albums import Album
from app.domain.ids import MAX_ID, MIN_ID


class Albums(Protocol):
    """Reads and writes albums. The images themselves know in which albums they are."""

    def list(self, owner: str) -> list[Album]:
        """Return the owner's albums, oldest first. Damaged ones are left out, and logged."""

    def list_damaged(self, owner: str) -> Sequence[str]:
        """Return the ids of the owner's albums whose rows are damaged."""

    def list_page(self, owner: str, limit: int, after: str = "") -> Sequence[Album]:
        """Return up to `limit` of the owner's albums with an id after `after`, oldest first."""

    def get(self, owner: str, album_id: str) -> Album:
        """Return the owner's album with this id.

        Raises:
            AlbumNotFound: the owner has no such album.
            RowDamaged: its row is damaged.
        """

    def find_titles(self, owner: str, keys: Collection[str]) -> dict[str, str]:
        """Return the ids of the owner's albums whose titles have these different normal forms, by normal form."""

    def list_placed(self, owner: str, album_id: str) -> Sequence[str]:
        """Return the ids of the images that the person placed in an album, in order. Some may have left it since."""

    def put(self, owner: str, album: Album) -> None:
        """Create an album. An album with the same id and an equal title is replaced.

        Raises:
            AlbumExists: another album has an equal title.
            Unavailable: conflicts or throttling prevented all attempts.
        """

    def save(self, owner: str, after: Album, before: Album, placed: Sequence[str] | None = None) -> Album:
        """Change an album, and place images in it unless `placed` is None. Return the album with its new version.

        Raises:
            AlbumChanged: the album no longer has the version of `before`, or it was deleted.
            AlbumExists: another album has an equal title.
            Unavailable: conflicts or throttling prevented all attempts.
        """

    def delete(self, owner: str, album_id: str) -> None:
        """Delete an album, and schedule the work that removes its images from it. The images stay.

        Raises:
            AlbumNotFound: the owner has no such album.
            Unavailable: conflicts or throttling prevented all attempts.
        """

    def count(self, owner: str, first: str = MIN_ID, last: str = MAX_ID) -> dict[str, int]:
        """Return the number of ready images in each album with `first <= id <= last` that has any, by its id."""
