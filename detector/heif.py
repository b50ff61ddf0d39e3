"""Finds the codec of HEIF and AVIF files, and makes their brands readable for the decoders.

The brands of such a file do not say how its photo is coded: `mif1` and `miaf` belong to any codec, and a file has
several brands in any order. The type of the primary item does.
Sources: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (HEIF), https://aomediacodec.github.io/av1-avif
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from detector.boxes import HEADER_BYTES, Box, find_first, find_inside, list_boxes
from detector.heif_items import DAMAGE, Items

HEVC: Final = frozenset({b"hvc1", b"hev1"})
AV1: Final = frozenset({b"av01"})
AVIF_BRANDS: Final = frozenset({b"avif", b"avis", b"avio", b"MA1A", b"MA1B"})
HEVC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
CODEC_NEUTRAL_BRANDS: Final = frozenset({b"mif1", b"mif2", b"msf1", b"miaf", b"1pic", b"pict"})
PHOTO_BRANDS: Final = AVIF_BRANDS | HEVC_BRANDS | CODEC_NEUTRAL_BRANDS

# The decoders accept only some brands. libheif also requires one of these compatible brands, and tracks for
# the brand msf1. libavif requires items for the brand avif and tracks for avis, and prefers tracks.
_BRANDS_OF_LIBHEIF: Final = HEVC_BRANDS | {b"mif1", b"msf1"}
_COMPATIBLE_WITH_LIBHEIF: Final = frozenset({b"heic", b"mif1"})
DERIVED_ITEMS: Final = frozenset({b"grid", b"iovl", b"iden", b"tmap"})  # items that are made of other items
_BEFORE_FTYP: Final = frozenset({b"ftyp", b"free", b"skip", b"wide", b"uuid"})
_PICTURES: Final = b"pict"  # the handler of image sequences; the one of videos is `vide`
_MAX_DEPTH: Final = 8  # of derived items
_MAX_BRANDS: Final = 1_000
_SHORT_FTYP: Final = 16  # bytes: the header, the major brand and its version
_NEW_FTYP: Final = 24


@dataclass(frozen=True, slots=True)
class FileType:
    """The brands of a file.

    Attributes:
        major: The major brand.
        compatible: The other brands, at most 1,000.
        end: The position behind the box.
        is_plain: Whether the file starts with this box, and its size has 32 bits. Some decoders require it.
    """

    major: bytes
    compatible: frozenset[bytes]
    end: int
    is_plain: bool

    @property
    def brands(self) -> frozenset[bytes]:
        """All brands."""
        return self.compatible | {self.major}


def read_file_type(data: bytes) -> FileType | None:
    """Return the brands of a file that has boxes, or None. The beginning of the file suffices."""
    if data[4:8] not in _BEFORE_FTYP:
        return None
    for box in list_boxes(data, 0, len(data)):
        if box.kind == b"ftyp" and box.end - box.start >= HEADER_BYTES:
            brands = data[box.start + 8 : min(box.end, box.start + 8 + 4 * _MAX_BRANDS)]
            compatible = frozenset(brands[start : start + 4] for start in range(0, len(brands), 4))
            return FileType(data[box.start : box.start + 4], compatible, box.end, is_plain=box.start == HEADER_BYTES)
        if box.kind not in _BEFORE_FTYP:
            break
    return None


def find_codec(data: bytes) -> bytes | None:
    """Return the type of the primary item, such as `hvc1` or `av01`, or of the items that it is made of.

    For an image sequence without items, return the type of its samples. Return None if there are neither. The time is
    limited, also for hostile files.
    """
    boxes = find_first(data, 0, len(data))
    try:
        codec = _find_item_codec(data) if b"meta" in boxes else None
        return codec or (_find_track_codec(data, boxes[b"moov"]) if b"moov" in boxes else None)
    except (struct.error, *DAMAGE):  # the file is damaged
        return None


def adapt_brands(data: bytes, *, is_avif: bool) -> bytes:
    """Return the file with brands that libavif or libheif accepts. The other bytes keep their positions.

    If the file has items and tracks, the tracks are hidden, because a fault in them would prevent reading the items. A
    file that needs no change is returned unchanged. Otherwise, the result is a copy.
    """
    file_type = read_file_type(data)
    if file_type is None:
        return data
    boxes = find_first(data, 0, len(data))
    if boxes.keys() >= {b"meta", b"moov"}:
        kind = boxes[b"moov"].position + 4
        data = b"".join((memoryview(data)[:kind], b"free", memoryview(data)[kind + 4 :]))
    if is_avif:
        brand, other = (b"avif", b"avis") if b"meta" in boxes else (b"avis", b"avif")
        is_accepted = file_type.major == brand and other not in file_type.compatible
    else:
        brand = b"heic"
        is_accepted = (
            file_type.major in _BRANDS_OF_LIBHEIF
            and not _COMPATIBLE_WITH_LIBHEIF.isdisjoint(file_type.compatible)
            and b"msf1" not in file_type.compatible
        )
    if is_accepted and file_type.is_plain:
        return data
    return _make_file_type(brand, file_type.end) + memoryview(data)[file_type.end :]


def _make_file_type(brand: bytes, size: int) -> bytes:
    """Return an ftyp box with this brand, and an empty box behind it, so that both have this size together."""
    if size < _NEW_FTYP + HEADER_BYTES:
        brands = (b"mif1" + brand * size)[: size - _SHORT_FTYP]
        return struct.pack(">I4s4sI", size, b"ftyp", brand, 0) + brands
    box = struct.pack(">I4s4sI4s4s", _NEW_FTYP, b"ftyp", brand, 0, b"mif1", brand)
    return box + struct.pack(">I4s", size - _NEW_FTYP, b"free") + bytes(size - _NEW_FTYP - HEADER_BYTES)


def _find_item_codec(data: bytes) -> bytes | None:
    items = Items(data)
    if not items.boxes.keys() >= {b"pitm", b"iinf"}:
        return None
    item = items.primary
    types = {each.id: each.type for each in items.list_items()}
    sources = {derived: used[0] for derived, used in items.list_references(b"dimg") if used}
    for _ in range(_MAX_DEPTH):
        if types.get(item) not in DERIVED_ITEMS or item not in sources:
            break
        item = sources[item]
    return types.get(item)


def _find_track_codec(data: bytes, moov: Box) -> bytes | None:
    samples = find_pictures(data, moov)
    if samples is None:
        return None
    descriptions = find_inside(data, samples, b"stsd")
    return next((entry.kind for entry in list_boxes(data, descriptions.start + 8, descriptions.end)), None)


def find_pictures(data: bytes, moov: Box) -> Box | None:
    """Return the sample table (stbl) of the first track with pictures. Tracks with videos do not count.

    Raises:
        struct.error, LookupError: the file is damaged.
    """
    for track in list_boxes(data, moov.start, moov.end):
        if track.kind != b"trak":
            continue
        media = find_inside(data, track, b"mdia")
        handler = find_inside(data, media, b"hdlr").start + 8
        if data[handler : handler + 4] == _PICTURES:
            return find_inside(data, media, b"minf", b"stbl")
    return None
