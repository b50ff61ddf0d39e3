"""Makes a HEIC file of the first picture of a HEVC image sequence, because pillow-heif reads only items.

Sources: ISO/IEC 14496-12 (tracks and items), ISO/IEC 14496-15 (HEVC)
"""

from __future__ import annotations

import struct
from typing import Final

from detector.boxes import Box, find_first, find_inside, list_boxes
from detector.heif import HEVC, find_pictures
from detector.heif_stills import make_box, make_file

_SIZE_POSITION: Final = 24  # of the width in a sample entry
_ENTRY_BYTES: Final = 78  # of a sample entry, before its boxes
_OTHER_PROPERTIES: Final = (b"colr", b"pasp")


def make_still(data: bytes) -> bytes:
    """Return a file with the first picture of a HEVC image sequence as its only item.

    If the file has items, or no such sequence, return it unchanged.
    """
    boxes = find_first(data, 0, len(data))
    if b"meta" in boxes or b"moov" not in boxes:
        return data
    try:
        samples = find_pictures(data, boxes[b"moov"])
        return _extract(data, samples) if samples else data
    except (struct.error, LookupError):  # the file is damaged
        return data


def _extract(data: bytes, samples: Box) -> bytes:
    descriptions = find_inside(data, samples, b"stsd")
    entry = list(list_boxes(data, descriptions.start + 8, descriptions.end))[0]  # noqa: RUF015 - IndexError is caught
    if entry.kind not in HEVC:
        return data
    width, height = struct.unpack_from(">HH", data, entry.start + _SIZE_POSITION)
    found = find_first(data, entry.start + _ENTRY_BYTES, entry.end)
    properties = [
        make_box(kind, data[found[kind].start : found[kind].end])
        for kind in (b"hvcC", *(kind for kind in _OTHER_PROPERTIES if kind in found))
    ]
    start, size = _find_sample(data, samples)
    return make_file(data[start : start + size], width, height, properties)


def _find_sample(data: bytes, samples: Box) -> tuple[int, int]:
    """Return the position and the size of the first sample."""
    tables = find_first(data, samples.start, samples.end)
    sizes = tables[b"stsz"].start + 4
    size, _, first_size = struct.unpack_from(">III", data[sizes : sizes + 12].ljust(12, b"\0"))
    if b"stco" in tables:
        (start,) = struct.unpack_from(">I", data, tables[b"stco"].start + 8)
    else:
        (start,) = struct.unpack_from(">Q", data, tables[b"co64"].start + 8)
    return start, size or first_size
