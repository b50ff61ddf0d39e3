"""Finds the colour space in PNG and GIF files. Pillow reads only some of the places where it can be."""

from __future__ import annotations

import zlib
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_COLOUR_CHUNKS: Final = {b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
_GIF_EXTENSION: Final = b"!\xff\x0bICCRGBG1012"
_MAX_CHUNKS: Final = 100_000


def read_png_chunks(data: bytes) -> dict[bytes, bytes]:
    """Return the intact chunks about colour by name. If a chunk is repeated, the first one counts."""
    chunks: dict[bytes, bytes] = {}
    for name, start, end in islice(_walk_png(data), _MAX_CHUNKS):
        if name in _COLOUR_CHUNKS and zlib.crc32(data[start - 4 : end]).to_bytes(4) == data[end : end + 4]:
            chunks.setdefault(name, data[start:end])
    return chunks


def remove_png_chunks(data: bytes) -> bytes:
    """Return the PNG without the chunks about colour, which Pillow refuses if they are damaged."""
    kept, position = [], 0
    for name, start, end in islice(_walk_png(data), _MAX_CHUNKS):
        if name in _COLOUR_CHUNKS:
            kept.append(data[position : start - 8])
            position = end + 4
    return b"".join([*kept, data[position:]]) if kept else data


def _walk_png(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, start and end of each chunk before the pixels."""
    position = len(_PNG_SIGNATURE)
    while data.startswith(_PNG_SIGNATURE) and position + 12 <= len(data):
        name, start = data[position + 4 : position + 8], position + 8
        end = start + int.from_bytes(data[position : position + 4])
        if name == b"IDAT" or end + 4 > len(data):
            return
        yield name, start, end
        position = end + 4


def decompress_png_profile(chunk: bytes, max_bytes: int) -> bytes:
    """Return the profile in the content of a chunk `iCCP`, or nothing if it is damaged or too large."""
    _, separator, compressed = chunk.partition(b"\0")
    if not separator or compressed[:1] != b"\0":
        return b""
    decompressor = zlib.decompressobj()
    with suppress(zlib.error):
        profile = decompressor.decompress(compressed[1:], max_bytes)
        return profile if decompressor.eof else b""
    return b""


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
