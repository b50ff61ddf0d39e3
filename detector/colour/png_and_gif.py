"""Finds the colour space in PNG and GIF files. Pillow reads only some of the places where it can be."""

from __future__ import annotations

import zlib
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from detector.png_chunks import CHECKSUM_BYTES, list_png_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLOUR_CHUNKS: Final = {b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
_GIF_EXTENSION: Final = b"!\xff\x0bICCRGBG1012"


def read_png_chunks(data: bytes) -> dict[bytes, bytes]:
    """Return the intact chunks about colour by name. If a chunk is repeated, the first one counts."""
    chunks: dict[bytes, bytes] = {}
    for name, start, content in _list_colour_chunks(data):
        end = start + len(content)
        if zlib.crc32(content, zlib.crc32(name)).to_bytes(CHECKSUM_BYTES) == data[end : end + CHECKSUM_BYTES]:
            chunks.setdefault(name, bytes(content))
    return chunks


def remove_png_chunks(data: bytes) -> bytes:
    """Return the PNG without the chunks about colour, which Pillow refuses if they are damaged."""
    kept, position = [], 0
    for _, start, content in _list_colour_chunks(data):
        kept.append(data[position : start - 8])
        position = start + len(content) + CHECKSUM_BYTES
    return b"".join([*kept, data[position:]]) if kept else data


def _list_colour_chunks(data: bytes) -> Iterator[tuple[bytes, int, memoryview]]:
    """Yield the chunks about colour, which come before the pixels."""
    before_pixels = takewhile(lambda chunk: chunk[0] != b"IDAT", list_png_chunks(data))
    return (chunk for chunk in before_pixels if chunk[0] in _COLOUR_CHUNKS)


def read_gif_profile(data: bytes, max_bytes: int) -> bytes:
    """Return the profile in the application extension of the ICC, or nothing."""
    position = data.find(_GIF_EXTENSION) + len(_GIF_EXTENSION)
    if position < len(_GIF_EXTENSION):
        return b""
    profile = bytearray()
    while position < len(data) and len(profile) <= max_bytes and (length := data[position]):
        profile += data[position + 1 : position + 1 + length]
        position += 1 + length
    return bytes(profile)
