"""Finds the transparent pixels of PNG files that declare one color as transparent (the chunk tRNS).

Pillow compares the color with pixels that it has already reduced or extended to 8 bits, so it misses them.
Source: https://www.w3.org/TR/png-3/#11tRNS
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

_DEPTH_POSITION: Final = 24  # of the bit depth in a PNG file
_BYTE_BITS: Final = 8
_LONG_BITS: Final = 16
_BAND_ROWS: Final = 512


def apply_key(picture: Image.Image, data: bytes) -> Image.Image:
    """Return the picture with an alpha channel if it is a PNG with a transparent color that Pillow would miss.

    Args:
        picture: The opened picture.
        data: The complete file.
    """
    if picture.format != "PNG":
        return picture
    key = picture.info.get("transparency")
    depth = data[_DEPTH_POSITION]
    if isinstance(key, int) and picture.mode in {"1", "L", "I;16"}:
        return _apply_gray_key(picture, key & (1 << depth) - 1, depth)
    if isinstance(key, tuple) and picture.mode == "RGB" and depth == _LONG_BITS:
        return _apply_color_key(picture, data, key)
    return picture


def _apply_gray_key(picture: Image.Image, key: int, depth: int) -> Image.Image:
    """Pillow scales 1, 2 and 4 bits to 8, and keeps 16."""
    gray = np.asarray(picture if picture.mode == "I;16" else picture.convert("L"))
    transparent = gray == (key if depth >= _BYTE_BITS else key * 255 // ((1 << depth) - 1))
    alpha = Image.fromarray(np.where(transparent, np.uint8(0), np.uint8(255)))
    high = (gray >> _BYTE_BITS).astype(np.uint8) if depth == _LONG_BITS else gray
    return Image.merge("LA", (Image.fromarray(high), alpha))


def _apply_color_key(picture: Image.Image, data: bytes, key: tuple[int, ...]) -> Image.Image:
    """Pillow keeps the high byte of each sample. The file is decoded again for the low bytes."""
    low = Image.open(io.BytesIO(data), formats=["PNG"])
    low.tile = [tile._replace(args="RGB;16L") for tile in low.tile]
    alpha = Image.new("L", picture.size)
    for top in range(0, picture.height, _BAND_ROWS):
        box = (0, top, picture.width, min(top + _BAND_ROWS, picture.height))
        samples = np.asarray(picture.crop(box)).astype(np.uint16) << _BYTE_BITS | np.asarray(low.crop(box))
        opaque = (samples != np.array(key, np.uint16)).any(axis=2)
        alpha.paste(Image.fromarray(np.where(opaque, np.uint8(255), np.uint8(0))), box)
    del picture.info["transparency"]
    picture.putalpha(alpha)
    return picture
