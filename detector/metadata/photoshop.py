"""Reads the image resources that Photoshop writes into JPEG files."""

from collections.abc import Iterator
from typing import Final

from detector.metadata.blocks import Blocks

_SIGNATURES: Final = {b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa"}
_IPTC: Final = 0x0404
_EXIF: Final = 0x0422
_XMP: Final = 0x0424
_MAX_RESOURCES: Final = 1_000
_HEADER: Final = 7  # the signature, the number and the length of the name


def add_resources(resources: memoryview, blocks: Blocks) -> None:
    """Add the IPTC, EXIF and XMP blocks among these image resources to `blocks`."""
    targets = {_IPTC: blocks.iptc, _EXIF: blocks.exif, _XMP: blocks.xmp}
    for number, resource in _read_resources(resources):
        if number in targets:
            targets[number].append(resource)


def _read_resources(resources: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the number and the data of each resource. The name of a resource and its data have an even size."""
    position = 0
    for _ in range(_MAX_RESOURCES):
        header = resources[position : position + _HEADER]
        if len(header) < _HEADER or bytes(header[:4]) not in _SIGNATURES:
            return
        position += 6 + (header[6] // 2 + 1) * 2
        size = int.from_bytes(resources[position : position + 4])
        position += 4
        yield int.from_bytes(header[4:6]), resources[position : position + size]
        position += size + size % 2
