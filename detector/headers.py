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
from detector.heif_grids import Grid, find_grid
from detector.heif_sequences import make_still
from detector.jpeg import read_frame
from detector.limits import find_kind, find_webp_kind
from detector.padding import pad
from detector.photo_errors import PILLOW_ERRORS, NotAPhoto, translate_pillow_errors
from detector.png import read_png_header
from detector.webp import read_webp_header

Image.MAX_IMAGE_PIXELS = None  # limits.py has a limit for each kind

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
        decode_bytes: The memory that decoding needs at the scale of a preview, without the encoded photo.
        colour: The colour space of the pixels. None means sRGB.
        grid: The tiles of an opaque HEIC. None means that it is decoded as a whole.
    """

    format: str
    media_type: str
    width: int
    height: int
    orientation: int
    transparent: bool
    decode_bytes: int
    colour: Colour | None = None
    grid: Grid | None = None


def read_header(data: bytes) -> Header:
    """Read the format, size and orientation of an encoded photo without decoding it.

    Raises:
        NotAPhoto: the bytes are not a JPEG, PNG, WebP, GIF, HEIC or AVIF file.
        BrokenPhoto: the header of a PNG is invalid.
        TooManyPixels: the photo has too many pixels for its kind (`limits.py`), or decoding needs too much memory.
    """
    _check_structure(data)
    with translate_pillow_errors(NotAPhoto(explain(data))):
        picture = _open_padded(data)
        transparent = picture.has_transparency_data
    width, height = picture.size
    format_ = Format.JPEG if picture.format == "MPO" else Format(str(picture.format))
    kind = find_kind(data, format_, transparent=transparent)
    grid = find_grid(data) if format_ is Format.HEIF and not transparent else None
    if grid:
        kind = kind.divide(grid.tile_share)
    kind.require(max(width * height, measure_canvases(data) if format_ is Format.HEIF else 0), len(data))
    orientation = grid.orientation if grid else _read_orientation(picture.info.get("exif", b""))
    if orientation >= FIRST_TRANSPOSED and not grid:  # libheif has turned the size of a grid
        width, height = height, width
    return Header(
        format=format_,
        media_type=MEDIA_TYPES[format_],
        width=width,
        height=height,
        orientation=orientation,
        transparent=transparent,
        decode_bytes=kind.estimate(width * height),
        colour=find_colour(data, picture),
        grid=grid,
    )


def _check_structure(data: bytes) -> None:
    """Refuse files that Pillow would read for minutes, or for which it would reserve much memory."""
    format_ = recognize(data)
    if format_ is Format.JPEG and read_frame(data) is None:
        raise NotAPhoto(explain(data))
    if format_ is Format.PNG:
        read_png_header(data)
    if format_ is Format.WEBP and (webp := read_webp_header(data)):
        find_webp_kind(webp).require(webp.pixels, len(data))


def _open_padded(data: bytes) -> Image.Image:
    """Open a photo. If it was cut off, and its decoder refuses that, open it with other bytes in place of the end."""
    try:
        return open_picture(data)
    except PILLOW_ERRORS:
        if padded := next(pad(data), None):
            return open_picture(padded)
        raise


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
    data = adapt_heif(data, format_)
    try:
        return Image.open(io.BytesIO(data), formats=[format_])
    except PILLOW_ERRORS:  # findings/pillow-png-large-profile.sh
        intact = remove_png_chunks(data)
        if intact is data:
            raise
        return Image.open(io.BytesIO(intact), formats=[format_])


def adapt_heif(data: bytes, format_: str) -> bytes:
    """Return a HEIF or AVIF in a form that its decoder accepts. Return other photos unchanged."""
    if format_ == Format.HEIF:
        data = make_still(data)
    return adapt_brands(data, is_avif=format_ == Format.AVIF) if format_ in {Format.HEIF, Format.AVIF} else data


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
