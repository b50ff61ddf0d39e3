"""Works off the outbox: one digest an owner for what subscribers wait for, purges, and the ends of accounts.

A row is deleted after its work is done, so a crash in between repeats work and never loses it: an extra mail.
"""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.adapters.aws.items import LATE_SECONDS, Kind, OutboxRow
from app.adapters.aws.outbox import Outbox
from app.adapters.aws.queue import Queue
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table
from app.adapters.aws.topics import EmailState, Topics
from app.domain.errors import ImageNotFound, NotReady, RedetectionNotFound
from app.domain.images import Image, State
from app.domain.query import Query, matches
from app.services.library import Catalog

DIGEST_PAUSE_SECONDS: Final = 60
UNCONFIRMED_PAUSE_SECONDS: Final = 600  # the mail waits until its address is confirmed
UNCONFIRMED_LIFE_SECONDS: Final = 7 * 24 * 3600  # then it is no news any more
TRASHED_PAUSE_SECONDS: Final = 3600  # it may be restored, and is news then
MAX_FORGOTTEN_IMAGES: Final = 100  # a run
MAX_FORGOTTEN_ROWS: Final = 1000  # a run
MAX_LISTED: Final = 20
QUEUED_PAGE: Final = 100
MAX_QUEUED: Final = 200  # at a time, so that uploads do not wait behind a large library
QUEUED_PAUSE_SECONDS: Final = 5

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The outbox of everybody, and what its rows ask for."""

    outbox: Outbox
    table: Table
    catalog: Catalog
    subscriptions: Subscriptions
    topics: Topics
    redetections: Redetections
    queue: Queue
    ui_url: str

    def due(self) -> list[OutboxRow]:
        """What is due for anybody; the schedule asks, which guarantees that nothing is left."""
        return self.outbox.due()

    def work_off(self, owner: str, has_time: Callable[[], bool] = lambda: True) -> None:
        """Work off what is due for one owner; what there is no time for comes again when its lease has ended."""
        rows = self.outbox.lease(owner)
        for row in rows:
            if not has_time():
                break
            if row.kind is Kind.PURGE:
                self._purge(row)
            elif row.kind is Kind.REDETECT:
                self._queue_library(row)
            elif row.kind is Kind.FORGET:
                self._forget(row)
        self._announce(owner, [row for row in rows if row.kind is Kind.ANNOUNCE])

    def _purge(self, row: OutboxRow) -> None:
        try:
            self.catalog.purge(row.owner, row.image_id, version=row.version)
        except (ImageNotFound, NotReady):  # restored meanwhile, or purged on request
            self.catalog.sweep(row.owner, row.image_id)
        self.outbox.delete(row)

    def _queue_library(self, row: OutboxRow) -> None:
        """Queue images to be looked at again, as long as few are waiting; cut off, a page is queued twice."""
        try:
            redetection = self.redetections.get(row.owner)
        except RedetectionNotFound:  # forgotten with all that the owner had
            self.outbox.delete(row)
            return
        while not redetection.queued_all and redetection.queued - redetection.done < MAX_QUEUED:
            page = self.table.list_images(row.owner, QUEUED_PAGE, redetection.cursor, frozenset({State.READY}))
            self.queue.send([redetect_message(row.owner, card.id, redetection.id) for card in page.cards])
            redetection = self.redetections.advance(redetection, page.cursor, len(page.cards))
        if redetection.queued_all:
            self.outbox.delete(row)
        else:
            self.outbox.postpone(row, int(time.time()) + QUEUED_PAUSE_SECONDS)

    def _forget(self, row: OutboxRow) -> None:
        """Remove what the owner has, and look again when nobody can have added anything any more.

        If there was something, the row stays leased: when it comes again, whatever ran beside this run has ended.
        """
        self.topics.delete(row.owner)
        if self.catalog.forget(row.owner, MAX_FORGOTTEN_IMAGES) or self.table.wipe(row.owner, MAX_FORGOTTEN_ROWS):
            return
        if (quiet_at := row.made_at + LATE_SECONDS) > time.time():
            self.outbox.postpone(row, quiet_at)
        else:
            self.outbox.delete(row)

    def _announce(self, owner: str, rows: Sequence[OutboxRow]) -> None:
        wanted = rows and not self.outbox.has_forget(owner)
        queries = [one.query for one in self.subscriptions.list(owner)] if wanted else []
        news: list[tuple[OutboxRow, Image]] = []
        for row in rows:
            image = self.table.find_image(owner, row.image_id) if _is_news(row, queries) else None
            if image and image.state is State.READY:
                news.append((row, image))
            elif image and image.state is State.TRASHED:
                self.outbox.postpone(row, int(time.time()) + TRASHED_PAUSE_SECONDS)
            else:
                self.outbox.delete(row)
        if news:
            self._send(owner, news)

    def _send(self, owner: str, news: Sequence[tuple[OutboxRow, Image]]) -> None:
        rows = [row for row, _ in news]
        if self.topics.state(owner) is not EmailState.CONFIRMED:
            self._await_confirmation(rows)
            return
        now = int(time.time())
        if (due_at := self.subscriptions.claim_digest(owner, now, DIGEST_PAUSE_SECONDS)) > now:
            for row in rows:
                self.outbox.postpone(row, due_at)
            return
        images = {image.id: image for _, image in news}
        self.topics.publish(owner, *digest(list(images.values()), self.ui_url))
        for row in rows:
            self.outbox.delete(row)

    def _await_confirmation(self, rows: Sequence[OutboxRow]) -> None:
        now = int(time.time())
        for row in rows:
            if now < row.made_at + UNCONFIRMED_LIFE_SECONDS:
                self.outbox.postpone(row, now + UNCONFIRMED_PAUSE_SECONDS)
            else:
                self.outbox.delete(row)
                logger.warning("gave up announcing %s: its owner has not confirmed an address in time", row.image_id)


def redetect_message(owner: str, image_id: str, redetection_id: str) -> str:
    """The message that asks the worker to look at an image again."""
    return json.dumps({"redetect": {"owner": owner, "image": image_id, "redetection": redetection_id}})


def digest(images: Sequence[Image], ui_url: str) -> tuple[str, str]:
    """Subject and body of the mail that tells of these images."""
    tags = sorted({tag for image in images for tag in image.tags})
    number = f"{len(images)} new image{'s' if len(images) > 1 else ''}"
    lines = [
        f"{image.name}: {', '.join(f'{tag} {count}' for tag, count in image.tags.items()) or 'no tags'}\n"
        f"{ui_url}/photos/{image.id}\n"
        for image in images[:MAX_LISTED]
    ]
    rest = len(images) - MAX_LISTED
    more = [f"… and {rest} more: {ui_url}\n"] if rest > 0 else []
    return f"{number}: {', '.join(tags)}" if tags else number, "\n".join([*lines, *more])


def _is_news(row: OutboxRow, queries: Sequence[Query]) -> bool:
    """Whether the image matches one of the queries now and did not before the change."""
    return any(
        matches(row.after, row.image_id, query)
        and not (row.before is not None and matches(row.before, row.image_id, query))
        for query in queries
    )
