"""Finds the colour space in HEIF files, which AVIF files are too (ISO 23008-12)."""

from __future__ import annotations

import struct
from contextlib import suppress

from detector.heif_items import DAMAGE, Items


def read_nclx(data: bytes) -> tuple[int, int] | None:
    """Return the primaries and the transfer characteristics of the primary item, or None.

    A file can contain further items with other colours, such as a gain map.
    """
    with suppress(struct.error, *DAMAGE):
        items = Items(data)
        for name, content in items.read_properties().find(items.primary):
            if name == b"colr" and bytes(content[:4]) == b"nclx":
                primaries, transfer = struct.unpack_from(">HH", content, 4)
                return primaries, transfer
    return None
