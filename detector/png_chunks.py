"""Reads the chunks of PNG files.

Source: W3C, Portable Network Graphics (PNG) Specification (Third Edition), section 5
"""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CHECKSUM_BYTES: Final = 4  # after the content of a chunk

_HEAD: Final = struct.Struct(">I4s")  # the length of the content, and the type
_MAX_CHUNKS: Final = 200_000  # a file of 200 MiB has 25,600 chunks of 8 KiB


def list_png_chunks(data: bytes) -> Iterator[tuple[bytes, int, memoryview]]:
    """Yield the type, the position of the content, and the content of each chunk, up to IEND.

    The content of the last chunk may be cut off. Checksums are ignored. A file that is no PNG has no chunks.
    """
    if not data.startswith(SIGNATURE):
        return
    position, view = len(SIGNATURE), memoryview(data)
    for _ in range(_MAX_CHUNKS):
        if position + _HEAD.size > len(data):
            return
        length, kind = _HEAD.unpack_from(data, position)
        if not kind.isalpha():
            return
        start = position + _HEAD.size
        yield kind, start, view[start : start + length]
        if kind == b"IEND":
            return
        position = start + length + CHECKSUM_BYTES


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
