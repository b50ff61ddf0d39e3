"""Performs the work that remains after a change is committed.

A row of the outbox is deleted only after its work is complete. A crash can repeat the work but cannot lose it.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from app.domain.errors import ImageNotFound, RedetectionNotFound
from app.domain.ids import MAX_ID
from app.domain.images import STORED
from app.domain.marks import album_mark
from app.domain.messages import Message
from app.domain.outbox import LATE_WRITE_SECONDS, MAX_LEASED, OutboxKind, OutboxRow
from app.domain.ports import Images, Mail, Outbox, OwnerPreferences, Queue, Redetections
from app.domain.preferences import remove_position
from app.domain.query import Query
from app.domain.terms import Term
from app.services.library import Library
from app.services.notifications import Notifications

MAX_DELETED_IMAGES: Final = 250  # at a time
MAX_DELETED_ROWS: Final = 1000  # at a time
ALBUM_PAGE: Final = 100
QUEUED_PAGE: Final = 100
REMOVAL_PAGE: Final = 100
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
    preferences: OwnerPreferences
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
        return number == MAX_LEASED or not has_time() or (alerts_at is not None and alerts_at <= time.time())

    def _process_rows(self, owner: str, has_time: Callable[[], bool]) -> int:
        """Process a batch of due rows. Return their number."""
        rows = self.outbox.lease(owner)
        for row in rows:
            if not has_time():
                break
            if row.kind is OutboxKind.REDETECT:
                self._queue_redetection(row)
            elif row.kind is OutboxKind.REMOVE_POSITIONS:
                self._remove_positions(row, has_time)
            elif row.kind is OutboxKind.EMPTY_ALBUM:
                self._empty_album(row, has_time)
            elif row.kind is OutboxKind.DELETE_ACCOUNT:
                self._delete_account(row, has_time)
        if has_time():
            self._purge(owner, [row for row in rows if row.kind is OutboxKind.PURGE])
        return len(rows)

    def _purge(self, owner: str, rows: Sequence[OutboxRow]) -> None:
        """Purge images, unless they were restored, and remove the objects of images that were purged before."""
        if rows:
            self.library.purge_versions(owner, {(row.image_id, row.version) for row in rows})
            self.outbox.delete(*rows)

    def _queue_redetection(self, row: OutboxRow) -> None:
        """Queue images for redetection while few images are waiting. An interruption may queue a page twice."""
        try:
            redetection = self.redetections.get(row.owner)
        except RedetectionNotFound:  # the account was deleted
            self.outbox.delete(row)
            return
        while not redetection.queued_all and redetection.queued - redetection.done < MAX_QUEUED:
            page, cursor = self.images.read_snapshots(row.owner, QUEUED_PAGE, redetection.cursor or MAX_ID)
            self.queue.send([Message(row.owner, image.id, redetection.id).to_json() for image in page])
            redetection = self.redetections.record_queued(redetection, cursor, len(page))
        if redetection.queued_all:
            self.outbox.delete(row)
        else:
            self.outbox.postpone(row, int(time.time()) + QUEUED_PAUSE_SECONDS)

    def _remove_positions(self, row: OutboxRow, has_time: Callable[[], bool]) -> None:
        """Remove the positions of all images, page by page. If time runs out, continue with the next page at once."""
        preferences = self.preferences.get(row.owner)
        while preferences.removal == row.image_id:  # otherwise, the owner chose again, or the account was deleted
            if not has_time():
                self.outbox.postpone(row, int(time.time()))
                return
            cursor = self._remove_page(row.owner, preferences.cursor)
            if cursor is None:
                self.preferences.finish_removal(preferences)
            else:
                self.preferences.record_removal(preferences, cursor)
            preferences = self.preferences.get(row.owner)
        self.outbox.delete(row)

    def _remove_page(self, owner: str, cursor: str | None) -> str | None:
        """Remove the positions of a page of images. Return the cursor of the next page."""
        page, next_cursor = self.images.read_snapshots(owner, REMOVAL_PAGE, cursor or MAX_ID, STORED)
        for image in self.images.find_images(owner, [each.id for each in page]):
            if image.metadata.position:
                with suppress(ImageNotFound):  # it was purged
                    self.library.change(owner, image.id, remove_position)
        return next_cursor

    def _empty_album(self, row: OutboxRow, has_time: Callable[[], bool]) -> None:
        """Remove the images of a deleted album from it. Those in the trash leave it when they are restored."""
        query = Query(((Term(album_mark(row.image_id)),),))
        while images := self.images.search(row.owner, query, ALBUM_PAGE).images:
            if not has_time():
                self.outbox.postpone(row, int(time.time()))
                return
            for image in images:
                with suppress(ImageNotFound):  # it was purged
                    self.library.change_album(row.owner, image.id, row.image_id, removes=True)
        self.outbox.delete(row)

    def _delete_account(self, row: OutboxRow, has_time: Callable[[], bool]) -> None:
        """Delete all of the owner's data while there is time. Check again after the last possible late write.

        If time runs out, the row is due again at once. If data was deleted, it stays leased. When the lease ends,
        concurrent work has ended too.
        """
        self.mail.delete(row.owner)
        is_empty = True
        while self._delete_data(row.owner):
            is_empty = False
            if not has_time():
                self.outbox.postpone(row, int(time.time()))
                return
        if not is_empty:
            return
        if (quiet_at := row.created_at + LATE_WRITE_SECONDS) > time.time():
            self.outbox.postpone(row, quiet_at)
        else:
            self.outbox.delete(row)

    def _delete_data(self, owner: str) -> bool:
        """Delete images, objects or other rows of the owner. Return whether there were any."""
        return self.library.delete_images(owner, MAX_DELETED_IMAGES) or self.images.delete_rows(owner, MAX_DELETED_ROWS)
