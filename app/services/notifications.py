"""Sends each owner a digest e-mail about images that match the owner's subscriptions."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.images import Image, ImageState
from app.domain.mail import EmailState
from app.domain.outbox import DIGEST_COOLDOWN_SECONDS, OutboxRow
from app.domain.ports import Images, Mail, Outbox, Subscriptions
from app.domain.query import Query, matches

UNCONFIRMED_PAUSE_SECONDS: Final = 600  # between two checks for a confirmed address
UNCONFIRMED_LIFE_SECONDS: Final = 7 * 24 * 3600  # older announcements are dropped
TRASHED_PAUSE_SECONDS: Final = 3600  # the image may be restored and announced later
MAX_LISTED: Final = 20  # images per e-mail

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """Sends digests of the announcements in the outbox. A crash after sending may repeat an e-mail."""

    outbox: Outbox
    images: Images
    subscriptions: Subscriptions
    mail: Mail
    ui_url: str

    def announce(self, owner: str, rows: Sequence[OutboxRow]) -> None:
        """Send the owner a digest of the images that newly match a subscription.

        Rows are deleted after they have been processed. Rows of trashed images and rows that cannot be sent yet are
        postponed.
        """
        is_wanted = rows and not self.outbox.has_account_deletion(owner)
        queries = [subscription.query for subscription in self.subscriptions.list(owner)] if is_wanted else []
        news: list[tuple[OutboxRow, Image]] = []
        for row in rows:
            image = self.images.find_image(owner, row.image_id) if _is_news(row, queries) else None
            if image and image.state is ImageState.READY:
                news.append((row, image))
            elif image and image.state is ImageState.TRASHED:
                self.outbox.postpone(row, int(time.time()) + TRASHED_PAUSE_SECONDS)
            else:
                self.outbox.delete(row)
        if news:
            self._send(owner, news)

    def _send(self, owner: str, news: Sequence[tuple[OutboxRow, Image]]) -> None:
        rows = [row for row, _ in news]
        if self.mail.state(owner) is not EmailState.CONFIRMED:
            self._await_confirmation(rows)
            return
        now = int(time.time())
        if (due_at := self.subscriptions.claim_digest(owner, now, DIGEST_COOLDOWN_SECONDS)) > now:
            for row in rows:
                self.outbox.postpone(row, due_at)
            return
        images = {image.id: image for _, image in news}
        self.mail.publish(owner, *write_digest(list(images.values()), self.ui_url))
        for row in rows:
            self.outbox.delete(row)

    def _await_confirmation(self, rows: Sequence[OutboxRow]) -> None:
        now = int(time.time())
        for row in rows:
            if now < row.created_at + UNCONFIRMED_LIFE_SECONDS:
                self.outbox.postpone(row, now + UNCONFIRMED_PAUSE_SECONDS)
            else:
                self.outbox.delete(row)
                logger.warning("dropped the announcement of %s: the owner did not confirm an address", row.image_id)


def write_digest(images: Sequence[Image], ui_url: str) -> tuple[str, str]:
    """Return the subject and body of the digest e-mail about these images."""
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
    """Return whether at least one query matches the image after the change but not before it."""
    return any(
        matches(row.after, row.image_id, query)
        and not (row.before is not None and matches(row.before, row.image_id, query))
        for query in queries
    )
