"""Simulates a disk that cannot read a file. SQLite and PixTag then get the error EIO."""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from app.adapters.local import database_files, files


class _FailingConnection(sqlite3.Connection):
    """A connection to a database that cannot be read. See `unixRead` in SQLite for the code."""

    def execute(self, *_arguments: Any) -> sqlite3.Cursor:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR_CORRUPTFS, "SQLITE_IOERR_CORRUPTFS"
        raise error


class _ConnectionWithoutWal(sqlite3.Connection):
    """A connection to a database whose -wal file cannot be read. SQLite calls the database damaged."""

    def execute(self, *_arguments: Any) -> sqlite3.Cursor:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_CORRUPT, "SQLITE_CORRUPT"
        raise error


def break_sector(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Let all reads of a database, or of its -wal file, fail. It can have another name afterwards."""
    inode, connect, open_file = path.stat().st_ino, sqlite3.connect, files.open_file

    def is_broken(file: Path) -> bool:
        return file.exists() and file.stat().st_ino == inode

    def connect_or_fail(database: str | Path, *arguments: Any, **options: Any) -> sqlite3.Connection:
        name, query = str(database), ""
        if options.get("uri"):
            name, query = unquote(urlsplit(name).path), urlsplit(name).query
        if is_broken(Path(name)):
            options["factory"] = _FailingConnection
        elif is_broken(Path(f"{name}-wal")) and "immutable" not in query:
            options["factory"] = _ConnectionWithoutWal
        connection: sqlite3.Connection = connect(database, *arguments, **options)
        return connection

    def open_or_fail(file: Path) -> Any:
        if is_broken(file):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(file))
        return open_file(file)

    monkeypatch.setattr(sqlite3, "connect", connect_or_fail)
    monkeypatch.setattr(database_files, "open_file", open_or_fail)
