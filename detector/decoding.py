"""Decodes photos to upright pixels. Bytes that are not a complete photo are rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from detector import colour
from detector.formats import MEDIA_TYPES
from detector.headers import FIRST_TRANSPOSED, Header, open_picture
from detector.photo_errors import broken_photo_error, translate_pillow_errors
from detector.png_key import apply_key

if TYPE_CHECKING:
    from detector.scaling import Pixels

# Measured with progressive, CMYK and rotated photos. Transparent photos need 8 bytes more.
_BYTES_PER_PIXEL = {"JPEG": 9, "PNG": 8, "WEBP": 10, "GIF": 5, "HEIF": 8, "AVIF": 10}
_BYTES_PER_TRANSPARENT_PIXEL = 8
# OpenCV is twice as fast as Pillow. Pillow decodes PNG files, because OpenCV uses 2 GB of memory if a chunk is damaged.
_OPENCV_FORMATS = {"JPEG", "WEBP"}
_OPENCV_FLAGS = {  # keyed by divisor
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}
# Converting Pillow's pixels creates a copy. The pixels are converted in bands to save memory.
_BAND_ROWS = 512  # a multiple of all divisors in _OPENCV_FLAGS
# EXIF orientations 5 to 8 swap rows and columns. After the swap, cv2.flip with this code makes the photo upright.
_FLIP_CODES = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}


def decode(data: bytes, header: Header, *, long_side: int | None = None) -> Pixels:
    """Decode a photo to upright uint8 BGR pixels, rows x columns x 3.

    RGB values keep their colour space, which the model does not need: see `convert_to_srgb`. Transparent pixels become
    white. Only the first frame of an animation is decoded.

    Args:
        data: The encoded photo.
        header: The result of `read_header` for the same photo. It selects the decoder.
        long_side: The minimum length of the long side in pixels. The photo is decoded at the smallest of the scales 1,
            1/2, 1/4 and 1/8 that meets this minimum. A smaller scale makes JPEG decoding much faster, and other
            formats need less memory. An opaque WebP is always decoded at full size. None means full size.

    Raises:
        BrokenPhoto: the data is damaged or incomplete.
    """
    divisor = _choose_divisor(header, long_side)
    pixels = colour.decode_cmyk(data, header.colour, divisor)
    if pixels is None and header.format in _OPENCV_FORMATS and not header.transparent:
        pixels = _decode_with_opencv(data, divisor if header.format == "JPEG" else 1)
    elif pixels is None:
        pixels = _decode_with_pillow(data, divisor, transparent=header.transparent)
    if colour.affects_detection(header.colour):
        pixels = colour.convert_to_srgb(pixels, header.colour)
    return _apply_orientation(pixels, header.orientation)


def convert_to_srgb(pixels: Pixels, header: Header) -> Pixels:
    """Return the decoded pixels of a photo, of any size, in sRGB. Return `pixels` themselves if they are sRGB."""
    return pixels if colour.affects_detection(header.colour) else colour.convert_to_srgb(pixels, header.colour)


def estimate_memory(media_type: str, pixels: int, *, transparent: bool) -> int:
    """Return the bytes of memory that decoding a photo with this number of pixels needs at most, at any scale."""
    formats = {known: format_ for format_, known in MEDIA_TYPES.items()} | {"image/heif": "HEIF"}
    per_pixel = _BYTES_PER_PIXEL[formats[media_type]] + _BYTES_PER_TRANSPARENT_PIXEL * transparent
    return pixels * per_pixel


def _choose_divisor(header: Header, long_side: int | None) -> int:
    """Return the largest divisor (8, 4, 2 or 1) that leaves at least `long_side` pixels on the long side."""
    original = max(header.width, header.height)
    return next((divisor for divisor in _OPENCV_FLAGS if original >= divisor * (long_side or original)), 1)


def _decode_with_opencv(data: bytes, divisor: int) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _OPENCV_FLAGS[divisor] | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise broken_photo_error()
    return pixels


def _decode_with_pillow(data: bytes, divisor: int, *, transparent: bool) -> Pixels:
    with translate_pillow_errors(broken_photo_error()):
        picture = apply_key(open_picture(data), data)
        columns, rows = (-(-side // divisor) for side in picture.size)
        pixels = np.empty((rows, columns, 3), np.uint8)
        for top in range(0, picture.height, _BAND_ROWS):
            band = picture.crop((0, top, picture.width, min(top + _BAND_ROWS, picture.height)))
            target = pixels[top // divisor : (top + _BAND_ROWS) // divisor]
            bgr = _convert_to_bgr(band, transparent=transparent)
            target[:] = cv2.resize(bgr, (columns, len(target)), interpolation=cv2.INTER_AREA)
        return pixels


def _convert_to_bgr(picture: Image.Image, *, transparent: bool) -> Pixels:
    if picture.mode == "I;16":
        return cv2.cvtColor((np.asarray(picture) >> 8).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    if transparent:
        layer = picture.convert("RGBA")
        picture = Image.new("RGB", layer.size, "white")
        picture.paste(layer, mask=layer)
    return cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR)


def _apply_orientation(pixels: Pixels, orientation: int) -> Pixels:
    if orientation >= FIRST_TRANSPOSED:
        pixels = cv2.transpose(pixels)
    return cv2.flip(pixels, _FLIP_CODES[orientation]) if orientation in _FLIP_CODES else pixels
