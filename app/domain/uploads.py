"""Defines uploads and upload forms, and the lifetimes of forms and links."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

FORM_SECONDS: Final = 300
LINK_SECONDS: Final = 3600


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
