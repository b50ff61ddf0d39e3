"""Finds the blocks of metadata in GIF files."""

from typing import Final

from detector.metadata.blocks import MAX_BLOCK, Blocks

_APPLICATION: Final = b"\x21\xff\x0bXMP DataXMP"
_TRAILER: Final = b"\x01\xff\xfe\xfd\xfc"
"""The first bytes after the packet. They let programs that know no XMP skip it as if it consisted of sub-blocks."""


def find_gif_blocks(data: bytes) -> Blocks:
    """Return the XMP packet of a GIF file, if it has one."""
    start = data.find(_APPLICATION)
    if start < 0:
        return Blocks()
    start += len(_APPLICATION)
    end = data.find(_TRAILER, start, start + MAX_BLOCK)
    return Blocks(xmp=[memoryview(data)[start : end if end > 0 else start + MAX_BLOCK]])
