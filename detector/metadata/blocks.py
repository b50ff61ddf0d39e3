"""The blocks of metadata that a file contains, before their own formats are parsed."""

import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

MAX_BLOCK: Final = 2**20
"""The maximum size in bytes of a block that must be copied: decompressed, decoded or joined from parts."""

MAX_BLOCKS: Final = 10
"""The maximum number of blocks of each kind in a file. Real files have one or two."""

DAMAGE: Final = (ValueError, LookupError, ArithmeticError, struct.error, zlib.error)
"""The exceptions that parsers of damaged blocks raise."""

EXIF_PREFIX: Final = b"Exif\0\0"
XMP_MARKS: Final = (b"<?xpacket", b"<x:xmpmeta", b"<rdf:RDF")
"""XMP packets start with one of these, perhaps after other bytes."""


@dataclass(slots=True)
class Blocks:
    """The blocks of metadata of one file, each kind in the order of the file.

    Attributes:
        exif: TIFF structures.
        xmp: XMP packets.
        iptc: IPTC-IIM records.
        texts: Texts of PNG files. Keys are in lower case without blanks and hyphens.
        comments: Comments of JPEG files.
        modified: The time of the last change in a PNG file, as year, month, day, hour, minute and second in UTC.
    """

    exif: list[memoryview] = field(default_factory=list)
    xmp: list[memoryview] = field(default_factory=list)
    iptc: list[memoryview] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    comments: list[bytes] = field(default_factory=list)
    modified: tuple[int, ...] = ()

    @property
    def full(self) -> bool:
        """Whether the maximum number of blocks is reached, so that no more should be copied."""
        return len(self.exif) + len(self.xmp) + len(self.iptc) >= MAX_BLOCKS


def join_parts(parts: list[memoryview]) -> memoryview:
    """Join the parts of a block. A single part is not copied. The rest of a block above `MAX_BLOCK` is dropped."""
    if len(parts) == 1:
        return parts[0]
    block = bytearray()
    for part in parts:
        block += part[: MAX_BLOCK - len(block)]
    return memoryview(bytes(block))


def decompress(data: bytes | memoryview, *, window: int = zlib.MAX_WBITS) -> memoryview:
    """Decompress zlib data, up to `MAX_BLOCK` bytes. Data that is cut off gives its beginning.

    Args:
        data: The compressed data.
        window: The argument `wbits` of zlib. It selects raw, zlib or gzip data.

    Raises:
        zlib.error: the data is not compressed in this way.
    """
    return memoryview(zlib.decompressobj(window).decompress(data, MAX_BLOCK))
