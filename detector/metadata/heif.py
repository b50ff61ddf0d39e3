"""Finds the blocks of metadata in HEIF and AVIF files (ISO/IEC 23008-12, annex A)."""

import zlib
from contextlib import suppress
from typing import Final

from detector.metadata.blocks import DAMAGE, Blocks, decompress
from detector.metadata.boxes import Item, read_boxes, read_descriptions, read_items, read_locations

_XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_FULL_BOX: Final = 4  # the size of the version and the flags
_IN_FILE, _IN_IDAT = 0, 1
_TIFF_MARKS: Final = (b"II*\0", b"MM\0*")
_SEARCHED: Final = 64
_XMP_MARKS: Final = (b"<rdf:RDF", b"<x:xmpmeta", b"<?xpacket")
_WINDOWS: Final = {"deflate": zlib.MAX_WBITS, "zlib": zlib.MAX_WBITS, "gzip": zlib.MAX_WBITS | 16}
_EMPTY: Final = memoryview(b"")


def find_heif_blocks(data: bytes) -> Blocks:
    """Return the blocks of a HEIF or AVIF file. Items that describe the primary image come first."""
    blocks = Blocks()
    file = memoryview(data)
    for kind, box in read_boxes(file):
        with suppress(*DAMAGE):
            if kind == b"meta":
                _add_items(file, box[_FULL_BOX:], blocks)
            elif kind == b"uuid" and box[: len(_XMP_UUID)] == _XMP_UUID:
                blocks.xmp.append(box[len(_XMP_UUID) :])
    return blocks


def _add_items(file: memoryview, meta: memoryview, blocks: Blocks) -> None:
    boxes: dict[bytes, memoryview] = {}
    for kind, box in read_boxes(meta):
        boxes.setdefault(kind, box)
    if b"xml " in boxes:
        blocks.xmp.append(boxes[b"xml "][_FULL_BOX:])
    items = {item.id: item for item in read_items(boxes.get(b"iinf", _EMPTY)) if item.type in _ADDERS}
    sources = {_IN_FILE: file, _IN_IDAT: boxes.get(b"idat", _EMPTY)}
    located = read_locations(boxes.get(b"iloc", _EMPTY), sources, items.keys())
    primary = set()
    with suppress(*DAMAGE):
        number = int.from_bytes(boxes.get(b"pitm", _EMPTY)[_FULL_BOX:])
        primary = read_descriptions(boxes.get(b"iref", _EMPTY), number)
    for id_ in sorted(located, key=lambda id_: id_ not in primary):
        with suppress(*DAMAGE):
            _ADDERS[items[id_].type](items[id_], located[id_], blocks)


def _add_exif(_item: Item, data: memoryview, blocks: Blocks) -> None:
    """Add an Exif item. It starts with the offset of the TIFF header, which some writers omit or count wrongly."""
    start = 4 + int.from_bytes(data[:4])
    if bytes(data[start : start + 4]) not in _TIFF_MARKS:
        beginning = bytes(data[:_SEARCHED])
        start = max(beginning.find(mark) for mark in _TIFF_MARKS)
    if start >= 0:
        blocks.exif.append(data[start:])


def _add_mime(item: Item, data: memoryview, blocks: Blocks) -> None:
    if "xml" in item.media_type.lower():
        window = _WINDOWS.get(item.encoding.lower())
        blocks.xmp.append(decompress(data, window=window) if window else data)


def _add_uri(_item: Item, data: memoryview, blocks: Blocks) -> None:
    """Add an item that is identified by a URI if it has an XMP packet."""
    if any(mark in bytes(data[:_SEARCHED]) for mark in _XMP_MARKS):
        blocks.xmp.append(data)


_ADDERS: Final = {"Exif": _add_exif, "mime": _add_mime, "uri ": _add_uri}
