"""Defines redetection jobs. A job redetects all images of a library."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.ids import new_id
from app.domain.outbox import OutboxKind, OutboxRow, outbox_id

LIFE: Final = timedelta(days=30)
MAX_RUN: Final = timedelta(days=1)  # after this time, an unfinished job no longer prevents a new job


@dataclass(frozen=True, slots=True)
class Redetection:
    """The progress of a redetection job.

    Attributes:
        owner: The owner of the library.
        id: The job's id.
        started_at: When the job was started.
        queued: The number of queued images.
        done: The number of queued images that are done.
        queued_all: Whether all images have been queued.
        cursor: The cursor of the next page of images to queue. None means the first page.
    """

    owner: str
    id: str
    started_at: datetime
    queued: int = 0
    done: int = 0
    queued_all: bool = False
    cursor: str | None = None

    @property
    def finished(self) -> bool:
        """Whether every image is done. An image that is deleted during the job may count twice."""
        return self.queued_all and self.done >= self.queued


def start_redetection(owner: str, latest: Redetection | None, now: datetime) -> tuple[Redetection, bool]:
    """Return the job for the owner's library, and whether it is new. An unfinished job is used for up to a day."""
    if latest and not latest.finished and now - latest.started_at < MAX_RUN:
        return latest, False
    return Redetection(owner, new_id(), now), True


def make_outbox_row(redetection: Redetection) -> OutboxRow:
    """Return the outbox row that queues the images of a new job. It is due immediately."""
    due_at = int(redetection.started_at.timestamp())
    return OutboxRow(
        redetection.owner,
        outbox_id(due_at, redetection.id),
        OutboxKind.REDETECT,
        redetection.id,
        version=0,
        due_at=due_at,
    )
