"""Defines the interface of the part of the store of images that finds copies."""

from collections.abc import Sequence
from typing import Final, Protocol

from app.domain.picture_hashes import HashedImage

MAX_PER_PREFIX: Final = 100


class SimilarImages(Protocol):
    """Reads the picture hashes of ready images, and the groups of copies. `Images.save` writes the hashes."""

    def find_hashed(self, owner: str, prefixes: Sequence[str]) -> list[HashedImage]:
        """Return the images whose hashes begin with one of these digits, at most `MAX_PER_PREFIX` for each.

        The reads are strongly consistent.
        """

    def put_into_group(self, owner: str, images: Sequence[HashedImage], group: str) -> bool:
        """Put all images into a group, or none if one of them has left the library or is in another group.

        Returns:
            Whether the images are now in the group.
        """

    def list_grouped(self, owner: str, before: str, limit: int, group: str = "") -> list[HashedImage]:
        """Return images with a group whose key `{group}#{id}` is less than `before`, the greatest key first.

        If `group` is given, return only images of this group. `before` must be one of its keys, or greater than all.
        """
