"""Performs the work that remains after a change is committed.

A row of the outbox is deleted only after its work is complete. A crash can repeat the work but cannot lose it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.domain.errors import ImageNotFound, InvalidState, RedetectionNotFound
from app.domain.images import ImageState
from app.domain.messages import Message
from app.domain.outbox import LATE_WRITE_SECONDS, MAX_LEASED, OutboxKind, OutboxRow
from app.domain.ports import Images, Mail, Outbox, Queue, Redetections
from app.services.library import Library
from app.services.notifications import Notifications

MAX_DELETED_IMAGES: Final = 100  # per run of an account deletion
MAX_DELETED_ROWS: Final = 1000  # per run of an account deletion
QUEUED_PAGE: Final = 100
MAX_QUEUED: Final = 200  # images per owner, so that uploads do not wait for a large library
QUEUED_PAUSE_SECONDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxWorker:
    """Processes one owner's outbox at a time."""

    outbox: Outbox
    images: Images
    library: Library
    notifications: Notifications
    mail: Mail
    redetections: Redetections
    queue: Queue

    def process(self, owner: str, has_time: Callable[[], bool] = lambda: True) -> bool:
        """Process an owner's due work while there is time. Return whether more work is due now.

        Nothing happens if another worker is processing the owner's outbox. If time runs out, unprocessed rows become
        due again when their lease ends.
        """
        if not (lease := self.outbox.take(owner)):
            return False
        alerts_at: int | None = int(time.time())  # after a failure, try again at the next visit
        try:
            number = self._process_rows(owner, has_time)
            alerts_at = self.notifications.process(owner, has_time)
        finally:
            self.outbox.release(lease, alerts_at)
        return number == MAX_LEASED or (alerts_at is not None and alerts_at <= time.time())

    def _process_rows(self, owner: str, has_time: Callable[[], bool]) -> int:
        """Process a batch of due rows. Return their number."""
        rows = self.outbox.lease(owner)
        for row in rows:
            if not has_time():
                break
            if row.kind is OutboxKind.PURGE:
                self._purge(row)
            elif row.kind is OutboxKind.REDETECT:
                self._queue_redetection(row)
            else:
                self._delete_account(row)
        return len(rows)

    def _purge(self, row: OutboxRow) -> None:
        try:
            self.library.purge(row.owner, row.image_id, version=row.version)
        except (ImageNotFound, InvalidState):  # the image was restored or already purged
            self.library.finish_purge(row.owner, row.image_id)
        self.outbox.delete(row)

    def _queue_redetection(self, row: OutboxRow) -> None:
        """Queue images for redetection while few images are waiting. An interruption may queue a page twice."""
        try:
            redetection = self.redetections.get(row.owner)
        except RedetectionNotFound:  # the account was deleted
            self.outbox.delete(row)
            return
        while not redetection.queued_all and redetection.queued - redetection.done < MAX_QUEUED:
            page = self.images.list_images(row.owner, QUEUED_PAGE, redetection.cursor, frozenset({ImageState.READY}))
            self.queue.send([Message(row.owner, image.id, redetection.id).to_json() for image in page.images])
            redetection = self.redetections.record_queued(redetection, page.cursor, len(page.images))
        if redetection.queued_all:
            self.outbox.delete(row)
        else:
            self.outbox.postpone(row, int(time.time()) + QUEUED_PAUSE_SECONDS)

    def _delete_account(self, row: OutboxRow) -> None:
        """Delete all of the owner's data. Check again after the last possible late write.

        If data was deleted, the row stays leased. When the lease ends, concurrent work has ended too.
        """
        self.mail.delete(row.owner)
        if self.library.delete_images(row.owner, MAX_DELETED_IMAGES):
            return
        if self.images.delete_rows(row.owner, MAX_DELETED_ROWS):
            return
        if (quiet_at := row.created_at + LATE_WRITE_SECONDS) > time.time():
            self.outbox.postpone(row, quiet_at)
        else:
            self.outbox.delete(row)
