"""Checks the files of a SQLite database.

`pixtag.db` itself is never opened here, because its closing would release SQLite's locks. See `Database`.
"""

import os
import sqlite3
from pathlib import Path
from typing import Final

from app.adapters.local.schema import transaction

Identity = tuple[tuple[int, int], ...]

_HEADER: Final = 32  # bytes of a -wal file before its first frame
_FRAME: Final = 24  # bytes of a frame before its page


def identify(path: Path) -> Identity | None:
    """Return what tells the database and its -wal file from files of the same names, or None if one is missing.

    The number is not used again as long as a connection has the file open.
    """
    try:
        statuses = [os.stat(name) for name in (path, f"{path}-wal")]  # noqa: PTH116 - each write waits for it
    except OSError:
        return None
    return tuple((status.st_dev, status.st_ino) for status in statuses)


def has_all_pages(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether each page is in the file or, after an interruption, in its -wal file.

    SQLite reads zeros in place of the missing end of the last page, and `quick_check` accepts them.

    Args:
        connection: A connection outside a transaction. A copy is opened without its -wal file.
        path: The file of the connection.
    """
    with transaction(connection, "BEGIN"):  # so that no other process removes pages from the -wal file now
        page_count, page_size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size")
        )
        missing = set(range(path.stat().st_size // page_size + 1, page_count + 1))
        return not missing or missing <= _list_pages(path.with_name(f"{path.name}-wal"))


def _list_pages(wal: Path) -> set[int]:
    """Return the numbers of the pages in a -wal file. Source: https://sqlite.org/fileformat2.html#walformat."""
    pages: set[int] = set()
    if not wal.exists():
        return pages
    with wal.open("rb") as file:
        header = file.read(_HEADER)
        page_size, salts = int.from_bytes(header[8:12]), header[16:24]
        while len(frame := file.read(_FRAME)) == _FRAME and frame[8:16] == salts:  # later frames are of the past
            pages.add(int.from_bytes(frame[:4]))
            file.seek(page_size, os.SEEK_CUR)
    return pages
