"""Checks the files of a SQLite database.

`pixtag.db` itself is not opened here while this process uses it, because its closing would release SQLite's locks. See
`Database`.
"""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from app.adapters.local.files import BUFFER_BYTES, DISK_FAULTS, open_file
from app.adapters.local.schema import BUSY_SECONDS, transaction
from app.adapters.local.wal_file import list_pages

_SHARED_START: Final = 2**30 + 2  # the bytes that SQLite locks
_SHARED_BYTES: Final = 510

# A disk cannot read a part of the file. SQLite returns the second code for EIO, the usual error of a bad sector.
READ_FAILURES: Final = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_CORRUPTFS})

SHM_PAGE_BYTES: Final = 4_096  # of the -shm file
SHM_BYTES: Final = 2**17  # enough for a -wal file of 64 MiB


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


def connect_read_only(path: Path, *, is_in_use: bool = True) -> sqlite3.Connection:
    """Return a connection that changes neither the file nor its -wal file.

    If the file is not in use, its -wal file is ignored, and no -shm file is created.
    """
    options = "mode=ro" if is_in_use else "immutable=1"
    return sqlite3.connect(f"file:{quote(os.fsencode(path.resolve()))}?{options}", BUSY_SECONDS, uri=True)


def find_unreadable(path: Path) -> Path | None:
    """Return the database or its -wal file if its disk cannot read all of it, or None.

    No connection of this process may be open, see `Database`.
    """
    for file in (path, path.with_name(f"{path.name}-wal")):
        try:
            with open_file(file) as opened:
                while opened.read(BUFFER_BYTES):
                    pass
        except OSError as error:
            if error.errno in DISK_FAULTS:
                return file
    return None


@contextmanager
def lock_unused(path: Path) -> Iterator[bool]:
    """Yield whether no other process has the database open. During the block, none can open it.

    SQLite locks some of these bytes as long as a connection is open. No connection of this process may be open, see
    `Database`.

    Source: https://sqlite.org/fileformat2.html#the_lock_byte_page

    Raises:
        OSError: the file cannot be opened.
    """
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_BYTES, _SHARED_START)
        except BlockingIOError:
            yield False
        else:
            yield True


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
