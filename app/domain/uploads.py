"""Defines uploads and upload forms, and the lifetimes of forms and links."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

FORM_SECONDS: Final = 300
LINK_SECONDS: Final = 3600
PIECE_BYTES: Final = 2**20  # of a file that is read in pieces


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A presigned POST. Send `fields` and then the field `file` to `url` as multipart/form-data."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """An object in the list of a store.

    Attributes:
        key: The key.
        size: The size in bytes.
        modified_at: When it was written, in Unix time (seconds).
    """

    key: str
    size: int
    modified_at: float


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file: its bytes, and the media type and name that the client declared.

    `file_time` is when the file was last modified. It is None if that is unknown or only its image contains it.
    """

    data: bytes
    media_type: str
    name: str
    file_time: datetime | None = None

    @property
    def sha256(self) -> str:
        """The SHA-256 digest of the bytes in lower-case hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def are_equal(data: bytes, pieces: Iterable[bytes]) -> bool:
    """Return whether bytes consist of these pieces. The pieces after the first difference stay unread."""
    position = 0
    for piece in pieces:
        if not data.startswith(piece, position):
            return False
        position += len(piece)
    return position == len(data)
