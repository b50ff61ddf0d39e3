"""Describes the disk of PixTag on one machine."""

from enum import StrEnum
from typing import Protocol


class DiskState(StrEnum):
    """The operations that the disk allows."""

    OK = "ok"
    LOW = "low"  # no uploads
    FULL = "full"  # no uploads and no edits
    READ_ONLY = "read-only"  # no changes: the disk or a folder cannot be written


class Disk(Protocol):
    """The disk that contains everything that PixTag stores."""

    @property
    def free_bytes(self) -> int:
        """The free space in bytes.

        Raises:
            Unavailable: the disk cannot be read.
        """

    @property
    def total_bytes(self) -> int:
        """The size of the disk in bytes.

        Raises:
            Unavailable: the disk cannot be read.
        """

    @property
    def state(self) -> DiskState:
        """The operations that the disk allows now. It may also be full for other programs' reasons, such as a quota."""

    def require_space_for_edit(self) -> None:
        """Check that there is enough space for an edit, which frees none.

        Raises:
            StorageFull: there is not.
        """
