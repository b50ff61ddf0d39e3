"""Stores albums in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.adapters.local.intact_rows import read_rows
from app.adapters.local.outbox import insert_outbox_row
from app.adapters.local.rows import name_damage
from app.domain.albums import Album, AlbumOrder
from app.domain.errors import AlbumChanged, AlbumExists, AlbumNotFound, RowDamaged
from app.domain.ids import MAX_ID, MIN_ID, pack_ids, unpack_ids
from app.domain.marks import album_mark, find_album
from app.domain.outbox import make_album_removal
from app.domain.ports import Albums

_PUT: Final = """
    INSERT INTO album (owner, id, title, title_key, created_at, cover, ordered_by, version)
    VALUES (:owner, :id, :title, :title_key, :created_at, :cover, :ordered_by, :version)
    ON CONFLICT (owner, id) DO UPDATE SET title = excluded.title, title_key = excluded.title_key,
        cover = excluded.cover, ordered_by = excluded.ordered_by, version = excluded.version
"""
_SAVE: Final = """
    UPDATE album SET title = :title, title_key = :title_key, cover = :cover, ordered_by = :ordered_by,
        version = :version
    WHERE owner = :owner AND id = :id AND version = :read
"""
_PLACE: Final = """
    INSERT INTO album_order (owner, album, images) VALUES (?, ?, ?)
    ON CONFLICT (owner, album) DO UPDATE SET images = excluded.images
"""


class SqliteAlbums(Albums):
    """Reads and writes albums."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def list(self, owner: str) -> list[Album]:
        return [*self._read(owner)[0]]

    @override
    def list_damaged(self, owner: str) -> Sequence[str]:
        return self._read(owner)[1]

    def _read(self, owner: str) -> tuple[Sequence[Album], Sequence[str]]:
        with self._database.read() as connection:
            return read_rows(connection, "album", "id", owner, to_album)

    @override
    def list_page(self, owner: str, limit: int, after: str = "") -> Sequence[Album]:
        select = "SELECT * FROM album WHERE owner = ? AND id > ? ORDER BY id LIMIT ?"
        try:
            with (
                self._database.read() as connection,
                name_damage("", RowDamaged),
                closing(connection.execute(select, (owner, after, limit))) as rows,
            ):
                return list(map(to_album, rows))
        except RowDamaged:
            return [album for album in self.list(owner) if album.id > after][:limit]

    @override
    def get(self, owner: str, album_id: str) -> Album:
        select = "SELECT * FROM album WHERE owner = ? AND id = ?"
        with (
            self._database.read() as connection,
            name_damage(f"the album {album_id}", RowDamaged),
            closing(connection.execute(select, (owner, album_id))) as rows,
        ):
            for row in rows:
                return to_album(row)
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
    def list_placed(self, owner: str, album_id: str) -> Sequence[str]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT images FROM album_order WHERE owner = ? AND album = ?", (owner, album_id))
            row = rows.fetchone()
        return unpack_ids(row["images"]) if row else []

    @override
    def put(self, owner: str, album: Album) -> None:
        with self._database.write() as connection:
            try:
                connection.execute(_PUT, _to_row(owner, album))
            except sqlite3.IntegrityError as error:
                raise AlbumExists from error

    @override
    def save(self, owner: str, after: Album, before: Album, placed: Sequence[str] | None = None) -> Album:
        after = replace(after, version=before.version + 1)
        with self._database.write() as connection:
            try:
                saved = connection.execute(_SAVE, _to_row(owner, after) | {"read": before.version})
            except sqlite3.IntegrityError as error:
                raise AlbumExists from error
            if not saved.rowcount:
                raise AlbumChanged
            if placed is not None:
                connection.execute(_PLACE, (owner, after.id, pack_ids(placed)))
        return after

    @override
    def delete(self, owner: str, album_id: str) -> None:
        with self._database.write() as connection:
            if not connection.execute("DELETE FROM album WHERE owner = ? AND id = ?", (owner, album_id)).rowcount:
                raise AlbumNotFound(album_id)
            connection.execute("DELETE FROM album_order WHERE owner = ? AND album = ?", (owner, album_id))
            insert_outbox_row(connection, make_album_removal(owner, album_id))

    @override
    def count(self, owner: str, first: str = MIN_ID, last: str = MAX_ID) -> dict[str, int]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT tag, images FROM tag_total WHERE owner = ? AND tag BETWEEN ? AND ? AND images > 0",
                (owner, album_mark(first), album_mark(last)),
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


def to_album(row: sqlite3.Row) -> Album:
    """Convert a row to an album."""
    return Album(
        row["id"],
        row["title"],
        datetime.fromisoformat(row["created_at"]),
        row["cover"],
        AlbumOrder(row["ordered_by"]),
        row["version"],
    )


def _to_row(owner: str, album: Album) -> dict[str, str | int]:
    return {
        "owner": owner,
        "id": album.id,
        "title": album.title,
        "title_key": album.key,
        "created_at": album.created_at.isoformat(),
        "cover": album.cover,
        "ordered_by": str(album.order),
        "version": album.version,
    }
