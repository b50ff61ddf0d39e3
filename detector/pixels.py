"""Photographs as bytes and as pixels: header, decode, reduce; refuses whatever is no sound photograph."""

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
"""A decoded picture: uint8 BGR, rows x columns x 3, upright."""

MAX_PIXELS = 50_000_000
PREVIEW_SIDE = 1600
PREVIEW_DECODE_SIDE = 2000  # a preview of a smaller decode is less like one of the whole photograph: ADR 13
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
# Twice as fast as Pillow. PNG is not among them: for one damaged chunk OpenCV takes 2 GB of memory.
_READ_BY_OPENCV = {"JPEG", "WEBP"}
_REDUCED = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}
# What Pillow has decoded is converted so many rows at a time, as each conversion takes as much memory again.
_BAND_ROWS = 512  # a multiple of what _REDUCED divides by
# EXIF orientation: from 5 on rows are columns; then what is left to do is cv2.flip with this code.
_TRANSPOSED = 5
_FLIPS = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
# Pillow documents UnidentifiedImageError alone; its parsers let these out when bytes are damaged.
_PILLOW_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, AttributeError, EOFError,
    RuntimeError, MemoryError, struct.error,
)  # fmt: skip


class UnreadablePhoto(ValueError):
    """The bytes cannot become pixels; the message is for the person who chose the file."""


class NotAPhoto(UnreadablePhoto):
    """The bytes are in no format that PixTag reads."""


class TooManyPixels(UnreadablePhoto):
    """The photograph has more than MAX_PIXELS."""


class BrokenPhoto(UnreadablePhoto):
    """The header is sound, the rest is cut off or damaged."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a photograph says about itself before it is decoded.

    Attributes:
        format: Pillow's name: JPEG, PNG, WEBP, GIF, HEIF or AVIF.
        media_type: of the same, such as ``image/jpeg``.
        width: in pixels, of the upright photograph.
        height: in pixels, of the upright photograph.
        orientation: EXIF's number, 1 to 8, for how the stored rows lie.
        transparent: whether pixels can be seen through.
        taken_at: by the camera's clock; aware only if the camera wrote its offset from UTC.
    """

    format: str
    media_type: str
    width: int
    height: int
    orientation: int
    transparent: bool
    taken_at: datetime | None


def read_header(data: bytes) -> Header:
    """Read format, size and EXIF of encoded bytes without decoding them.

    Raises:
        NotAPhoto: the bytes are no JPEG, PNG, WebP, GIF, HEIC or AVIF.
        TooManyPixels: there are more than MAX_PIXELS.
    """
    with _pillow_errors_raise(NotAPhoto("This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF picture.")):
        picture = _open(data)
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels()
    orientation, taken_at = _read_exif(picture.info.get("exif", b""))
    if orientation >= _TRANSPOSED:
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
    """Decode the photograph upright, what is transparent becoming white; of an animation the first frame.

    Args:
        data: the encoded bytes that ``header`` was read from.
        header: decides the decoder, so that no bytes are decoded unchecked.
        long_side: return the smallest decode of 1, 1/2, 1/4 and 1/8 whose long side has at least so many pixels:
            of a JPEG for a fraction of the cost, of others for less memory; an opaque WebP is decoded at full size.
            None means full size.

    Raises:
        BrokenPhoto: the bytes are cut off or damaged.
    """
    if header.format in _READ_BY_OPENCV and not header.transparent:
        pixels = _decode_with_opencv(data, _divisor(header, long_side) if header.format == "JPEG" else 1)
    else:
        pixels = _decode_with_pillow(data, _divisor(header, long_side), transparent=header.transparent)
    return _upright(pixels, header.orientation)


def halved(pixels: Pixels, long_side: int) -> Pixels:
    """Halve as often as whole pixels allow and ``long_side`` of them are left: the means of 2 x 2, and quickly."""
    height, width = pixels.shape[:2]
    if max(height, width) < 2 * long_side or height % 2 or width % 2:
        return pixels
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return halved(half, long_side)


def reduced(pixels: Pixels, long_side: int) -> Pixels:
    """Scale down to ``long_side`` pixels; what has no more stays as it is."""
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = halved(pixels, 2 * long_side)
    return cv2.resize(pixels, size, interpolation=smooth(pixels, long_side))


def smooth(pixels: Pixels, long_side: int) -> int:
    """Return OpenCV's way to scale to ``long_side``: INTER_LINEAR sees 2 x 2, so it serves down to a half."""
    return cv2.INTER_AREA if max(pixels.shape) >= 2 * long_side else cv2.INTER_LINEAR


def thumbnail(pixels: Pixels, long_side: int) -> bytes:
    """Encode as JPEG without metadata, reduced to at most ``long_side`` pixels, never enlarged."""
    return cv2.imencode(".jpg", reduced(pixels, long_side), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()


@contextmanager
def _pillow_errors_raise(error: UnreadablePhoto) -> Iterator[None]:
    """Turn whatever Pillow raises into ``error``, and its warnings into nothing."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except Image.DecompressionBombError as bomb:
        raise _too_many_pixels() from bomb
    except _PILLOW_ERRORS as damage:
        raise error from damage


def _too_many_pixels() -> TooManyPixels:
    return TooManyPixels(f"This photograph has more than {MAX_PIXELS // 1_000_000} million pixels.")


def _broken() -> BrokenPhoto:
    return BrokenPhoto("This photograph is damaged or cut off.")


def _open(data: bytes) -> Image.Image:
    if data[4:8] == b"ftyp":  # HEIC or AVIF: most libraries hold neither, so the plug-in loads on sight
        from pillow_heif import register_heif_opener  # noqa: PLC0415

        register_heif_opener()
    return Image.open(io.BytesIO(data), formats=list(_MEDIA_TYPES))


def _read_exif(block: bytes) -> tuple[int, datetime | None]:
    """Return orientation and time; damaged EXIF is no reason to refuse a photograph."""
    exif = Image.Exif()
    try:
        with warnings.catch_warnings(action="ignore"):
            exif.load(block)
            orientation = exif.get(ExifTags.Base.Orientation, 1)
            details = exif.get_ifd(ExifTags.IFD.Exif)
    except _PILLOW_ERRORS:
        return 1, None
    moment = details.get(ExifTags.Base.DateTimeOriginal), details.get(ExifTags.Base.OffsetTimeOriginal, "")
    return orientation if orientation in range(1, 9) else 1, _parse_time(*moment)


def _parse_time(moment: object, offset: object) -> datetime | None:
    """Read EXIF's ``2026:01:31 12:00:00`` with ``+02:00``, or without it where the camera left blanks."""
    for text in (f"{moment}{offset}", f"{moment}"):
        with suppress(ValueError):
            return datetime.fromisoformat(text.replace(":", "-", 2))
    return None


def _divisor(header: Header, long_side: int | None) -> int:
    """Return the largest of 8, 4, 2 and 1 that leaves ``long_side`` pixels."""
    least = long_side or max(header.width, header.height)
    return next((divisor for divisor in _REDUCED if max(header.width, header.height) >= divisor * least), 1)


def _decode_with_opencv(data: bytes, divisor: int) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[divisor] | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise _broken()
    return pixels


def _decode_with_pillow(data: bytes, divisor: int, *, transparent: bool) -> Pixels:
    with _pillow_errors_raise(_broken()):
        picture = _open(data)
        columns, rows = (-(-side // divisor) for side in picture.size)
        pixels = np.empty((rows, columns, 3), np.uint8)
        for top in range(0, picture.height, _BAND_ROWS):
            band = picture.crop((0, top, picture.width, min(top + _BAND_ROWS, picture.height)))
            part = pixels[top // divisor : (top + _BAND_ROWS) // divisor]
            bgr = _as_bgr(band, transparent=transparent)
            part[:] = cv2.resize(bgr, (columns, len(part)), interpolation=cv2.INTER_AREA)
        return pixels


def _as_bgr(picture: Image.Image, *, transparent: bool) -> Pixels:
    if picture.mode == "I;16":
        return cv2.cvtColor((np.asarray(picture) >> 8).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    if transparent:
        layer = picture.convert("RGBA")
        picture = Image.new("RGB", layer.size, "white")
        picture.paste(layer, mask=layer)
    return cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR)


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    if orientation >= _TRANSPOSED:
        pixels = cv2.transpose(pixels)
    return cv2.flip(pixels, _FLIPS[orientation]) if orientation in _FLIPS else pixels
