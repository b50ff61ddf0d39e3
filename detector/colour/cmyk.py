"""Decodes JPEGs with four inks. OpenCV decodes them without their profile, which makes them too colourful."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from detector.colour.signals import Profile
from detector.colour.transforms import find_transform

if TYPE_CHECKING:
    from cv2.typing import MatLike

    from detector.colour.signals import Colour

_BAND_ROWS: Final = 256  # copies of bands need little memory


def decode_cmyk(data: bytes, colour: Colour | None, divisor: int) -> MatLike | None:
    """Decode a CMYK JPEG with a profile to sRGB. Return None for other photos, and for damaged ones.

    Args:
        data: The encoded photo.
        colour: The result of `find_colour` for the photo.
        divisor: The photo is decoded at 1/divisor of its size: 1, 1/2, 1/4 or 1/8.

    Returns:
        uint8 BGR pixels, rows x columns x 3, in the order in which they are stored.
    """
    transform = find_transform(colour.data, "CMYK") if isinstance(colour, Profile) and colour.mode == "CMYK" else None
    if transform is None:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            picture = Image.open(io.BytesIO(data), formats=["JPEG"])
            picture.draft(None, (max(1, picture.width // divisor), max(1, picture.height // divisor)))
            picture.load()
    except OSError:
        return None
    pixels = np.empty((picture.height, picture.width, 3), np.uint8)
    for top in range(0, picture.height, _BAND_ROWS):
        inks = np.asarray(picture.crop((0, top, picture.width, min(top + _BAND_ROWS, picture.height))))
        # Pillow assumes that the values are inverted, as Adobe's programs store them.
        pixels[top : top + len(inks)] = transform.apply(inks if "adobe" in picture.info else 255 - inks)
    return pixels
