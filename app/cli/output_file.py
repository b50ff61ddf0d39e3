"""Writes a file that other programs see only when it is complete."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from app.domain.backups import BackupError

BUFFER_BYTES: Final = 2**20


@contextmanager
def create_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file. Give it its name when the block ends and all bytes are on the disk, or delete it.

    Until then, its name ends with `.part`. A file that a killed process left behind is overwritten. Only the user of
    this process can read the file.

    Raises:
        BackupError: the file exists already, it cannot be written, or another process is writing it.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _cannot_write(path, error) from error
    file = os.fdopen(descriptor, "wb", BUFFER_BYTES)
    with ExitStack() as stack:
        stack.callback(_close, file)
        _lock(file, path)
        stack.callback(_delete, part, descriptor)
        try:
            _require_new(path)  # another process may have completed it
            os.fchmod(descriptor, 0o600)
            file.truncate(0)
            yield file
            file.flush()
            os.fsync(descriptor)
            _require_new(path)
            part.rename(path)
            _sync_folder(path.parent)
        except OSError as error:
            raise _cannot_write(path, error) from error


def _close(file: BinaryIO) -> None:
    with suppress(OSError):  # the buffer cannot be written to a full disk
        file.close()


def _require_new(path: Path) -> None:
    if os.path.lexists(path):
        raise BackupError(f"{path} already exists. Choose another name, or delete this file first.")


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BackupError(f"Another process is writing {path}. Wait until it has finished.") from error


def _delete(part: Path, descriptor: int) -> None:
    """Delete the unfinished file, unless it was renamed."""
    if part.exists() and part.stat().st_ino == os.fstat(descriptor).st_ino:
        part.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cannot_write(path: Path, error: OSError) -> BackupError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return BackupError(
            f"There is no space left for {path}. Free space, or choose another disk. No file was written."
        )
    return BackupError(f"{path} cannot be written: {error.strerror}. Choose another name. No file was written.")
