"""Finds the colour space in HEIF files, which AVIF files are too (ISO 14496-12, ISO 23008-12)."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_META_BYTES: Final = 2**20  # larger ones would take long
_LARGE: Final = 1  # a size of 1 means that a size of 64 bits follows

_Box: TypeAlias = tuple[bytes, memoryview]


def read_nclx(data: bytes) -> tuple[int, int] | None:
    """Return the primaries and the transfer characteristics of the primary item, or None.

    A file can contain further items with other colours, such as a gain map.
    """
    with suppress(struct.error, StopIteration, IndexError):
        meta = _find(memoryview(data), b"meta")[4:]
        if len(meta) > _MAX_META_BYTES:
            return None
        item, properties = _read_primary_item(_find(meta, b"pitm")), _find(meta, b"iprp")
        boxes = list(_walk(_find(properties, b"ipco")))
        for index in _read_associations(properties, item):
            name, content = boxes[index - 1]
            if name == b"colr" and content[:4].tobytes() == b"nclx":
                primaries, transfer = struct.unpack_from(">HH", content, 4)
                return primaries, transfer
    return None


def _walk(view: memoryview) -> Iterator[_Box]:
    """Yield the type and the content of each box."""
    position = 0
    while position + 8 <= len(view):
        size, name = struct.unpack_from(">I4s", view, position)
        start = position + 8
        if size == _LARGE:
            (size,), start = struct.unpack_from(">Q", view, start), start + 8
        end = position + size if size else len(view)
        if not start <= end <= len(view):
            return
        yield name, view[start:end]
        position = end


def _find(view: memoryview, name: bytes) -> memoryview:
    return next(content for box, content in _walk(view) if box == name)


def _read_primary_item(content: memoryview) -> int:
    return int(struct.unpack_from(">I" if content[0] else ">H", content, 4)[0])


def _read_associations(properties: memoryview, item: int) -> list[int]:
    """Return the positions of the item's properties, from 1."""
    for name, content in _walk(properties):
        if name == b"ipma" and (indexes := _read_association_box(content, item)):
            return indexes
    return []


def _read_association_box(content: memoryview, item: int) -> list[int]:
    version, wide = content[0], content[3] & 1
    (count,), position = struct.unpack_from(">I", content, 4), 8
    head, index = (">IB" if version else ">HB"), (">H" if wide else ">B")
    for _ in range(count):
        entry, length = struct.unpack_from(head, content, position)
        position += struct.calcsize(head)
        end = position + length * struct.calcsize(index)
        if entry == item:
            mask = 0x7FFF if wide else 0x7F  # the first bit says whether the property is essential
            return [value & mask for (value,) in struct.iter_unpack(index, content[position:end])]
        position = end
    return []
