"""Measures the canvases of derived HEIF items, because libheif allocates them whatever the size of the image is.

A grid or an overlay has its own size, besides the size in the properties of its item.
Source: ISO/IEC 23008-12, sections 6.6.2.2 and 6.6.2.3
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from detector.boxes import Box, find_first
from detector.heif import read_item_types

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIZE_POSITIONS: Final = {b"grid": 4, b"iovl": 10}  # of the width in the content of an item
_RECIPE_BYTES: Final = 18
_MAX_ITEMS: Final = 10_000  # libheif reads fewer, also of extents
_MAX_EXTENTS: Final = 32
_IN_IDAT: Final = 1  # how the content of an item is stored


def measure_canvases(data: bytes) -> int:
    """Return the number of pixels of the largest grid or overlay in a HEIF file. Return 0 for files without them."""
    try:
        meta = find_first(data, 0, len(data))[b"meta"]
        boxes = find_first(data, meta.start + 4, meta.end)
        types = read_item_types(data, boxes[b"iinf"])
        if _SIZE_POSITIONS.keys().isdisjoint(types.values()):
            return 0
        recipes = _read_contents(data, boxes, {item for item, kind in types.items() if kind in _SIZE_POSITIONS})
        return max((_measure(types[item], recipe) for item, recipe in recipes), default=0)
    except (struct.error, LookupError):  # the file is damaged, and its decoder reports that
        return 0


def _measure(kind: bytes, recipe: bytes) -> int:
    layout = ">II" if recipe[1] & 1 else ">HH"
    width, height = struct.unpack_from(layout, recipe.ljust(_RECIPE_BYTES), _SIZE_POSITIONS[kind])
    return int(width * height)


def _read_contents(data: bytes, boxes: dict[bytes, Box], items: set[int]) -> Iterator[tuple[int, bytes]]:
    """Yield the first bytes of the content of each of these items."""
    for item, is_in_idat, extents in _list_locations(data, boxes[b"iloc"]):
        if item in items:
            base = boxes[b"idat"].start if is_in_idat else 0
            parts = [data[base + start : base + start + min(size, _RECIPE_BYTES)] for start, size in extents]
            if content := b"".join(parts)[:_RECIPE_BYTES]:
                yield item, content


def _list_locations(data: bytes, iloc: Box) -> Iterator[tuple[int, bool, list[tuple[int, int]]]]:
    """Yield each item with where it is: whether it is in the box idat, and the positions and sizes of its extents."""
    reader = _Reader(data, iloc.start, iloc.end)
    version = reader.read(4) >> 24
    sizes = reader.read(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(reader.read_count(4 if version > 1 else 2, _MAX_ITEMS)):
        item = reader.read(4 if version > 1 else 2)
        method = reader.read(2) & 15 if version else 0
        reader.read(2)  # the file
        base = reader.read(base_size)
        extents = []
        for _ in range(reader.read_count(2, _MAX_EXTENTS)):
            reader.read(index_size if version else 0)
            start = base + reader.read(offset_size)
            extents.append((start, reader.read(length_size) or _RECIPE_BYTES))
        yield item, method == _IN_IDAT, extents


class _Reader:
    """Reads big-endian numbers one after the other."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data = data
        self._position = start
        self._end = end

    def read(self, size: int) -> int:
        """Return the next number of this many bytes.

        Raises:
            IndexError: no bytes remain.
        """
        if self._position + size > self._end:
            raise IndexError
        self._position += size
        return int.from_bytes(self._data[self._position - size : self._position], "big")

    def read_count(self, size: int, maximum: int) -> int:
        """Return the next number of this many bytes.

        Raises:
            IndexError: it is more than the maximum, or no bytes remain.
        """
        if (count := self.read(size)) > maximum:
            raise IndexError
        return count
