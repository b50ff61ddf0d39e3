"""Finds out whether a -wal file belongs to a database. SQLite itself does not compare them.

If only one of the two files is copied back, or if a copy of a folder leaves an old -wal file, SQLite writes the pages
of the -wal file over a database of another moment. This undoes acknowledged changes, or damages the database.

So the table `last_write` has a random number, which each write transaction replaces, and the number before it. The page
of this table is in the -wal file once for each transaction. The files belong together if the database alone has one of
the numbers in the -wal file, or the number before the first of them. A power cut cannot break this rule: SQLite copies
a page to the database only after the -wal file is on the disk.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from app.adapters.local.database_files import connect_read_only
from app.adapters.local.wal_file import has_commit, read_pages

_READ: Final = "SELECT number, rootpage FROM last_write JOIN sqlite_schema ON name = 'last_write'"

_NUMBER_BYTES: Final = 8
_OFFSET: Final = slice(8, 10)  # of the only row in a page
_ROW: Final = bytes((19, 1, 3, 28, 28))  # the size and id of this row, and the types of its two values


class _Mark(NamedTuple):
    number: bytes
    previous: bytes


def has_foreign_wal(database: Path) -> bool:
    """Return whether the -wal file of a database does not belong to it. If this cannot be known, return false."""
    wal = database.with_name(f"{database.name}-wal")
    try:
        with closing(connect_read_only(database, is_in_use=False)) as connection:
            row = connection.execute(_READ).fetchone()
        if row is None:
            return False
        number, root = row
        pages = [(page, _parse(content)) for page, content in read_pages(wal)]
        marks = [mark for _, mark in pages if mark]
        if not marks:  # the transactions of versions of PixTag before this table have no number
            return has_commit(wal) and all(page != root for page, _ in pages)
    except (OSError, sqlite3.DatabaseError):
        return False
    return number not in {marks[0].previous, *(mark.number for mark in marks)}


def _parse(page: bytes) -> _Mark | None:
    """Return the mark in a page, or None if it is not the page of the table. A VACUUM by hand can move this page.

    Source: https://sqlite.org/fileformat2.html#record_format
    """
    start = int.from_bytes(page[_OFFSET])
    row = page[start:]
    if not row.startswith(_ROW):
        return None
    values = row[len(_ROW) :]
    return _Mark(values[:_NUMBER_BYTES], values[_NUMBER_BYTES : 2 * _NUMBER_BYTES])
