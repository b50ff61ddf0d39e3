"""Removes the metadata of PNG files, also of animated ones."""

import zlib
from typing import Final

from detector.png_chunks import CHECKSUM_BYTES, SIGNATURE, decompress_png_profile, list_png_chunks
from detector.stripping.profile import MAX_BYTES, clear_profile

_HEAD_BYTES: Final = 8
_PICTURE: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"})
_COLOUR: Final = frozenset({b"cICP", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"bKGD", b"mDCV", b"cLLI", b"pHYs"})
_KEPT: Final = _PICTURE | _COLOUR


def strip_png(data: bytes, exif: bytes) -> bytes:
    """Return a PNG file without metadata, with the given EXIF data if there are any. Checksums are not verified."""
    parts = [SIGNATURE]
    for kind, start, content in list_png_chunks(data):
        if kind == b"IDAT" and exif:  # before the pixels
            parts.append(_make_chunk(b"eXIf", exif))
            exif = b""
        if kind == b"iCCP" and (profile := decompress_png_profile(bytes(content), MAX_BYTES)):
            parts.append(_make_chunk(kind, b"icc\0\0" + zlib.compress(clear_profile(profile))))
        elif kind in _KEPT:
            parts.append(data[start - _HEAD_BYTES : start + len(content) + CHECKSUM_BYTES])
    return b"".join(parts)


def _make_chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(CHECKSUM_BYTES)
