"""Completes files that were cut off, so that decoders without support for them decode the part that is there.

The decoders of WebP, HEIC and AVIF refuse a file whose data are shorter than it declares. They accept any bytes instead
of the missing ones. The rows that depend on the missing bytes are those that change with these bytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_MISSING = 200 * 2**20
_MAX_BOXES = 1000
_RIFF_BYTES, _BOX_BYTES = 12, 8  # of a header
_SEQUENCES = {b"msf1", b"hevc", b"hevx", b"avis"}  # their pictures are in tracks
_WIDE_SIZE = 1  # in the field of the size: eight bytes with the size follow the name


def pad(data: bytes) -> Iterator[bytes]:
    """Yield the file with two different fills of its missing bytes. Yield nothing if none are known to be missing."""
    missing = _find_declared_size(data) - len(data)
    if 0 < missing <= min(_MAX_MISSING, 50 * len(data)):
        yield data + bytes(missing)
        yield data + np.random.default_rng(1).bytes(missing)


def _find_declared_size(data: bytes) -> int:
    if data[:4] == b"RIFF" and len(data) > _RIFF_BYTES:
        return int(struct.unpack_from("<I", data, 4)[0]) + 8
    if data[4:8] == b"ftyp" and data[8:12] not in _SEQUENCES:
        return _find_end_of_boxes(data)
    return 0


def _find_end_of_boxes(data: bytes) -> int:
    position = 0
    for _ in range(_MAX_BOXES):
        if position + 16 > len(data):
            break
        size = int.from_bytes(data[position : position + 4])
        if size == _WIDE_SIZE:
            size = int.from_bytes(data[position + 8 : position + 16])
        if size < _BOX_BYTES:  # the box ends with the file
            return 0
        position += size
    return position
