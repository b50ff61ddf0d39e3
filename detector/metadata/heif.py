"""Finds the blocks of metadata in HEIF and AVIF files (ISO/IEC 23008-12, annex A)."""

import zlib
from contextlib import suppress
from typing import Final

from detector.heif_items import Item, Items, read_boxes
from detector.metadata.blocks import DAMAGE, MAX_BLOCKS, XMP_MARKS, Blocks, decompress, join_parts

_XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_FULL_BOX: Final = 4  # the size of the version and the flags
_TIFF_MARKS: Final = (b"II*\0", b"MM\0*")
_SEARCHED: Final = 64
_WINDOWS: Final = {"deflate": zlib.MAX_WBITS, "zlib": zlib.MAX_WBITS, "gzip": zlib.MAX_WBITS | 16}


def find_heif_blocks(data: bytes) -> Blocks:
    """Return the blocks of a HEIF or AVIF file. Items that describe the primary image come first."""
    blocks = Blocks()
    with suppress(*DAMAGE):
        _add_items(Items(data), blocks)
    blocks.xmp += [
        box[len(_XMP_UUID) :]
        for kind, box in read_boxes(memoryview(data))
        if kind == b"uuid" and box[: len(_XMP_UUID)] == _XMP_UUID
    ]
    return blocks


def _add_items(items: Items, blocks: Blocks) -> None:
    if b"xml " in items.boxes:
        blocks.xmp.append(items.boxes[b"xml "][_FULL_BOX:])
    added = {item.id: item for item in items.list_items() if item.type in _ADDERS}
    located: dict[int, list[memoryview]] = {}
    with suppress(*DAMAGE):  # the items before the damage are kept
        located.update((id_, location.parts) for id_, location in items.list_locations() if id_ in added)
    primary: set[int] = set()
    with suppress(*DAMAGE):
        image = items.primary
        primary = {item for item, described in items.list_references(b"cdsc") if image in described}
    for id_ in sorted(located, key=lambda id_: id_ not in primary)[:MAX_BLOCKS]:
        with suppress(*DAMAGE):
            _ADDERS[added[id_].type](added[id_], join_parts(located[id_]), blocks)


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
    if any(mark in bytes(data[:_SEARCHED]) for mark in XMP_MARKS):
        blocks.xmp.append(data)


_ADDERS: Final = {b"Exif": _add_exif, b"mime": _add_mime, b"uri ": _add_uri}
