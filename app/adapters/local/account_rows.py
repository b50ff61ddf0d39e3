"""Reads and writes the rows of the table `account`, within a transaction of the caller."""

import sqlite3
import time
from email.errors import MessageError
from email.headerregistry import Address
from typing import Final
from uuid import uuid4

from app.adapters.local.codes import cancel
from app.domain.accounts import PasswordPolicy
from app.domain.errors import InvalidAccount

POLICY: Final = PasswordPolicy(12, ())  # must match PasswordPolicy in infra/aws/template.yaml
UNCONFIRMED_SECONDS: Final = 7 * 24 * 3600  # the life of an unconfirmed account


def normalize_address(email: str) -> str:
    """Return the e-mail address in lower case.

    Raises:
        InvalidAccount: an e-mail cannot be sent to exactly this address.
    """
    address = email.lower()
    try:
        is_valid = Address(addr_spec=address).addr_spec == address and bool(address.encode())
    except (MessageError, ValueError, IndexError):  # the parser raises IndexError for some invalid addresses
        is_valid = False
    if not is_valid:
        raise InvalidAccount("This is not an e-mail address. Use the form ada@example.com.")
    return address


def find_account(connection: sqlite3.Connection, email: str) -> sqlite3.Row | None:
    """Return the row of the account with this address."""
    address = email.lower().encode(errors="replace").decode()  # a command-line argument may contain surrogates
    row: sqlite3.Row | None = connection.execute(
        "SELECT owner, address, password_hash, confirmed_at FROM account WHERE address = ?", (address,)
    ).fetchone()
    return row


def insert_account(  # noqa: PLR0913, PLR0917 - a row has many columns
    connection: sqlite3.Connection,
    address: str,
    password_hash: str,
    given_name: str,
    family_name: str,
    owner: str = "",
) -> str | None:
    """Insert an unconfirmed account and return its owner. If the address or the owner has an account, return None.

    Also delete accounts that were not confirmed in time, so that strangers cannot fill the disk.
    """
    owner, now = owner or str(uuid4()), int(time.time())
    connection.execute(
        "DELETE FROM account WHERE confirmed_at IS NULL AND created_at < ?", (now - UNCONFIRMED_SECONDS,)
    )
    cursor = connection.execute(
        "INSERT INTO account (owner, address, password_hash, given_name, family_name, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (owner, address, password_hash, given_name, family_name, now),
    )
    return owner if cursor.rowcount else None


def register_account(
    connection: sqlite3.Connection, address: str, password_hash: str, given_name: str, family_name: str
) -> str | None:
    """Insert an unconfirmed account, or replace the data of one. Return its owner, or None if it is confirmed.

    Anybody can register an address, so the latest registration counts until the address is confirmed.
    """
    if owner := insert_account(connection, address, password_hash, given_name, family_name):
        return owner
    row = connection.execute(
        "UPDATE account SET password_hash = ?, given_name = ?, family_name = ?"
        " WHERE address = ? AND confirmed_at IS NULL RETURNING owner",
        (password_hash, given_name, family_name, address),
    ).fetchone()
    return row["owner"] if row else None


def confirm_account(connection: sqlite3.Connection, owner: str) -> None:
    """Mark the account as confirmed. The first confirmed account becomes the administrator."""
    connection.execute(
        "UPDATE account SET confirmed_at = coalesce(confirmed_at, ?) WHERE owner = ?", (int(time.time()), owner)
    )
    appoint_admin(connection)


def set_password(connection: sqlite3.Connection, owner: str, password_hash: str) -> None:
    """Replace the account's password, and end all its sessions and codes."""
    connection.execute("UPDATE account SET password_hash = ? WHERE owner = ?", (password_hash, owner))
    cancel(connection, owner)
    end_sessions(connection, owner)


def replace_hash(connection: sqlite3.Connection, row: sqlite3.Row, password_hash: str) -> sqlite3.Row | None:
    """Replace the hash of an account's row that was read earlier. Return its `confirmed_at` in a row.

    If the password was changed or the account was deleted since then, return None.
    """
    changed: sqlite3.Row | None = connection.execute(
        "UPDATE account SET password_hash = ? WHERE owner = ? AND password_hash = ? RETURNING confirmed_at",
        (password_hash, row["owner"], row["password_hash"]),
    ).fetchone()
    return changed


def set_names(connection: sqlite3.Connection, owner: str, given_name: str, family_name: str) -> None:
    """Replace the names of an account. An empty name does not change."""
    connection.execute(
        "UPDATE account SET given_name = coalesce(nullif(?, ''), given_name),"
        " family_name = coalesce(nullif(?, ''), family_name) WHERE owner = ?",
        (given_name, family_name, owner),
    )


def set_address(connection: sqlite3.Connection, owner: str, address: str) -> bool:
    """Replace the address of an account, and end its codes. Return whether it has the address now.

    An unconfirmed account with the address is deleted, because anybody can register an address.
    """
    connection.execute("DELETE FROM account WHERE address = ? AND confirmed_at IS NULL", (address,))
    changed = connection.execute("UPDATE OR IGNORE account SET address = ? WHERE owner = ?", (address, owner))
    cancel(connection, owner)
    return changed.rowcount > 0


def end_sessions(connection: sqlite3.Connection, owner: str) -> None:
    """End all sessions of an account."""
    connection.execute("DELETE FROM session WHERE owner = ?", (owner,))


def delete_account(connection: sqlite3.Connection, owner: str) -> None:
    """Delete the account with its sessions, codes and stored e-mails.

    If the account was the administrator, the oldest confirmed account becomes the administrator.
    """
    connection.execute(
        "DELETE FROM mail WHERE owner = :owner OR address = (SELECT address FROM account WHERE owner = :owner)",
        {"owner": owner},
    )
    connection.execute("DELETE FROM account WHERE owner = ?", (owner,))
    appoint_admin(connection)


def appoint_admin(connection: sqlite3.Connection) -> None:
    """Make the account that was confirmed first the administrator, unless there is one."""
    connection.execute(
        "UPDATE account SET admin = 1"
        " WHERE owner = (SELECT owner FROM account WHERE confirmed_at IS NOT NULL ORDER BY confirmed_at, owner LIMIT 1)"
        " AND NOT EXISTS (SELECT 1 FROM account WHERE admin)"
    )
