"""Stores albums in SQLite."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.adapters.local.outbox import insert_outbox_row
from app.domain.albums import Album
from app.domain.errors import AlbumExists, AlbumNotFound
from app.domain.ids import MAX_ID, MIN_ID
from app.domain.marks import album_mark, find_album
from app.domain.outbox import make_album_removal
from app.domain.ports import Albums

_PUT: Final = """
    INSERT INTO album (owner, id, title, title_key, created_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (owner, id) DO UPDATE SET title = excluded.title, title_key = excluded.title_key
"""


class SqliteAlbums(Albums):
    """Reads and writes albums."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def list(self, owner: str) -> list[Album]:
        with self._database.read() as connection:
            return list(map(_to_album, connection.execute("SELECT * FROM album WHERE owner = ? ORDER BY id", (owner,))))

    @override
    def get(self, owner: str, album_id: str) -> Album:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM album WHERE owner = ? AND id = ?", (owner, album_id))
            if row := rows.fetchone():
                return _to_album(row)
        raise AlbumNotFound(album_id)

    @override
    def find_titles(self, owner: str, keys: Collection[str]) -> dict[str, str]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT title_key, id FROM album WHERE owner = ? AND title_key IN (SELECT value FROM json_each(?))",
                (owner, json.dumps(list(keys))),
            )
            return {row["title_key"]: row["id"] for row in rows}

    @override
    def put(self, owner: str, album: Album) -> None:
        with self._database.write() as connection:
            try:
                connection.execute(_PUT, (owner, album.id, album.title, album.key, album.created_at.isoformat()))
            except sqlite3.IntegrityError as error:
                raise AlbumExists from error

    @override
    def delete(self, owner: str, album_id: str) -> None:
        with self._database.write() as connection:
            if not connection.execute("DELETE FROM album WHERE owner = ? AND id = ?", (owner, album_id)).rowcount:
                raise AlbumNotFound(album_id)
            insert_outbox_row(connection, make_album_removal(owner, album_id))

    @override
    def count(self, owner: str) -> dict[str, int]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT tag, images FROM tag_total WHERE owner = ? AND tag BETWEEN ? AND ? AND images > 0",
                (owner, album_mark(MIN_ID), album_mark(MAX_ID)),
            )
            return {find_album(row["tag"]) or "": row["images"] for row in rows}


def require_albums(connection: sqlite3.Connection, owner: str, album_ids: list[str]) -> None:
    """Check that albums exist.

    Raises:
        AlbumNotFound: some of them do not.
    """
    select = "SELECT 1 FROM album WHERE owner = ? AND id = ?"
    if missing := [each for each in album_ids if not connection.execute(select, (owner, each)).fetchone()]:
        raise AlbumNotFound(*missing)


def _to_album(row: sqlite3.Row) -> Album:
    return Album(row["id"], row["title"], datetime.fromisoformat(row["created_at"]))
