"""Keeps an index of the files that were sent, so that they are neither read nor sent again."""

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self

import platformdirs

from app import __version__
from app.client.errors import IndexUnusable
from app.client.walk import FoundFile

FILE: Final = "uploads.db"
BUSY_SECONDS: Final = 30.0  # while another `pixtag upload` writes
CHUNK: Final = 1_000  # files of a query, which takes less time than a query for each file
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, url TEXT, owner TEXT, UNIQUE (url, owner));
CREATE TABLE IF NOT EXISTS file (
    account INTEGER, path BLOB, state TEXT, sha256 TEXT, image TEXT, version TEXT,
    PRIMARY KEY (account, path)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS file_hash ON file (account, sha256) WHERE image IS NOT NULL;
CREATE TABLE IF NOT EXISTS pending ( -- sha256 is the hash of the file and, after it, of the metadata of an import
    account INTEGER, path BLOB, sha256 TEXT, image TEXT, PRIMARY KEY (account, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tagging (
    account INTEGER, image TEXT, tag TEXT, PRIMARY KEY (account, image, tag)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS imported (
    account INTEGER, sha256 TEXT, metadata TEXT, image TEXT, PRIMARY KEY (account, sha256, metadata)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS collecting (
    account INTEGER, image TEXT, album TEXT, PRIMARY KEY (account, image, album)
) WITHOUT ROWID;
"""
FAVOURITES: Final = ""  # in place of the title of an album


def index_path() -> Path:
    """Return the path of the index in the platform's folder for the state of programs."""
    return platformdirs.user_state_path("pixtag", appauthor=False) / FILE


class UploadIndex:
    """The files that were sent to one account. Threads can share it.

    Args:
        path: The file of the index. It is created if it is missing.
        url: The address of the server.
        owner: The id of the account.

    Raises:
        IndexUnusable: the file cannot be read or written. Every method can raise it.
    """

    def __init__(self, path: Path, url: str, owner: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._explained():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")  # a power failure may cost the last rows
            self._connection.executescript(_TABLES)
        self._execute("INSERT OR IGNORE INTO account (url, owner) VALUES (?, ?)", url, owner)
        ((self._account,),) = self._execute("SELECT id FROM account WHERE url = ? AND owner = ?", url, owner)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Wait for a write of another thread."""
        with self._lock:
            self._connection.close()

    def compare(self, files: Iterable[FoundFile]) -> Iterator[tuple[FoundFile, bool]]:
        """Yield each file, and whether it is new: it was not sent and may be a photo, or it has changed since."""
        iterator = iter(files)
        while chunk := list(islice(iterator, CHUNK)):
            states = self._find_states([os.fsencode(file.path) for file in chunk])
            for file in chunk:
                yield file, states.get(os.fsencode(file.path)) != _describe_state(file)

    def _find_states(self, paths: Sequence[bytes]) -> dict[bytes, str]:
        """Return the states of the files that were sent, or are known to be no photos."""
        return dict(
            self._execute(
                "SELECT path, state FROM file WHERE account = ? AND (image IS NOT NULL OR version = ?)"  # noqa: S608 - marks
                f" AND path IN ({', '.join('?' * len(paths))})",
                self._account,
                __version__,  # a later version may read other files
                *paths,
            )
        )

    def find_image(self, sha256: str) -> str | None:
        """Return the id of the image with these bytes that was sent from any path, or None."""
        rows = self._execute(
            "SELECT image FROM file WHERE account = ? AND sha256 = ? AND image IS NOT NULL LIMIT 1",
            self._account,
            sha256,
        )
        return rows[0][0] if rows else None

    def add(self, file: FoundFile, sha256: str | None, image: str | None) -> None:
        """Record that a file was sent, or is not a photo if `image` is None. Its upload is no longer pending."""
        path = os.fsencode(file.path)
        row = (self._account, path, _describe_state(file), sha256, image, __version__)
        self._execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)", *row)
        self._execute("DELETE FROM pending WHERE account = ? AND path = ?", self._account, path)

    def begin(self, path: str, sha256: str, image: str, metadata: str = "") -> None:
        """Record that the upload of a file has begun, with metadata that has this hash."""
        row = (self._account, os.fsencode(path), sha256 + metadata, image)
        self._execute("INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?)", *row)

    def find_pending(self, path: str, sha256: str) -> tuple[str, str] | None:
        """Return the image whose upload from this path was interrupted and the hash of its metadata, or None."""
        rows = self._execute(
            "SELECT image, sha256 FROM pending WHERE account = ? AND path = ?", self._account, os.fsencode(path)
        )
        return next(((image, row.removeprefix(sha256)) for image, row in rows if row.startswith(sha256)), None)

    def cancel(self, path: str) -> None:
        """Record that the upload of a file has ended without success."""
        self._execute("DELETE FROM pending WHERE account = ? AND path = ?", self._account, os.fsencode(path))

    def count_pending(self) -> int:
        """Return the number of uploads that were interrupted."""
        ((count,),) = self._execute("SELECT count(*) FROM pending WHERE account = ?", self._account)
        return int(count)

    def count_sent(self) -> int:
        """Return the number of files that were sent."""
        ((count,),) = self._execute("SELECT count(*) FROM file WHERE account = ? AND image IS NOT NULL", self._account)
        return int(count)

    def add_tags(self, image: str, tags: Iterable[str]) -> None:
        """Record the tags that an image gets after it was processed."""
        for tag in tags:
            self._execute("INSERT OR IGNORE INTO tagging VALUES (?, ?, ?)", self._account, image, tag)

    def list_tags(self) -> dict[str, list[str]]:
        """Return the tags for which each image waits, oldest image first."""
        waiting: dict[str, list[str]] = {}
        rows = self._execute("SELECT image, tag FROM tagging WHERE account = ? ORDER BY image, tag", self._account)
        for image, tag in rows:
            waiting.setdefault(image, []).append(tag)
        return waiting

    def remove_tags(self, image: str) -> None:
        """Record that an image no longer waits for tags."""
        self._execute("DELETE FROM tagging WHERE account = ? AND image = ?", self._account, image)

    def find_imported(self, sha256: str, metadata: str) -> str | None:
        """Return the id of the image that an import has sent with these bytes and this metadata, or None."""
        rows = self._execute(
            "SELECT image FROM imported WHERE account = ? AND sha256 = ? AND metadata = ?",
            self._account,
            sha256,
            metadata,
        )
        return rows[0][0] if rows else None

    def add_imported(self, sha256: str, metadata: str, image: str) -> None:
        """Record that an import has sent an image with this metadata."""
        self._execute("INSERT OR REPLACE INTO imported VALUES (?, ?, ?, ?)", self._account, sha256, metadata, image)

    def add_albums(self, image: str, albums: Iterable[str]) -> None:
        """Record the titles of the albums that an image joins after it was processed."""
        for album in albums:
            self._execute("INSERT OR IGNORE INTO collecting VALUES (?, ?, ?)", self._account, image, album)

    def list_albums(self) -> dict[str, list[str]]:
        """Return the titles of the albums for which each image waits, oldest image first."""
        waiting: dict[str, list[str]] = {}
        statement = "SELECT image, album FROM collecting WHERE account = ? ORDER BY image, album"
        for image, album in self._execute(statement, self._account):
            waiting.setdefault(image, []).append(album)
        return waiting

    def remove_album(self, image: str, album: str) -> None:
        """Record that an image no longer waits for an album."""
        statement = "DELETE FROM collecting WHERE account = ? AND image = ? AND album = ?"
        self._execute(statement, self._account, image, album)

    def _execute(self, statement: str, *values: object) -> list[Any]:
        with self._explained(), self._lock:
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Convert errors of SQLite and the file system to `IndexUnusable`."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise IndexUnusable(self._explain(error)) from error

    def _explain(self, error: Exception) -> str:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith("SQLITE_FULL"):
            return f"The disk of the upload index {self._path} is full. Free some space, then run the command again."
        if name in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
            return (
                f"The upload index {self._path} is damaged. Delete it. The server recognizes the photos that it has, so"
                " they are not sent twice."
            )
        return f"The upload index {self._path} cannot be used: {error}."


def _describe_state(file: FoundFile) -> str:
    """Return what changes when a file changes. SQLite has no integers for the times and inodes of some file systems."""
    return f"{file.size} {file.mtime_ns} {file.inode}"
