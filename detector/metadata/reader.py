"""Reads the metadata of photos."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from detector.metadata.blocks import DAMAGE, Blocks
from detector.metadata.camera import find_camera
from detector.metadata.capture_time import find_capture_time
from detector.metadata.description import find_description
from detector.metadata.gif import find_gif_blocks
from detector.metadata.heif import find_heif_blocks
from detector.metadata.jpeg import find_jpeg_blocks
from detector.metadata.png import find_png_blocks
from detector.metadata.position import find_position
from detector.metadata.sources import parse_blocks
from detector.metadata.values import Metadata
from detector.metadata.webp import find_webp_blocks

_FINDERS: Final[tuple[tuple[int, bytes, Callable[[bytes], Blocks]], ...]] = (
    (0, b"\xff\xd8", find_jpeg_blocks),
    (0, b"\x89PNG\r\n\x1a\n", find_png_blocks),
    (8, b"WEBP", find_webp_blocks),
    (0, b"GIF8", find_gif_blocks),
    (4, b"ftyp", find_heif_blocks),
)


def read_metadata(data: bytes) -> Metadata:
    """Read the metadata of a photo without decoding it.

    Damaged parts are skipped, and other files have no metadata, so this never raises. The work and the memory are
    bounded for any bytes.

    Args:
        data: The whole file, or its beginning.
    """
    with suppress(*DAMAGE):  # for mistakes in the parsers, which the tests do not suppress
        return _read(data)
    return Metadata()


def find_blocks(data: bytes) -> Blocks:
    """Return the blocks of metadata in a photo, which are not parsed.

    Raises:
        ValueError, LookupError, ArithmeticError, struct.error, zlib.error: a parser has a mistake.
    """
    finders = (find for start, mark, find in _FINDERS if data.startswith(mark, start))
    find = next(finders, None)
    return find(data) if find else Blocks()


def _read(data: bytes) -> Metadata:
    sources = parse_blocks(find_blocks(data))
    return Metadata(
        taken=find_capture_time(sources),
        position=find_position(sources),
        **find_camera(sources),
        **find_description(sources),
    )
