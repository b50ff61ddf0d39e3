"""Reads the items of HEIF and AVIF files: their types, data, references and properties.

All functions are limited in time and memory, also for hostile files.
Sources: ISO/IEC 14496-12, section 8.11; ISO/IEC 23008-12
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from detector.boxes import find_first, list_boxes

if TYPE_CHECKING:
    from collections.abc import Iterator

DAMAGE: Final = (ValueError, LookupError)
"""The exceptions of this module for files that are damaged or have too many items."""

_MAX_EXTENTS: Final = 40_000  # with the items; libheif reads at most 1,000 items with 32 extents each
_MAX_REFERENCES: Final = 2**16  # bytes
_MAX_ASSOCIATIONS: Final = 2**16  # bytes
_MAX_NAME: Final = 256
_FULL_BOX: Final = 4  # the size of the version and the flags
_IN_FILE, _IN_IDAT = 0, 1  # how the data of an item are stored
_EMPTY: Final = memoryview(b"")


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a file.

    Attributes:
        id: The number of the item.
        type: Four characters, such as `hvc1` or `Exif`. It is `mime` for items with a media type.
        media_type: The media type of a `mime` item.
        encoding: The content encoding of a `mime` item, such as `deflate`, or empty.
    """

    id: int
    type: bytes
    media_type: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """The parts of the data of an item, and whether some of them are missing because the file was cut off."""

    parts: list[memoryview]
    is_cut: bool

    def read(self, size: int) -> bytes:
        """Return the first bytes of the data."""
        return b"".join(bytes(part[:size]) for part in self.parts[:size])[:size]


class Reader:
    """Reads the integers and texts of a box in order. All of them raise ValueError at the end of the box."""

    def __init__(self, box: memoryview) -> None:
        self._rest = box

    def integer(self, size: int) -> int:
        """Return the next big-endian integer of this many bytes."""
        return int.from_bytes(self.raw(size))

    def raw(self, size: int) -> bytes:
        """Return the next bytes."""
        if len(self._rest) < size:
            raise ValueError("The box is cut off.")
        value = bytes(self._rest[:size])
        self._rest = self._rest[size:]
        return value

    def text(self) -> str:
        """Return the next text, which ends with a NUL."""
        raw, end, _ = bytes(self._rest[:_MAX_NAME]).partition(b"\0")
        self._rest = self._rest[len(raw) + len(end) :]
        return raw.decode("latin-1")


class Items:
    """The items of a file.

    Attributes:
        boxes: The content of the first box of each type in the box `meta`.
    """

    def __init__(self, data: bytes | bytearray) -> None:
        """Find the boxes of the items. Those of a `bytearray` can be written.

        Raises:
            KeyError: the file has no items.
        """
        self._file = memoryview(data)
        self.boxes = _find_boxes(_find_boxes(self._file)[b"meta"][_FULL_BOX:])

    @property
    def primary(self) -> int:
        """The number of the primary item.

        Raises:
            ValueError, KeyError: the file is damaged.
        """
        reader = Reader(self.boxes[b"pitm"])
        return reader.integer(4 if reader.integer(_FULL_BOX) >> 24 else 2)

    def list_items(self) -> Iterator[Item]:
        """Yield the items. Entries that are damaged are skipped."""
        box = self.boxes.get(b"iinf", _EMPTY)
        size = 4 if int.from_bytes(box[:1]) else 2
        for kind, entry in read_boxes(box[_FULL_BOX + size :]):
            if kind == b"infe":
                with suppress(ValueError):
                    yield _read_item(Reader(entry))

    def list_references(self, kind: bytes) -> Iterator[tuple[int, list[int]]]:
        """Yield each item with such references, and the items that it refers to. Damaged entries are skipped.

        Only the first 64 KiB are read.
        """
        box = self.boxes.get(b"iref", _EMPTY)
        size = 4 if int.from_bytes(box[:1]) else 2
        for name, reference in read_boxes(box[_FULL_BOX:_MAX_REFERENCES]):
            if name == kind:
                with suppress(ValueError):
                    reader = Reader(reference)
                    item, count = reader.integer(size), reader.integer(2)
                    yield item, [reader.integer(size) for _ in range(count)]

    def list_locations(self) -> Iterator[tuple[int, Location]]:
        """Yield the number of each item, and where its data are. Data in other files are left out.

        Raises:
            ValueError: the file is damaged, or has more than 40,000 items and extents.
        """
        sources = {_IN_FILE: self._file, _IN_IDAT: self.boxes.get(b"idat", _EMPTY)}
        reader = Reader(self.boxes.get(b"iloc", _EMPTY))
        version = reader.integer(_FULL_BOX) >> 24
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
            parts, is_cut = [], False
            for _ in range(count):
                reader.integer(index_size if version else 0)
                start, size = base + reader.integer(offset_size), reader.integer(length_size)
                parts.append(source[start : start + size if size else None])
                is_cut |= start + size > len(source)
            yield id_, Location(parts, is_cut)

    def read_properties(self) -> Properties:
        """Return the properties of all items.

        Raises:
            ValueError, KeyError: the file is damaged, or has more than 64 KiB of associations.
        """
        container = self.boxes[b"iprp"]
        tables = [box for kind, box in read_boxes(container) if kind == b"ipma"]
        if sum(map(len, tables)) > _MAX_ASSOCIATIONS:
            raise ValueError("The file has too many properties.")
        positions: dict[int, list[int]] = {}
        for table in tables:
            for item, numbers in _read_associations(table):
                positions.setdefault(item, numbers)
        return Properties(list(read_boxes(_find_boxes(container)[b"ipco"])), positions)


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties of the items of a file, and their positions for each item, from 1."""

    boxes: list[tuple[bytes, memoryview]]
    positions: dict[int, list[int]]

    def find(self, item: int) -> list[tuple[bytes, memoryview]]:
        """Return the type and the content of each property of an item.

        Raises:
            IndexError: the file is damaged.
        """
        return [self.boxes[position - 1] for position in self.positions.get(item, []) if position]


def read_boxes(parent: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the type and the content of each box in `parent`. The last box can be cut off."""
    return ((box.kind, parent[box.start : box.end]) for box in list_boxes(parent, 0, len(parent)))


def _find_boxes(parent: memoryview) -> dict[bytes, memoryview]:
    """Return the content of the first box of each type."""
    return {kind: parent[box.start : box.end] for kind, box in find_first(parent, 0, len(parent)).items()}


def _read_item(reader: Reader) -> Item:
    version = reader.integer(_FULL_BOX) >> 24
    id_ = reader.integer(4 if version > 2 else 2)  # noqa: PLR2004  # version 3 has longer numbers
    reader.integer(2)
    type_ = reader.raw(4) if version > 1 else b"mime"
    reader.text()
    return Item(id_, type_, reader.text(), reader.text()) if type_ == b"mime" else Item(id_, type_)


def _read_associations(box: memoryview) -> Iterator[tuple[int, list[int]]]:
    """Yield the number of each item, and the positions of its properties."""
    reader = Reader(box)
    head = reader.integer(_FULL_BOX)
    id_size, size = (4 if head >> 24 else 2), (2 if head & 1 else 1)
    mask = (1 << 8 * size - 1) - 1  # the first bit says whether the property is essential
    for _ in range(reader.integer(4)):
        item = reader.integer(id_size)
        yield item, [reader.integer(size) & mask for _ in range(reader.integer(1))]
