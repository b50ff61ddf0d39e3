"""Reads the boxes of files that consist of boxes, such as HEIF, AVIF and MP4 (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER_BYTES: Final = 8

_MAX_BOXES: Final = 20_000  # on one level


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its type, its position, and the positions of its content."""

    kind: bytes
    position: int
    start: int
    end: int


def list_boxes(data: bytes | memoryview, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two positions. The last one may be cut off."""
    for _ in range(_MAX_BOXES):
        if end - start < HEADER_BYTES:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        header = HEADER_BYTES
        if size == 1 and end - start >= 2 * HEADER_BYTES:
            header = 2 * HEADER_BYTES
            (size,) = struct.unpack_from(">Q", data, start + HEADER_BYTES)
        elif size == 0:  # up to the end
            size = end - start
        if size < header:
            return
        yield Box(kind, start, start + header, min(start + size, end))
        start += size


def find_first(data: bytes | memoryview, start: int, end: int) -> dict[bytes, Box]:
    """Return the first box of each type."""
    boxes: dict[bytes, Box] = {}
    for box in list_boxes(data, start, end):
        boxes.setdefault(box.kind, box)
    return boxes


def find_inside(data: bytes, box: Box, *kinds: bytes) -> Box:
    """Return the box at this path inside a box.

    Raises:
        KeyError: the box is missing.
    """
    for kind in kinds:
        box = find_first(data, box.start, box.end)[kind]
    return box
