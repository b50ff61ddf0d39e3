"""Stores operations and their undo rows in SQLite."""

import sqlite3
import time
from dataclasses import asdict
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.domain.errors import OperationNotFound
from app.domain.operations import Operation, UndoRow, continue_operation, merge_undo_row
from app.domain.ports import Operations

_PUT_OPERATION: Final = """
    INSERT OR REPLACE INTO operation (owner, id, started_at, continued_at, expires_at)
    VALUES (:owner, :id, :started_at, :continued_at, :expires_at)
"""
_PUT_ROW: Final = """
    INSERT OR REPLACE INTO undo (owner, operation, image, version, first, replaced, expires_at, undone)
    VALUES (:owner, :operation, :image_id, :version, :first, :values, :expires_at, :undone)
"""


class SqliteOperations(Operations):
    """Reads and writes operations, and reads their undo rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def proceed(self, owner: str, operation_id: str) -> Operation:
        with self._database.write() as connection:
            stored = _find_operation(connection, owner, operation_id)
            operation = continue_operation(stored, owner, operation_id, int(time.time()))
            connection.execute(_PUT_OPERATION, asdict(operation) | {"expires_at": operation.expires_at})
        return operation

    @override
    def get(self, owner: str, operation_id: str, *, has_begun: bool = False) -> Operation:
        with self._database.read() as connection:
            operation = _find_operation(connection, owner, operation_id)
        if operation is None or not operation.can_be_undone(int(time.time()), has_begun=has_begun):
            raise OperationNotFound
        return operation

    @override
    def list_rows(self, operation: Operation, limit: int, after: str = "") -> list[UndoRow]:
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT * FROM undo WHERE owner = ? AND operation = ? AND image > ? ORDER BY image LIMIT ?",
                (operation.owner, operation.id, after, limit),
            )
            return [_to_undo_row(row) for row in found]

    @override
    def find_row(self, row: UndoRow) -> UndoRow | None:
        with self._database.read() as connection:
            return _find_row(connection, row)


def put_undo_row(connection: sqlite3.Connection, row: UndoRow | None) -> None:
    """Write the undo row of a change, if any, as part of its transaction."""
    if row:
        connection.execute(_PUT_ROW, asdict(merge_undo_row(_find_row(connection, row), row)))


def _find_row(connection: sqlite3.Connection, row: UndoRow) -> UndoRow | None:
    rows = connection.execute(
        "SELECT * FROM undo WHERE owner = ? AND operation = ? AND image = ?", (row.owner, row.operation, row.image_id)
    )
    return next(map(_to_undo_row, rows), None)


def _find_operation(connection: sqlite3.Connection, owner: str, operation_id: str) -> Operation | None:
    rows = connection.execute(
        "SELECT owner, id, started_at, continued_at FROM operation WHERE owner = ? AND id = ?", (owner, operation_id)
    )
    return next((Operation(*row) for row in rows), None)


def _to_undo_row(row: sqlite3.Row) -> UndoRow:
    return UndoRow(
        owner=row["owner"],
        operation=row["operation"],
        image_id=row["image"],
        version=row["version"],
        first=row["first"],
        values=row["replaced"],
        expires_at=row["expires_at"],
        undone=bool(row["undone"]),
    )
