"""Measures the free space of the disk, and reserves the last of it for what must always be possible."""

import shutil
from pathlib import Path
from typing import Final

from typing_extensions import override

from app.adapters.local.files import FULL, OBJECT_FOLDERS, OBJECTS, find_failure, translate_errors
from app.domain.disk import Disk, DiskState
from app.domain.errors import StorageFull

# Uploads end before the disk is full, and edits later. People can then still sign in, and delete photos to free space.
# The worker ends last, so that it can process the uploads that are waiting.
UPLOAD_RESERVE_BYTES: Final = 32 * 2**20
EDIT_RESERVE_BYTES: Final = 16 * 2**20
WORKER_RESERVE_BYTES: Final = 8 * 2**20


class LocalDisk(Disk):
    """The disk that contains a folder. The folder must exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    @override
    def free_bytes(self) -> int:
        with translate_errors():
            return shutil.disk_usage(self._folder).free

    @property
    @override
    def state(self) -> DiskState:
        free_bytes = self.free_bytes
        if free_bytes < EDIT_RESERVE_BYTES:
            return DiskState.FULL
        if self._is_read_only():
            return DiskState.READ_ONLY
        return DiskState.LOW if free_bytes < UPLOAD_RESERVE_BYTES else DiskState.OK

    def _is_read_only(self) -> bool:
        """Return whether no file can be created in one of the folders, for another reason than missing space."""
        folders = (self._folder / OBJECTS / name for name in OBJECT_FOLDERS)
        failures = map(find_failure, (self._folder, *folders))
        return any(failure and failure.errno not in FULL for failure in failures)

    @override
    def require_space_for_edit(self) -> None:
        if self.free_bytes < EDIT_RESERVE_BYTES:
            raise StorageFull
