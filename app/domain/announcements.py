"""Defines announcements: changes to images that the worker has not yet compared with the owner's subscriptions."""

import time
from dataclasses import dataclass
from typing import Final

from app.domain.images import STORED, Image, ImageState
from app.domain.snapshots import Snapshot

MAX_BATCH: Final = 99  # with the owner's alerts, as many writes as a transaction of DynamoDB may have


@dataclass(frozen=True, slots=True)
class Announcement:
    """The changes to an image since the worker last compared it with the owner's subscriptions.

    Each image has at most one announcement. A further change replaces `version`, `after` and `is_ready`.

    Attributes:
        owner: The owner of the image.
        id: The id of the image. In rare cases, it is followed by `#` and the version.
        version: The version of the image after the latest change.
        created_at: The time of the first change in Unix time (seconds).
        before: The image before the first change. None if the image was neither ready nor trashed.
        was_ready: Whether the image was ready before the first change.
        after: The image after the latest change. None if the image is neither ready nor trashed.
        is_ready: Whether the image is ready after the latest change.
    """

    owner: str
    id: str
    version: int
    created_at: int
    before: Snapshot | None
    was_ready: bool
    after: Snapshot | None
    is_ready: bool

    @property
    def image_id(self) -> str:
        """The id of the image."""
        return self.id.partition("#")[0]


def announce_change(before: Image | None, after: Image) -> Announcement | None:
    """Return the announcement of a change, or None if it cannot affect any subscription."""
    (old, was_ready), (new, is_ready) = _visible(before), _visible(after)
    if (old, was_ready) == (new, is_ready) or not (was_ready or is_ready):
        return None
    return Announcement(after.owner, after.id, after.version, int(time.time()), old, was_ready, new, is_ready)


def _visible(image: Image | None) -> tuple[Snapshot | None, bool]:
    """Return the snapshot of a stored image, and whether it is ready."""
    if image is None or image.state not in STORED:
        return None, False
    return image.snapshot, image.state is ImageState.READY
