"""Scales photos down and encodes thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
from cv2.typing import MatLike

Pixels: TypeAlias = MatLike
"""A decoded image: uint8 BGR, rows x columns x 3, upright."""

# The model uses all cores meanwhile. More threads of OpenCV would take up to a third more CPU time, and wait for cores.
cv2.setNumThreads(1)

_JPEG_QUALITY = 80
_FULL_CHROMA_QUALITY = 75  # about as many bytes as 80 with subsampled chroma (ADR 28)
_MAX_LONG_SIDE = 4096
_DECODE_FACTOR = 1.25  # a smaller decode would make previews less accurate (ADR 13)


@dataclass(frozen=True, slots=True)
class PreviewSize:
    """The size of a preview or thumbnail.

    Attributes:
        long_side: The length of the long side in pixels.
        min_short_side: The minimum length of the short side of panoramas in pixels. For them, the long side may have
            up to 4096 pixels.
    """

    long_side: int
    min_short_side: int = 0

    def find_long_side(self, width: int, height: int) -> int:
        """Return the length of the long side for a photo of this shape. Smaller photos are not enlarged."""
        ratio = max(width, height) / min(width, height)
        return max(self.long_side, min(_MAX_LONG_SIDE, round(self.min_short_side * ratio)))


PREVIEW = PreviewSize(1600, min_short_side=256)
LARGE_THUMBNAIL = PreviewSize(512, min_short_side=256)
THUMBNAIL = PreviewSize(256, min_short_side=128)


def find_decode_side(width: int, height: int) -> int:
    """Return the length of the long side in pixels at which a photo of this size suffices for its preview."""
    return round(_DECODE_FACTOR * PREVIEW.find_long_side(width, height))


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


def encode_jpeg(pixels: Pixels, *, full_chroma: bool = False) -> bytes:
    """Return a JPEG without metadata. With full chroma, its colours are as sharp as its tones, at a lower quality."""
    # Optimized Huffman tables save 2 to 4 % of the bytes, but double the time. Pages load many small pictures.
    is_small = max(pixels.shape) <= THUMBNAIL.long_side
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, int(is_small)]
    if full_chroma:
        sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
        options = [cv2.IMWRITE_JPEG_QUALITY, _FULL_CHROMA_QUALITY, *options[2:], *sampling]
    return cv2.imencode(".jpg", pixels, options)[1].tobytes()
