"""Makes HEIC files with one picture, because pillow-heif reads only items.

Source: ISO/IEC 14496-12
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_ESSENTIAL: Final = 0x80


def make_file(sample: bytes, width: int, height: int, properties: Sequence[bytes]) -> bytes:
    """Return a HEIC file with one picture.

    Args:
        sample: The encoded picture.
        width: The width of the picture in pixels.
        height: The height of the picture in pixels.
        properties: The boxes of its properties, hvcC first.
    """
    area = make_box(b"ispe", bytes(4), struct.pack(">II", width, height))
    associations = bytes([_ESSENTIAL | 1, 2, *range(3, len(properties) + 2)])  # the codec's properties are essential
    start = 0
    for _ in range(2):  # the length of the head does not depend on the position of the sample
        head = make_box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic") + make_box(
            b"meta",
            bytes(4),
            make_box(b"hdlr", bytes(8), b"pict", bytes(13)),
            make_box(b"pitm", bytes(4), b"\0\1"),
            make_box(b"iloc", bytes(4), struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, start, len(sample))),
            make_box(b"iinf", bytes(4), b"\0\1", make_box(b"infe", b"\2\0\0\0", b"\0\1\0\0", b"hvc1", b"\0")),
            make_box(
                b"iprp",
                make_box(b"ipco", properties[0], area, *properties[1:]),
                make_box(b"ipma", bytes(4), struct.pack(">IHB", 1, 1, len(associations)), associations),
            ),
        )
        start = len(head) + 8
    return head + make_box(b"mdat", sample)


def make_box(kind: bytes, *contents: bytes | memoryview) -> bytes:
    """Return a box with these contents."""
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), kind) + content
