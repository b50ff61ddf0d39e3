"""Makes copies of the database every day and before upgrades, and lists those that can be restored.

A copy contains the state at one moment. Writers do not wait while it is made. It appears under its name only after it
is complete, checked and on the disk.
"""

import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.adapters.local.data_files import COPIES
from app.adapters.local.database import DAMAGED, Database
from app.adapters.local.database_files import READ_FAILURES, connect_read_only, has_all_pages
from app.adapters.local.disk import UPLOAD_RESERVE_BYTES
from app.adapters.local.files import make_folder, sync_file, sync_folder, translate_errors
from app.adapters.local.folder import DataFolder
from app.adapters.local.schema import APPLICATION_ID
from app.domain.errors import DatabaseUnusable, StorageFull

DAY_SECONDS: Final = 86_400
KEPT_SECONDS: Final = 7 * DAY_SECONDS
MIN_KEPT: Final = 7  # whatever the clock says
HOUR_SECONDS: Final = 3_600  # between two copies on the first day of an account
RETRY_SECONDS: Final = 3_600  # after a copy that failed or was skipped
UNFINISHED: Final = "unfinished.tmp"  # an interrupted copy, which the next one replaces
STEP_PAGES: Final = 1_000  # between two checks of the free space

_UPGRADE: Final = "-before-upgrade-to-"

logger: Final = logging.getLogger(__name__)

Progress = Callable[[int, int], None]  # pages that are copied, and all pages


class Copies:
    """The copies of a database in the folder `copies`, which is next to the database."""

    def __init__(self, folder: DataFolder) -> None:
        self._data = folder
        self._folder = folder.path / COPIES
        self._retry_at = float("-inf")

    def make_nightly(self, database: Database) -> bool:
        """Make a copy unless the newest one is less than a day old. Delete copies after seven days, but keep seven.

        There is no copy before the first account is confirmed, because an empty copy is useless. For a day after an
        account was confirmed, a copy is made every hour. It replaces an earlier one of the same date.

        If there is too little space, or if the copy fails, log it and try again after an hour. Return whether a copy
        was made.

        Raises:
            DatabaseUnusable: the database is damaged. All copies are kept.
            Unavailable: the database or the folder cannot be read or written.
        """
        if time.monotonic() < self._retry_at:
            return False
        self._retry_at = time.monotonic() + RETRY_SECONDS
        with translate_errors():
            is_due = self._is_due(database)
        if not is_due:
            self._retry_at = float("-inf")
            return False
        self._delete_old()
        try:
            with database.read() as connection:
                copy_database(connection, self._folder / f"{_today()}.db")
        except StorageFull:
            logger.error("The nightly copy of the database was skipped, because the disk has too little space.")  # noqa: TRY400 - no bug
            return False
        self._retry_at = float("-inf")
        self._delete_old()
        return True

    def make_before_upgrade(self, connection: sqlite3.Connection, version: int, latest: int, report: Progress) -> Path:
        """Copy a database of an earlier version, unless an interrupted upgrade has already done so. Return the copy.

        Raises:
            DatabaseUnusable: the database is damaged.
            StorageFull: there is too little space.
        """
        path = self._folder / f"{_today()}{_UPGRADE}{latest}.db"
        if not (path.is_file() and 0 < read_version(path) < version):
            copy_database(connection, path, report=report)
        return path

    def _is_due(self, database: Database) -> bool:
        """Return whether no copy is new enough. Copies from the future were made before the clock was set."""
        with database.read() as connection:
            confirmed_at = connection.execute("SELECT max(confirmed_at) FROM account").fetchone()[0]
        if confirmed_at is None:
            return False
        now = time.time()
        interval = HOUR_SECONDS if 0 <= now - confirmed_at < DAY_SECONDS else DAY_SECONDS
        nightly = [path for path in self._data.list_copies() if _UPGRADE not in path.name]
        return not any(0 <= now - path.stat().st_mtime < interval for path in nightly)

    def _delete_old(self) -> None:
        """Delete old copies and those from the future, but never the newest ones."""
        with translate_errors():
            for path in self._data.list_copies()[MIN_KEPT:]:
                if not 0 <= time.time() - path.stat().st_mtime < KEPT_SECONDS:
                    path.unlink(missing_ok=True)


def copy_database(source: sqlite3.Connection, path: Path, *, report: Progress = lambda _done, _all: None) -> None:
    """Copy the database of a connection to a file. An existing file is replaced when the copy is complete.

    Raises:
        DatabaseUnusable: the database is damaged. No copy was made.
        StorageFull: the copy would take the space that is reserved for uploads. No copy was made.
    """
    temporary = path.with_name(UNFINISHED)

    def check_space(_status: int, remaining: int, total: int) -> None:
        if shutil.disk_usage(path.parent).free < remaining * page_bytes + UPLOAD_RESERVE_BYTES:
            raise StorageFull
        report(total - remaining, total)

    with translate_errors():
        make_folder(path.parent)
        try:
            page_bytes, pages = (source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count"))
            check_space(0, pages, pages)
            temporary.unlink(missing_ok=True)
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with closing(sqlite3.connect(temporary, isolation_level=None)) as target:
                target.execute("PRAGMA synchronous = OFF")  # the file is synchronized once, at the end
                target.execute("PRAGMA journal_mode = OFF")
                source.backup(target, pages=STEP_PAGES, progress=check_space)
            if not is_intact(temporary):
                raise DatabaseUnusable(f"{path.name} could not be copied, because the database is damaged.")
            sync_file(temporary)
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def is_intact(path: Path, *, is_in_use: bool = False) -> bool:
    """Return whether a file is a complete PixTag database. It is only read. `is_in_use` is false for a copy.

    Raises:
        sqlite3.DatabaseError: a database that is in use cannot be opened, so it is not known whether it is damaged.
    """
    if not path.is_file():
        return False
    try:
        with closing(connect_read_only(path, is_in_use=is_in_use)) as connection:
            application, version = (
                connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            is_complete = has_all_pages(connection, path)
            check = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if is_in_use and error.sqlite_errorcode & 0xFF not in DAMAGED and error.sqlite_errorcode not in READ_FAILURES:
            raise
        return False
    return bool(application == APPLICATION_ID and version > 0 and is_complete and check == "ok")


def read_version(path: Path) -> int:
    """Return the version of a copy's tables, or 0 if the file is damaged."""
    with suppress(sqlite3.DatabaseError), closing(connect_read_only(path, is_in_use=False)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    return 0


def describe_age(path: Path) -> str:
    """Return when a copy was made, such as "from 2026-01-31 09:00 UTC, 3 hours ago"."""
    files = (path, path.with_name(f"{path.name}-wal"))
    made_at = max(file.stat().st_mtime for file in files if file.exists())
    hours = (time.time() - made_at) / HOUR_SECONDS
    text = f"from {datetime.fromtimestamp(made_at, UTC):%Y-%m-%d %H:%M} UTC"
    if hours < 0:
        return f"{text}, when the clock was ahead"
    number, unit = (hours / 24, "days") if hours >= 48 else (hours, "hours") if hours >= 2 else (hours * 60, "minutes")  # noqa: PLR2004
    return f"{text}, {number:.0f} {unit} ago"


def _today() -> str:
    return datetime.fromtimestamp(time.time(), UTC).date().isoformat()
