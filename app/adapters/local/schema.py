"""Creates and migrates the tables of an embedded PixTag, and checks that a file is such a database."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

from typing_extensions import override

from app.domain.errors import DatabaseUnusable
from app.domain.metadata import NO_METADATA, load_metadata
from app.domain.texts import dump_texts, read_texts

APPLICATION_ID: Final = 0x50697854  # "PixT"; it marks a file as PixTag's
JOURNAL_MODE: Final = "wal"  # it needs shared memory, which network disks do not have

BUSY_SECONDS: Final = 30.0  # the longest wait for other writers
MIN_SQLITE: Final = (3, 37)  # the first version with STRICT tables

_POLL_SECONDS: Final = 0.02
_MARKED: Final = 3  # the step that creates the table `last_write`

LATER: Final = "was written by a later version of PixTag. Install that version or a later one."

MIGRATIONS: Final = Path(__file__).with_name("migrations")


class Guard(Protocol):
    """Decides what may happen to a database that is empty, damaged or of an earlier version."""

    def move_foreign_wal(self) -> bool:
        """Move the -wal file away if it does not belong to the database. No connection of this process may be open.

        Return whether it was moved.

        Raises:
            DatabaseUnusable: the file cannot be moved, or the database is damaged without it.
        """

    def prepare_files(self) -> bool:
        """Check the files of a database that this process is about to open. Move a foreign -wal file away.

        Return whether changes in a -wal file are left out. They are kept in another folder.

        Raises:
            DatabaseUnusable: there are such changes, and they cannot be kept.
            Unavailable: another process uses a -wal file that was removed.
        """

    def require_new(self) -> None:
        """Check that no database has existed here, before the tables are created in an empty file.

        Raises:
            DatabaseUnusable: the database was lost.
        """

    def upgrade(
        self, connection: sqlite3.Connection, version: int, latest: int
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Prepare an upgrade between two versions. The context lasts until its end.

        Call the context's value with the number of each completed step.
        """

    def describe_damage(self) -> str:
        """Return what is wrong with a damaged database and what to do, without its name."""

    def describe_unreadable(self) -> str:
        """Return what to do if the disk cannot read a part of the database or of its -wal file, without its name."""
        return "cannot be read, because its disk reports errors. PixTag has not changed it."

    def describe_foreign(self) -> str:
        """Return what is wrong with a database without the mark of PixTag and what to do, without its name."""
        return "belongs to another program. Move it away, or set PIXTAG_DATA to another folder."


class NoGuard(Guard):
    """The guard of a database that is not a library, such as a copy."""

    @override
    def move_foreign_wal(self) -> bool:
        return False

    @override
    def prepare_files(self) -> bool:
        return False

    @override
    def require_new(self) -> None:
        pass

    @override
    @contextmanager
    def upgrade(self, connection: sqlite3.Connection, version: int, latest: int) -> Iterator[Callable[[int], None]]:
        yield lambda _step: None

    @override
    def describe_damage(self) -> str:
        return "is damaged. Move it and its -wal file to another folder, then restore a backup."


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Begin a transaction. Commit it when the block ends, or roll back after an exception."""
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:  # SQLite itself rolls back after some errors
            connection.execute("ROLLBACK")


def count_steps() -> int:
    """Return the number of steps of this version, which is the `user_version` of its databases."""
    return len(list(MIGRATIONS.glob("*.sql")))


def mark_write(connection: sqlite3.Connection) -> None:
    """Give the current write transaction a number, see `last_write`. Call this once, before its commit."""
    connection.execute("UPDATE last_write SET previous = number, number = randomblob(8)")


def prepare(connection: sqlite3.Connection, path: Path, migrations: Path, guard: Guard) -> None:
    """Create the tables of a new database, or migrate those of an earlier version.

    Each file in the folder `migrations` is one step. `user_version` is the number of completed steps. A new database is
    created in one transaction. An upgrade has a transaction for each step, so it can be interrupted and repeated.

    Args:
        connection: A connection outside a transaction.
        path: The file of the database.
        migrations: The folder of the steps.
        guard: Decides whether the tables may be created or upgraded.

    Raises:
        DatabaseUnusable: the file belongs to a later version or to another program, it was lost, its disk is not
            local, or this Python has an old version of SQLite.
    """
    if sqlite3.sqlite_version_info < MIN_SQLITE:
        raise DatabaseUnusable(
            f"PixTag needs SQLite {'.'.join(map(str, MIN_SQLITE))} or newer, but this Python has SQLite"
            f" {sqlite3.sqlite_version}. Use another Python, such as one that uv installs."
        )
    steps = sorted(migrations.glob("*.sql"))
    version = _check(connection, path, len(steps), guard)
    if version == 0:
        guard.require_new()
    elif version < len(steps):
        with guard.upgrade(connection, version, len(steps)) as report:
            _upgrade(connection, steps, report)
    if _set_journal_mode(connection) != "wal":
        raise DatabaseUnusable(f"{path} is on a network disk. Set PIXTAG_DATA to a folder on a local disk.")
    if version == 0:
        _create(connection, path, steps, guard)


def _set_journal_mode(connection: sqlite3.Connection) -> str:
    """Return the new journal mode. Unlike a transaction, this change does not wait for locks of others by itself."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return str(connection.execute(f"PRAGMA journal_mode = {JOURNAL_MODE}").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_POLL_SECONDS)


def _create(connection: sqlite3.Connection, path: Path, steps: Sequence[Path], guard: Guard) -> None:
    with transaction(connection, "BEGIN IMMEDIATE"):  # so that only one of two processes creates the tables
        if _check(connection, path, len(steps), guard) == 0:
            for step in steps:
                _run(connection, step)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(steps)}")


def _upgrade(connection: sqlite3.Connection, steps: Sequence[Path], report: Callable[[int], None]) -> None:
    """Run the steps that the database has not completed. Report the number of each completed step."""
    connection.execute("PRAGMA synchronous = FULL")
    for version in range(_read_version(connection), len(steps)):  # another process may have upgraded it
        with transaction(connection, "BEGIN IMMEDIATE"):
            _run(connection, steps[version])
            if version >= _MARKED:
                mark_write(connection)
            connection.execute(f"PRAGMA user_version = {version + 1}")
        report(version + 1)


def _run(connection: sqlite3.Connection, step: Path) -> None:
    connection.create_function("read_texts", 2, _read_texts, deterministic=True)
    for statement in _split(step.read_text()):
        connection.execute(statement)


def _read_texts(name: bytes, metadata: bytes) -> str:
    """Return the stored texts of a photo. The arguments are bytes, because SQLite passes no text with invalid UTF-8."""
    text = name.decode(errors="replace")
    try:
        return dump_texts(read_texts(text, load_metadata(metadata.decode())))
    except (AttributeError, RecursionError, TypeError, ValueError):  # `pixtag doctor` finds damaged rows
        return dump_texts(read_texts(text, NO_METADATA))


def _check(connection: sqlite3.Connection, path: Path, latest: int, guard: Guard) -> int:
    """Return the number of steps that the database has completed."""
    version = _read_version(connection)
    application, tables = (
        int(connection.execute(statement).fetchone()[0])
        for statement in ("PRAGMA application_id", "SELECT count(*) FROM sqlite_schema")
    )
    if application != APPLICATION_ID and (tables or version):
        raise DatabaseUnusable(f"{path} {guard.describe_foreign()}")
    if version > latest:
        raise DatabaseUnusable(f"{path} {LATER}")
    if tables and not version:
        raise DatabaseUnusable(f"{path} {guard.describe_damage()}")
    return version


def _read_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _split(script: str) -> Iterator[str]:
    """Yield the statements of a script. A trigger is one statement."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
