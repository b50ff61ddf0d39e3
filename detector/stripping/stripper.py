"""Removes the metadata of photos. The pixels, the colour profile and the orientation stay the same."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from detector.formats import Format, recognize
from detector.metadata.blocks import DAMAGE, Blocks
from detector.metadata.reader import find_blocks
from detector.stripping.gif import strip_gif
from detector.stripping.heif import strip_heif
from detector.stripping.jpeg import strip_jpeg
from detector.stripping.orientation import make_exif, read_orientation
from detector.stripping.png import strip_png
from detector.stripping.webp import strip_webp

_STRIPPERS: Final[Mapping[Format, Callable[[bytes, bytes], bytes | None]]] = {
    Format.JPEG: strip_jpeg,
    Format.PNG: strip_png,
    Format.WEBP: strip_webp,
    Format.GIF: strip_gif,
    Format.HEIF: strip_heif,
    Format.AVIF: strip_heif,
}


def strip_metadata(data: bytes) -> bytes | None:
    """Return a photo without EXIF, XMP, IPTC, texts, comments, embedded thumbnails and other appended data.

    Only the parts that a decoder needs are copied, so unknown parts are removed too. If the photo is upright only by an
    orientation in EXIF data, the result has EXIF data with only the orientation. Further pictures in a JPEG or HEIF
    file are removed, such as the gain map of an HDR photo, and the video of a motion photo.

    Returns:
        The photo, or None if its metadata cannot be removed safely.
    """
    format_ = recognize(data)
    if not format_:
        return None
    with suppress(*DAMAGE):
        orientation = read_orientation(find_blocks(data))
        exif = make_exif(orientation) if orientation > 1 else b""
        stripped = _STRIPPERS[format_](data, exif)
        if stripped and recognize(stripped) is format_ and not _has_metadata(find_blocks(stripped), exif):
            return stripped
    return None


def _has_metadata(blocks: Blocks, exif: bytes) -> bool:
    """Return whether a photo has other metadata than its orientation. A fault in a stripper must not reveal any."""
    return blocks != Blocks(exif=[memoryview(exif)] if blocks.exif and exif else [])
