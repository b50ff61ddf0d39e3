"""Stores the outbox in SQLite. A worker leases a row, does its work and then deletes the row."""

import logging
import sqlite3
import time
from contextlib import suppress
from typing import Final

from typing_extensions import override

from app.adapters.local.account_rows import delete_account
from app.adapters.local.clock import watch_clock
from app.adapters.local.database import Database
from app.adapters.local.deletion_markers import DeletionMarkers
from app.adapters.local.rows import announcement_row, outbox_row, to_outbox_row
from app.domain.announcements import Announcement
from app.domain.errors import PixTagError
from app.domain.outbox import (
    LEASE_SECONDS,
    MAX_DUE_OWNERS,
    MAX_LEASED,
    TRASH_LIFE,
    DueOwner,
    OutboxKind,
    OutboxLease,
    OutboxRow,
    account_deletion_id,
    make_account_deletion,
    outbox_id,
)
from app.domain.ports import Outbox

_INSERT: Final = """
    INSERT INTO outbox (owner, id, kind, image, version, due_at)
    VALUES (:owner, :id, :kind, :image, :version, :due_at)
"""

_PUT_ANNOUNCEMENT: Final = """
    INSERT INTO announcement
        (owner, id, version, created_at, before, before_taken, was_ready, after, after_taken, is_ready)
    SELECT
        :owner, :id, :version, :created_at, :before, :before_taken, :was_ready, :after, :after_taken, :is_ready
    WHERE EXISTS (SELECT 1 FROM subscription WHERE owner = :owner)
    ON CONFLICT (owner, id) DO UPDATE SET
        version = excluded.version,
        after = excluded.after,
        after_taken = excluded.after_taken,
        is_ready = excluded.is_ready
"""

_MAX_AHEAD: Final = int(TRASH_LIFE.total_seconds()) + 86_400  # no row is due later, unless the clock was ahead

# Rows that were written or leased while the clock was ahead. Photos that are still in the trash must wait.
_IS_STUCK: Final = "due_at > :now + :ahead AND (kind <> 'purge' OR id < :later)"
_IS_ALERT_DUE: Final = "(alerts_at <= :now OR alerts_at > :now + :ahead)"
_IS_LEASED: Final = "until > :now AND until <= :now + :lease"

# An owner can have a million due rows, so only one entry of an index is read for each owner.
_DUE_OWNERS: Final = f"""
    WITH RECURSIVE
    row_owner (owner) AS (
        SELECT min(owner) FROM outbox UNION ALL
        SELECT (SELECT min(owner) FROM outbox WHERE outbox.owner > row_owner.owner) FROM row_owner WHERE owner NOTNULL
    ),
    image_owner (owner) AS (
        SELECT min(owner) FROM announcement UNION ALL
        SELECT (SELECT min(owner) FROM announcement WHERE announcement.owner > image_owner.owner)
        FROM image_owner WHERE owner NOTNULL
    ),
    due (owner, since) AS (
        SELECT owner, (SELECT min(due_at) FROM outbox WHERE outbox.owner = row_owner.owner) AS since
        FROM row_owner WHERE since <= :now UNION ALL
        SELECT owner, 0 FROM row_owner
        WHERE EXISTS (SELECT 1 FROM outbox WHERE outbox.owner = row_owner.owner AND {_IS_STUCK}) UNION ALL
        SELECT owner, (SELECT created_at FROM announcement WHERE announcement.owner = image_owner.owner LIMIT 1)
        FROM image_owner WHERE owner NOTNULL UNION ALL
        SELECT owner, min(alerts_at, :now) FROM profile WHERE {_IS_ALERT_DUE}
    )
    SELECT owner, min(since) AS since FROM due
    WHERE owner NOT IN (SELECT owner FROM outbox_lease WHERE {_IS_LEASED})
    GROUP BY owner ORDER BY since LIMIT :limit
"""  # noqa: S608 - constants
_IS_DUE: Final = f"""
    SELECT 1 FROM outbox WHERE owner = :owner AND (due_at <= :now OR {_IS_STUCK}) UNION ALL
    SELECT 1 FROM announcement WHERE owner = :owner UNION ALL
    SELECT 1 FROM profile WHERE owner = :owner AND {_IS_ALERT_DUE} LIMIT 1
"""  # noqa: S608 - constants
_TAKE: Final = f"""
    INSERT INTO outbox_lease (owner, until) VALUES (:owner, :now + :lease)
    ON CONFLICT (owner) DO UPDATE SET until = excluded.until WHERE NOT ({_IS_LEASED})
"""  # noqa: S608 - constants
_LEASE: Final = f"""
    UPDATE outbox SET due_at = :now + :lease
    WHERE owner = :owner AND id IN (
        SELECT id FROM outbox WHERE owner = :owner AND id < :later AND due_at <= :now UNION ALL
        SELECT id FROM outbox INDEXED BY outbox_due WHERE owner = :owner AND {_IS_STUCK}
        ORDER BY id LIMIT :limit
    )
    RETURNING *
"""  # noqa: S608 - a constant


logger: Final = logging.getLogger(__name__)


def insert_outbox_row(connection: sqlite3.Connection, row: OutboxRow) -> None:
    """Insert an outbox row, as part of a transaction."""
    connection.execute(_INSERT, outbox_row(row))


def put_announcement(connection: sqlite3.Connection, announcement: Announcement) -> None:
    """Insert or update an announcement, as part of a transaction. If the owner has no subscription, do nothing."""
    connection.execute(_PUT_ANNOUNCEMENT, announcement_row(announcement))


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
    def list_due(self, limit: int = MAX_DUE_OWNERS) -> list[DueOwner]:
        with self._database.read() as connection:
            return [DueOwner(*row) for row in connection.execute(_DUE_OWNERS, {**_times(), "limit": limit})]

    @override
    def take(self, owner: str) -> OutboxLease | None:
        parameters = {**_times(), "owner": owner}
        with self._database.write(durable=False) as connection:
            watch_clock(connection, int(parameters["now"]))
            if not connection.execute(_IS_DUE, parameters).fetchone():
                return None
            if not connection.execute(_TAKE, parameters).rowcount:
                return None
            connection.execute(
                f"UPDATE profile SET alerts_at = :now + :lease WHERE owner = :owner AND {_IS_ALERT_DUE}",  # noqa: S608 - a constant
                parameters,
            )
        return OutboxLease(owner, int(parameters["now"]) + LEASE_SECONDS)

    @override
    def release(self, lease: OutboxLease, alerts_at: int | None) -> None:
        with self._database.write(durable=False) as connection:
            deleted = connection.execute(
                "DELETE FROM outbox_lease WHERE owner = ? AND until = ?", (lease.owner, lease.until)
            )
            if deleted.rowcount:
                connection.execute(  # a subscription since the start of the lease makes the alerts due at once
                    "UPDATE profile SET alerts_at = ? WHERE owner = ? AND (alerts_at IS NULL OR alerts_at > ?)",
                    (alerts_at, lease.owner, _times()["now"]),
                )

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
        """Begin the account deletions again that this database does not know, because it is older. Log them."""
        for owner in self._markers.list_owners():
            with self._database.write() as connection:
                if not self.has_account_deletion(owner):
                    _begin_account_deletion(connection, owner)
                    logger.warning(
                        "The database does not know that the account %s was deleted, so it is deleted again. To get its"
                        " photos back, restore a backup or a copy of the data folder into a new folder.",
                        owner,
                    )

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
        parameters = {**times, "owner": owner, "limit": limit}
        with self._database.write() as connection:
            watch_clock(connection, int(times["now"]))
            rows = connection.execute(_LEASE, parameters).fetchall()
            return sorted(filter(None, (_read_intact(connection, row) for row in rows)), key=lambda row: row.id)

    @override
    def postpone(self, row: OutboxRow, due_at: int) -> None:
        new_id = row.id if row.kind is OutboxKind.DELETE_ACCOUNT else outbox_id(due_at, row.unique_id)
        with self._database.write() as connection:
            connection.execute(
                "UPDATE outbox SET id = ?, due_at = ? WHERE owner = ? AND id = ? AND due_at = ?",
                (new_id, due_at, row.owner, row.id, row.due_at),
            )

    @override
    def delete(self, *rows: OutboxRow) -> None:
        deletions = [row for row in rows if row.kind is OutboxKind.DELETE_ACCOUNT]
        for row in deletions:
            self._markers.remove(row.owner)
        with self._database.write() as connection:
            connection.executemany(
                "DELETE FROM outbox WHERE owner = ? AND id = ?", [(row.owner, row.id) for row in rows]
            )
            # Nothing of the owner is left, even if this process ends before it releases the lease.
            connection.executemany("DELETE FROM outbox_lease WHERE owner = ?", [(row.owner,) for row in deletions])


def _read_intact(connection: sqlite3.Connection, row: sqlite3.Row) -> OutboxRow | None:
    """Convert a row. Delete a damaged one, which would block all later work of the owner."""
    try:
        return to_outbox_row(row)
    except ValueError:
        logger.error(  # noqa: TRY400 - no bug
            "A row of the table outbox is damaged, and PixTag has removed it: owner %s, kind %r, image %s. If it was"
            " the deletion of an account, the next start of PixTag continues it. If it was that of a photo in the"
            " trash, the photo stays there until somebody deletes it.",
            row["owner"],
            row["kind"],
            row["image"],
        )
    connection.execute("DELETE FROM outbox WHERE owner = ? AND id = ?", (row["owner"], row["id"]))
    return None


def _begin_account_deletion(connection: sqlite3.Connection, owner: str) -> None:
    insert_outbox_row(connection, make_account_deletion(owner, int(time.time())))
    delete_account(connection, owner)


def _times() -> dict[str, int | str]:
    now = int(time.time())
    return {"now": now, "ahead": _MAX_AHEAD, "later": outbox_id(now + 1, ""), "lease": LEASE_SECONDS}
