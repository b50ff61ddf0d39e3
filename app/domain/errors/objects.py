"""Defines the errors of stored files and of the links to them."""

from app.domain.errors.base import PixTagError
from app.domain.errors.uploads import WrongSize


class ObjectTooLarge(WrongSize):
    """A stored file is too large.

    Attributes:
        size: Its size in bytes.
    """

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"The file is larger than {limit // 2**20} MiB. Upload a smaller file.")
        self.size = size


class InvalidLink(PixTagError):
    """The link to a file was altered or is incomplete."""

    def __init__(self, source: str = "GET /images/{id}") -> None:
        super().__init__(f"This link was altered or is incomplete. Get a new link from {source}.")


class LinkExpired(PixTagError):
    """The link to a file has expired."""

    def __init__(self, source: str = "GET /images/{id}") -> None:
        super().__init__(f"This link has expired. Get a new link from {source}.")


class ObjectUnreadable(PixTagError):
    """A stored file cannot be read, for example because of a damaged disk. Other files can be read."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(
            f"PixTag cannot read the file objects/{key}: {reason}. Check the disk. Then upload the same photo again, or"
            " restore the file from a backup."
        )


class ObjectNotFound(PixTagError):
    """The file of the link was deleted."""

    def __init__(self) -> None:
        super().__init__("The file of this link was deleted.")


class RangeNotSatisfiable(PixTagError):
    """The requested range starts after the end of the file.

    Attributes:
        content_range: The value of `Content-Range` in the response.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"The range starts after the end of the file, which has {size:,} bytes. Request less.")
        self.content_range = f"bytes */{size}"
