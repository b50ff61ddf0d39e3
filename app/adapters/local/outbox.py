"""Stores the outbox in SQLite. A worker leases a row, does its work and then deletes the row."""

import sqlite3
import time
from contextlib import suppress
from typing import Final

from typing_extensions import override

from app.adapters.local.account_rows import delete_account
from app.adapters.local.clock import watch_clock
from app.adapters.local.database import Database
from app.adapters.local.deletion_markers import DeletionMarkers
from app.adapters.local.rows import outbox_row, to_outbox_row
from app.domain.errors import PixTagError
from app.domain.outbox import (
    LEASE_SECONDS,
    MAX_LEASED,
    TRASH_LIFE,
    OutboxKind,
    OutboxRow,
    account_deletion_id,
    make_account_deletion,
    outbox_id,
)
from app.domain.ports import Outbox

_INSERT: Final = """
    INSERT INTO outbox (owner, id, kind, image, version, before, after, due_at)
    VALUES (:owner, :id, :kind, :image, :version, :before, :after, :due_at)
"""

_MAX_AHEAD: Final = int(TRASH_LIFE.total_seconds()) + 86_400  # no row is due later, unless the clock was ahead

# Rows that were written or leased while the clock was ahead. Photos that are still in the trash must wait.
_IS_STUCK: Final = "due_at > :now + :ahead AND (kind <> 'purge' OR id < :later)"

# An owner can have a hundred thousand due rows after emptying the trash, so only the first one is read.
_FIRST_DUE: Final = f"""
    SELECT * FROM outbox
    WHERE (owner, id) IN (
        SELECT owner, min(id) FROM (
            SELECT owner, id FROM outbox INDEXED BY outbox_due WHERE due_at <= :now UNION ALL
            SELECT owner, id FROM outbox INDEXED BY outbox_due WHERE {_IS_STUCK}
        ) GROUP BY owner
    )
    ORDER BY due_at
"""  # noqa: S608 - a constant
_LEASE: Final = f"""
    UPDATE outbox SET due_at = :now + :lease
    WHERE owner = :owner AND id IN (
        SELECT id FROM outbox WHERE owner = :owner AND id < :later AND due_at <= :now UNION ALL
        SELECT id FROM outbox INDEXED BY outbox_due WHERE owner = :owner AND {_IS_STUCK}
        ORDER BY id LIMIT :limit
    )
    RETURNING *
"""  # noqa: S608 - a constant


def insert_outbox_row(connection: sqlite3.Connection, row: OutboxRow) -> None:
    """Insert an outbox row, as part of a transaction."""
    connection.execute(_INSERT, outbox_row(row))


class SqliteOutbox(Outbox):
    """Reads and writes outbox rows. A lease moves a row's `due_at` into the future.

    Args:
        database: The database.
        markers: The files that keep an account deletion if the database is lost.
    """

    def __init__(self, database: Database, markers: DeletionMarkers) -> None:
        self._database = database
        self._markers = markers

    @override
    def list_due(self) -> list[OutboxRow]:
        with self._database.read() as connection:
            return [to_outbox_row(row) for row in connection.execute(_FIRST_DUE, _times())]

    @override
    def put_account_deletion(self, owner: str) -> None:
        """Begin the deletion, and delete the account itself. If this fails, nothing is deleted."""
        is_new = not self._markers.contains(owner)
        try:
            with self._database.write() as connection:
                _begin_account_deletion(connection, owner)
                self._markers.add(owner)
        except PixTagError:
            if is_new:
                with suppress(PixTagError):
                    self._markers.remove(owner)
            raise

    def repeat_lost_deletions(self) -> None:
        """Begin the account deletions again that this database does not know, because it is an earlier one."""
        for owner in self._markers.list_owners():
            with self._database.write() as connection:
                if not self.has_account_deletion(owner):
                    _begin_account_deletion(connection, owner)

    @override
    def has_account_deletion(self, owner: str) -> bool:
        with self._database.read() as connection:
            prefix = account_deletion_id()
            rows = connection.execute(
                "SELECT 1 FROM outbox WHERE owner = ? AND id BETWEEN ? AND ?", (owner, prefix, f"{prefix}~")
            )
            return rows.fetchone() is not None

    @override
    def lease(self, owner: str, limit: int = MAX_LEASED) -> list[OutboxRow]:
        times = _times()
        parameters = {**times, "owner": owner, "lease": LEASE_SECONDS, "limit": limit}
        with self._database.write() as connection:
            watch_clock(connection, int(times["now"]))
            rows = connection.execute(_LEASE, parameters)
            return sorted(map(to_outbox_row, rows), key=lambda row: row.id)

    @override
    def postpone(self, row: OutboxRow, due_at: int) -> None:
        new_id = row.id if row.kind is OutboxKind.DELETE_ACCOUNT else outbox_id(due_at, row.unique_id)
        with self._database.write() as connection:
            connection.execute(
                "UPDATE outbox SET id = ?, due_at = ? WHERE owner = ? AND id = ? AND due_at = ?",
                (new_id, due_at, row.owner, row.id, row.due_at),
            )

    @override
    def delete(self, row: OutboxRow) -> None:
        if row.kind is OutboxKind.DELETE_ACCOUNT:
            self._markers.remove(row.owner)
        with self._database.write() as connection:
            connection.execute("DELETE FROM outbox WHERE owner = ? AND id = ?", (row.owner, row.id))


def _begin_account_deletion(connection: sqlite3.Connection, owner: str) -> None:
    insert_outbox_row(connection, make_account_deletion(owner, int(time.time())))
    delete_account(connection, owner)


def _times() -> dict[str, int | str]:
    now = int(time.time())
    return {"now": now, "ahead": _MAX_AHEAD, "later": outbox_id(now + 1, "")}
