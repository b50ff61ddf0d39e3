"""The outbox: work that remains after a change is committed, and the rules for when it is due."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.ids import created_at, new_id
from app.domain.images import STORED, Image, ImageState
from app.domain.tags import Tags

TRASH_LIFE: Final = timedelta(days=30)
DIGEST_COOLDOWN_SECONDS: Final = 60  # at most one e-mail per owner in this time
LATE_WRITE_SECONDS: Final = 2 * 3600  # longer than an access token plus the upload forms it was used for

_FRONT: Final = 0  # account deletions sort before all other work of their owner


class OutboxKind(StrEnum):
    """The kind of work of an outbox row."""

    ANNOUNCE = "announce"  # notify subscribers whose query the image matches now and did not match before
    PURGE = "purge"  # remove the objects of an image that is in the trash, or gone
    REDETECT = "redetect"  # queue every image of the library for redetection
    DELETE_ACCOUNT = "delete-account"  # remove everything of the owner until no access token is valid any more


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Work that remains to be done. Rows of an owner sort by `id`, and so by the time they were scheduled for.

    Attributes:
        owner: Whose work it is.
        id: The scheduled time and a unique id.
        kind: What to do.
        image_id: The image. For a redetection, the redetection's id. Empty for an account deletion.
        version: The version of the image that the change wrote.
        before: The tags before the change. None if no search could find the image then.
        after: The tags after the change.
        due_at: When to do it, in seconds since 1970. A lease moves it.
    """

    owner: str
    id: str
    kind: OutboxKind
    image_id: str
    version: int
    before: Tags | None
    after: Tags
    due_at: int

    @property
    def unique_id(self) -> str:
        """The part of the id that stays when the row is postponed."""
        return self.id.rpartition("-")[2]

    @property
    def created_at(self) -> int:
        """The creation time in seconds since 1970."""
        return int(created_at(self.unique_id).timestamp())

    @property
    def scheduled_at(self) -> int:
        """The scheduled time in seconds since 1970. Unlike `due_at`, a lease does not move it."""
        # An account deletion always sorts first. It ends with a second run, after the last late write.
        return int(self.id.partition("-")[0]) or self.created_at + LATE_WRITE_SECONDS


def outbox_id(due_at: int, unique_id: str) -> str:
    """Return the id of an outbox row: rows sort by their scheduled time, so that later work is not read."""
    return f"{due_at:010}-{unique_id}"


def account_deletion_id(unique_id: str = "") -> str:
    """Return the id of an account deletion. Without a unique id, the prefix of all of them."""
    return outbox_id(_FRONT, unique_id)


def follow_up(before: Image | None, after: Image) -> OutboxRow | None:
    """Return the work that a change of an image causes: an announcement or a purge, or None."""
    known = before.tags if before and before.state in STORED else None
    if after.state is ImageState.READY and after.tags != known:
        return _make_row(after, OutboxKind.ANNOUNCE, known)
    if after.state is ImageState.TRASHED:
        return _make_row(after, OutboxKind.PURGE, known, TRASH_LIFE)
    if after.state is ImageState.GONE:
        return _make_row(after, OutboxKind.PURGE, known)
    return None


def _make_row(image: Image, kind: OutboxKind, before: Tags | None, delay: timedelta = timedelta()) -> OutboxRow:
    due_at = int((datetime.now(UTC) + delay).timestamp())
    return OutboxRow(
        image.owner, outbox_id(due_at, new_id()), kind, image.id, image.version, before, image.tags, due_at
    )
