"""Defines the interface of the store of API keys."""

from datetime import date
from typing import Protocol

from app.domain.api_keys import ApiKey, StoredKey
from app.domain.owner_tokens import RowAddress


class ApiKeys(Protocol):
    """Stores API keys. It contains only the hashes of their tokens."""

    def list(self, owner: str) -> list[ApiKey]:
        """Return the owner's keys, oldest first."""

    def add(self, owner: str, stored: StoredKey) -> None:
        """Store a new key.

        Raises:
            InvalidToken: the account was deleted. On AWS, this is not checked.
        """

    def find(self, address: RowAddress) -> StoredKey | None:
        """Return the key with this owner and id, or None. A revoked key is never returned."""

    def record_use(self, address: RowAddress, day: date) -> None:
        """Set the day of the last use, unless it is the same or later. A revoked key is ignored.

        A store that cannot be written is ignored too, because requests that read must still work.
        """

    def delete(self, owner: str, key_id: str) -> None:
        """Revoke a key.

        Raises:
            KeyNotFound: the owner has no such key.
        """

    def delete_all(self, owner: str) -> None:
        """Revoke all keys of an owner."""
