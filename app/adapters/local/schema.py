"""Creates and migrates the tables of an embedded PixTag, and checks that a file is such a database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.domain.errors import DatabaseUnusable

APPLICATION_ID: Final = 0x50697854  # "PixT"; it marks a file as PixTag's
JOURNAL_MODE: Final = "wal"  # it needs shared memory, which network disks do not have

MIN_SQLITE: Final = (3, 37)  # the first version with STRICT tables

_MIGRATIONS: Final = Path(__file__).with_name("migrations")


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


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables of a new database, or migrate those of an earlier version.

    Each file in `migrations` is one step. `user_version` is the number of completed steps.

    Raises:
        DatabaseUnusable: the file belongs to a later version or to another program, its disk is not local, or this
            Python has an old version of SQLite.
    """
    if sqlite3.sqlite_version_info < MIN_SQLITE:
        raise DatabaseUnusable(
            f"PixTag needs SQLite {'.'.join(map(str, MIN_SQLITE))} or newer, but this Python has SQLite"
            f" {sqlite3.sqlite_version}. Use another Python, such as one that uv installs."
        )
    migrations = sorted(_MIGRATIONS.glob("*.sql"))
    version = _check(connection, path, len(migrations))
    if connection.execute(f"PRAGMA journal_mode = {JOURNAL_MODE}").fetchone()[0] != "wal":
        raise DatabaseUnusable(f"{path} is on a network disk. Set PIXTAG_DATA to a folder on a local disk.")
    if version == len(migrations):
        return
    with transaction(connection, "BEGIN IMMEDIATE"):  # so that only one of two processes migrates
        for migration in migrations[_check(connection, path, len(migrations)) :]:
            for statement in _split(migration.read_text()):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


def _check(connection: sqlite3.Connection, path: Path, latest: int) -> int:
    """Return the number of steps that the database has completed."""
    version, application, tables = (
        int(connection.execute(statement).fetchone()[0])
        for statement in ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_schema")
    )
    if application != APPLICATION_ID and (tables or version):
        raise DatabaseUnusable(
            f"{path} belongs to another program. Move it away, or set PIXTAG_DATA to another folder."
        )
    if version > latest:
        raise DatabaseUnusable(f"{path} was written by a later version of PixTag. Install that version or a later one.")
    return version


def _split(script: str) -> Iterator[str]:
    """Yield the statements of a script. A trigger is one statement."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
