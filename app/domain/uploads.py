"""Defines uploads, upload forms and pending images, and the lifetimes of forms and links."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.errors import WrongSize
from app.domain.file_names import clean_file_name
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.domain.media_types import choose_media_type

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


def make_pending(owner: str, *, name: str, media_type: str, size: int, max_bytes: int) -> Image:
    """Return a new image whose upload is not complete.

    Raises:
        UnsupportedType: see `choose_media_type`.
        WrongSize: see `require_size`.
    """
    media_type = choose_media_type(media_type, name)
    require_size(size, max_bytes)
    return Image(
        owner=owner,
        id=new_id(),
        state=ImageState.PENDING,
        name=clean_file_name(name),
        media_type=media_type,
        size=size,
    )


def require_size(size: int, max_bytes: int) -> None:
    """Check the size of a file in bytes.

    Raises:
        WrongSize: the size is 0 or more than `max_bytes`.
    """
    if not 1 <= size <= max_bytes:
        raise WrongSize(f"This file has {size:,} bytes. Send a file with 1 to {max_bytes:,} bytes.")
