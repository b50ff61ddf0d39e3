"""Decodes, scales and encodes photos. Bytes that are not a complete photo are rejected."""

from __future__ import annotations

import io
import struct
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
from cv2.typing import MatLike
from PIL import ExifTags, Image

if TYPE_CHECKING:
    from collections.abc import Iterator

Pixels: TypeAlias = MatLike
"""A decoded image: uint8 BGR, rows x columns x 3, upright."""

MAX_PIXELS = 50_000_000
PREVIEW_SIDE = 1600
PREVIEW_DECODE_SIDE = 2000  # a smaller decode would make previews less accurate (ADR 13)
THUMBNAIL_SIDE = 256

_JPEG_QUALITY = 80
_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
}
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
_FIRST_TRANSPOSED = 5
_FLIP_CODES = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
# Pillow documents only UnidentifiedImageError, but its parsers also raise these exceptions for damaged files.
_PILLOW_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, AttributeError, EOFError,
    RuntimeError, MemoryError, struct.error,
)  # fmt: skip


class UnreadablePhoto(ValueError):
    """The photo cannot be read. The message is shown to users."""


class NotAPhoto(UnreadablePhoto):
    """The format of the file is not supported."""


class TooManyPixels(UnreadablePhoto):
    """The photo has more than `MAX_PIXELS` pixels."""


class BrokenPhoto(UnreadablePhoto):
    """The header of the photo is valid, but its data is damaged or incomplete."""


@dataclass(frozen=True, slots=True)
class Header:
    """The properties of a photo that can be read without decoding it.

    Attributes:
        format: Pillow's name for the format: JPEG, PNG, WEBP, GIF, HEIF or AVIF.
        media_type: The media type of the format, such as `image/jpeg`.
        width: The width of the upright photo in pixels.
        height: The height of the upright photo in pixels.
        orientation: The EXIF orientation of the stored pixels, from 1 to 8.
        transparent: Whether the photo can contain transparent pixels.
        taken_at: The capture date. It has a time zone only if the camera recorded a UTC offset.
    """

    format: str
    media_type: str
    width: int
    height: int
    orientation: int
    transparent: bool
    taken_at: datetime | None


def read_header(data: bytes) -> Header:
    """Read the format, size and EXIF data of an encoded photo without decoding it.

    Raises:
        NotAPhoto: the bytes are not a JPEG, PNG, WebP, GIF, HEIC or AVIF file.
        TooManyPixels: the photo has more than `MAX_PIXELS` pixels.
    """
    with _translate_pillow_errors(NotAPhoto("This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo.")):
        picture = _open(data)
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels_error()
    orientation, taken_at = _read_exif(picture.info.get("exif", b""))
    if orientation >= _FIRST_TRANSPOSED:
        width, height = height, width
    format_ = "JPEG" if picture.format == "MPO" else str(picture.format)
    return Header(
        format=format_,
        media_type=_MEDIA_TYPES[format_],
        width=width,
        height=height,
        orientation=orientation,
        transparent=picture.has_transparency_data,
        taken_at=taken_at,
    )


def decode(data: bytes, header: Header, *, long_side: int | None = None) -> Pixels:
    """Decode a photo to upright uint8 BGR pixels, rows x columns x 3.

    Transparent pixels become white. Only the first frame of an animation is decoded.

    Args:
        data: The encoded photo.
        header: The result of `read_header` for the same photo. It selects the decoder.
        long_side: The minimum length of the long side in pixels. The photo is decoded at the smallest of the scales 1,
            1/2, 1/4 and 1/8 that meets this minimum. A smaller scale makes JPEG decoding much faster, and other
            formats need less memory. An opaque WebP is always decoded at full size. None means full size.

    Raises:
        BrokenPhoto: the data is damaged or incomplete.
    """
    if header.format in _OPENCV_FORMATS and not header.transparent:
        pixels = _decode_with_opencv(data, _choose_divisor(header, long_side) if header.format == "JPEG" else 1)
    else:
        pixels = _decode_with_pillow(data, _choose_divisor(header, long_side), transparent=header.transparent)
    return _apply_orientation(pixels, header.orientation)


def estimate_memory(media_type: str, pixels: int, *, transparent: bool) -> int:
    """Return the bytes of memory that decoding a photo with this number of pixels needs at most, at any scale."""
    formats = {known: format_ for format_, known in _MEDIA_TYPES.items()} | {"image/heif": "HEIF"}
    per_pixel = _BYTES_PER_PIXEL[formats[media_type]] + _BYTES_PER_TRANSPARENT_PIXEL * transparent
    return pixels * per_pixel


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


@contextmanager
def _translate_pillow_errors(error: UnreadablePhoto) -> Iterator[None]:
    """Replace Pillow's exceptions with `error`, or with TooManyPixels for large photos. Ignore Pillow's warnings."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except Image.DecompressionBombError as bomb:
        raise _too_many_pixels_error() from bomb
    except _PILLOW_ERRORS as damage:
        raise error from damage


def _too_many_pixels_error() -> TooManyPixels:
    return TooManyPixels(f"This photo has more than {MAX_PIXELS // 1_000_000} million pixels.")


def _broken_photo_error() -> BrokenPhoto:
    return BrokenPhoto("This photo is damaged or cut off.")


def _open(data: bytes) -> Image.Image:
    if data[4:8] == b"ftyp":  # HEIC or AVIF; most photos have other formats, so the plug-in is loaded on demand
        from pillow_heif import register_heif_opener  # noqa: PLC0415

        register_heif_opener()
    return Image.open(io.BytesIO(data), formats=list(_MEDIA_TYPES))


def _read_exif(block: bytes) -> tuple[int, datetime | None]:
    """Return the orientation and the capture date. Ignore damaged EXIF data, because the pixels may be intact."""
    exif = Image.Exif()
    try:
        with warnings.catch_warnings(action="ignore"):
            exif.load(block)
            orientation = exif.get(ExifTags.Base.Orientation, 1)
            details = exif.get_ifd(ExifTags.IFD.Exif)
    except _PILLOW_ERRORS:
        return 1, None
    time, offset = details.get(ExifTags.Base.DateTimeOriginal), details.get(ExifTags.Base.OffsetTimeOriginal, "")
    return orientation if orientation in range(1, 9) else 1, _parse_time(time, offset)


def _parse_time(time: object, offset: object) -> datetime | None:
    """Parse an EXIF time, such as `2026:01:31 12:00:00`, and a UTC offset, such as `+02:00`.

    Return None if the time is invalid. Ignore an invalid offset, because some cameras leave it blank.
    """
    for text in (f"{time}{offset}", f"{time}"):
        with suppress(ValueError):
            return datetime.fromisoformat(text.replace(":", "-", 2))
    return None


def _choose_divisor(header: Header, long_side: int | None) -> int:
    """Return the largest divisor (8, 4, 2 or 1) that leaves at least `long_side` pixels on the long side."""
    original = max(header.width, header.height)
    return next((divisor for divisor in _OPENCV_FLAGS if original >= divisor * (long_side or original)), 1)


def _decode_with_opencv(data: bytes, divisor: int) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _OPENCV_FLAGS[divisor] | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise _broken_photo_error()
    return pixels


def _decode_with_pillow(data: bytes, divisor: int, *, transparent: bool) -> Pixels:
    with _translate_pillow_errors(_broken_photo_error()):
        picture = _open(data)
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
    if orientation >= _FIRST_TRANSPOSED:
        pixels = cv2.transpose(pixels)
    return cv2.flip(pixels, _FLIP_CODES[orientation]) if orientation in _FLIP_CODES else pixels
