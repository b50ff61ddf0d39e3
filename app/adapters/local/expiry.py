"""Deletes rows after their lives: pending images, tombstones, redetection jobs, operations and their undo rows."""

import sqlite3
import time
from typing import Final

from app.adapters.local.clock import watch_clock
from app.adapters.local.database import Database
from app.domain.images import PENDING_LIFE, TOMBSTONE_LIFE
from app.domain.operations import ROW_LIFE
from app.domain.redetections import LIFE

MAX_ROWS: Final = 500  # per transaction

_EXPIRE_IMAGES: Final = """
    DELETE FROM image WHERE number IN (
        SELECT number FROM image
        WHERE expires_at <= :now AND :steady >= iif(state = 'pending', :pending_life, :tombstone_life)
        LIMIT :limit
    )
"""
_EXPIRE_UNDO_ROWS: Final = """
    DELETE FROM undo WHERE rowid IN (
        SELECT rowid FROM undo WHERE expires_at <= :now AND :steady >= :row_life LIMIT :limit
    )
"""
_EXPIRE_OPERATIONS: Final = "DELETE FROM operation WHERE expires_at <= :now AND :steady >= :row_life"
_EXPIRE_REDETECTIONS: Final = "DELETE FROM redetection WHERE expires_at <= :now AND :steady >= :redetection_life"


def expire_rows(database: Database) -> None:
    """Delete the rows whose lives have ended, in short transactions."""
    for statement in (_EXPIRE_IMAGES, _EXPIRE_UNDO_ROWS):
        while _execute(database, statement) == MAX_ROWS:
            pass
    for statement in (_EXPIRE_OPERATIONS, _EXPIRE_REDETECTIONS):
        _execute(database, statement)


def _execute(database: Database, statement: str) -> int:
    """Execute a statement in a transaction. Return the number of deleted rows."""
    with database.write() as connection:
        return connection.execute(statement, _make_parameters(connection)).rowcount


def _make_parameters(connection: sqlite3.Connection) -> dict[str, float]:
    now = int(time.time())
    return {
        "now": now,
        "steady": watch_clock(connection, now),
        "pending_life": PENDING_LIFE.total_seconds(),
        "tombstone_life": TOMBSTONE_LIFE.total_seconds(),
        "row_life": ROW_LIFE.total_seconds(),
        "redetection_life": LIFE.total_seconds(),
        "limit": MAX_ROWS,
    }
