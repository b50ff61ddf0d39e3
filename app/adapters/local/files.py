"""Writes files so that they survive a power failure, and translates the errors of the file system."""

import errno
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app.domain.errors import StorageFull, Unavailable

BUFFER_BYTES: Final = 2**18
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

logger: Final = logging.getLogger(__name__)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the errors of the file system as PixTag errors, and log them without a path.

    Raises:
        StorageFull: there is no space.
        Unavailable: the folder is read-only, missing or broken.
    """
    try:
        yield
    except OSError as error:
        logger.error("cannot read or write a file: %s", error.strerror)  # noqa: TRY400 - a traceback contains paths
        raise StorageFull if error.errno in FULL else Unavailable from error


class UnfinishedFile:
    """A new file under a random name. Unless it is moved to its own name, it is deleted when the context ends."""

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=folder)
        self._file = os.fdopen(descriptor, "wb", BUFFER_BYTES)
        self._path = Path(name)
        self._is_moved = False

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)

    def finish(self) -> None:
        """Wait until all bytes are on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._status = os.fstat(self._file.fileno())
        self._file.close()

    def move(self, path: Path) -> None:
        """Give the finished file its own name. A file with this name is replaced."""
        self._path.replace(path)
        self._is_moved = True

    def is_at(self, path: Path) -> bool:
        """Return whether this finished file has this name. After `move`, another file may have replaced it."""
        if not path.exists():
            return False
        status = path.stat()
        return (status.st_ino, status.st_mtime_ns) == (self._status.st_ino, self._status.st_mtime_ns)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Delete the file unless it was moved."""
        if not self._is_moved:
            self._path.unlink(missing_ok=True)
        with suppress(OSError):  # the buffer cannot be written to a full disk
            self._file.close()


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder, unless it exists, so that it survives a power failure. Its parent must exist."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        sync_folder(folder.parent)
