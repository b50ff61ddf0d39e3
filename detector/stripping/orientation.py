"""Reads the orientation of a photo in its EXIF data, and writes EXIF data with only the orientation."""

import struct
from contextlib import suppress
from typing import Final

from detector.metadata.blocks import DAMAGE, Blocks
from detector.metadata.exif import Tag, read_exif

_SHORT: Final = 3  # the type of the value


def read_orientation(blocks: Blocks) -> int:
    """Return the orientation in the first EXIF block, from 1 to 8. It is 1 if there is none, or if it is damaged."""
    with suppress(*DAMAGE):
        fields = read_exif(blocks.exif[0]).find(Tag.ORIENTATION) if blocks.exif else []
        if fields and fields[0].number in range(1, 9):
            return int(fields[0].number)
    return 1


def make_exif(orientation: int) -> bytes:
    """Return a TIFF structure with one directory, which contains only the orientation."""
    entry = struct.pack(">HHLHH", Tag.ORIENTATION, _SHORT, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">LH", 8, 1) + entry + struct.pack(">L", 0)
