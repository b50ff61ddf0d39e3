"""Defines the errors of unreadable photos, and translates Pillow's exceptions to them."""

from __future__ import annotations

import struct
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PIXELS = 50_000_000

# Pillow documents only UnidentifiedImageError, but its parsers also raise these exceptions for damaged files.
PILLOW_ERRORS = (
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


@contextmanager
def translate_pillow_errors(error: UnreadablePhoto) -> Iterator[None]:
    """Replace Pillow's exceptions with `error`, or with TooManyPixels for large photos. Ignore Pillow's warnings."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except Image.DecompressionBombError as bomb:
        raise too_many_pixels_error() from bomb
    except PILLOW_ERRORS as damage:
        raise error from damage


def too_many_pixels_error() -> TooManyPixels:
    """Return the error of a photo that is too large."""
    return TooManyPixels(f"This photo has more than {MAX_PIXELS // 1_000_000} million pixels.")


def broken_photo_error() -> BrokenPhoto:
    """Return the error of a photo that cannot be decoded."""
    return BrokenPhoto("This photo is damaged or cut off.")
