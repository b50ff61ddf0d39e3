"""Reads the -wal file of a SQLite database, which contains the latest changes.

Source: https://sqlite.org/fileformat2.html#walformat
"""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from app.adapters.local.wal_index import LastCommit, find_last_commit

_HEADER: Final = 32  # bytes of the file before its first frame
_FRAME: Final = 24  # bytes of a frame before its page
_SALTS: Final = slice(16, 24)  # of the file's header
_FRAME_SALTS: Final = slice(8, 16)
_COMMIT: Final = slice(4, 8)  # not zero in the last frame of a transaction
PAGE_BYTES: Final = 4_096  # SQLite's default, which PixTag uses
_BIG_ENDIAN: Final = 1  # this bit of the magic number is the order of bytes in the checksums

Sums = tuple[int, int]


def list_pages(wal: Path) -> set[int]:
    """Return the numbers of the pages in a -wal file, or an empty set if it does not exist."""
    pages: set[int] = set()
    if not wal.exists():
        return pages
    with wal.open("rb") as file:
        header = file.read(_HEADER)
        for frame, _ in _iterate_frames(file, _read_page_bytes(header)):
            if frame[_FRAME_SALTS] != header[_SALTS]:  # later frames are of the past
                break
            pages.add(int.from_bytes(frame[:4]))
    return pages


def measure_frames(count: int) -> int:
    """Return the size of a -wal file with this number of frames in bytes."""
    return _HEADER + count * (_FRAME + PAGE_BYTES) if count > 0 else 0


def has_lost_commit(wal: Path) -> bool:
    """Return whether a -wal file contains the end of a transaction that SQLite ignores.

    SQLite ignores all frames from the first one whose checksum is wrong. Frames with the same salts after it were
    damaged, or a power failure prevented that all of them were written. A kill of the process can leave one such frame
    too, at the end, because SQLite writes a frame in two parts. Then the -shm file says that its transaction was not
    complete, so no response said that it was stored.
    """
    if not wal.is_file():
        return False
    with wal.open("rb") as file:
        frames = [(frame, is_valid) for frame, _, is_valid in _check_frames(file)]
    ignored = [frame for frame, is_valid in frames if not is_valid]
    if not any(any(frame[_COMMIT]) for frame in ignored):
        return False
    last = find_last_commit(wal.with_name(f"{wal.name.removesuffix('-wal')}-shm"))
    return len(ignored) > 1 or last is None or last != _find_end(frames, last.sums)


def _find_end(frames: Sequence[tuple[bytes, bool]], first_sums: Sums) -> LastCommit:
    """Return the end of the last transaction that SQLite uses. `first_sums` is its checksum if there is none."""
    ends = [number for number, (frame, is_valid) in enumerate(frames, start=1) if is_valid and any(frame[_COMMIT])]
    salts = frames[0][0][_FRAME_SALTS]
    if not ends:
        return LastCommit(0, first_sums, salts)
    frame, _ = frames[ends[-1] - 1]
    first, second = struct.unpack(">II", frame[16:])
    return LastCommit(ends[-1], (first, second), salts)


def read_pages(wal: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the numbers and contents of the pages in the frames that SQLite uses, oldest first."""
    with wal.open("rb") as file:
        for frame, content, is_valid in _check_frames(file):
            if is_valid:
                yield int.from_bytes(frame[:4]), content


def has_commit(wal: Path) -> bool:
    """Return whether a -wal file contains a transaction that SQLite uses."""
    with wal.open("rb") as file:
        return any(is_valid and any(frame[_COMMIT]) for frame, _, is_valid in _check_frames(file))


def _check_frames(file: BinaryIO) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield the header and the page of each frame with the salts of the file, and whether SQLite uses the frame."""
    header = file.read(_HEADER)
    if len(header) < _HEADER:
        return
    is_big = bool(header[3] & _BIG_ENDIAN)
    sums = _add(header[:24], (0, 0), is_big=is_big)
    is_valid = _dump(sums) == header[24:]
    salts = header[_SALTS] if is_valid else b""
    for frame, page in _iterate_frames(file, _read_page_bytes(header) if is_valid else PAGE_BYTES):
        salts = salts or frame[_FRAME_SALTS]  # those of the header can be damaged
        if frame[_FRAME_SALTS] != salts:
            is_valid = False
            continue
        if is_valid:
            sums = _add(page, _add(frame[:8], sums, is_big=is_big), is_big=is_big)
            is_valid = _dump(sums) == frame[16:]
        yield frame, page, is_valid


def _read_page_bytes(header: bytes) -> int:
    return int.from_bytes(header[8:12])


def _iterate_frames(file: BinaryIO, page_bytes: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the header and the page of each complete frame."""
    while len(frame := file.read(_FRAME)) == _FRAME and len(page := file.read(page_bytes)) == page_bytes:
        yield frame, page


def _add(data: bytes, sums: Sums, *, is_big: bool) -> Sums:
    """Continue a checksum with the words of 4 bytes in `data`."""
    first, second = sums
    for even, odd in struct.iter_unpack(">II" if is_big else "<II", data):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _dump(sums: Sums) -> bytes:
    return struct.pack(">II", *sums)
