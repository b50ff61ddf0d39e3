"""Stores redetection jobs in SQLite. A job redetects all images of a library."""

import sqlite3
from datetime import UTC, datetime

from typing_extensions import override

from app.adapters.local.database import Database
from app.adapters.local.outbox import insert_outbox_row
from app.domain.errors import RedetectionNotFound
from app.domain.ports import Redetections
from app.domain.redetections import LIFE, Redetection, make_outbox_row, start_redetection


class SqliteRedetections(Redetections):
    """Starts redetection jobs and records their progress."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def start(self, owner: str) -> Redetection:
        with self._database.write() as connection:
            redetection, is_new = start_redetection(owner, _find_latest(connection, owner), datetime.now(UTC))
            if is_new:
                connection.execute(
                    """
                    INSERT INTO redetection (owner, id, started_at, queued, done, queued_all, expires_at)
                    VALUES (:owner, :id, :started_at, 0, 0, FALSE, :expires_at)
                    """,
                    {
                        "owner": owner,
                        "id": redetection.id,
                        "started_at": redetection.started_at.isoformat(),
                        "expires_at": int((redetection.started_at + LIFE).timestamp()),
                    },
                )
                insert_outbox_row(connection, make_outbox_row(redetection))
        return redetection

    @override
    def get(self, owner: str) -> Redetection:
        with self._database.read() as connection:
            if latest := _find_latest(connection, owner):
                return latest
        raise RedetectionNotFound

    @override
    def record_queued(self, redetection: Redetection, cursor: str | None, count: int) -> Redetection:
        with self._database.write() as connection:
            connection.execute(
                """
                UPDATE redetection SET queued_until = :cursor, queued_all = :cursor IS NULL, queued = queued + :count
                WHERE owner = :owner AND id = :id AND queued_until IS :read AND NOT queued_all
                """,
                {
                    "owner": redetection.owner,
                    "id": redetection.id,
                    "cursor": cursor,
                    "count": count,
                    "read": redetection.cursor,
                },
            )
            return self.get(redetection.owner)

    @override
    def record_done(self, owner: str, redetection_id: str) -> None:
        with self._database.write() as connection:
            add_done(connection, owner, redetection_id)


def add_done(connection: sqlite3.Connection, owner: str, redetection_id: str) -> None:
    """Count one more image of a job as done, as part of a transaction. A missing job is ignored."""
    connection.execute("UPDATE redetection SET done = done + 1 WHERE owner = ? AND id = ?", (owner, redetection_id))


def _find_latest(connection: sqlite3.Connection, owner: str) -> Redetection | None:
    rows = connection.execute("SELECT * FROM redetection WHERE owner = ? ORDER BY id DESC LIMIT 1", (owner,))
    return next((_to_redetection(row) for row in rows), None)


def _to_redetection(row: sqlite3.Row) -> Redetection:
    return Redetection(
        owner=row["owner"],
        id=row["id"],
        started_at=datetime.fromisoformat(row["started_at"]),
        queued=row["queued"],
        done=row["done"],
        queued_all=bool(row["queued_all"]),
        cursor=row["queued_until"],
    )
