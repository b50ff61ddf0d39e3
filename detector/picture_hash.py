"""Computes hashes of pictures. Copies in another size, format or quality have nearly the same hash (ADR 43)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from detector.scaling import Pixels

BITS: Final = 64
PREFIX_BITS: Final = 24  # of the lowest frequencies, which change least
WEAK_BITS: Final = 5  # the positions in the prefix that a copy is most likely to change

_SIDE: Final = 32
_HALVED_SIDE: Final = 4 * _SIDE
_SCALE: Final = 4096
_MIN_STRENGTH: Final = 200 * _SCALE**3  # a mean of 0.2 grey levels per pixel
_MIN_STRONG: Final = 38  # photos have at least 43 such coefficients, and pages of text at most 44

_FREQUENCIES: Final = sorted(
    ((row, column) for row in range(11) for column in range(11) if (row, column) != (0, 0)),
    key=lambda each: (sum(each), each),
)[:BITS]
_ROWS, _COLUMNS = np.array(_FREQUENCIES).T
_COSINES: Final = np.rint(
    _SCALE * np.cos(np.pi / (2 * _SIDE) * np.outer(np.arange(11), 2 * np.arange(_SIDE) + 1))
).astype(np.int64)


def hash_picture(pixels: Pixels) -> str:
    """Return the hash of an upright picture: 26 hexadecimal digits, or an empty text.

    The first 16 digits are the signs of the 64 lowest frequencies of a discrete cosine transform, without the mean.
    Each other pair of digits is the number of a bit among the first 24 that is nearly zero, the nearest first. A
    picture with few frequencies, for example a blank page, has no hash: its signs would be those of the noise.

    All arithmetic uses integers, so the same pixels always have the same hash.
    """
    strengths = _transform(_reduce(pixels))
    if np.count_nonzero(abs(strengths) >= _MIN_STRENGTH) < _MIN_STRONG:
        return ""
    signs = int("".join("1" if strength > 0 else "0" for strength in strengths), 2)
    weak = np.argsort(abs(strengths[:PREFIX_BITS]), kind="stable")[:WEAK_BITS]
    return f"{signs:016x}" + "".join(f"{number:02x}" for number in weak)


def find_hash_side(width: int, height: int) -> int:
    """Return the length of the long side in pixels down to which a picture of this size can be halved.

    `hash_picture` would halve it too, so its hash does not change.
    """
    return math.ceil(_HALVED_SIDE / 2 * max(width, height) / min(width, height))


def _reduce(pixels: Pixels) -> np.ndarray:
    """Return the brightness of 32 x 32 areas, in 4096ths of a grey level."""
    height, width = pixels.shape[:2]
    while min(height, width) >= _HALVED_SIDE:
        height, width = height // 2, width // 2
        # The mean of 2 x 2 pixels is exact on all processors.
        even = pixels[: 2 * height, : 2 * width]
        pixels = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
    blue, green, red = (pixels[:, :, channel].astype(np.int64) for channel in range(3))
    grey = 29 * blue + 150 * green + 77 * red  # in 256ths
    for axis in (0, 1):
        if grey.shape[axis] < _SIDE:
            grey = np.repeat(grey, -(-_SIDE // grey.shape[axis]), axis)
    rows, columns = (np.arange(_SIDE + 1) * side // _SIDE for side in grey.shape)
    sums = np.add.reduceat(np.add.reduceat(grey, rows[:-1], 0), columns[:-1], 1)
    areas: np.ndarray = sums * (_SCALE // 256) // np.outer(np.diff(rows), np.diff(columns))
    return areas


def _transform(areas: np.ndarray) -> np.ndarray:
    """Return the strengths of the lowest frequencies, the lowest first."""
    strengths: np.ndarray = (_COSINES @ areas @ _COSINES.T)[_ROWS, _COLUMNS]
    return strengths
