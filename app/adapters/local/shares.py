"""Stores shares in SQLite. The database deletes the shares of a deleted account."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.domain.errors import InvalidToken, PixTagError, ShareNotFound
from app.domain.ids import pack_ids, unpack_ids
from app.domain.owner_tokens import RowAddress
from app.domain.ports import Shares
from app.domain.shares import Share, ShareKind, StoredShare

_COLUMNS: Final = (
    "id, title, kind, source, image_count, created_at, expires_at, originals, views, last_viewed, token_hash, secret,"
    " password_hash"
)
_LIST: Final = f"SELECT {_COLUMNS} FROM share WHERE owner = ? ORDER BY id DESC"  # noqa: S608 - a constant
_FIND: Final = f"SELECT {_COLUMNS} FROM share WHERE owner = ? AND id = ?"  # noqa: S608 - a constant
_INSERT: Final = """
    INSERT INTO share (
        owner, id, title, kind, source, image_count, token_hash, secret, password_hash, created_at, expires_at,
        originals, images
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_RECORD_VIEW: Final = """
    UPDATE share SET views = views + 1, last_viewed = max(coalesce(last_viewed, ''), :day)
    WHERE owner = :owner AND id = :id
"""


class SqliteShares(Shares):
    """Reads and writes shares."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def list(self, owner: str) -> list[Share]:
        with self._database.read() as connection:
            return [_to_share(row) for row in connection.execute(_LIST, (owner,))]

    @override
    def add(self, owner: str, stored: StoredShare, image_ids: Sequence[str] = ()) -> None:
        share = stored.share
        row = (
            *(owner, share.id, share.title, share.kind, share.source, share.image_count),
            *(stored.token_hash, stored.secret, stored.password_hash, share.created_at.isoformat()),
            *(share.expires_at and share.expires_at.isoformat(), share.originals, pack_ids(image_ids)),
        )
        with self._database.write() as connection:
            try:
                connection.execute(_INSERT, row)
            except sqlite3.IntegrityError as error:
                raise InvalidToken from error

    @override
    def find(self, address: RowAddress) -> StoredShare | None:
        with self._database.read() as connection:
            row = connection.execute(_FIND, address).fetchone()
            return row and StoredShare(_to_share(row), row["token_hash"], row["secret"], row["password_hash"])

    @override
    def list_images(self, address: RowAddress) -> Sequence[str]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT images FROM share WHERE owner = ? AND id = ?", address)
            row = rows.fetchone()
            return unpack_ids(row["images"]) if row else []

    @override
    def record_view(self, address: RowAddress, day: date) -> None:
        # A power failure may undo the count.
        with suppress(PixTagError), self._database.write(durable=False) as connection:
            connection.execute(_RECORD_VIEW, {"owner": address.owner, "id": address.id, "day": day.isoformat()})

    @override
    def delete(self, owner: str, share_id: str) -> None:
        with self._database.write() as connection:
            if not connection.execute("DELETE FROM share WHERE owner = ? AND id = ?", (owner, share_id)).rowcount:
                raise ShareNotFound

    @override
    def delete_all(self, owner: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM share WHERE owner = ?", (owner,))


def _to_share(row: sqlite3.Row) -> Share:
    return Share(
        row["id"],
        row["title"],
        ShareKind(row["kind"]),
        row["source"],
        row["image_count"],
        datetime.fromisoformat(row["created_at"]),
        datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None,
        bool(row["password_hash"]),
        bool(row["originals"]),
        row["views"],
        date.fromisoformat(row["last_viewed"]) if row["last_viewed"] else None,
    )
