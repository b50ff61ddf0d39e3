"""Records the file operations of programs in a folder, and the marks of a client, in the order in which they happened.

`recorder.c` is compiled and loaded into the programs. It needs Linux and a C compiler.
"""

import fcntl
import os
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

COMPILER: Final = shutil.which("cc")
MISSING: Final = "" if sys.platform == "linux" and COMPILER else "The recorder needs Linux and a C compiler, cc."

_SOURCE: Final = Path(__file__).with_name("recorder.c")
_HEADER: Final = struct.Struct("=IIQqII")
_MAGIC: Final = 0x50495854


class Kind(IntEnum):
    """The kinds of records in `recorder.c`."""

    CREATE = 1
    MKDIR = 2
    WRITE = 3
    TRUNCATE = 4
    SYNC_BEGIN = 5
    SYNC_END = 6
    RENAME = 7
    LINK = 8
    UNLINK = 9
    RMDIR = 10
    MARK = 11
    UNSUPPORTED = 12


@dataclass(frozen=True, slots=True)
class Record:
    """A file operation, or a mark.

    Attributes:
        kind: What happened.
        inode: The inode of the open or new file, or 0.
        number: The offset of a write, the size of a truncated file, or the number that SYNC_BEGIN and SYNC_END share.
        data: The bytes of a write, the path, or the text of a mark.
        target: The second path of RENAME and LINK.
    """

    kind: Kind
    inode: int
    number: int
    data: bytes
    target: str


class Recording:
    """A log of file operations in a folder, to which several processes append."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self._log = log
        self._library = log.with_suffix(".so")
        self._thread_lock = threading.Lock()
        arguments = [str(COMPILER), "-shared", "-fPIC", "-O1", "-o", str(self._library), str(_SOURCE), "-lpthread"]
        subprocess.run(arguments, check=True)
        log.touch()

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables with which a program and its child processes are recorded."""
        return {
            "LD_PRELOAD": str(self._library),
            "RECORD_FOLDER": str(self.folder.resolve()),
            "RECORD_LOG": str(self._log),
        }

    def mark(self, text: str) -> None:
        """Append a mark."""
        data = text.encode()
        with self._thread_lock, self._log.open("ab", 0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(_HEADER.pack(_MAGIC, Kind.MARK, 0, 0, len(data), 0) + data)

    def read(self) -> list[Record]:
        """Return all records. The last one may be cut if its process was killed."""
        return list(_parse(self._log.read_bytes()))


def _parse(log: bytes) -> Iterator[Record]:
    start = 0
    while start + _HEADER.size <= len(log):
        magic, kind, inode, number, length, target_length = _HEADER.unpack_from(log, start)
        assert magic == _MAGIC
        data_start = start + _HEADER.size
        target_start = data_start + length
        start = target_start + target_length
        if start <= len(log):  # pragma: no branch - only the log of a killed process is cut
            yield Record(Kind(kind), inode, number, log[data_start:target_start], os.fsdecode(log[target_start:start]))
