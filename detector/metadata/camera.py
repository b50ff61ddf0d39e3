"""Finds the camera and its settings in the metadata of a photo."""

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any, Final

from detector.metadata.exif import Tag, parse_number
from detector.metadata.sources import Sources
from detector.metadata.text import clean_text

_MAX_NAME: Final = 100
_NO_NAME: Final = re.compile(r"[\W_0]*|(?:unknown|none|null|n/a)\W*|[0. ]+mm f/[0. ]+", re.IGNORECASE)
_MAX_EXPOSURE: Final = 7 * 86_400
_MAX_F_NUMBER: Final = 1_000
_MAX_FOCAL_LENGTH: Final = 100_000
_MAX_ISO: Final = 10_000_000
_UNKNOWN_ISO: Final = 65_535
"""The tag for the sensitivity is a 16-bit number. This value means that another tag has it."""

_ISO_TAGS: Final = (Tag.ISO, Tag.ISO_SPEED, Tag.EXPOSURE_INDEX, Tag.OUTPUT_SENSITIVITY)


def find_camera(sources: Sources) -> dict[str, Any]:
    """Return the fields of `Metadata` about the camera. EXIF comes before XMP, and texts of PNG files come last."""
    return {
        "camera_make": _find_name(sources, (Tag.MAKE,), ("tiff:Make",), ("exif:make", "make")),
        "camera_model": _find_name(sources, (Tag.MODEL,), ("tiff:Model",), ("exif:model", "model")),
        "lens": _find_name(sources, (Tag.LENS_MODEL,), ("exifEX:LensModel", "aux:Lens"), ("exif:lensmodel",)),
        "exposure_seconds": _find_exposure(sources),
        "f_number": _find_f_number(sources),
        "iso": _find_iso(sources),
        "focal_length": _find_number(sources, Tag.FOCAL_LENGTH, "exif:FocalLength", _MAX_FOCAL_LENGTH),
        "focal_length_35mm": _find_number(
            sources, Tag.FOCAL_LENGTH_35MM, "exif:FocalLengthIn35mmFilm", _MAX_FOCAL_LENGTH
        ),
    }


def _find_name(sources: Sources, tags: Iterable[Tag], keys: Iterable[str], texts: Iterable[str]) -> str:
    """Return the first name. `texts` are the keys of texts in PNG files, as ImageMagick and exiftool write them."""
    exif = (entry.text for tag in tags for block in sources.exif for entry in block.find(tag))
    png = (sources.blocks.texts.get(key, "") for key in texts)
    names = (clean_text(name, _MAX_NAME) for name in chain(exif, map(sources.xmp.first, keys), png))
    return next((name for name in names if not _NO_NAME.fullmatch(name)), "")


def _find_numbers(sources: Sources, tag: Tag, key: str = "") -> Iterable[float]:
    """Yield the first number of each field, and then the numbers of the XMP property."""
    exif = (entry.number for block in sources.exif for entry in block.find(tag))
    return chain(exif, map(parse_number, sources.xmp.find(key)))


def _find_number(sources: Sources, tag: Tag, key: str, maximum: float) -> float | None:
    """Return the first number above 0 and up to the maximum. Comparisons with NaN are false."""
    return next((number for number in _find_numbers(sources, tag, key) if 0 < number <= maximum), None)


def _find_exposure(sources: Sources) -> float | None:
    """Return the exposure time in seconds. Some cameras only write its logarithm (APEX)."""
    seconds = _find_number(sources, Tag.EXPOSURE_TIME, "exif:ExposureTime", _MAX_EXPOSURE)
    if seconds is not None:
        return seconds
    return next((2**-speed for speed in _find_numbers(sources, Tag.SHUTTER_SPEED) if -20 < speed < 40), None)  # noqa: PLR2004


def _find_f_number(sources: Sources) -> float | None:
    """Return the aperture. Some cameras only write its logarithm (APEX)."""
    f_number = _find_number(sources, Tag.F_NUMBER, "exif:FNumber", _MAX_F_NUMBER)
    if f_number is not None:
        return f_number
    return next((2 ** (value / 2) for value in _find_numbers(sources, Tag.APERTURE) if 0 < value < 20), None)  # noqa: PLR2004


def _find_iso(sources: Sources) -> int | None:
    """Return the sensitivity. It can be a list, of which the first number above 0 counts."""
    exif = (
        number
        for tag in _ISO_TAGS
        for block in sources.exif
        for entry in block.find(tag)
        for number in entry.numbers
        if number != _UNKNOWN_ISO
    )
    keys = ("exifEX:PhotographicSensitivity", "exif:ISOSpeedRatings")
    xmp = (parse_number(text) for key in keys for text in sources.xmp.find(key))
    return next((round(number) for number in chain(exif, xmp) if 1 <= number <= _MAX_ISO), None)
