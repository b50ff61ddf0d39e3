"""Decides what may happen to the database of a library that is missing, damaged or of an earlier version."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from typing_extensions import override

from app.adapters.local.copies import Copies, is_intact
from app.adapters.local.damaged_files import keep_damaged_wal, move_foreign_wal
from app.adapters.local.folder import DataFolder
from app.adapters.local.last_write import has_foreign_wal
from app.adapters.local.progress import show_progress
from app.adapters.local.schema import Guard
from app.domain.errors import DatabaseUnusable, StartFailed, StorageFull


class LibraryGuard(Guard):
    """The guard of the database in a data folder. It names the copies that can be restored."""

    def __init__(self, folder: DataFolder, copies: Copies) -> None:
        self._folder = folder
        self._copies = copies

    @override
    def prepare_files(self) -> bool:
        self._folder.require_wal()
        was_moved = self.move_foreign_wal()
        with self._locked_wal() as is_locked:
            return was_moved or (is_locked and keep_damaged_wal(self._folder.database))

    @override
    def move_foreign_wal(self) -> bool:
        database = self._folder.database
        with self._locked_wal() as is_locked:
            if not (is_locked and has_foreign_wal(database)):
                return False
            if not is_intact(database):
                raise DatabaseUnusable(f"{database} {self.describe_damage()}")
            return move_foreign_wal(database)

    @contextmanager
    def _locked_wal(self) -> Iterator[bool]:
        """Yield whether there are changes in the -wal file, and no other instance uses it during the block."""
        with ExitStack() as stack:
            is_locked = self._folder.has_changes_in_wal()
            if is_locked:
                try:
                    stack.enter_context(self._folder.hold_lock())
                except StartFailed:  # the process that has the lock has checked the file, and uses it
                    is_locked = False
            yield is_locked

    @override
    def require_new(self) -> None:
        if not self._folder.is_rebuild and self._folder.contains_library():
            raise DatabaseUnusable(
                f"{self._folder.database} is empty, but its library exists. {self._folder.describe_repairs()}"
            )

    @override
    def describe_damage(self) -> str:
        if self._folder.contains_library():
            return f"is damaged. PixTag has not changed it. {self._folder.describe_repairs()}"
        return "is damaged, or it is not a PixTag database. Move it away, or set PIXTAG_DATA to another folder."

    @override
    def describe_unreadable(self) -> str:
        return (
            f"{super().describe_unreadable()} Copy the data folder to another disk with `cp -a`, and name the copy with"
            f" --data. If the database of the copy is damaged, replace it. {self._folder.describe_repairs()}"
        )

    @override
    def describe_foreign(self) -> str:
        return self.describe_damage() if self._folder.contains_library() else super().describe_foreign()

    @override
    @contextmanager
    def upgrade(self, connection: sqlite3.Connection, version: int, latest: int) -> Iterator[Callable[[int], None]]:
        """Lock the folder and copy the database before the upgrade.

        Raises:
            DatabaseUnusable: the disk is full. The upgrade can be repeated.
            StartFailed: another version of PixTag uses the folder.
        """
        try:
            with self._folder.hold_lock(), show_progress(version, latest) as progress:
                current = connection.execute("PRAGMA user_version").fetchone()[0]
                if current < latest:  # otherwise, another process has just upgraded it
                    self._copies.make_before_upgrade(connection, current, latest, progress.show_copy)
                yield progress.show_step
        except (StorageFull, sqlite3.OperationalError) as error:
            if isinstance(error, StorageFull) or error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise DatabaseUnusable(
                    f"{self._folder.database} must be upgraded, but the disk has too little space for a copy of"
                    " it and for the upgrade. Nothing was lost. Free disk space, then start PixTag again."
                ) from error
            raise
