"""Manages accounts for the administrator and the person who runs PixTag, without e-mails and tokens."""

import re
import sqlite3
from datetime import UTC, date, datetime
from typing import Final

from typing_extensions import override

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
from app.domain.errors import AccountNotFound, InvalidAccount, InvalidCursor
from app.domain.outbox import OutboxKind
from app.domain.passwords import Passwords
from app.domain.ports import Administration
from app.domain.quotas import Usage

_CLOSED: Final = "registration-closed"  # a row of the table `setting`
_CURSOR: Final = re.compile(r"(-?[0-9]{1,15}):([0-9a-f-]{36})", re.ASCII)
_FIRST: Final = -(2**62)  # before all times
_LIST: Final = (
    "SELECT account.*, coalesce(images, 0) AS images, coalesce(bytes, 0) AS bytes"
    " FROM account LEFT JOIN usage USING (owner)"
)

OWNER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class AccountAdmin(Administration):
    """Lists, adds and deletes accounts, sets their passwords, and closes registration.

    The commands of `pixtag user` use it while PixTag is running.
    """

    def __init__(self, database: Database, passwords: Passwords | None = None) -> None:
        self._database = database
        self._passwords = passwords or Passwords()

    @property
    @override
    def is_registration_closed(self) -> bool:
        with self._database.read() as connection:
            rows = connection.execute("SELECT 1 FROM setting WHERE name = ?", (_CLOSED,))
            return rows.fetchone() is not None

    @override
    def close_registration(self, *, is_closed: bool) -> None:
        with self._database.write() as connection:
            if is_closed:
                connection.execute("INSERT OR IGNORE INTO setting (name, value) VALUES (?, '1')", (_CLOSED,))
            else:
                connection.execute("DELETE FROM setting WHERE name = ?", (_CLOSED,))

    @override
    def list_accounts(self, *, limit: int | None = None, after: str = "") -> list[ListedAccount]:
        place = _CURSOR.fullmatch(after) if after else None
        if after and not place:
            raise InvalidCursor
        created_at, owner = (int(place[1]), place[2]) if place else (_FIRST, "")
        with self._database.read() as connection:
            rows = connection.execute(
                f"{_LIST} WHERE (created_at, account.owner) > (?, ?) ORDER BY created_at, account.owner LIMIT ?",
                (created_at, owner, -1 if limit is None else limit),
            ).fetchall()
        return list(map(_to_account, rows))

    @override
    def get_account(self, owner: str) -> ListedAccount:
        with self._database.read() as connection:
            row = connection.execute(f"{_LIST} WHERE account.owner = ?", (owner,)).fetchone()
        if not row:
            raise AccountNotFound
        return _to_account(row)

    @override
    def count_accounts(self) -> int:
        with self._database.read() as connection:
            (number,) = connection.execute("SELECT count(*) FROM account").fetchone()
        return int(number)

    @override
    def sum_usage(self) -> Usage:
        with self._database.read() as connection:
            return Usage(
                *connection.execute("SELECT coalesce(sum(images), 0), coalesce(sum(bytes), 0) FROM usage").fetchone()
            )

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

    @override
    def delete(self, owner: str) -> None:
        with self._database.write() as connection:
            delete_account(connection, owner)


def _to_account(row: sqlite3.Row) -> ListedAccount:
    return ListedAccount(
        row["owner"],
        row["address"],
        f"{row['given_name']} {row['family_name']}".strip(),
        datetime.fromtimestamp(row["created_at"], UTC),
        is_confirmed=row["confirmed_at"] is not None,
        is_admin=bool(row["admin"]),
        last_sign_in=date.fromisoformat(row["last_sign_in"]) if row["last_sign_in"] else None,
        usage=Usage(row["images"], row["bytes"]),
    )


def _is_being_deleted(connection: sqlite3.Connection, owner: str) -> bool:
    rows = connection.execute("SELECT 1 FROM outbox WHERE owner = ? AND kind = ?", (owner, OutboxKind.DELETE_ACCOUNT))
    return rows.fetchone() is not None


def _require_owner(connection: sqlite3.Connection, email: str) -> str:
    row = find_account(connection, email)
    if not row:
        raise InvalidAccount("There is no account with this address. List all accounts with `pixtag user list`.")
    owner: str = row["owner"]
    return owner
