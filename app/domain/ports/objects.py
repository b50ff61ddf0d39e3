"""Defines the interface of the store of images' objects."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from app.domain.parts import Parts
from app.domain.uploads import ObjectEntry, Upload, UploadForm


class Objects(Protocol):
    """Reads and writes images' objects, and signs upload forms and links."""

    @property
    def origin(self) -> str:
        """The scheme and host of all links and forms."""

    @property
    def parts(self) -> Parts:
        """The uploads in parts."""

    def upload_form(
        self, key: str, media_type: str, name: str, size: int, file_time: datetime | None = None
    ) -> UploadForm:
        """Return an upload form that accepts only this key, media type, name and size in bytes.

        The form expires after `FORM_SECONDS`. On AWS, the pending image may expire before the worker processes the
        upload. So the object contains the time of the file too. On one machine, the image remains.
        """

    def link(self, key: str, *, download: str | None = None) -> str:
        """Return a link to an object. If `download` is given, browsers save the object under this file name.

        The link is valid for 30 to 60 minutes. All calls within the same half hour return the same link.
        """

    def find_key(self, url: str) -> str | None:
        """Return the key in a link to an object of this store, or None for any other link.

        The link may be unsigned or expired.
        """

    def find(self, key: str) -> Upload | None:
        """Return a complete object, or None if it does not exist.

        Raises:
            ObjectTooLarge: the object has more than `MAX_UPLOAD_BYTES`. Its bytes were not read.
            ObjectUnreadable: the object exists, but its file is damaged.
        """

    def find_equal(self, key: str, data: bytes) -> Upload | None:
        """Return an object if it has exactly these bytes, or None. The object is read in pieces.

        Raises:
            ObjectUnreadable: the object exists, but its file is damaged.
        """

    def claim(self, key: str, upload: Upload) -> bool:
        """Write an upload unless the key exists. Return whether it was written. Only one of several writers succeeds.

        The worker gets a message about each `incoming` object.
        """

    def replace(self, key: str, upload: Upload) -> None:
        """Write an original, also if the key exists. Other requests read the old bytes or the new ones."""

    def is_intact(self, key: str, size: int, sha256: str) -> bool:
        """Return whether an object exists and has this size in bytes and this SHA-256 digest.

        S3 itself checks the bytes that it stores, so on AWS, only the size is compared.
        """

    def put_derived(self, key: str, data: bytes) -> None:
        """Write a JPEG preview or thumbnail. Browsers can cache it, because its bytes do not change."""

    def put_copy(self, key: str, data: bytes, media_type: str) -> None:
        """Write a copy of an original without metadata. It expires after `COPY_DAYS`."""

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys with this prefix in order. Pages are requested lazily.

        Raises:
            FolderUnreadable: on one machine, the folder of an owner cannot be read.
        """

    def list_owners(self) -> set[str]:
        """Return the owners of all objects. They may have no account."""

    def list_entries(self, prefix: str, after: str = "") -> Iterator[ObjectEntry]:
        """Yield the objects whose keys have this prefix and are greater than `after`, in order of their keys."""

    def find_entry(self, key: str) -> ObjectEntry | None:
        """Return the size and time of an object, or None if it does not exist."""

    def delete(self, *keys: str) -> None:
        """Delete up to 1,000 objects. Missing objects are ignored."""
