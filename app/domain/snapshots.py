"""Defines snapshots: what queries need to know about an image."""

from dataclasses import dataclass, field
from typing import Final

from app.domain.ids import created_at
from app.domain.marks import is_mark
from app.domain.tags import Tags

_UNDATED_MARK: Final = "?"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The properties of an image that queries refer to, as if the image were ready.

    Attributes:
        tags: The tags and their counts, including uncertain objects, and the marks.
        id: The id of the image, which contains the time of the upload.
        sorted_at: The capture time, as `ImageSummary.sorted_at` describes it.
        undated: Whether only the time of the upload is known.
        certain: The certain counts, for the tags that have any.
    """

    tags: Tags
    id: str
    sorted_at: str
    undated: bool
    certain: Tags = field(default_factory=dict)

    @property
    def is_untagged(self) -> bool:
        """Whether the image has no tags. It may have marks."""
        return all(map(is_mark, self.tags))

    @property
    def sort_key(self) -> str:
        """The key of the image in the order of capture times, if it is ready."""
        return f"{self.sorted_at}#{self.id}"


def sort_by_upload(image_id: str) -> str:
    """Return the time of the upload of an image in UTC: `2026-01-31T12:00:00`."""
    return created_at(image_id).replace(microsecond=0, tzinfo=None).isoformat()


def dump_taken(snapshot: Snapshot) -> str:
    """Return the stored text of a snapshot's time. An undated one ends with `?`."""
    return f"{snapshot.sorted_at}{_UNDATED_MARK if snapshot.undated else ''}"


def load_snapshot(image_id: str, tags: Tags, certain: Tags, text: str | None) -> Snapshot:
    """Return the snapshot with these tags, certain counts and stored time.

    PixTag before version 0.6 stored no time. Then the image counts as undated.
    """
    text = text or sort_by_upload(image_id) + _UNDATED_MARK
    return Snapshot(tags, image_id, text.removesuffix(_UNDATED_MARK), text.endswith(_UNDATED_MARK), certain)
