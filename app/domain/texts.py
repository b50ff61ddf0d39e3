"""Defines the texts of a photo that searches compare: its name, and texts of its metadata."""

import re
import unicodedata
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from typing import Final

from app.domain.tags import normalize
from detector.metadata.values import Metadata

_SEPARATOR: Final = "\n"
_ACCENTS: Final = re.compile("[\u0300-\u036f]")  # of Latin, Greek and Cyrillic letters
_SHORT, _LONG, _NAME = 50, 150, 200  # bytes, because DynamoDB charges twice for a row of more than 1 KiB


@dataclass(frozen=True, slots=True)
class PhotoTexts:
    """The texts of a photo in the form in which they are compared: without accents, in lower case, and cut off."""

    name: str = ""
    title: str = ""
    description: str = ""
    camera: str = ""
    lens: str = ""


@lru_cache(maxsize=1_024)
def fold(text: str) -> str:
    """Return the form of a text in which it is compared. White space is collapsed."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", normalize(text)))
    return unicodedata.normalize("NFC", plain).strip()


def read_texts(name: str, metadata: Metadata) -> PhotoTexts:
    """Return the texts of a photo."""
    return PhotoTexts(
        _cut(name, _NAME),
        _cut(metadata.title, _LONG),
        _cut(metadata.description, _LONG),
        _cut(" ".join(filter(None, (metadata.camera_make, metadata.camera_model))), _SHORT),
        _cut(metadata.lens, _SHORT),
    )


def dump_texts(texts: PhotoTexts) -> str:
    """Return the stored form of texts. The last ones are left out if they are empty."""
    return _SEPARATOR.join(astuple(texts)).rstrip(_SEPARATOR)


def load_texts(text: str) -> PhotoTexts:
    """Return the texts in their stored form."""
    return PhotoTexts(*text.split(_SEPARATOR, len(fields(PhotoTexts)) - 1))


def _cut(text: str, size: int) -> str:
    # Characters are cut off first, because normalizing a long text is slow.
    return fold(text[:size]).encode()[:size].decode(errors="ignore").rstrip()
