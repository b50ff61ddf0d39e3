"""Defines how the API serves links and receives uploads, if the store has no other server for that.

The embedded store implements it. On AWS, clients send links and forms to S3, and the API has no object server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Protocol, Self


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """An object that a link names, as an open file. Close the file.

    Attributes:
        file: The unbuffered file. Its position is the start.
        size: The size in bytes.
        modified_at: The time of the last write, in Unix time.
        etag: The entity tag in quotes. It changes whenever the file is replaced.
        media_type: The media type.
        disposition: The value of `Content-Disposition`.
        is_immutable: Whether browsers can cache the object for as long as they like.
    """

    file: BinaryIO
    size: int
    modified_at: float
    etag: str
    media_type: str
    disposition: str
    is_immutable: bool


class ReceivedFile(Protocol):
    """The file of an upload form, or a part of a file, while it arrives.

    At the end of the context, nothing is left of an incomplete file.
    """

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            WrongSize: the file now has more than its declared size.
            StorageFull: the file does not fit on the disk.
        """

    def store(self) -> None:
        """Store the complete file under the key of its form, or as a part. An earlier one is replaced.

        When this method returns, the file and the worker's message about it survive a power failure.

        Raises:
            UploadExpired: the other parts were joined or removed. Nothing was stored.
            WrongSize: the file has less than its declared size.
            StorageFull: the file does not fit on the disk. Nothing was stored.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class ObjectServer(Protocol):
    """Opens the objects of links, and receives the files of upload forms and the parts of files."""

    def open_link(self, key: str, parameters: Sequence[tuple[str, str]]) -> ObjectFile:
        """Open the object of a link.

        Args:
            key: The object's key.
            parameters: The names and values in the link's query string.

        Raises:
            InvalidLink: `Objects.link` did not return this link.
            LinkExpired: the link has expired.
            ObjectNotFound: the object was deleted.
        """

    def open_part(self, key: str, parameters: Sequence[tuple[str, str]]) -> ReceivedFile:
        """Check the link of a part. Return a file to which the caller writes the part.

        Args:
            key: The object's key.
            parameters: The names and values in the link's query string.

        Raises:
            InvalidLink: `Parts.link` did not return this link.
            LinkExpired: the link has expired.
            StorageFull: the part does not fit on the disk.
        """

    def open_form(self, fields: Mapping[str, str]) -> ReceivedFile:
        """Check the fields of an upload form. Return a file to which the caller writes the upload.

        Raises:
            InvalidForm: `Objects.upload_form` did not return these fields.
            FormExpired: the form has expired.
        """
