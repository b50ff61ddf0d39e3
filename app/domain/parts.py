"""Defines uploads in parts: which files are sent in parts, the sizes of the parts, and the port that receives them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from app.domain.errors import UploadIncomplete
from app.domain.images import Image

MAX_FORM_BYTES: Final = 50 * 2**20  # of a file that is sent with a form; larger files are sent in parts
PART_BYTES: Final = 8 * 2**20  # of each part except the last one; S3's minimum is 5 MiB
PART_SECONDS: Final = 3600  # how long the link of a part is valid


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file.

    Attributes:
        number: 1 for the first part.
        start: The position of its first byte in the file.
        size: Its size in bytes.
    """

    number: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class PartLink:
    """A link that accepts exactly the bytes of a part with PUT."""

    part: Part
    url: str


@dataclass(frozen=True, slots=True)
class PartRule:
    """Which files are uploaded in parts. Tests use smaller numbers of bytes."""

    max_form_bytes: int = MAX_FORM_BYTES
    part_bytes: int = PART_BYTES

    def applies_to(self, size: int) -> bool:
        """Return whether a file of this size in bytes is uploaded in parts."""
        return size > self.max_form_bytes

    def split(self, size: int) -> list[Part]:
        """Return the parts of a file of this size in bytes."""
        starts = range(0, size, self.part_bytes)
        return [Part(number, start, min(self.part_bytes, size - start)) for number, start in enumerate(starts, start=1)]


class Parts(Protocol):
    """Receives pending images in parts, and joins them to their incoming objects.

    `upload_id` of each image is the value that `begin` returned.
    """

    def begin(self, image: Image) -> str:
        """Begin an upload in parts. Return its id, which is never empty.

        Raises:
            StorageFull: the file does not fit on the disk.
        """

    def link(self, image: Image, part: Part) -> str:
        """Return a link that accepts exactly the bytes of this part with PUT. It expires after `PART_SECONDS`.

        A part that is sent again replaces the earlier one.
        """

    def received(self, image: Image) -> Mapping[int, int]:
        """Return the size of each received part in bytes, by number.

        Raises:
            UploadExpired: the upload is complete, or it was removed.
        """

    def complete(self, image: Image, parts: Iterable[Part]) -> None:
        """Join the parts to the incoming object. The worker gets a message about it.

        Raises:
            ImageChanged: a part was sent again at the same time.
            UploadExpired: the upload is complete, or it was removed.
            UploadIncomplete: parts are missing.
            StorageFull: the file does not fit on the disk. The parts remain.
        """

    def abort(self, image: Image) -> None:
        """Remove the parts. An upload that is complete or removed is ignored."""

    def abort_all(self, owner: str) -> bool:
        """Remove all parts of an owner. Return whether there were any."""


def list_missing(parts: Iterable[Part], received: Mapping[int, int]) -> list[Part]:
    """Return the parts that have not been received with their exact size."""
    return [part for part in parts if received.get(part.number) != part.size]


def require_all(parts: Iterable[Part], received: Mapping[int, int]) -> None:
    """Check that all parts have been received.

    Raises:
        UploadIncomplete: parts are missing.
    """
    if missing := list_missing(parts, received):
        raise UploadIncomplete([part.number for part in missing])
