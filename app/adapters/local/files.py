"""Writes files so that they survive a power failure, and translates the errors of the file system."""

import errno
import logging
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from app.domain.errors import StorageFull, Unavailable
from app.domain.ids import Rendition

BUFFER_BYTES: Final = 2**18
OBJECTS: Final = "objects"  # the folder of all objects in the data folder
TEMPORARY: Final = "tmp"  # the folder of unfinished files in `objects`
PARTS: Final = "parts"  # the folder of unfinished uploads in `objects`
OBJECT_FOLDERS: Final = (*Rendition, TEMPORARY, PARTS)
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FAULTS: Final = frozenset({errno.EBADMSG, errno.EIO, errno.EUCLEAN})
UNREADABLE: Final = DISK_FAULTS | {errno.EACCES, errno.EISDIR, errno.ELOOP, errno.ENXIO, errno.EPERM}  # of one file
RAISED: Final = {"is_raised": True}  # marks log records of errors that are also raised, so that commands omit them

logger: Final = logging.getLogger(__name__)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the errors of the file system as PixTag errors, and log them without a path of this machine.

    Raises:
        StorageFull: the disk is full.
        Unavailable: the folder is read-only, missing or broken. The message names it and the reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            reason = "the disk has space, but it can have no more files" if _lacks_inodes(error) else error.strerror
            logger.error("cannot write a file: %s", reason, extra=RAISED)  # noqa: TRY400 - a traceback contains paths
            raise StorageFull from error
        described = describe_failure(error)
        logger.error("%s", described, extra=RAISED)  # noqa: TRY400 - a traceback contains paths
        raise described from error


def _lacks_inodes(error: OSError) -> bool:
    """Return whether a disk has no free inodes. Some file systems do not count them."""
    if not isinstance(error.filename, str):
        return False
    with suppress(OSError):
        status = os.statvfs(Path(error.filename).parent)
        return status.f_files > 0 and status.f_favail == 0 and status.f_bavail > 0
    return False


def describe_failure(error: OSError) -> Unavailable:
    """Return the error that explains why PixTag cannot use a folder. It has no path outside of the data folder."""
    verb = "write to" if error.errno == errno.EROFS else "use"
    return Unavailable(
        f"PixTag cannot {verb} {_name_folder(error.filename)}: {error.strerror}. Nothing was lost. The person who runs"
        " PixTag must check the disk and the permissions of its folders."
    )


def _name_folder(path: object) -> str:
    """Return the name of a folder of objects if it contains the file, or a name of the data folder."""
    parts = Path(path).parts if isinstance(path, str) else ()
    names = [name for parent, name in pairwise(parts) if parent == OBJECTS and name in OBJECT_FOLDERS]
    return f"the folder {OBJECTS}/{names[-1]} in its data folder" if names else "its data folder"


def find_failure(folder: Path) -> OSError | None:
    """Return why no file can be created in a folder, or None. The file that is tried has no name.

    Permissions and mount options do not show a disk that became read-only because of its faults.
    """
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        error.filename = str(folder / "file")
        return error


class UnfinishedFile:
    """A file under a random name. Unless it is moved to its own name, it is deleted when the context ends."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._is_moved = False

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Create an empty file in the folder."""
        descriptor, name = tempfile.mkstemp(dir=folder)
        return cls(Path(name), os.fdopen(descriptor, "wb", BUFFER_BYTES))

    @classmethod
    def link(cls, folder: Path, existing: Path, data: bytes) -> Self | None:
        """Give an existing file another name in the folder, so that its bytes need not be written again.

        Return None if the file does not exist, cannot be read or does not contain exactly `data`, or if the disk
        supports no links.
        """
        path = folder / secrets.token_hex(8)
        try:
            path.hardlink_to(existing)
        except OSError:
            return None
        with ExitStack() as stack:
            stack.callback(path.unlink, missing_ok=True)
            with suppress(OSError):  # the existing file cannot be read
                linked = cls(path, stack.enter_context(open_file(path)))
                if linked.contains(data):
                    stack.pop_all()
                    return linked
        return None

    def contains(self, data: bytes) -> bool:
        """Return whether the file contains exactly these bytes. It is read in parts."""
        if os.fstat(self._file.fileno()).st_size != len(data):
            return False
        parts = (data[start : start + BUFFER_BYTES] for start in range(0, len(data), BUFFER_BYTES))
        return all(part == self._file.read(len(part)) for part in parts)

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)

    def append(self, path: Path) -> None:
        """Append the bytes of another file.

        Raises:
            FileNotFoundError: the other file does not exist.
        """
        with open_file(path) as source:
            shutil.copyfileobj(source, self._file, BUFFER_BYTES)

    def finish(self) -> None:
        """Wait until all bytes are on the disk. Those of a linked file are there already."""
        if self._file.writable():
            self._file.flush()
            os.fsync(self._file.fileno())
        self._status = os.fstat(self._file.fileno())
        self._file.close()

    def move(self, path: Path) -> None:
        """Give the finished file its own name. A file with this name is replaced."""
        self._path.replace(path)
        if self._path.exists():  # `rename` changes nothing if both names are of the same file
            self._path.unlink()
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
        self.discard()

    def discard(self) -> None:
        """Close the file. Delete it unless it was moved."""
        if not self._is_moved:
            self._path.unlink(missing_ok=True)
        with suppress(OSError):  # the buffer cannot be written to a full disk
            self._file.close()


def open_file(path: Path) -> FileIO:
    """Open a file without a buffer. Never wait for another process, which the opening of a FIFO would do.

    Raises:
        OSError: the file is missing, cannot be read, or is not a regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.ENXIO, "It is not a regular file", str(path))
    return os.fdopen(descriptor, "rb", 0)


def sync_file(path: Path) -> None:
    """Wait until the bytes of a file are on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. If the folder was removed before this, use its parent."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        sync_folder(folder.parent)
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder, unless it exists, so that it survives a power failure. Its parent must exist."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        sync_folder(folder.parent)
