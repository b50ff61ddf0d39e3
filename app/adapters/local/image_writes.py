"""Writes the row of an image and its rows in the tag index, as parts of a transaction."""

import json
import sqlite3

from app.adapters.local.rows import image_row
from app.domain.checks import find_searchable_tags
from app.domain.errors import ImageChanged, PhotoExists
from app.domain.images import Image


def require_version(connection: sqlite3.Connection, image: Image, version: int | None) -> None:
    """Check the stored version of an image. None means that the image is not stored.

    Raises:
        ImageChanged: the image has another version.
    """
    rows = connection.execute("SELECT version FROM image WHERE owner = ? AND id = ?", (image.owner, image.id))
    if next((row["version"] for row in rows), None) != version:
        raise ImageChanged


def write_image(connection: sqlite3.Connection, before: Image | None, after: Image) -> None:
    """Insert the image's row, or update its changed columns. Indexes of other columns are not written.

    Raises:
        PhotoExists: another image has the same bytes.
    """
    row = image_row(after)
    old = image_row(before) if before else {}
    changed = [name for name, value in row.items() if name not in old or old[name] != value]
    if before:
        changes = ", ".join(f"{name} = :{name}" for name in changed)
        statement = f"UPDATE image SET {changes} WHERE owner = :owner AND id = :id"  # noqa: S608 - only names of columns
    else:
        statement = f"INSERT INTO image ({', '.join(changed)}) VALUES (:{', :'.join(changed)})"  # noqa: S608 - only names of columns
    try:
        connection.execute(statement, row)
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            raise
        raise PhotoExists from error


def write_tags(connection: sqlite3.Connection, before: Image | None, after: Image) -> None:
    """Update the image's rows in the tag index. Unchanged rows are not written. A change of the time moves all rows."""
    old, new = find_searchable_tags(before), find_searchable_tags(after)
    is_moved = before is not None and before.sorted_at != after.sorted_at
    if old and (is_moved or not old.keys() <= new.keys()):
        connection.execute(
            "DELETE FROM image_tag WHERE owner = ? AND id = ? AND tag NOT IN (SELECT value FROM json_each(?))",
            (after.owner, after.id, json.dumps([] if is_moved else list(new))),
        )
    connection.executemany(
        """
        INSERT INTO image_tag (owner, tag, sorted_at, id, count, certain) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (owner, tag, sorted_at, id) DO UPDATE SET count = excluded.count, certain = excluded.certain
        """,
        [
            (after.owner, tag, after.sorted_at, after.id, count, after.certain.get(tag, 0))
            for tag, count in new.items()
            if is_moved or before is None or old.get(tag) != count or before.certain.get(tag) != after.certain.get(tag)
        ],
    )
