"""Defines images, their states, their file names and their media types."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from app.domain.corrections import CorrectedDetection, Correction, apply_corrections
from app.domain.errors import UnsupportedType, WrongSize
from app.domain.ids import created_at, new_id
from app.domain.tags import TagEdit, Tags, apply_edits, tag_name, tally_tags
from detector import BoundingBox, Detection

MAX_UPLOAD_BYTES: Final = 50 * 2**20
MAX_NAME_BYTES: Final = 255  # the limit of most file systems; a percent-encoded name fits S3's 2 KB metadata limit
ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {  # of file names; the first one is added to names without one of them
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "image/heic": (".heic", ".heif"),
    "image/heif": (".heif", ".heic"),
    "image/avif": (".avif",),
}
MEDIA_TYPES: Final = frozenset(ENDINGS)
GIVEN_UP: Final = "PixTag could not process this photo after several attempts. Try again, or delete it."
PENDING_LIFE: Final = timedelta(days=1)
TOMBSTONE_LIFE: Final = timedelta(days=30)  # longer than a message about the image can stay in a queue


_RESERVED: Final = re.compile(r'[<>:"|?*]')  # in file names on Windows


class ImageState(StrEnum):
    """The state of an image. Searches find only `ready` images."""

    PENDING = "pending"  # the upload or the detection is not complete
    READY = "ready"
    FAILED = "failed"  # with a reason
    TRASHED = "trashed"
    GONE = "gone"  # a tombstone, so that a late notification does not recreate the image


LISTED: Final = frozenset({ImageState.PENDING, ImageState.READY, ImageState.FAILED})
STORED: Final = frozenset({ImageState.READY, ImageState.TRASHED})


@dataclass(frozen=True, slots=True)
class RequestId:
    """Identifies a request that a client may repeat. It contains digests of the idempotency key and the body."""

    key: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSummary:
    """An image as lists and search results show it.

    `width` and `height` are the size of the upright image in pixels. `size` is the size of the original in bytes.
    `damage` is a sentence about a photo that could be decoded only in part.
    """

    owner: str
    id: str
    state: ImageState
    name: str
    media_type: str
    size: int
    width: int = 0
    height: int = 0
    taken_at: datetime | None = None
    reason: str = ""
    damage: str = ""
    trashed_at: datetime | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(ImageSummary):
    """The complete record of an image. `tags` is always derived from `detections`, `corrections` and `edits`.

    Attributes:
        tags: The tags and their counts, derived when the image is constructed.
        version: The stored version. 0 means that the image has not been stored yet.
        sha256: The SHA-256 digest of the original in lower-case hexadecimal.
        duplicate_of: For a duplicate's tombstone, the id of the image with the same bytes.
        model: The name and version of the model that detected the objects.
        detections: The model's detections, most confident first.
        corrections: People's corrections to individual detections.
        edits: People's edits to counts, by tag.
        requests: The latest requests that changed the tags. A repeated request changes nothing.
        redetection: The id of the latest redetection job that included this image.
    """

    tags: Tags = field(init=False)
    version: int = 0
    sha256: str = ""
    duplicate_of: str = ""
    model: str = ""
    detections: tuple[Detection, ...] = ()
    corrections: tuple[Correction, ...] = ()
    edits: Mapping[str, TagEdit] = field(default_factory=dict)
    requests: tuple[RequestId, ...] = ()
    redetection: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", apply_edits(tally_tags(self.visible_detections), self.edits))

    @property
    def corrected_detections(self) -> list[CorrectedDetection]:
        """Each detection with its correction, most confident first."""
        return apply_corrections(self.detections, self.corrections)

    @property
    def visible_detections(self) -> list[Detection]:
        """The detections with their corrected labels. Dismissed detections are omitted."""
        return [visible for detection in self.corrected_detections if (visible := detection.visible)]

    def edited_at(self, tag: str) -> datetime | None:
        """Return when a person last edited the tag or corrected one of its detections, or None."""
        times = [self.edits[tag].at] if tag in self.edits else []
        times += [
            correction.at
            for correction in self.corrections
            if tag in {correction.label, tag_name(correction.detected_label)}
        ]
        return max(times, default=None)


def clean_file_name(text: str) -> str:
    """Return a file name of 1 to 255 UTF-8 bytes. It contains no folders and no invisible characters."""
    last = re.split(r"[/\\]", text)[-1]
    name = "".join(letter for letter in last if not unicodedata.category(letter).startswith(("C", "Zl", "Zp")))
    return name.strip(" .").encode()[:MAX_NAME_BYTES].decode(errors="ignore") or "photo"


def make_download_name(image: ImageSummary) -> str:
    """Return the name under which browsers save the original. Its ending belongs to the image's media type.

    Operating systems decide by the ending what a double click does, so a photo named `beach.html` or `beach.lnk` could
    run scripts. Windows removes dots and spaces at the end of a name, and writes `a.html:b` to the file `a.html`.
    """
    endings = ENDINGS.get(image.media_type, (".bin",))
    name = _RESERVED.sub("_", clean_file_name(image.name))
    if name.lower().endswith(endings):
        return name
    stem = name.encode()[: MAX_NAME_BYTES - len(endings[0])].decode(errors="ignore")
    return stem + endings[0]


def guess_media_type(declared: str | None, name: str) -> str:
    """Return the declared media type. If the client does not know the type, use the file extension.

    Many clients do not know HEIC, WebP or AVIF and declare `application/octet-stream`.
    """
    types = {f".{media_type.removeprefix('image/')}": media_type for media_type in MEDIA_TYPES} | {".jpg": "image/jpeg"}
    by_name = types.get(PurePath(name).suffix.lower())
    return by_name if by_name and declared in {None, "", "application/octet-stream"} else declared or "unknown"


def round_detections(detections: Iterable[Detection]) -> tuple[Detection, ...]:
    """Round edges to 0.1 pixels and confidences to four decimals, which is the stored precision."""
    return tuple(
        Detection(
            detection.label,
            round(detection.confidence, 4),
            BoundingBox(*(round(edge, 1) for edge in detection.box.edges)),
        )
        for detection in detections
    )


def make_pending(owner: str, *, name: str, media_type: str, size: int, max_bytes: int) -> Image:
    """Return a new image whose upload is not complete.

    Raises:
        UnsupportedType: the media type is not one of `MEDIA_TYPES`.
        WrongSize: see `require_size`.
    """
    if media_type not in MEDIA_TYPES:
        raise UnsupportedType(media_type, MEDIA_TYPES)
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


def give_up(image: Image) -> Image:
    """Return a pending image as failed, because no attempt succeeded. Return any other image unchanged."""
    if image.state is not ImageState.PENDING:
        return image
    return replace(image, state=ImageState.FAILED, reason=GIVEN_UP)


def move_to_trash(image: Image, at: datetime) -> Image:
    """Return a ready image as trashed, and a trashed image unchanged. For any other image, return a tombstone."""
    if image.state is ImageState.READY:
        return replace(image, state=ImageState.TRASHED, trashed_at=at)
    return image if image.state is ImageState.TRASHED else make_tombstone(image)


def restore_from_trash(image: Image) -> Image:
    """Return a trashed image as ready. Return any other image unchanged."""
    return replace(image, state=ImageState.READY, trashed_at=None) if image.state is ImageState.TRASHED else image


def make_tombstone(image: Image, *, duplicate_of: str = "") -> Image:
    """Return a tombstone for a purged image. It keeps the owner, id and version, but no content."""
    return Image(
        owner=image.owner,
        id=image.id,
        state=ImageState.GONE,
        name="",
        media_type="",
        size=0,
        version=image.version,
        duplicate_of=duplicate_of,
    )


def find_expiry(image: Image) -> datetime | None:
    """Return the time after which a store may delete a pending image or tombstone. Return None for any other image."""
    if image.state is ImageState.PENDING:
        return created_at(image.id) + PENDING_LIFE
    return datetime.now(UTC) + TOMBSTONE_LIFE if image.state is ImageState.GONE else None
