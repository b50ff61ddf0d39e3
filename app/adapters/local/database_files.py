"""Checks the files of a SQLite database.

`pixtag.db` itself is never opened here, because its closing would release SQLite's locks. See `Database`.
"""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final

from app.adapters.local.schema import transaction
from app.adapters.local.wal_file import list_pages

Identity = tuple[tuple[int, int] | None, ...]

SHM_PAGE_BYTES: Final = 4_096  # of the -shm file
SHM_BYTES: Final = 2**17  # enough for a -wal file of 64 MiB


def identify(path: Path) -> Identity:
    """Return the identity of the database, its -wal file and its -shm file, which other files with these names lack.

    The value of a missing file is None. The number is not used again as long as a connection has the file open.
    """
    return _identify(str(path)), _identify(f"{path}-wal"), _identify(f"{path}-shm")


def _identify(name: str) -> tuple[int, int] | None:
    try:
        status = os.stat(name)  # noqa: PTH116 - each transaction waits for it
    except OSError:
        return None
    return status.st_dev, status.st_ino


def allocate_shared_memory(path: Path) -> int | None:
    """Allocate the blocks of the -shm file of an open database. Return its descriptor, or None if this is not needed.

    SQLite writes one byte into each `SHM_PAGE_BYTES`. It leaves holes if blocks are smaller, and a write to a hole of a
    mapped file on a full disk ends the process with SIGBUS. Close the descriptor after all connections, because its
    closing releases SQLite's locks, as in `Database`.

    Raises:
        OSError: the disk is full.
    """
    if os.statvfs(path).f_frsize >= SHM_PAGE_BYTES:
        return None
    try:
        descriptor = os.open(f"{path}-shm", os.O_RDWR)
    except OSError as error:
        if error.errno == errno.EROFS:  # SQLite only reads the file
            return None
        raise
    try:
        if os.fstat(descriptor).st_blocks * 512 < SHM_BYTES:  # POSIX counts units of 512 bytes
            os.posix_fallocate(descriptor, 0, SHM_BYTES)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


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
        return not missing or missing <= list_pages(path.with_name(f"{path.name}-wal"))
