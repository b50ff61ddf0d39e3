"""Decodes photos to upright pixels, as far as they are intact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from detector import colour
from detector.damage import NEUTRAL, ReadRows
from detector.headers import FIRST_TRANSPOSED, Header, adapt_heif, open_picture
from detector.heif_decoding import decode_grid, decode_heif
from detector.jpeg import needs_outline, read_frame
from detector.jpeg_decoding import decode_jpeg
from detector.jpeg_outline import decode_outline
from detector.padding import pad
from detector.photo_errors import BrokenPhoto, broken_photo_error, translate_pillow_errors
from detector.png_decoding import decode_png, put_on_white
from detector.webp import is_animated_webp

if TYPE_CHECKING:
    from collections.abc import Callable

    from detector.scaling import Pixels

_DIVISORS = (8, 4, 2, 1)
# Converting Pillow's pixels creates a copy. The pixels are converted in bands to save memory.
_BAND_ROWS = 512  # a multiple of all divisors
# EXIF orientations 5 to 8 swap rows and columns. After the swap, cv2.flip with this code makes the photo upright.
_FLIP_CODES = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """The upright pixels of a photo, uint8 BGR, and a sentence about its damage, which is empty for most photos."""

    pixels: Pixels
    damage: str


def decode(data: bytes, header: Header, *, long_side: int | None = None) -> Pixels:
    """Decode a photo to upright uint8 BGR pixels, rows x columns x 3. See `decode_photo`."""
    return decode_photo(data, header, long_side=long_side).pixels


def decode_photo(data: bytes, header: Header, *, long_side: int | None = None) -> DecodedPhoto:
    """Decode a photo to upright uint8 BGR pixels, rows x columns x 3, as far as it is intact.

    RGB values keep their colour space, which the model does not need: see `convert_to_srgb`. Transparent pixels become
    white, and rows that cannot be decoded become grey. Only the first frame of an animation
    is decoded.

    Args:
        data: The encoded photo.
        header: The result of `read_header` for the same photo. It selects the decoder.
        long_side: The minimum length of the long side in pixels. The photo is decoded at the smallest of the scales 1,
            1/2, 1/4 and 1/8 that meets this minimum. A smaller scale makes JPEG decoding much faster, and other
            formats need less memory. None means full size. A large progressive JPEG is always decoded at 1/8.

    Raises:
        BrokenPhoto: not a single row can be decoded.
    """
    divisor = _choose_divisor(header, long_side)
    frame = read_frame(data) if header.format == "JPEG" else None
    if frame and needs_outline(frame, len(data)):
        pixels, rows = decode_outline(data, frame)
    elif frame:
        pixels, rows = decode_jpeg(data, frame, divisor)
    elif header.format == "PNG":
        pixels, rows = decode_png(data, divisor)
    elif header.format == "GIF":
        pixels, rows = _decode_gif(data, divisor, transparent=header.transparent)
    elif header.grid:
        pixels, rows = decode_grid(header.grid, divisor)
    else:
        pixels, rows = _decode_padded(data, header, divisor)
    damage = rows.describe(header.orientation)
    if not damage and (converted := colour.decode_cmyk(data, header.colour, divisor)) is not None:
        pixels = converted
    if colour.affects_detection(header.colour):
        pixels = colour.convert_to_srgb(pixels, header.colour)
    return DecodedPhoto(_apply_orientation(pixels, header.orientation), damage)


def convert_to_srgb(pixels: Pixels, header: Header) -> Pixels:
    """Return the decoded pixels of a photo, of any size, in sRGB. Return `pixels` themselves if they are sRGB."""
    return pixels if colour.affects_detection(header.colour) else colour.convert_to_srgb(pixels, header.colour)


def _choose_divisor(header: Header, long_side: int | None) -> int:
    """Return the largest divisor (8, 4, 2 or 1) that leaves at least `long_side` pixels on the long side."""
    original = max(header.width, header.height)
    return next((divisor for divisor in _DIVISORS if original >= divisor * (long_side or original)), 1)


def _decode_padded(data: bytes, header: Header, divisor: int) -> tuple[Pixels, ReadRows]:
    """Decode a WebP, HEIC or AVIF, as far as it was not cut off."""
    try:
        pixels = _decode_whole(data, header, divisor)
    except BrokenPhoto:
        padded = [_decode_whole(each, header, divisor) for each in pad(data)]
        if not padded:
            raise
        pixels, other = padded
        total = len(pixels) * divisor
        differing = np.flatnonzero((pixels != other).any(axis=(1, 2)))
        first = int(differing[0]) if differing.size else len(pixels)
        if not first:
            raise
        pixels[first:] = NEUTRAL
        return pixels, ReadRows(first * divisor, total)
    return pixels, ReadRows(len(pixels), len(pixels))


def _decode_whole(data: bytes, header: Header, divisor: int) -> Pixels:
    if header.format == "WEBP" and not header.transparent:
        return _decode_webp(data, divisor)
    if header.format == "WEBP" and not is_animated_webp(data):
        return _decode_transparent_webp(data, divisor)
    if header.format == "HEIF" and not header.transparent:
        return decode_heif(adapt_heif(data, "HEIF"), divisor)
    with translate_pillow_errors(broken_photo_error()):
        picture = open_picture(data)
        return _reduce(picture, divisor, transparent=header.transparent)


def _decode_webp(data: bytes, divisor: int) -> Pixels:
    flag = cv2.IMREAD_COLOR if divisor == 1 else cv2.IMREAD_REDUCED_COLOR_2  # the mean of 2 x 2 pixels; saves memory
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise broken_photo_error()
    return pixels


def _decode_transparent_webp(data: bytes, divisor: int) -> Pixels:
    """Decode a WebP with OpenCV, which needs less memory than Pillow."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.shape[2:] != (4,):
        raise broken_photo_error()
    layer = np.asarray(decoded, np.uint8)
    return _reduce_bands(lambda rows: put_on_white(layer[rows, :, :3], layer[rows, :, 3]), layer.shape[:2], divisor)


def _decode_gif(data: bytes, divisor: int, *, transparent: bool) -> tuple[Pixels, ReadRows]:
    """Decode a GIF. Pillow keeps the rows that it has decoded before an error."""
    with translate_pillow_errors(broken_photo_error()):
        picture = open_picture(data)
        total = rows = picture.height
        try:
            picture.load()
        except OSError:
            picture.tile = []  # type: ignore[attr-defined]  # so that Pillow does not decode it again
            indices = np.asarray(picture)
            decoded = np.flatnonzero((indices != indices[-1, -1]).any(axis=1))
            rows = int(decoded[-1]) if decoded.size else 0
            if not rows:
                raise
        pixels = _reduce(picture, divisor, transparent=transparent)
    pixels[-(-rows // divisor) :] = NEUTRAL
    return pixels, ReadRows(rows, total)


def _reduce(picture: Image.Image, divisor: int, *, transparent: bool) -> Pixels:
    """Convert a picture to BGR at the scale 1/divisor."""

    def convert(rows: slice) -> Pixels:
        return _convert_to_bgr(picture.crop((0, rows.start, picture.width, rows.stop)), transparent=transparent)

    return _reduce_bands(convert, (picture.height, picture.width), divisor)


def _reduce_bands(convert: Callable[[slice], Pixels], size: tuple[int, int], divisor: int) -> Pixels:
    """Return a picture with this height and width at the scale 1/divisor. `convert` returns some of its rows as BGR."""
    rows, columns = (-(-side // divisor) for side in size)
    pixels = np.empty((rows, columns, 3), np.uint8)
    for top in range(0, size[0], _BAND_ROWS):
        target = pixels[top // divisor : (top + _BAND_ROWS) // divisor]
        bgr = convert(slice(top, min(top + _BAND_ROWS, size[0])))
        target[:] = cv2.resize(bgr, (columns, len(target)), interpolation=cv2.INTER_AREA)
    return pixels


def _convert_to_bgr(picture: Image.Image, *, transparent: bool) -> Pixels:
    if transparent:
        layer = picture.convert("RGBA")
        picture = Image.new("RGB", layer.size, "white")
        picture.paste(layer, mask=layer)
    return cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR)


def _apply_orientation(pixels: Pixels, orientation: int) -> Pixels:
    if orientation >= FIRST_TRANSPOSED:
        pixels = cv2.transpose(pixels)
    return cv2.flip(pixels, _FLIP_CODES[orientation]) if orientation in _FLIP_CODES else pixels
