"""Compares the normal forms of titles, and the orders of albums, in SQLite with the albums, and repairs them."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from app.adapters.local.albums import to_album
from app.domain.albums import Album, find_free_title
from app.domain.checks import RowDifference, describe_lost_order, describe_title
from app.domain.marks import title_key

_LOST_ORDERS: Final = """
    SELECT album FROM album_order WHERE owner = :owner AND album NOT IN (SELECT id FROM album WHERE owner = :owner)
    ORDER BY album
"""


def compare_albums(connection: sqlite3.Connection, owner: str) -> Iterator[RowDifference]:
    """Yield the albums with a wrong normal form of their title, and the orders without an album."""
    yield from map(describe_title, _list_wrong(connection, owner))
    yield from (describe_lost_order(row["album"]) for row in connection.execute(_LOST_ORDERS, {"owner": owner}))


def repair_albums(connection: sqlite3.Connection, owner: str) -> None:
    """Write the normal forms of titles again, and delete orders without an album.

    If another album has an equal title, the title gets a number.
    """
    for album in _list_wrong(connection, owner):
        rows = connection.execute("SELECT title FROM album WHERE owner = ? AND id <> ?", (owner, album.id))
        keys = {title_key(row["title"]) for row in rows}
        title = find_free_title(album.title, keys) if album.key in keys else album.title
        connection.execute(
            "UPDATE album SET title = ?, title_key = ? WHERE owner = ? AND id = ?",
            (title, title_key(title), owner, album.id),
        )
    connection.execute(
        f"DELETE FROM album_order WHERE owner = :owner AND album IN ({_LOST_ORDERS})",  # noqa: S608 - a constant
        {"owner": owner},
    )


def _list_wrong(connection: sqlite3.Connection, owner: str) -> list[Album]:
    rows = connection.execute("SELECT * FROM album WHERE owner = ? ORDER BY id", (owner,)).fetchall()
    return [album for row in rows if (album := to_album(row)).key != row["title_key"]]
