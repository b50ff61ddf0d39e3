"""Compares changed images with subscriptions, counts the matches and sends each owner digest e-mails."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from app.domain.alerts import Alerts, apply, begin_counts, count_page, keep_subscribed
from app.domain.announcements import MAX_BATCH
from app.domain.images import Image, ImageState
from app.domain.mail import EmailState
from app.domain.outbox import DIGEST_COOLDOWN_SECONDS
from app.domain.ports import Images, Mail, Outbox, Subscriptions
from app.domain.subscriptions import Subscription

UNCONFIRMED_PAUSE_SECONDS: Final = 600  # between two checks for a confirmed address
UNCONFIRMED_LIFE_SECONDS: Final = 7 * 24 * 3600  # older announcements are dropped
COUNTED_PAGE: Final = 500  # images
MAX_UNPROCESSED: Final = 2**31 - 1
MAX_LISTED: Final = 20  # images per e-mail

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """Compares changes with the owner's subscriptions. Maintains the numbers of matches, and sends digests.

    A crash after sending may repeat an e-mail. Only the worker that has leased the owner's outbox calls this.
    """

    outbox: Outbox
    images: Images
    subscriptions: Subscriptions
    mail: Mail
    ui_url: str

    def process(self, owner: str, has_time: Callable[[], bool]) -> int | None:
        """Process announcements, send a due digest, and count the matches of new subscriptions, while there is time.

        Returns:
            When this is due again, in Unix time (seconds). None if nothing is left.
        """
        if self.outbox.has_account_deletion(owner):
            return None
        alerts = self.subscriptions.get_alerts(owner)
        while True:
            alerts, subscriptions, is_drained = self._announce(owner, alerts)
            alerts = self._send_digest(owner, alerts)
            if is_drained and alerts.cursor is None:
                return self._find_next_time(alerts, subscriptions)
            alerts = self._count_page(owner, alerts)
            if not has_time():
                return int(time.time())

    def _announce(self, owner: str, alerts: Alerts) -> tuple[Alerts, Sequence[Subscription], bool]:
        """Process a batch of announcements. Return the alerts, the subscriptions, and whether it was the last batch.

        The announcements are read before the subscriptions, so that no change after a subscription is missed.
        """
        announcements = self.subscriptions.list_announcements(owner)
        subscriptions = self.subscriptions.list(owner)
        is_drained = len(announcements) < MAX_BATCH
        latest = datetime.fromtimestamp(time.time() - self.subscriptions.settle_seconds, UTC)
        while True:
            after = apply(keep_subscribed(alerts, subscriptions), subscriptions, announcements, int(time.time()))
            if is_drained:
                after = begin_counts(after, subscriptions, latest)
            if after == alerts and not announcements:
                return alerts, subscriptions, is_drained
            changed = self.subscriptions.save_alerts(owner, after, announcements)
            if not changed:
                return replace(after, revision=after.revision + 1), subscriptions, is_drained
            announcements = [each for each in announcements if each.id not in changed]

    def _count_page(self, owner: str, alerts: Alerts) -> Alerts:
        """Count a page of images, if the matches of a subscription are being counted.

        The images count as they were before the announcements that are not processed yet. The announcements are read
        after the images, so a change between the two reads is not counted twice.
        """
        if (start := alerts.cursor) is None:
            return alerts
        page, cursor = self.images.read_snapshots(owner, COUNTED_PAGE, start)
        first = "" if cursor is None else cursor
        unprocessed = self.subscriptions.list_announcements(owner, MAX_UNPROCESSED, first, start)
        changed = {each.image_id: each for each in unprocessed if first <= each.image_id < start}
        images = [image for image in page if image.id not in changed]
        images += [each.before for each in changed.values() if each.was_ready and each.before is not None]
        subscriptions = self.subscriptions.list(owner)
        after = count_page(keep_subscribed(alerts, subscriptions), subscriptions, images, cursor)
        self.subscriptions.save_alerts(owner, after)
        return replace(after, revision=after.revision + 1)

    def _find_next_time(self, alerts: Alerts, subscriptions: Sequence[Subscription]) -> int | None:
        settle = timedelta(seconds=self.subscriptions.settle_seconds)
        times = [each.created_at + settle for each in subscriptions if each.id not in alerts.counts]
        due_at = [int(each.timestamp()) + 1 for each in times] + ([alerts.digest_at] if alerts.has_news else [])
        return min(due_at, default=None)

    def _send_digest(self, owner: str, alerts: Alerts) -> Alerts:
        """Send the digest if it is due. Images in the trash are left out until they are restored."""
        now = int(time.time())
        if not alerts.has_news or alerts.digest_at > now:
            return alerts
        if self.mail.state(owner) is not EmailState.CONFIRMED:
            return self._save(owner, _await_confirmation(alerts, now))
        images = sorted(self.images.find_images(owner, [*alerts.news]), key=lambda image: image.id)
        ready = [image for image in images if image.state is ImageState.READY]
        if ready or alerts.more:
            due_at = self.subscriptions.claim_digest(owner, now, DIGEST_COOLDOWN_SECONDS)
            if due_at > now:
                return self._save(owner, replace(alerts, digest_at=due_at))
            self.mail.publish(owner, *write_digest(ready, self.ui_url, alerts.more))
        trashed = {image.id: alerts.news[image.id] for image in images if image.state is ImageState.TRASHED}
        return self._save(owner, replace(alerts, news={}, more=0, waiting={**alerts.waiting, **trashed}))

    def _save(self, owner: str, alerts: Alerts) -> Alerts:
        self.subscriptions.save_alerts(owner, alerts)
        return replace(alerts, revision=alerts.revision + 1)


def _await_confirmation(alerts: Alerts, now: int) -> Alerts:
    """Postpone the digest. Drop the announcements that have waited too long."""
    news = {image_id: at for image_id, at in alerts.news.items() if now < at + UNCONFIRMED_LIFE_SECONDS}
    for image_id in alerts.news.keys() - news.keys():
        logger.warning("dropped the announcement of %s: the owner did not confirm an address", image_id)
    return replace(alerts, news=news, more=alerts.more if news else 0, digest_at=now + UNCONFIRMED_PAUSE_SECONDS)


def write_digest(images: Sequence[Image], ui_url: str, more: int = 0) -> tuple[str, str]:
    """Return the subject and body of the digest e-mail about these images and `more` others."""
    tags = sorted({tag for image in images for tag in image.tags})
    total = len(images) + more
    number = f"{total} new image{'s' if total > 1 else ''}"
    lines = [
        f"{image.name}: {', '.join(f'{tag} | {count}' for tag, count in image.tags.items()) or 'no tags'}\n"
        f"{ui_url}/photos/{image.id}\n"
        for image in images[:MAX_LISTED]
    ]
    rest = total - len(lines)
    last = [f"… and {rest} more: {ui_url}\n"] if rest else []
    return f"{number}: {', '.join(tags)}" if tags else number, "\n".join([*lines, *last])
