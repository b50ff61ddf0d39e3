"""Notices that somebody removes, replaces or cuts the files of a database while PixTag uses them."""

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

from app.adapters.local.wal_file import measure_frames
from app.domain.errors import Unavailable

MAX_WAL_BYTES: Final = 16 * 2**20  # SQLite leaves at least this much of a larger -wal file
REPLACED: Final = (
    "The files of the database were removed or replaced while PixTag ran, so nothing was stored. Restart PixTag."
)
CUT_WAL: Final = (
    "The -wal file of the database was cut while PixTag ran. Its last changes may be lost, and nothing more is stored."
    " Restart PixTag."
)
CUT_SHARED_MEMORY: Final = (
    "The -shm file of the database was cut while PixTag ran, so the database cannot be used. Nothing was lost. Restart"
    " PixTag."
)

_LOGGED: Final = {
    REPLACED: "pixtag.db, its -wal file or its -shm file was removed or replaced while PixTag runs. PixTag stores"
    " nothing more. If you moved the files, move them back. Otherwise, stop PixTag, and start it again.",
    CUT_WAL: "The file pixtag.db-wal was cut while PixTag runs, so its last changes may be lost. PixTag stores nothing"
    " more. Stop PixTag, and start it again.",
    CUT_SHARED_MEMORY: "The file pixtag.db-shm was cut while PixTag runs. PixTag can neither read nor store anything."
    " Nothing was lost. Stop PixTag, and start it again.",
}

logger: Final = logging.getLogger(__name__)


class _Identity(NamedTuple):
    """The system gives these numbers to no other file as long as a connection has this one open."""

    device: int
    inode: int


class Files(NamedTuple):
    """The database, its -wal file and its -shm file, or None for a missing file, and two sizes."""

    database: _Identity | None
    wal: _Identity | None
    shared_memory: _Identity | None
    wal_bytes: int
    shared_memory_bytes: int

    @classmethod
    def find(cls, path: Path) -> Self:
        """Return the files that are on the disk now."""
        database, _ = _identify(str(path))
        wal, wal_bytes = _identify(f"{path}-wal")
        shared_memory, shared_memory_bytes = _identify(f"{path}-shm")
        return cls(database, wal, shared_memory, wal_bytes, shared_memory_bytes)


class OpenFiles:
    """The files that the connections to a database have open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._logged = ""
        self.note()

    def note(self) -> None:
        """Remember the files that are on the disk. Call this after the first connection was opened."""
        self._files = Files.find(self._path)

    def require_same(self) -> None:
        """Check that the files on the disk are those that the connections have open. Others would lose all changes.

        Raises:
            Unavailable: a file was removed, replaced or cut.
        """
        if fault := self.find_fault():
            raise Unavailable(fault)

    def find_fault(self) -> str:
        """Return what happened to the files, or an empty text."""
        opened = self._files  # before the files are found, because other threads let them grow
        return _compare(opened, Files.find(self._path))

    def check(self, connection: sqlite3.Connection) -> None:
        """Log what happened to the files. Copy the changes of a removed -wal file, which is still open.

        This is repeated with each transaction, because a reader can prevent that all changes are copied. The -wal file
        is not used after another one took its place, because its frames may no longer be those in the shared memory.

        Args:
            connection: A connection outside a transaction.

        Raises:
            Unavailable: the -shm file was cut. Any use of it would end this process with SIGBUS.
        """
        opened = self._files
        found = Files.find(self._path)
        fault = _compare(opened, found)
        if fault == CUT_WAL and _has_all_frames(connection, found.wal_bytes):
            fault = ""  # another program has copied all changes, and SQLite has cut the file
        if not fault:
            self._files = found
        elif fault != self._logged:
            logger.error("%s", _LOGGED[fault])
        self._logged = fault
        if fault == CUT_SHARED_MEMORY:
            raise Unavailable(fault)
        database, _, shared_memory = opened[:3]
        if found[:3] in {(database, None, None), (database, None, shared_memory)}:
            with suppress(sqlite3.Error):  # for example, the disk is full
                connection.execute("PRAGMA wal_checkpoint")


def _compare(opened: Files, found: Files) -> str:
    """Return what happened to the opened files, or an empty text."""
    if found.shared_memory == opened.shared_memory and found.shared_memory_bytes < opened.shared_memory_bytes:
        return CUT_SHARED_MEMORY
    if found[:3] != opened[:3]:
        return REPLACED
    return CUT_WAL if found.wal_bytes < min(opened.wal_bytes, MAX_WAL_BYTES) else ""


def _identify(name: str) -> tuple[_Identity | None, int]:
    try:
        status = os.stat(name)  # noqa: PTH116 - each transaction waits for it
    except OSError:
        return None, 0
    return _Identity(status.st_dev, status.st_ino), status.st_size


def _has_all_frames(connection: sqlite3.Connection, wal_bytes: int) -> bool:
    """Return whether the -wal file has all frames that SQLite would use."""
    try:
        _, frames, _ = connection.execute("PRAGMA wal_checkpoint").fetchone()
    except sqlite3.Error:
        return False
    return bool(wal_bytes >= measure_frames(frames))
