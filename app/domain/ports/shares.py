"""Defines the interface of the store of shares."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from app.domain.owner_tokens import RowAddress
from app.domain.shares import Share, StoredShare


class Shares(Protocol):
    """Stores shares. It contains only the hashes of their tokens and passwords."""

    def list(self, owner: str) -> list[Share]:
        """Return the owner's shares, newest first."""

    def add(self, owner: str, stored: StoredShare, image_ids: Sequence[str] = ()) -> None:
        """Store a new share, with the ids of its single photos.

        Raises:
            InvalidToken: the account was deleted. On AWS, this is not checked.
        """

    def find(self, address: RowAddress) -> StoredShare | None:
        """Return the share with this owner and id, or None. A deleted share is never returned."""

    def list_images(self, address: RowAddress) -> Sequence[str]:
        """Return the ids of the single photos of a share in their order."""

    def record_view(self, address: RowAddress, day: date) -> None:
        """Count a view on this day. A deleted share is ignored.

        A store that cannot be written is ignored too, because visitors must still see the photos.
        """

    def delete(self, owner: str, share_id: str) -> None:
        """Delete a share.

        Raises:
            ShareNotFound: the owner has no such share.
        """

    def delete_all(self, owner: str) -> None:
        """Delete all shares of an owner."""
