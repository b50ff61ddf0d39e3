"""Defines the interface for the administrator of one machine."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.accounts import ListedAccount
from app.domain.quotas import Usage


class Administration(Protocol):
    """Lists and deletes the accounts of one machine, and closes registration."""

    @property
    def is_registration_closed(self) -> bool:
        """Whether the administrator has closed registration."""

    def close_registration(self, *, is_closed: bool) -> None:
        """Close registration, or let the settings decide again."""

    def list_accounts(self, *, limit: int | None = None, after: str = "") -> Sequence[ListedAccount]:
        """Return accounts, oldest first, at most `limit`.

        Args:
            limit: The maximum number. None means all.
            after: The `cursor` of the last account of the previous page, or an empty string.

        Raises:
            InvalidCursor: `after` is not the cursor of an account.
        """

    def get_account(self, owner: str) -> ListedAccount:
        """Return the account of an owner.

        Raises:
            AccountNotFound: the owner has no account.
        """

    def count_accounts(self) -> int:
        """Return the number of accounts."""

    def sum_usage(self) -> Usage:
        """Return the number and total bytes of the images of all owners."""

    def delete(self, owner: str) -> None:
        """Delete an account, but not its library. A missing account is ignored."""
