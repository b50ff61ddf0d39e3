"""Reads all accounts of one machine for a backup, and records the state of a restore in the table `setting`."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from typing_extensions import override

from app.adapters.local.account_rows import appoint_admin, find_account
from app.adapters.local.database import Database
from app.adapters.local.deletion_markers import DeletionMarkers
from app.domain.backups import BackupAccount, Backups, Source
from app.domain.outbox import OutboxKind

_TEXTS: Final = {  # invalid UTF-8 would prevent the read of all accounts
    "owner": "owner",
    "email": "address",
    "given_name": "given_name",
    "family_name": "family_name",
    "password_hash": "password_hash",  # pragma: allowlist secret - the name of a column
}
_LIST_ACCOUNTS: Final = (
    f"SELECT {', '.join(f'CAST({column} AS BLOB) AS {name}' for name, column in _TEXTS.items())}, created_at, admin"  # noqa: S608 - our columns
    " FROM account WHERE confirmed_at IS NOT NULL ORDER BY confirmed_at, account.owner"
)
_RESTORE: Final = "restore"
_FINISHED: Final = "finished_restore"


class LocalBackups(Backups):
    """The accounts and the state of a restore."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    @property
    @override
    def source(self) -> Source:
        return Source.LOCAL

    @property
    @override
    def folder(self) -> Path:
        return self._folder

    @contextmanager
    @override
    def read_consistently(self) -> Iterator[None]:
        with self._database.read():
            yield

    @override
    def list_accounts(self) -> list[BackupAccount]:
        with self._database.read() as connection:
            return list(map(_to_account, connection.execute(_LIST_ACCOUNTS)))

    @override
    def find_restore(self) -> str | None:
        return self._find(_RESTORE)

    @override
    def find_finished_restore(self) -> str | None:
        return self._find(_FINISHED)

    def _find(self, name: str) -> str | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else None

    @override
    def begin_restore(self, backup_id: str) -> None:
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (_RESTORE, backup_id))

    @override
    def put_account(self, account: BackupAccount) -> str:
        with self._database.write() as connection:
            existing = find_account(connection, account.email)
            if existing and existing["confirmed_at"]:
                return str(existing["owner"])
            connection.execute("DELETE FROM account WHERE address = ?", (account.email,))
            owner = str(uuid4()) if self._is_taken(connection, account.owner) else account.owner
            connection.execute(
                "INSERT INTO account (owner, address, given_name, family_name, password_hash, created_at, confirmed_at,"
                " admin) SELECT ?, ?, ?, ?, ?, ?, ?, ? AND NOT EXISTS (SELECT 1 FROM account WHERE admin)",
                (
                    owner,
                    account.email,
                    account.given_name,
                    account.family_name,
                    account.password_hash,  # an empty one matches no password
                    int(account.created_at.timestamp()),
                    int(account.created_at.timestamp()),
                    account.is_admin,
                ),
            )
            return owner

    def _is_taken(self, connection: sqlite3.Connection, owner: str) -> bool:
        """Return whether this owner has an account, or one that is being deleted together with all its photos."""
        rows = connection.execute(
            "SELECT 1 FROM account WHERE owner = :owner"
            " UNION ALL SELECT 1 FROM outbox WHERE owner = :owner AND kind = :kind",
            {"owner": owner, "kind": OutboxKind.DELETE_ACCOUNT},
        )
        return rows.fetchone() is not None or DeletionMarkers(self._folder).contains(owner)

    @contextmanager
    @override
    def write_together(self) -> Iterator[None]:
        with self._database.write():
            yield

    @override
    def finish_restore(self) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE OR REPLACE setting SET name = ? WHERE name = ?", (_FINISHED, _RESTORE))
            appoint_admin(connection)  # accounts from AWS contain none


def _to_account(row: sqlite3.Row) -> BackupAccount:
    """Convert a row. An impossible time becomes one without a time zone, which a backup reports as damaged."""
    try:
        created_at = datetime.fromtimestamp(row["created_at"], UTC)
    except (OSError, OverflowError, ValueError):
        created_at = datetime.min  # noqa: DTZ901 - see above
    texts = {name: row[name].decode(errors="replace") for name in _TEXTS}
    return BackupAccount(**texts, created_at=created_at, is_admin=bool(row["admin"]))
