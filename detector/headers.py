"""Reads the format, size and orientation of photos without decoding them."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import ExifTags, Image, UnidentifiedImageError

from detector.colour import Colour, find_colour, remove_png_chunks
from detector.formats import MEDIA_TYPES, Format, explain, recognize
from detector.heif import adapt_brands
from detector.heif_canvases import measure_canvases
from detector.heif_sequences import make_still
from detector.photo_errors import (
    MAX_PIXELS,
    PILLOW_ERRORS,
    NotAPhoto,
    too_many_pixels_error,
    translate_pillow_errors,
)

# EXIF orientations 5 to 8 swap rows and columns.
FIRST_TRANSPOSED = 5


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
        colour: The colour space of the pixels. None means sRGB.
    """

    format: str
    media_type: str
    width: int
    height: int
    orientation: int
    transparent: bool
    colour: Colour | None = None


def read_header(data: bytes) -> Header:
    """Read the format, size and orientation of an encoded photo without decoding it.

    Raises:
        NotAPhoto: the bytes are not a JPEG, PNG, WebP, GIF, HEIC or AVIF file.
        TooManyPixels: the photo has more than `MAX_PIXELS` pixels.
    """
    with translate_pillow_errors(NotAPhoto(explain(data))):
        picture = open_picture(data)
    width, height = picture.size
    if max(width * height, measure_canvases(data) if picture.format == Format.HEIF else 0) > MAX_PIXELS:
        raise too_many_pixels_error()
    orientation = _read_orientation(picture.info.get("exif", b""))
    if orientation >= FIRST_TRANSPOSED:
        width, height = height, width
    format_ = Format.JPEG if picture.format == "MPO" else Format(str(picture.format))
    return Header(
        format=format_,
        media_type=MEDIA_TYPES[format_],
        width=width,
        height=height,
        orientation=orientation,
        transparent=picture.has_transparency_data,
        colour=find_colour(data, picture),
    )


def open_picture(data: bytes) -> Image.Image:
    """Open an encoded photo with Pillow, which reads only its header. Ignore a PNG's damaged colour chunks.

    Raises:
        UnidentifiedImageError: the bytes are not a photo. For damaged photos, see `PILLOW_ERRORS`.
    """
    format_ = recognize(data)
    if format_ is None:
        raise UnidentifiedImageError
    if format_ is Format.HEIF:  # most photos have other formats, so the plug-in is loaded on demand
        from pillow_heif import register_heif_opener  # noqa: PLC0415

        register_heif_opener()
        data = make_still(data)
    if format_ in {Format.HEIF, Format.AVIF}:
        data = adapt_brands(data, is_avif=format_ is Format.AVIF)
    try:
        return Image.open(io.BytesIO(data), formats=[format_])
    except PILLOW_ERRORS:  # findings/pillow-png-large-profile.sh
        intact = remove_png_chunks(data)
        if intact is data:
            raise
        return Image.open(io.BytesIO(intact), formats=[format_])


def _read_orientation(block: bytes) -> int:
    """Return the orientation in EXIF data. Ignore damaged EXIF data, because the pixels may be intact."""
    exif = Image.Exif()
    try:
        with warnings.catch_warnings(action="ignore"):
            exif.load(block)
            orientation = exif.get(ExifTags.Base.Orientation, 1)
    except PILLOW_ERRORS:
        return 1
    return orientation if orientation in range(1, 9) else 1
