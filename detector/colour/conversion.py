"""Converts pixels of each colour space to sRGB."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from detector.colour.hdr import HdrTransform
from detector.colour.signals import Profile
from detector.colour.spaces import RgbSpace
from detector.colour.transforms import MatrixTransform, find_transform

if TYPE_CHECKING:
    from cv2.typing import MatLike

    from detector.colour.signals import Colour
    from detector.colour.transforms import Transform

_SAMPLE: Final = 4  # every fourth pixel of each row and column shows how bright an HDR photo is
_HIGHLIGHTS: Final = 99.9  # percent of the pixels that are not brighter than the peak


def affects_detection(colour: Colour | None) -> bool:
    """Return whether the model must see converted pixels. Other RGB values are similar enough to sRGB."""
    return isinstance(colour, RgbSpace) and colour.is_hdr


def convert_to_srgb(pixels: MatLike, colour: Colour | None) -> MatLike:
    """Return the BGR pixels in sRGB. If the colour space cannot be converted, return `pixels` themselves.

    Args:
        pixels: uint8 BGR. They are not changed.
        colour: The colour space of the pixels. None means sRGB.
    """
    if isinstance(colour, Profile):
        transform = find_transform(colour.data, colour.mode) if colour.mode != "CMYK" else None
    elif colour and colour.is_hdr:
        highlights = np.percentile(pixels[::_SAMPLE, ::_SAMPLE].max(axis=2), _HIGHLIGHTS)
        transform = HdrTransform(colour, float(highlights) / 255)
    else:
        transform = _find_space_transform(colour) if colour else None
    return transform.apply(pixels) if transform else pixels


@lru_cache(maxsize=16)
def _find_space_transform(space: RgbSpace) -> Transform:
    return MatrixTransform(space.make_curve()[np.newaxis], space.make_matrix())
