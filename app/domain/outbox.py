"""Defines the work that remains after a change is committed, and when the work is due."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.ids import created_at, new_id
from app.domain.images import Image, ImageState

TRASH_LIFE: Final = timedelta(days=30)
DIGEST_COOLDOWN_SECONDS: Final = 60  # at most one e-mail per owner in this time
MAX_LEASED: Final = 100  # rows per lease
LEASE_SECONDS: Final = 120  # longer than the time limit of the worker
MAX_DUE_OWNERS: Final = 1000  # per run of the schedule
LATE_WRITE_SECONDS: Final = 2 * 3600  # longer than the lifetimes of an access token and an upload form together

_INDEX_SECONDS: Final = 2  # reads of the index may be this late
_FRONT: Final = 0  # an account deletion sorts before its owner's other work


class OutboxKind(StrEnum):
    """The kind of work that an outbox row describes."""

    PURGE = "purge"  # purge a trashed image, or remove the objects of a purged image
    REDETECT = "redetect"  # queue every image of the library for redetection
    REMOVE_POSITIONS = "remove-positions"  # remove from every image where its photo was taken
    EMPTY_ALBUM = "empty-album"  # remove the images of a deleted album from it
    DELETE_ACCOUNT = "delete-account"  # delete the owner's data until all access tokens have expired


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Work that remains to be done. An owner's rows sort by `id`, which begins with the scheduled time.

    Attributes:
        owner: The owner of the affected data.
        id: The scheduled time and a unique id.
        kind: The kind of work.
        image_id: The id of the image, of the job or of the album. It is empty for an account deletion.
        version: The version of the image after the change.
        due_at: The due time in Unix time (seconds). A lease postpones the due time.
    """

    owner: str
    id: str
    kind: OutboxKind
    image_id: str
    version: int
    due_at: int

    @property
    def unique_id(self) -> str:
        """The part of the id that does not change when the row is postponed."""
        return self.id.rpartition("-")[2]

    @property
    def created_at(self) -> int:
        """The creation time in Unix time (seconds)."""
        return int(created_at(self.unique_id).timestamp())

    @property
    def scheduled_at(self) -> int:
        """The scheduled time in Unix time (seconds). A lease does not change the scheduled time."""
        # The id of an account deletion contains no time. Its last run comes after the last possible late write.
        return int(self.id.partition("-")[0]) or self.created_at + LATE_WRITE_SECONDS


@dataclass(frozen=True, slots=True)
class DueOwner:
    """An owner who may have due work.

    Attributes:
        owner: The owner.
        since: The time from which the work has been due, in Unix time (seconds). A lease does not change it.
    """

    owner: str
    since: int


@dataclass(frozen=True, slots=True)
class OutboxLease:
    """The right to process an owner's outbox. Only one worker at a time has it.

    Attributes:
        owner: The owner.
        until: The end of the lease in Unix time (seconds).
        touched_at: The time of the latest change that needs work, as it was at the start of the lease. Only on AWS.
        touches: The number of these changes. Only on AWS.
        since: See `DueOwner`.
    """

    owner: str
    until: int
    touched_at: int = 0
    touches: int = 0
    since: int = 0


def outbox_id(due_at: int, unique_id: str) -> str:
    """Return the id of an outbox row. Ids sort by scheduled time, so that queries for due rows skip later rows."""
    return f"{due_at:010}-{unique_id}"


def account_deletion_id(unique_id: str = "") -> str:
    """Return the id of an account deletion. Without `unique_id`, return the prefix of all such ids."""
    return outbox_id(_FRONT, unique_id)


def make_account_deletion(owner: str, due_at: int) -> OutboxRow:
    """Return an outbox row for the deletion of all of an owner's data."""
    return OutboxRow(owner, account_deletion_id(new_id()), OutboxKind.DELETE_ACCOUNT, "", 0, due_at)


def make_album_removal(owner: str, album_id: str) -> OutboxRow:
    """Return an outbox row that removes the images of a deleted album from it, when the index contains all of them."""
    due_at = int(datetime.now(UTC).timestamp()) + _INDEX_SECONDS
    return OutboxRow(owner, outbox_id(due_at, new_id()), OutboxKind.EMPTY_ALBUM, album_id, 0, due_at)


def follow_up(after: Image) -> OutboxRow | None:
    """Return the outbox row that a change to an image requires: a purge or None."""
    if after.state is ImageState.TRASHED:  # a change to an image in the trash does not extend its life
        return follow_up_restored(after) or make_purge(after, TRASH_LIFE)
    return make_purge(after) if after.state is ImageState.GONE else None


def follow_up_restored(image: Image) -> OutboxRow | None:
    """Return the outbox row that an image of a backup requires: the purge of an image in the trash, or None."""
    if image.trashed_at is None:
        return None
    return make_purge(image, image.trashed_at + TRASH_LIFE - datetime.now(UTC))


def make_purge(image: Image, delay: timedelta = timedelta()) -> OutboxRow:
    """Return an outbox row that purges a trashed image, or removes what an interrupted purge leaves behind."""
    due_at = int((datetime.now(UTC) + delay).timestamp())
    return OutboxRow(image.owner, outbox_id(due_at, new_id()), OutboxKind.PURGE, image.id, image.version, due_at)
