"""Finds the blocks of metadata in JPEG files."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from detector.metadata.blocks import EXIF_PREFIX, MAX_BLOCK, MAX_BLOCKS, XMP_MARKS, Blocks, join_parts
from detector.metadata.photoshop import add_resources

_XMP_PREFIX: Final = b"http://ns.adobe.com/xap/1.0/"
_EXTENSION_PREFIX: Final = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP_PREFIXES: Final = (b"Photoshop 3.0\0", b"Adobe_Photoshop2.5:")
_PREFIX_SIZE: Final = 40
_SEARCHED: Final = 256
_GUID_SIZE: Final = 32
_APP1, _APP13, _COMMENT = 0xE1, 0xED, 0xFE
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_WITHOUT_LENGTH: Final = {0x00, 0x01, *range(0xD0, 0xD9)}
_LATE_APP1: Final = re.compile(rb"\xff\xe1")  # the search is several times as fast as bytes.find for two bytes
_MAX_SEGMENTS: Final = 20_000
_MAX_COMMENTS: Final = 10


def find_jpeg_blocks(data: bytes) -> Blocks:
    """Return the blocks of a JPEG file. EXIF and XMP after the first scan are only used if none come before it.

    EXIF and XMP that need several segments are joined.
    """
    collector = _Collector()
    scan = 0
    for marker, segment, end in _read_segments(data):
        collector.add(marker, segment)
        scan = end
    if not (collector.exif or collector.packets):
        for segment in _find_late_segments(data, scan):
            collector.add(_APP1, segment)
    return collector.join()


class _Collector:
    """Sorts segments, and joins those that belong together."""

    def __init__(self) -> None:
        self.exif: list[list[memoryview]] = []
        self.packets: list[memoryview] = []
        self.extensions: dict[bytes, dict[int, memoryview]] = {}
        self.resources: list[memoryview] = []
        self.comments: list[bytes] = []

    def add(self, marker: int, segment: memoryview) -> None:
        prefix = bytes(segment[:_PREFIX_SIZE])
        if marker == _APP1:
            self._add_app1(prefix, segment)
        elif marker == _APP13 and prefix.startswith(_PHOTOSHOP_PREFIXES):
            size = next(len(known) for known in _PHOTOSHOP_PREFIXES if prefix.startswith(known))
            self.resources.append(segment[size:])
        elif marker == _COMMENT and len(self.comments) < _MAX_COMMENTS:
            self.comments.append(bytes(segment))

    def _add_app1(self, prefix: bytes, segment: memoryview) -> None:
        if prefix.startswith(EXIF_PREFIX[:-1]):
            block = segment[len(EXIF_PREFIX) :]
            if self.exif and prefix[6:8] not in {b"II", b"MM"}:
                self.exif[-1].append(block)  # the rest of a TIFF structure above 64 KB
            else:
                self.exif.append([block])
        elif prefix.startswith(_EXTENSION_PREFIX):
            self._add_extension(segment[len(_EXTENSION_PREFIX) :])
        elif prefix.startswith(_XMP_PREFIX):
            end = len(_XMP_PREFIX)
            self.packets.append(segment[end + (prefix[end : end + 1] == b"\0") :])
        elif any(mark in bytes(segment[:_SEARCHED]) for mark in XMP_MARKS):
            self.packets.append(segment)  # some programs damage the prefix

    def _add_extension(self, segment: memoryview) -> None:
        """Add a part of an extended XMP packet. It starts with the name and the size of the packet, and its offset."""
        guid = bytes(segment[:_GUID_SIZE])
        if guid in self.extensions or len(self.extensions) < MAX_BLOCKS:
            offset = int.from_bytes(segment[_GUID_SIZE + 4 : _GUID_SIZE + 8])
            self.extensions.setdefault(guid, {})[offset] = segment[_GUID_SIZE + 8 :]

    def join(self) -> Blocks:
        packets = self.packets[:MAX_BLOCKS]
        blocks = Blocks(exif=[join_parts(parts) for parts in self.exif[:MAX_BLOCKS]], comments=self.comments)
        # A packet names its extension. An extension of an earlier version of the file can be left.
        names = b"".join(bytes(packet[:MAX_BLOCK]) for packet in packets) if self.extensions else b""
        extensions = [_join_extension(parts) for guid, parts in self.extensions.items() if guid in names]
        blocks.xmp = [*packets, *extensions]
        if self.resources:
            add_resources(join_parts(self.resources), blocks)
        return blocks


def _join_extension(parts: dict[int, memoryview]) -> memoryview:
    """Join the parts of an extended XMP packet up to the first gap. Keys are their offsets."""
    ordered: list[memoryview] = []
    size = 0
    while size in parts and size <= MAX_BLOCK and len(parts[size]):
        ordered.append(parts[size])
        size += len(parts[size])
    return join_parts(ordered)


def _read_segments(data: bytes) -> Iterator[tuple[int, memoryview, int]]:
    """Yield the marker, content and end of each segment before the first scan. Bytes between segments are skipped."""
    view = memoryview(data)
    position = 2
    for _ in range(_MAX_SEGMENTS):
        position = data.find(b"\xff", position)
        if position < 0 or position + 4 > len(data):
            return
        marker = data[position + 1]
        if marker in {_START_OF_SCAN, _END_OF_IMAGE}:
            return
        if marker == 0xFF:  # noqa: PLR2004  # a fill byte
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        else:
            end = position + 2 + max(2, int.from_bytes(view[position + 2 : position + 4]))
            yield marker, view[position + 4 : end], end
            position = end


def _find_late_segments(data: bytes, position: int) -> Iterator[memoryview]:
    """Yield APP1 segments after `position`: between scans, or in the further pictures of an MPO file.

    The two bytes of this marker cannot occur in the pixels of a scan.
    """
    view = memoryview(data)
    for match in islice(_LATE_APP1.finditer(data, position), _MAX_SEGMENTS):
        start = match.end()
        yield view[start + 2 : start + int.from_bytes(view[start : start + 2])]
