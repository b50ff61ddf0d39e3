"""Reads EXIF data: TIFF structures with tags (CIPA DC-008)."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import islice
from math import isfinite, nan
from typing import Final

from detector.metadata.blocks import EXIF_PREFIX
from detector.metadata.text import decode_text, decode_utf16

_MAX_DIRECTORIES: Final = 8
_MAX_ENTRIES: Final = 1_000
_MAX_FIELD: Final = 2**16
_MAX_NUMBERS: Final = 16
_ENTRY_SIZE: Final = 12
_ASCII: Final = 2
_TYPES: Final = {1: "B", 3: "H", 4: "L", 6: "b", 7: "B", 8: "h", 9: "l", 11: "f", 12: "d", 13: "L"}
_RATIONALS: Final = {5: "LL", 10: "ll"}
_SIZES: Final = {type_: struct.calcsize("=" + format_) for type_, format_ in (_TYPES | _RATIONALS).items()}
_NUMBER: Final = re.compile(r"\s*([+-]?\d{1,20}(?:\.\d{1,20})?)\s*(?:/\s*(\d{1,20}))?")
_CHARSET_SIZE: Final = 8


class Tag(IntEnum):
    """The tags that PixTag reads."""

    DESCRIPTION = 0x010E
    MAKE = 0x010F
    MODEL = 0x0110
    ORIENTATION = 0x0112
    MODIFIED = 0x0132
    XMP = 0x02BC
    RATING = 0x4746
    RATING_PERCENT = 0x4749
    EXPOSURE_TIME = 0x829A
    F_NUMBER = 0x829D
    IPTC = 0x83BB
    EXIF_IFD = 0x8769
    GPS_IFD = 0x8825
    ISO = 0x8827
    OUTPUT_SENSITIVITY = 0x8831
    EXPOSURE_INDEX = 0x8832
    ISO_SPEED = 0x8833
    ORIGINAL = 0x9003
    DIGITIZED = 0x9004
    OFFSET_MODIFIED = 0x9010
    OFFSET_ORIGINAL = 0x9011
    OFFSET_DIGITIZED = 0x9012
    SHUTTER_SPEED = 0x9201
    APERTURE = 0x9202
    FOCAL_LENGTH = 0x920A
    USER_COMMENT = 0x9286
    SUBSEC_MODIFIED = 0x9290
    SUBSEC_ORIGINAL = 0x9291
    SUBSEC_DIGITIZED = 0x9292
    XP_TITLE = 0x9C9B
    XP_COMMENT = 0x9C9C
    XP_KEYWORDS = 0x9C9E
    XP_SUBJECT = 0x9C9F
    FOCAL_LENGTH_35MM = 0xA405
    LENS_MODEL = 0xA434


class GpsTag(IntEnum):
    """The tags of the GPS directory that PixTag reads."""

    LATITUDE_REF = 1
    LATITUDE = 2
    LONGITUDE_REF = 3
    LONGITUDE = 4
    ALTITUDE_REF = 5
    ALTITUDE = 6
    TIME = 7
    DATE = 29


_WANTED: Final = frozenset(Tag)
_WANTED_GPS: Final = frozenset(GpsTag)
_BLOCKS: Final = {Tag.XMP, Tag.IPTC}


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a tag. Its type is a hint only: writers often use another one than the standard demands."""

    type: int
    raw: memoryview
    byte_order: str

    @property
    def text(self) -> str:
        """The value as text, from any type. It is not cleaned."""
        return decode_text(bytes(self.raw).strip(b"\0"))

    @property
    def comment(self) -> str:
        """The value as text whose first 8 bytes name its character set."""
        raw = bytes(self.raw)
        charset, rest = raw[:_CHARSET_SIZE].rstrip(b"\0 ").upper(), raw[_CHARSET_SIZE:]
        if charset == b"UNICODE":
            return decode_utf16(rest, little_endian=self.byte_order == "<")
        if charset == b"JIS":
            return rest.decode("iso2022_jp", "replace")
        return decode_text((rest if charset in {b"", b"ASCII"} else raw).strip(b"\0"))

    @property
    def windows_text(self) -> str:
        """The value of a tag of Windows Explorer as text."""
        return decode_utf16(bytes(self.raw), little_endian=True)

    @property
    def numbers(self) -> list[float]:
        """The first 16 numbers. Those with the denominator 0 are NaN."""
        if self.type == _ASCII:
            return [parse_number(part) for part in islice(re.split(r"[\s,]+", self.text), _MAX_NUMBERS)]
        pair = _RATIONALS.get(self.type)
        format_ = struct.Struct(self.byte_order + (pair or _TYPES.get(self.type, "B")))
        raw = self.raw[: min(len(self.raw) // format_.size, _MAX_NUMBERS) * format_.size]
        values = list(format_.iter_unpack(raw))
        return [_divide(*value) for value in values] if pair else [float(number) for (number,) in values]

    @property
    def number(self) -> float:
        """The first number, or NaN."""
        return next(iter(self.numbers), nan)

    @property
    def offset(self) -> int:
        """The value as an offset, or 0, which points to no directory."""
        return int(self.number) if isfinite(self.number) else 0


@dataclass(slots=True)
class Exif:
    """The tags of one block. A tag can occur in several directories; the Exif directory comes first."""

    tags: dict[int, list[Field]] = field(default_factory=dict)
    gps: list[dict[int, Field]] = field(default_factory=list)

    def find(self, tag: Tag) -> list[Field]:
        """Return the values of a tag."""
        return self.tags.get(tag, [])


def parse_number(text: str) -> float:
    """Parse a decimal number or a fraction, such as `1/60`, at the start of a text. Return NaN for other texts."""
    match = _NUMBER.match(text)
    return _divide(float(match[1]), float(match[2] or 1)) if match else nan


def _divide(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else nan


def read_exif(block: memoryview) -> Exif:
    """Read a TIFF structure, with or without the prefix `Exif`. Parts that are damaged or cut off are skipped.

    Raises:
        ValueError: the block is not a TIFF structure.
    """
    if bytes(block[: len(EXIF_PREFIX)]) == EXIF_PREFIX:
        block = block[len(EXIF_PREFIX) :]
    byte_order = {b"II": "<", b"MM": ">"}.get(bytes(block[:2]))
    if byte_order is None or len(block) < 8:  # noqa: PLR2004  # the header
        raise ValueError("This is not a TIFF structure.")
    return _Structure(block, byte_order).read()


class _Structure:
    """Follows the directories of a TIFF structure. Each of them is read once, so loops end."""

    def __init__(self, block: memoryview, byte_order: str) -> None:
        self._block = block
        self._byte_order = byte_order
        self._visited = {0}

    def read(self) -> Exif:
        exif = Exif()
        main = list(self._read_chain(self._integer(4, 4)))
        details = [self._read_directory(entry.offset, _WANTED) for entry in _find(main, Tag.EXIF_IFD)]
        for directory in (*details, *main):
            for tag, entry in directory.items():
                exif.tags.setdefault(tag, []).append(entry)
        exif.gps = [self._read_directory(entry.offset, _WANTED_GPS) for entry in exif.find(Tag.GPS_IFD)]
        return exif

    def _read_chain(self, offset: int) -> Iterator[dict[int, Field]]:
        """Read the directories that are linked one after another. The second one describes the thumbnail."""
        for _ in range(_MAX_DIRECTORIES):
            if offset in self._visited:
                return
            yield self._read_directory(offset, _WANTED)
            offset = self._integer(offset + 2 + self._integer(offset, 2) * _ENTRY_SIZE, 4)

    def _read_directory(self, offset: int, wanted: frozenset[int]) -> dict[int, Field]:
        if offset in self._visited:
            return {}
        self._visited.add(offset)
        size = min(self._integer(offset, 2), _MAX_ENTRIES) * _ENTRY_SIZE
        entries = self._block[offset + 2 : offset + 2 + size]
        entries = entries[: len(entries) // _ENTRY_SIZE * _ENTRY_SIZE]
        fields: dict[int, Field] = {}
        for tag, type_, count, inline in struct.iter_unpack(self._byte_order + "HHL4s", entries):
            if tag in wanted and tag not in fields:
                fields[tag] = Field(
                    type_, self._read_value(tag, _SIZES.get(type_, 1) * count, inline), self._byte_order
                )
        return fields

    def _read_value(self, tag: int, size: int, inline: bytes) -> memoryview:
        if size <= len(inline):
            return memoryview(inline)[:size]
        (offset,) = struct.unpack(self._byte_order + "L", inline)
        return self._block[offset : offset + (size if tag in _BLOCKS else min(size, _MAX_FIELD))]

    def _integer(self, offset: int, size: int) -> int:
        """Return the integer at this offset. It is 0 after the end of the block."""
        return int.from_bytes(self._block[offset : offset + size], "little" if self._byte_order == "<" else "big")


def _find(directories: list[dict[int, Field]], tag: Tag) -> list[Field]:
    return [directory[tag] for directory in directories if tag in directory]
