"""Defines what the readers of exports return."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from app.client.imports.files import READ_ERRORS, SourceFile, describe_read_error, is_photo
from app.domain.metadata import NO_METADATA
from detector.formats import NOT_A_PHOTO
from detector.metadata.values import Metadata

NO_VIDEOS: Final = "PixTag does not import videos."
_VIDEOS: Final = frozenset(
    {".mp4", ".mov", ".m4v", ".avi", ".3gp", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".mts", ".m2ts", ".mp", ".mv"}
)


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """A photo of another program.

    Attributes:
        file: The photo.
        metadata: What the program knows about it, for the `metadata` of `POST /uploads`.
        albums: The titles of its albums.
        favourite: Whether it is a favourite.
    """

    file: SourceFile
    metadata: Metadata = NO_METADATA
    albums: tuple[str, ...] = ()
    favourite: bool = False


def explain_no_photo(file: SourceFile) -> str:
    """Return why a file is not imported, or an empty text if it begins like a photo."""
    suffix = PurePosixPath(file.base).suffix.lower().partition("~")[0]
    try:
        if is_photo(file):
            return ""
    except READ_ERRORS as error:
        return describe_read_error(error)
    return NO_VIDEOS if suffix in _VIDEOS else NOT_A_PHOTO
