"""Defines the errors of unreadable photos, and translates Pillow's exceptions to them."""

from __future__ import annotations

import struct
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

CUT_OFF: Final = "This photo is damaged or cut off."

# Pillow documents only UnidentifiedImageError, but its parsers also raise these exceptions for damaged files.
PILLOW_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, AttributeError, EOFError,
    RuntimeError, MemoryError, AssertionError, struct.error,
)  # fmt: skip


class UnreadablePhoto(ValueError):
    """The photo cannot be read. The message is shown to users."""


class NotAPhoto(UnreadablePhoto):
    """The format of the file is not supported."""


class TooManyPixels(UnreadablePhoto):
    """The photo has too many pixels for its kind, or decoding it would need too much memory."""


class BrokenPhoto(UnreadablePhoto):
    """The header of the photo is valid, but its data is damaged or incomplete."""


@contextmanager
def translate_pillow_errors(error: UnreadablePhoto) -> Iterator[None]:
    """Replace Pillow's exceptions with `error`. Ignore Pillow's warnings."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except PILLOW_ERRORS as damage:
        raise error from damage


def broken_photo_error() -> BrokenPhoto:
    """Return the error of a photo that cannot be decoded."""
    return BrokenPhoto(CUT_OFF)
