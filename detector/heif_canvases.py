"""Measures the canvases of derived HEIF items, because libheif allocates them whatever the size of the image is.

A grid or an overlay has its own size, besides the size in the properties of its item.
Source: ISO/IEC 23008-12, sections 6.6.2.2 and 6.6.2.3
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Final

from detector.heif_items import DAMAGE, Items

_SIZE_POSITIONS: Final = {b"grid": 4, b"iovl": 10}  # of the width in the content of an item
_RECIPE_BYTES: Final = 18


def measure_canvases(data: bytes) -> int:
    """Return the number of pixels of the largest grid or overlay in a HEIF file. Return 0 for files without them."""
    largest = 0
    with suppress(*DAMAGE):  # the decoder reports it
        items = Items(data)
        kinds = {item.id: item.type for item in items.list_items() if item.type in _SIZE_POSITIONS}
        for item, location in items.list_locations() if kinds else ():
            if item in kinds:
                largest = max(largest, _measure(kinds[item], location.read(_RECIPE_BYTES)))
    return largest


def _measure(kind: bytes, recipe: bytes) -> int:
    recipe = recipe.ljust(_RECIPE_BYTES, b"\0")
    width, height = struct.unpack_from(">II" if recipe[1] & 1 else ">HH", recipe, _SIZE_POSITIONS[kind])
    return int(width * height)
