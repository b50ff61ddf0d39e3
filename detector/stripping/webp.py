"""Removes the metadata of WebP files, also of animated ones."""

from typing import Final

from detector.stripping.profile import clear_profile
from detector.webp import list_webp_chunks

_HEAD_BYTES: Final = 12
_FRAME_HEAD_BYTES: Final = 16  # of a frame of an animation, before its own chunks
_PICTURE: Final = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_KEPT: Final = _PICTURE | {b"ANIM"}
_EXIF_FLAG, _XMP_FLAG = 8, 4  # in the first byte of VP8X


def strip_webp(data: bytes, exif: bytes) -> bytes:
    """Return a WebP file without metadata, with the given EXIF data if there are any."""
    parts = []
    for name, content in _list_chunks(data):
        if name == b"VP8X":
            flags = content[0] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if exif else 0)
            parts.append(_make_chunk(name, bytes([flags]) + content[1:]))
        elif name == b"ANMF":
            frame = _list_chunks(content[_FRAME_HEAD_BYTES - _HEAD_BYTES :])
            pictures = b"".join(_make_chunk(*each) for each in frame if each[0] in _PICTURE)
            parts.append(_make_chunk(name, content[:_FRAME_HEAD_BYTES] + pictures))
        elif name == b"ICCP":
            parts.append(_make_chunk(name, clear_profile(content)))
        elif name in _KEPT:
            parts.append(_make_chunk(name, content))
    if exif:
        parts.append(_make_chunk(b"EXIF", exif))
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _list_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks behind the first 12 bytes. The content of the last one can be cut off."""
    return [
        (name, data[start : start + int.from_bytes(data[start - 4 : start], "little")])
        for name, start in list_webp_chunks(data)
    ]


def _make_chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)
