"""Defines images and their states."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.capture_times import sort_text
from app.domain.corrections import CorrectedDetection, Correction, DrawnBox, apply_corrections, leave_out_covered
from app.domain.ids import created_at
from app.domain.marks import FAVOURITE, album_mark, limit_tags, make_marks
from app.domain.metadata import NO_METADATA, keyword_tag
from app.domain.snapshots import Snapshot, sort_by_upload
from app.domain.tags import MAX_COUNT, TagEdit, Tags, apply_edits, count_certain, tag_name, tally_tags
from detector import Detection
from detector.metadata.values import CaptureTime, Metadata, TimeSource

MAX_UPLOAD_BYTES: Final = 200 * 2**20
GIVEN_UP: Final = "PixTag could not process this photo after several attempts. Try again, or delete it."
PENDING_LIFE: Final = timedelta(days=1)
TOMBSTONE_LIFE: Final = timedelta(days=30)  # longer than a message about the image can stay in a queue


class ImageState(StrEnum):
    """The state of an image. Searches find only `ready` images."""

    PENDING = "pending"  # the upload or the detection is not complete
    READY = "ready"
    FAILED = "failed"  # with a reason
    TRASHED = "trashed"
    GONE = "gone"  # a tombstone, so that a late notification does not recreate the image


LISTED: Final = frozenset({ImageState.PENDING, ImageState.READY, ImageState.FAILED})
READY: Final = frozenset({ImageState.READY})
STORED: Final = frozenset({ImageState.READY, ImageState.TRASHED})


@dataclass(frozen=True, slots=True)
class RequestId:
    """Identifies a request that a client may repeat. It contains digests of the idempotency key and the body."""

    key: str
    body: str


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """The number of ready images that were taken in a month, such as `2019-07`. Implausible times have the month ""."""

    month: str
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSummary:
    """An image as lists and search results show it.

    `width` and `height` are the size of the upright image in pixels. `size` is the size of the original in bytes.
    `damage` is a sentence about a photo that could be decoded only in part.
    `taken` is None if only the time of the upload is known. `tags` also counts uncertain detections. `certain` has the
    certain part of each count, for the tags that have any. `marks` are hidden tags.
    """

    owner: str
    id: str
    state: ImageState
    name: str
    media_type: str
    size: int
    width: int = 0
    height: int = 0
    taken: CaptureTime | None = None
    reason: str = ""
    damage: str = ""
    trashed_at: datetime | None = None
    tags: Tags = field(default_factory=dict)
    certain: Tags = field(default_factory=dict)
    marks: Tags = field(default_factory=dict)

    @property
    def is_favourite(self) -> bool:
        """Whether the image is a favourite."""
        return FAVOURITE in self.marks

    def is_in_album(self, album_id: str) -> bool:
        """Return whether the image is in an album."""
        return album_mark(album_id) in self.marks

    @property
    def indexed_tags(self) -> Tags:
        """The tags and the marks, which the tag index contains if the image is ready."""
        return {**self.tags, **self.marks}

    @property
    def doubt(self) -> int:
        """By how much the uncertain detections change the counts, from 0 to `MAX_COUNT`."""
        return min(MAX_COUNT, sum(self.tags.values()) - sum(self.certain.values()))

    @property
    def review_key(self) -> str:
        """The key of a ready image in the order of `doubt`: `012#{id}`. It is empty if there is no doubt."""
        return f"{self.doubt:03d}#{self.id}" if self.doubt and self.state is ImageState.READY else ""

    @property
    def capture_time(self) -> CaptureTime:
        """When the photo was taken. If that is unknown, the time of the upload in UTC."""
        if self.taken:
            return self.taken
        added = created_at(self.id).replace(microsecond=0, tzinfo=None)
        return CaptureTime(added, TimeSource.UPLOAD, timedelta())

    @property
    def is_undated(self) -> bool:
        """Whether only the time of the upload is known."""
        return self.taken is None

    @property
    def sorted_at(self) -> str:
        """The time by which the image is sorted in its list, to the second: `2019-07-28T01:03:00`.

        A ready image has its capture time, which is the wall clock at the place. A date without a time is midnight. An
        implausible time begins with `!`, which sorts before all other times. An image in the trash has the time of its
        deletion, and any other image the time of its upload, both in UTC.
        """
        if self.state is ImageState.READY:
            return sort_text(self.capture_time)
        if self.state is ImageState.TRASHED and self.trashed_at:
            return self.trashed_at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
        return sort_by_upload(self.id)

    @property
    def sort_key(self) -> str:
        """The key of the image in its list. No two images of an owner have the same key."""
        return f"{self.sorted_at}#{self.id}"

    @property
    def added_key(self) -> str:
        """The key of the image in the order of uploads."""
        return f"{sort_by_upload(self.id)}#{self.id}"

    @property
    def month(self) -> str:
        """The month of the capture time, such as `2019-07`. It is empty if the time is implausible."""
        time = self.capture_time
        return time.local.isoformat()[:7] if time.plausible else ""

    @property
    def snapshot(self) -> Snapshot:
        """What queries need to know about the image, as if it were ready."""
        return Snapshot(self.indexed_tags, self.id, sort_text(self.capture_time), self.is_undated, self.certain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(ImageSummary):
    """The complete record of an image.

    `tags` and `certain` are derived from `detections`, `corrections`, `drawn`, the keywords in `metadata`, and `edits`.
    `marks` follow from `favourite` and `albums`.

    Attributes:
        tags: The tags and their counts, derived when the image is constructed.
        corrected_detections: Each detection with its correction, most confident first. Those that a drawn box covers
            are left out. They are derived when the image is constructed, because this is slow.
        certain: The certain part of each count, derived at the same time.
        marks: The hidden tags, derived at the same time.
        version: The stored version. 0 means that the image has not been stored yet.
        sha256: The SHA-256 digest of the original in lower-case hexadecimal.
        duplicate_of: For a duplicate's tombstone, the id of the image with the same bytes.
        model: The name and version of the model that detected the objects.
        metadata: The metadata of the original, completed with the sidecar (see `sidecars.add_sidecar`). Its capture
            time is that of the original.
        sidecar: The metadata that a client sent with the upload, from outside the file.
        detections: The model's detections, most confident first.
        corrections: People's corrections to individual detections.
        drawn: The boxes that people have drawn, oldest first.
        edits: People's edits to counts, by tag.
        requests: The latest requests that changed the tags. A repeated request changes nothing.
        redetection: The id of the latest redetection job that included this image.
        upload_id: The id of a pending upload in parts. Empty for other images. A tombstone keeps it.
        file_time: When the file was last modified, as the client declared it, in its time zone. None if it is unknown.
        favourite: Whether a person marked the image as a favourite.
        albums: The ids of the albums that contain the image, in order. Deleted albums may be among them.
        picture_hash: The hash of the picture, which copies in another size or quality nearly share (see
            `detector.picture_hash`). Empty if it is unknown, or if the picture has too little content.
        undone_to: The version that the last change, an undo, has restored. 0 if the last change was not an undo. If the
            last change was only a part of an undo, the version that this undo replaces.
    """

    tags: Tags = field(init=False)
    corrected_detections: Sequence[CorrectedDetection] = field(init=False, repr=False, compare=False)
    certain: Tags = field(init=False)
    marks: Tags = field(init=False)
    version: int = 0
    sha256: str = ""
    duplicate_of: str = ""
    model: str = ""
    metadata: Metadata = NO_METADATA
    sidecar: Metadata = NO_METADATA
    detections: tuple[Detection, ...] = ()
    corrections: tuple[Correction, ...] = ()
    drawn: tuple[DrawnBox, ...] = ()
    edits: Mapping[str, TagEdit] = field(default_factory=dict)
    requests: tuple[RequestId, ...] = ()
    redetection: str = ""
    upload_id: str = ""
    file_time: datetime | None = None
    favourite: bool = False
    albums: tuple[str, ...] = ()
    undone_to: int = 0
    picture_hash: str = ""

    def __post_init__(self) -> None:
        corrected = leave_out_covered(apply_corrections(self.detections, self.corrections), self.drawn)
        object.__setattr__(self, "corrected_detections", corrected)
        keywords = self.keyword_tags
        marks = make_marks(favourite=self.favourite, albums=self.albums)
        object.__setattr__(self, "marks", marks)
        tags = apply_edits(tally_tags(self.visible_boxes), self.edits, keywords, limit_tags(marks))
        object.__setattr__(self, "tags", tags)
        object.__setattr__(self, "certain", count_certain(tags, self.edits, self.certain_boxes, keywords))

    @property
    def keyword_tags(self) -> list[str]:
        """The tags of the keywords in the file and its sidecar, in their order. The image may lack some of them."""
        return [tag for keyword in self.metadata.keywords if (tag := keyword_tag(keyword))]

    @property
    def visible_detections(self) -> list[Detection]:
        """The detections with their corrected labels and boxes. Dismissed detections are omitted."""
        return [visible for detection in self.corrected_detections if (visible := detection.visible)]

    @property
    def visible_boxes(self) -> list[Detection | DrawnBox]:
        """The visible detections, and then the drawn boxes."""
        return [*self.visible_detections, *self.drawn]

    @property
    def certain_boxes(self) -> Counter[str]:
        """The number of certain objects of each tag. All drawn boxes are certain."""
        detected = (each.label for each in self.corrected_detections if each.label and each.is_certain)
        return Counter(map(tag_name, (*detected, *(each.label for each in self.drawn))))

    def edited_at(self, tag: str) -> datetime | None:
        """Return when a person last edited the tag, relabeled or dismissed one of its objects, or drew one, or None."""
        times = [self.edits[tag].at] if tag in self.edits else []
        times += [
            correction.at
            for correction in self.corrections
            if tag in {correction.label, tag_name(correction.detected_label)} and not correction.is_confirmation
        ]
        times += [box.at for box in self.drawn if box.label == tag]
        return max(times, default=None)


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
    """Return a tombstone for a purged image. It keeps the owner, id, version and upload id, but no content."""
    return Image(
        owner=image.owner,
        id=image.id,
        state=ImageState.GONE,
        name="",
        media_type="",
        size=0,
        version=image.version,
        duplicate_of=duplicate_of,
        upload_id=image.upload_id,
    )


def find_expiry(image: Image) -> datetime | None:
    """Return the time after which a store may delete a pending image or tombstone. Return None for any other image."""
    if image.state is ImageState.PENDING:
        return created_at(image.id) + PENDING_LIFE
    return datetime.now(UTC) + TOMBSTONE_LIFE if image.state is ImageState.GONE else None
