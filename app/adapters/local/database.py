"""Lends connections to the SQLite database of an embedded PixTag, and translates SQLite's errors."""

import errno
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from app.adapters.local.clock import forget_clock
from app.adapters.local.database_files import (
    READ_FAILURES,
    allocate_shared_memory,
    connect_read_only,
    find_unreadable,
    has_all_pages,
)
from app.adapters.local.files import RAISED, describe_failure, find_failure, translate_errors
from app.adapters.local.open_files import CUT_SHARED_MEMORY, MAX_WAL_BYTES, OpenFiles
from app.adapters.local.schema import BUSY_SECONDS, MIGRATIONS, Guard, NoGuard, mark_write, prepare, transaction
from app.domain.errors import DatabaseUnusable, StorageFull, Unavailable

MAX_IDLE: Final = 8
CACHE_KIB: Final = 2_048  # per connection
MIN_FREE_BYTES: Final = 2**20  # SQLite reports a full disk in several ways

_OWN_FAULTS: Final = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISUSE}  # not those of the disk
_ADVICE: Final = "Check the disk, and the owner and permissions of the file and its folder."
DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CLOSED: Final = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY}

logger: Final = logging.getLogger(__name__)


class Database:
    """Lends connections for short transactions. Several threads and processes can use the same file.

    The file is opened, and its tables are created or migrated, on first use. A transaction inside another transaction
    of the same thread joins it. Its exceptions must reach the outer transaction.

    Args:
        path: The file.
        guard: Decides what may happen to a database that is missing, damaged or of an earlier version.
        migrations: The folder with the steps that create and upgrade the tables.
    """

    def __init__(self, path: Path, guard: Guard | None = None, migrations: Path = MIGRATIONS) -> None:
        self._path = path
        self._guard = guard or NoGuard()
        self._migrations = migrations
        self._idle: list[sqlite3.Connection] = []  # the last one is lent first, because its cache is warm
        self._thread = _Thread()
        self._writer = threading.Lock()  # SQLite lets writers poll, so each process has at most one
        self._opening = threading.Lock()
        self._is_prepared = False
        self._open_count = 0
        self._files = OpenFiles(path)
        self._damage = ""
        self._shared_memory: int | None = None
        self._is_earlier = False  # a -wal file was moved away, so the trash must wait again

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reads. All reads in the block see the same state.

        Raises:
            DatabaseUnusable: the file is damaged, or it is not a database of this or an earlier version of PixTag.
            Unavailable: the file cannot be read.
        """
        with self._lend() as connection:
            if connection.in_transaction:
                yield connection
                return
            with transaction(connection, "BEGIN"):
                yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Lend a connection for a write transaction. Commit when the block ends, or roll back after an exception.

        Args:
            durable: Whether the commit waits until the changes are on the disk. If not, a power failure may undo
                them. It cannot undo them without all later changes.

        Raises:
            DatabaseUnusable: see `read`.
            StorageFull: the disk is full. Nothing was written.
            Unavailable: the file cannot be written, other transactions took too long, or the file, its -wal file
                or its -shm file was removed or replaced. Nothing was written.
        """
        with self._lend() as connection:
            if self._thread.is_writing:
                yield connection
                return
            if not self._writer.acquire(timeout=BUSY_SECONDS):
                raise Unavailable
            self._thread.is_writing = True
            try:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                with transaction(connection, "BEGIN IMMEDIATE"):
                    self._files.require_same()
                    changes = connection.total_changes
                    yield connection
                    if connection.total_changes > changes:
                        mark_write(connection)
            finally:
                self._thread.is_writing = False
                self._writer.release()

    def check(self) -> None:
        """Check the structure of the whole file, then open it. This takes about 0.1 seconds for 20,000 images.

        A damaged file and its -wal file stay as they are: the last read-only connection does not copy the changes from
        the -wal file.

        Raises:
            DatabaseUnusable: the file is damaged. See also `read`.
        """
        if self._path.is_file() and self._path.stat().st_size:
            if not self._open_count:
                self._is_earlier = self._guard.move_foreign_wal()
            with self._translated(is_start=True), closing(connect_read_only(self._path)) as connection:
                is_complete = has_all_pages(connection, self._path)
                is_intact = is_complete and connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            if not is_intact:
                raise self._report_damage(is_start=True)
        with self.read():
            pass

    def close(self) -> None:
        """Close the idle connections. The last process to do so copies all changes from the -wal file."""
        while self._idle:
            self._close(self._idle.pop())

    def _close(self, connection: sqlite3.Connection) -> None:
        with self._opening:
            connection.close()
            self._open_count -= 1
            if not self._open_count and self._shared_memory is not None:
                os.close(self._shared_memory)
                self._shared_memory = None

    @contextmanager
    def _lend(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection that this thread already has, an idle connection, or a new one."""
        if self._thread.connection:
            yield self._thread.connection
            return
        connection = self._thread.connection = self._take()
        try:
            with self._translated():
                self._files.check(connection)
                yield connection
        finally:
            self._thread.connection = None
            if connection.in_transaction or len(self._idle) >= MAX_IDLE:  # a disk failure can prevent the rollback
                self._close(connection)
            else:
                self._idle.append(connection)

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> sqlite3.Connection:
        with self._opening, self._translated(is_start=True), ExitStack() as stack:
            is_earlier = False
            if self._open_count:
                self._files.require_same()
            else:
                is_earlier = self._guard.prepare_files() or self._is_earlier
            self._create()
            connection = sqlite3.connect(self._path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            stack.callback(connection.close)
            if not self._is_prepared:
                prepare(connection, self._path, self._migrations, self._guard)
                self._is_prepared = True
            connection.execute("PRAGMA user_version")  # the first read opens the -wal file
            if is_earlier:  # otherwise, the next start after a kill would find them again
                forget_clock(connection)
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if not self._open_count:
                self._files.note()
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # otherwise, deleted names stay in unused parts of the file
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute(f"PRAGMA journal_size_limit = {MAX_WAL_BYTES}")
            if not self._open_count:
                with translate_errors():
                    self._shared_memory = allocate_shared_memory(self._path)
            self._open_count += 1
            self._is_earlier = False
            stack.pop_all()
        return connection

    def _create(self) -> None:
        """Create an empty file if there is none. Other users cannot read it, unlike a file that SQLite creates.

        An existing file is not opened. Its closing would release all locks that SQLite has on it in this process, and
        the next process to close its last connection would delete the -wal file that this process still uses.

        Source: https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
        """
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            pass
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise StorageFull from error
            raise self._cannot_open(error) from error

    def _cannot_open(self, failure: OSError | None) -> DatabaseUnusable:
        reason = f": {failure.strerror}" if failure else ""
        return DatabaseUnusable(f"{self._path} cannot be opened or written{reason}. {_ADVICE}")

    @contextmanager
    def _translated(self, *, is_start: bool = False) -> Iterator[None]:
        """Translate errors of the disk. Only at the start, a file without access is unusable."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
            if code in _OWN_FAULTS:
                raise
            if error.sqlite_errorcode in READ_FAILURES:
                raise self._report_failed_read(is_start=is_start) from error
            is_full = code == sqlite3.SQLITE_FULL or shutil.disk_usage(self._path.parent).free < MIN_FREE_BYTES
            if is_full:
                _log_failure(error, "the disk is full")
                raise StorageFull from error
            if code in DAMAGED:
                raise self._report_damage(is_start=is_start) from error
            failure = find_failure(self._path.parent)
            if is_start and code in _CLOSED:
                raise self._cannot_open(failure) from error
            reason = failure.strerror if failure else error
            _log_failure(error, reason)
            if failure:
                raise describe_failure(failure) from error
            promise = "" if code == sqlite3.SQLITE_IOERR else " Nothing was lost."
            raise Unavailable(f"PixTag cannot use its database: {error}.{promise} Try again later.") from error

    def _report_failed_read(self, *, is_start: bool) -> DatabaseUnusable | Unavailable:
        """Return the error for a file that the disk cannot read. After the start, log it: other parts may be used."""
        if is_start:
            return self._find_unreadable() or DatabaseUnusable(f"{self._path} {self._guard.describe_unreadable()}")
        text = f"{self._path.name} {self._guard.describe_unreadable()}"
        logger.error("%s", text, extra=RAISED)
        return Unavailable(text)

    def _find_unreadable(self) -> DatabaseUnusable | None:
        """Return the error for a file that the disk cannot read, unless this process uses the files already."""
        file = None if self._open_count else find_unreadable(self._path)
        return DatabaseUnusable(f"{file} {self._guard.describe_unreadable()}") if file else None

    def _report_damage(self, *, is_start: bool) -> DatabaseUnusable | Unavailable:
        """Return the error for a damaged file. After the start, log it once."""
        damage = self._guard.describe_damage()
        if is_start:  # SQLite reports some failed reads of the -wal file as damage
            return self._find_unreadable() or DatabaseUnusable(f"{self._path} {damage}")
        if not self._damage:
            self._damage = f"{self._path.name} {damage}"
            logger.error("%s", self._damage)
        return Unavailable(self._damage)

    def find_fault(self) -> str:
        """Return why this process can store nothing until PixTag is restarted, or an empty text."""
        return self._damage or (self._files.find_fault() if self._open_count else "")

    def require_readable(self) -> None:
        """Check that this process can still read the file.

        Raises:
            Unavailable: somebody has damaged it or its -shm file. Restart PixTag to find out more.
        """
        if (fault := self.find_fault()) in {self._damage, CUT_SHARED_MEMORY} - {""}:
            raise Unavailable(fault)


def _log_failure(error: sqlite3.DatabaseError, reason: object) -> None:
    logger.error("the database failed: %s: %s", error.sqlite_errorname, reason, extra=RAISED)


class _Thread(threading.local):
    """What the current thread has borrowed."""

    connection: sqlite3.Connection | None = None
    is_writing: bool = False
