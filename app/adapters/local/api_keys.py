"""Stores API keys in SQLite. The database deletes the keys of a deleted account."""

import json
import sqlite3
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.domain.api_keys import ApiKey, Scope, StoredKey
from app.domain.errors import InvalidToken, KeyNotFound, PixTagError
from app.domain.owner_tokens import RowAddress
from app.domain.ports import ApiKeys

_INSERT: Final = """
    INSERT INTO api_key (owner, id, name, scopes, token_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


class SqliteApiKeys(ApiKeys):
    """Reads and writes API keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def list(self, owner: str) -> list[ApiKey]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM api_key WHERE owner = ? ORDER BY id", (owner,))
            return [_to_key(row) for row in rows]

    @override
    def add(self, owner: str, stored: StoredKey) -> None:
        key = stored.key
        row = (
            *(owner, key.id, key.name, json.dumps(key.scopes), stored.token_hash, key.created_at.isoformat()),
            key.expires_at and key.expires_at.isoformat(),
        )
        with self._database.write() as connection:
            try:
                connection.execute(_INSERT, row)
            except sqlite3.IntegrityError as error:
                raise InvalidToken from error

    @override
    def find(self, address: RowAddress) -> StoredKey | None:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM api_key WHERE owner = ? AND id = ?", address)
            row = rows.fetchone()
            return StoredKey(_to_key(row), row["token_hash"]) if row else None

    @override
    def record_use(self, address: RowAddress, day: date) -> None:
        parameters = {"owner": address.owner, "id": address.id, "day": day.isoformat()}
        # A power failure may undo the day.
        with suppress(PixTagError), self._database.write(durable=False) as connection:
            connection.execute(
                "UPDATE api_key SET last_used = :day"
                " WHERE owner = :owner AND id = :id AND coalesce(last_used, '') < :day",
                parameters,
            )

    @override
    def delete(self, owner: str, key_id: str) -> None:
        with self._database.write() as connection:
            if not connection.execute("DELETE FROM api_key WHERE owner = ? AND id = ?", (owner, key_id)).rowcount:
                raise KeyNotFound

    @override
    def delete_all(self, owner: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM api_key WHERE owner = ?", (owner,))


def _to_key(row: sqlite3.Row) -> ApiKey:
    return ApiKey(
        row["id"],
        row["name"],
        tuple(map(Scope, json.loads(row["scopes"]))),
        datetime.fromisoformat(row["created_at"]),
        datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None,
        date.fromisoformat(row["last_used"]) if row["last_used"] else None,
    )
