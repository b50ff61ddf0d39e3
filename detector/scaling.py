"""Scales photos down and encodes thumbnails."""

from __future__ import annotations

from typing import TypeAlias

import cv2
from cv2.typing import MatLike

Pixels: TypeAlias = MatLike
"""A decoded image: uint8 BGR, rows x columns x 3, upright."""

PREVIEW_SIDE = 1600
PREVIEW_DECODE_SIDE = 2000  # a smaller decode would make previews less accurate (ADR 13)
THUMBNAIL_SIDE = 256

_JPEG_QUALITY = 80


def halve(pixels: Pixels, long_side: int) -> Pixels:
    """Halve both sides repeatedly while they are even and the long side keeps at least `long_side` pixels.

    Each new pixel is the mean of 2 x 2 pixels. This mean is fast to compute.
    """
    height, width = pixels.shape[:2]
    if max(height, width) < 2 * long_side or height % 2 or width % 2:
        return pixels
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return halve(half, long_side)


def reduce(pixels: Pixels, long_side: int) -> Pixels:
    """Scale an image down so that its long side has `long_side` pixels. Return smaller images unchanged."""
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = halve(pixels, 2 * long_side)
    return cv2.resize(pixels, size, interpolation=choose_interpolation(pixels, long_side))


def choose_interpolation(pixels: Pixels, long_side: int) -> int:
    """Return the OpenCV interpolation method for scaling the long side to `long_side` pixels.

    INTER_LINEAR reads 2 x 2 pixels for each new pixel, which is sufficient for scales above 1/2. INTER_AREA is used
    for smaller scales.
    """
    return cv2.INTER_AREA if max(pixels.shape) >= 2 * long_side else cv2.INTER_LINEAR


def make_thumbnail(pixels: Pixels, long_side: int) -> bytes:
    """Return a JPEG without metadata. Its long side has at most `long_side` pixels. Smaller images are not enlarged."""
    return cv2.imencode(".jpg", reduce(pixels, long_side), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
