"""Reads the items of HEIF and AVIF files and their locations (ISO/IEC 14496-12, section 8.11)."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from detector.boxes import list_boxes

_MAX_EXTENTS: Final = 20_000
_MAX_REFERENCES: Final = 2**16
_MAX_NAME: Final = 256
_FULL_BOX: Final = 4  # the size of the version and the flags
_EMPTY: Final = memoryview(b"")


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a file.

    Attributes:
        id: The number of the item.
        type: Four characters, such as `Exif`. It is `mime` for items with a media type.
        media_type: The media type of a `mime` item.
        encoding: The content encoding of a `mime` item, such as `deflate`, or empty.
    """

    id: int
    type: str
    media_type: str = ""
    encoding: str = ""


class _Reader:
    """Reads the integers and texts of a box in order. All of them raise ValueError at the end of the box."""

    def __init__(self, box: memoryview) -> None:
        self._rest = box

    def integer(self, size: int) -> int:
        if len(self._rest) < size:
            raise ValueError("The box is cut off.")
        value = int.from_bytes(self._rest[:size])
        self._rest = self._rest[size:]
        return value

    def text(self) -> str:
        raw, end, _ = bytes(self._rest[:_MAX_NAME]).partition(b"\0")
        self._rest = self._rest[len(raw) + len(end) :]
        return raw.decode("latin-1")


def read_boxes(parent: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the type and the content of each box in `parent`. The last box can be cut off."""
    return ((box.kind, parent[box.start : box.end]) for box in list_boxes(parent, 0, len(parent)))


def read_items(box: memoryview) -> list[Item]:
    """Return the items of an `iinf` box. Entries that are damaged are skipped."""
    size = 4 if int.from_bytes(box[:1]) else 2
    items = []
    for kind, entry in read_boxes(box[_FULL_BOX + size :]):
        if kind == b"infe":
            with suppress(ValueError):
                items.append(_read_item(entry))
    return items


def _read_item(box: memoryview) -> Item:
    reader = _Reader(box)
    version = reader.integer(1)
    reader.integer(3)
    id_ = reader.integer(4 if version > 2 else 2)  # noqa: PLR2004  # version 3 has longer numbers
    reader.integer(2)
    type_ = reader.integer(4).to_bytes(4).decode("latin-1") if version > 1 else "mime"
    reader.text()
    return Item(id_, type_, reader.text(), reader.text()) if type_ == "mime" else Item(id_, type_)


def read_descriptions(box: memoryview, image: int) -> set[int]:
    """Return the numbers of the items that describe this image, according to the first 64 KiB of an `iref` box."""
    size = 4 if int.from_bytes(box[:1]) else 2
    items = set()
    for kind, reference in read_boxes(box[_FULL_BOX:_MAX_REFERENCES]):
        reader = _Reader(reference)
        item, count = reader.integer(size), reader.integer(2)
        if kind == b"cdsc" and image in {reader.integer(size) for _ in range(count)}:
            items.add(item)
    return items


def read_locations(box: memoryview, sources: Mapping[int, memoryview]) -> Iterator[tuple[int, list[memoryview]]]:
    """Yield the number of each item in an `iloc` box, and the parts of its data.

    Args:
        box: The content of the box.
        sources: The data that offsets point into, by construction method. Items with other methods have no data.

    Raises:
        ValueError: the box is cut off, or has more than 20,000 items and extents.
    """
    reader = _Reader(box)
    version = reader.integer(1)
    reader.integer(3)
    sizes = reader.integer(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    id_size = 4 if version > 1 else 2
    budget = _MAX_EXTENTS
    for _ in range(reader.integer(id_size)):
        id_ = reader.integer(id_size)
        source = sources.get(reader.integer(2) & 15 if version else 0, _EMPTY)
        reader.integer(2)
        base, count = reader.integer(base_size), reader.integer(2)
        budget -= 1 + count
        if budget < 0:
            raise ValueError("The box has too many extents.")
        parts = []
        for _ in range(count):
            reader.integer(index_size if version else 0)
            start, size = base + reader.integer(offset_size), reader.integer(length_size)
            parts.append(source[start : start + size if size else None])
        yield id_, parts
