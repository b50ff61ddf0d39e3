"""Reads the chunks of WebP files.

Source: https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = 12  # bytes: RIFF, the size, WEBP
_MAX_CHUNKS = 10_000
_SIDE = 0x3FFF


@dataclass(frozen=True, slots=True)
class WebpHeader:
    """The properties of a WebP file.

    Attributes:
        pixels: The number of pixels of the canvas.
        is_lossless: Whether the first frame is lossless.
        is_animated: Whether the file is an animation.
        has_alpha: Whether pixels may be transparent.
    """

    pixels: int
    is_lossless: bool
    is_animated: bool
    has_alpha: bool


def list_webp_chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield the name of each chunk and the position of its content."""
    position = _HEAD
    for _ in range(_MAX_CHUNKS):
        if position + 8 > len(data):
            return
        name, size = struct.unpack_from("<4sI", data, position)
        yield name, position + 8
        position += 8 + size + size % 2


def read_webp_header(data: bytes) -> WebpHeader | None:
    """Return the properties of a WebP file, or None if it contains no picture."""
    pixels, is_animated, has_alpha = 0, False, False
    for name, start in list_webp_chunks(data):
        head = data[start : start + 10].ljust(10, b"\0")
        if name == b"VP8X":
            width, height = int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
            pixels, is_animated, has_alpha = width * height, bool(head[0] & 2), bool(head[0] & 16)
        elif name == b"VP8L":
            bits = int.from_bytes(head[1:5], "little")
            size = pixels or ((bits & _SIDE) + 1) * ((bits >> 14 & _SIDE) + 1)
            has_alpha |= bool(bits >> 28 & 1)
            return WebpHeader(size, is_lossless=True, is_animated=is_animated, has_alpha=has_alpha)
        elif name == b"VP8 ":
            width, height = struct.unpack_from("<HH", head, 6)
            size = pixels or (width & _SIDE) * (height & _SIDE)
            return WebpHeader(size, is_lossless=False, is_animated=is_animated, has_alpha=has_alpha)
        elif name == b"ANMF":
            break
    return WebpHeader(pixels, is_lossless=False, is_animated=is_animated, has_alpha=has_alpha) if pixels else None


def is_animated_webp(data: bytes) -> bool:
    """Return whether a WebP file is an animation."""
    header = read_webp_header(data)
    return header is not None and header.is_animated
