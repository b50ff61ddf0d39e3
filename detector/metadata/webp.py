"""Finds the blocks of metadata in WebP files."""

from typing import Final

from detector.metadata.blocks import Blocks

_HEADER: Final = 12
_CHUNK_HEADER: Final = 8
_MAX_CHUNKS: Final = 20_000


def find_webp_blocks(data: bytes) -> Blocks:
    """Return the blocks of a WebP file. The flags in its header are ignored, because some writers forget them."""
    blocks = Blocks()
    view = memoryview(data)
    position = _HEADER
    for _ in range(_MAX_CHUNKS):
        header = data[position : position + _CHUNK_HEADER]
        if len(header) < _CHUNK_HEADER:
            break
        position += _CHUNK_HEADER
        size = int.from_bytes(header[4:], "little")
        chunk = view[position : position + size]
        kind = header[:4].rstrip(b" \0").upper()
        if kind == b"EXIF":
            blocks.exif.append(chunk)
        elif kind == b"XMP":
            blocks.xmp.append(chunk)
        position += size
        # Chunks have an even size, but some writers forget the padding.
        position += size % 2 and data[position : position + 1] == b"\0"
    return blocks
