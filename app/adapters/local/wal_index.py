"""Reads the header of a -shm file, which says where the last transaction in the -wal file ends.

The file survives a kill of all processes. After a power failure, it contains anything.

Source: https://sqlite.org/walformat.html#the_wal_index_file_format
"""

import struct
from pathlib import Path
from typing import Final, NamedTuple

_HEADER: Final = struct.Struct("=16xI4x2I8s8x")  # in the order of bytes of this machine


class LastCommit(NamedTuple):
    """The end of the last transaction in a -wal file.

    Attributes:
        frames: The number of frames that SQLite uses.
        sums: The checksum of the last one.
        salts: The salts of these frames.
    """

    frames: int
    sums: tuple[int, int]
    salts: bytes


def find_last_commit(shm: Path) -> LastCommit | None:
    """Return the end of the last transaction according to a -shm file, or None if the file does not say it."""
    try:
        with shm.open("rb") as file:
            header, copy = file.read(_HEADER.size), file.read(_HEADER.size)
    except FileNotFoundError:
        return None
    if len(copy) < _HEADER.size or header != copy:  # SQLite writes one after the other
        return None
    frames, first, second, salts = _HEADER.unpack(header)
    return LastCommit(frames, (first, second), salts)
