"""Manages accounts for the person who runs PixTag, without e-mails and tokens."""

import re
import sqlite3
from datetime import UTC, datetime
from typing import Final

from app.adapters.local.account_rows import (
    POLICY,
    confirm_account,
    delete_account,
    find_account,
    insert_account,
    normalize_address,
    set_password,
)
from app.adapters.local.database import Database
from app.adapters.local.sign_in_limits import forget_failures
from app.domain.accounts import ListedAccount
from app.domain.errors import InvalidAccount
from app.domain.outbox import OutboxKind
from app.domain.passwords import Passwords

OWNER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class AccountAdmin:
    """Lists, adds and deletes accounts, and sets their passwords. It can be used while PixTag is running."""

    def __init__(self, database: Database, passwords: Passwords | None = None) -> None:
        self._database = database
        self._passwords = passwords or Passwords()

    def list_accounts(self) -> list[ListedAccount]:
        """Return all accounts, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM account ORDER BY created_at, address").fetchall()
        return [
            ListedAccount(
                row["owner"],
                row["address"],
                f"{row['given_name']} {row['family_name']}".strip(),
                datetime.fromtimestamp(row["created_at"], UTC),
                is_confirmed=row["confirmed_at"] is not None,
                is_admin=bool(row["admin"]),
            )
            for row in rows
        ]

    def find_owner(self, email: str) -> str:
        """Return the owner of the account with this address.

        Raises:
            InvalidAccount: the account does not exist.
        """
        with self._database.read() as connection:
            return _require_owner(connection, email)

    def add(self, email: str, password: str, *, given_name: str, family_name: str, owner: str = "") -> None:
        """Add a confirmed account.

        Args:
            email: The address of the account.
            password: The password of the account.
            given_name: The person's given name.
            family_name: The person's family name.
            owner: The owner of existing photos. Without it, the account gets an empty library.

        Raises:
            InvalidAccount: the password, the address or the owner is not valid, or one of the last two has an account,
                or the library of the owner is being deleted.
        """
        POLICY.require(password)
        if owner and not OWNER.fullmatch(owner):
            raise InvalidAccount(
                "This is not the id of an owner. `pixtag rebuild` prints the owners without an account."
            )
        address = normalize_address(email)
        password_hash = self._passwords.hash(password)
        with self._database.write() as connection:
            if owner and _is_being_deleted(connection, owner):
                raise InvalidAccount("The photos of this owner are being deleted. Add the account without --owner.")
            added = insert_account(connection, address, password_hash, given_name, family_name, owner)
            if not added:
                taken = "This address or this owner" if owner else "This address"
                raise InvalidAccount(f"{taken} already has an account. Set a new password with `pixtag user reset`.")
            confirm_account(connection, added)

    def set_password(self, email: str, password: str) -> None:
        """Set the password of an account, confirm the account, and end its sessions.

        Raises:
            InvalidAccount: the password is not valid, or the account does not exist.
        """
        POLICY.require(password)
        self.find_owner(email)
        password_hash = self._passwords.hash(password)
        with self._database.write() as connection:
            owner = _require_owner(connection, email)
            set_password(connection, owner, password_hash)
            confirm_account(connection, owner)
            forget_failures(connection, email.lower())

    def delete(self, owner: str) -> None:
        """Delete an account, but not its library. A missing account is ignored."""
        with self._database.write() as connection:
            delete_account(connection, owner)


def _is_being_deleted(connection: sqlite3.Connection, owner: str) -> bool:
    rows = connection.execute("SELECT 1 FROM outbox WHERE owner = ? AND kind = ?", (owner, OutboxKind.DELETE_ACCOUNT))
    return rows.fetchone() is not None


def _require_owner(connection: sqlite3.Connection, email: str) -> str:
    row = find_account(connection, email)
    if not row:
        raise InvalidAccount("There is no account with this address. List all accounts with `pixtag user list`.")
    owner: str = row["owner"]
    return owner
