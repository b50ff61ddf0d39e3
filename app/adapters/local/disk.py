"""Measures the free space of the disk, and reserves the last of it for what must always be possible."""

import shutil
from pathlib import Path
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.adapters.local.files import FULL, OBJECT_FOLDERS, OBJECTS, find_failure, translate_errors
from app.domain.disk import Disk, DiskState
from app.domain.errors import StorageFull

# Uploads end before the disk is full, and edits later. People can then still sign in, and delete photos to free space.
# The worker ends last, so that it can process the uploads that are waiting.
UPLOAD_RESERVE_BYTES: Final = 32 * 2**20
EDIT_RESERVE_BYTES: Final = 16 * 2**20
WORKER_RESERVE_BYTES: Final = 8 * 2**20


class LocalDisk(Disk):
    """The disk that contains a data folder. Its photos can be on another disk, if `objects` is a link.

    Args:
        folder: The data folder. It must exist.
        database: The database in it, which may have another fault.
    """

    def __init__(self, folder: Path, database: Database | None = None) -> None:
        self._folder = folder
        self._database = database

    @property
    @override
    def free_bytes(self) -> int:
        return _measure(self._find_fullest())

    @property
    @override
    def total_bytes(self) -> int:
        folder = self._find_fullest()
        with translate_errors():
            return shutil.disk_usage(folder).total

    def _find_fullest(self) -> Path:
        """Return a folder of the disk that has the least free space."""
        objects = self._folder / OBJECTS
        return min(self._folder, objects if objects.is_dir() else self._folder, key=_measure)

    @property
    @override
    def state(self) -> DiskState:
        is_full = self._has_no_space_for_edits
        if self._database:
            self._database.require_readable()
        if is_full:
            return DiskState.FULL
        failures = self._find_failures()
        if failures - FULL or (self._database and self._database.find_fault()):
            return DiskState.READ_ONLY
        if failures:  # a disk can have too many files, although it has space
            return DiskState.FULL
        return DiskState.LOW if self.free_bytes < UPLOAD_RESERVE_BYTES else DiskState.OK

    def _find_failures(self) -> set[int | None]:
        """Return the numbers of the errors why no file can be created in one of the folders."""
        folders = (self._folder / OBJECTS / name for name in OBJECT_FOLDERS)
        return {failure.errno for failure in map(find_failure, (self._folder, *folders)) if failure}

    @override
    def require_space_for_edit(self) -> None:
        if self._has_no_space_for_edits:
            raise StorageFull

    @property
    def _has_no_space_for_edits(self) -> bool:
        """Whether the disk of the database has no space for edits. They do not change photos."""
        return _measure(self._folder) < EDIT_RESERVE_BYTES


def _measure(folder: Path) -> int:
    """Return the free bytes of the disk that contains a folder."""
    with translate_errors():
        return shutil.disk_usage(folder).free
