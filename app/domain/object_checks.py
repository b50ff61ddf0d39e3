"""Decides which objects an image must have, and which faults its objects have."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.domain.ids import Rendition
from app.domain.images import STORED, Image, ImageState
from app.domain.uploads import ObjectEntry

SETTLED_SECONDS: Final = 15 * 60  # then the worker has got its message about an upload, and has begun its work


class ObjectFault(StrEnum):
    """A fault of the objects of an image."""

    NO_ORIGINAL = "no original"
    WRONG_SIZE = "original of another size"
    ALTERED = "original with other bytes"
    UNREADABLE = "unreadable original"
    NO_PREVIEW = "no usable preview"
    NO_LARGE_THUMBNAIL = "no usable large thumbnail"
    NO_THUMBNAIL = "no usable thumbnail"
    NOT_MADE = "no large thumbnail, because PixTag 0.4 and earlier versions made none"
    WAITING = "upload that nobody processes"
    LEFTOVER = "objects of a deleted photo"
    UNKNOWN = "photo without an image"
    REMAINS = "only a preview or thumbnail without an image"


DERIVED_FAULTS: Final = {
    Rendition.PREVIEW: ObjectFault.NO_PREVIEW,
    Rendition.LARGE_THUMBNAIL: ObjectFault.NO_LARGE_THUMBNAIL,
    Rendition.THUMBNAIL: ObjectFault.NO_THUMBNAIL,
}
REPAIRABLE: Final = frozenset(
    {*DERIVED_FAULTS.values(), ObjectFault.NOT_MADE, ObjectFault.WAITING, ObjectFault.LEFTOVER, ObjectFault.UNKNOWN}
)


def find_faults(image: Image | None, entries: Mapping[Rendition, ObjectEntry], now: float) -> list[ObjectFault]:
    """Return the faults of an image's objects, as far as their sizes and times show them.

    The objects of an image that is neither ready nor in the trash may still be processed or deleted. They have no fault
    if they are new.

    Args:
        image: The image or tombstone, or None.
        entries: The existing objects.
        now: Unix time (seconds).
    """
    if image and image.state in STORED:
        return _find_stored_faults(image, entries)
    if not entries or any(abs(now - entry.modified_at) < SETTLED_SECONDS for entry in entries.values()):
        return []
    has_photo = bool(entries.keys() & {Rendition.ORIGINAL, Rendition.INCOMING})
    if image is None:
        return [ObjectFault.UNKNOWN if has_photo else ObjectFault.REMAINS]
    if image.state is ImageState.GONE:
        return [ObjectFault.LEFTOVER]
    return [ObjectFault.WAITING] if has_photo and image.state is ImageState.PENDING else []


def _find_stored_faults(image: Image, entries: Mapping[Rendition, ObjectEntry]) -> list[ObjectFault]:
    faults: list[ObjectFault] = []
    original = entries.get(Rendition.ORIGINAL)
    if original is None:
        faults.append(ObjectFault.NO_ORIGINAL)
    elif original.size != image.size:
        faults.append(ObjectFault.WRONG_SIZE)
    derived = [
        fault for rendition, fault in DERIVED_FAULTS.items() if rendition not in entries or not entries[rendition].size
    ]
    if derived == [ObjectFault.NO_LARGE_THUMBNAIL] and Rendition.LARGE_THUMBNAIL not in entries:
        return [*faults, ObjectFault.NOT_MADE]
    return faults + derived


def is_complete_jpeg(data: bytes) -> bool:
    """Return whether the bytes begin and end like a JPEG file. A file that was cut or overwritten does not."""
    return data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")
