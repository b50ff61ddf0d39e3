"""Compares changed images with subscriptions, counts the matches and sends each owner digest e-mails."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from app.domain.alerts import Alerts, apply, begin_counts, count_page, keep_subscribed
from app.domain.announcements import MAX_BATCH
from app.domain.images import Image, ImageState
from app.domain.mail import EmailState
from app.domain.mail_links import LinkAction
from app.domain.match_counts import NO_COVER
from app.domain.outbox import DIGEST_COOLDOWN_SECONDS
from app.domain.ports import Images, Mail, Outbox, Subscriptions
from app.domain.subscriptions import Subscription, find_valid
from app.services.digests import Section, limit_sections, write_digest
from app.services.mail_links import MailLinks

UNCONFIRMED_PAUSE_SECONDS: Final = 600  # between two checks for a confirmed address
UNCONFIRMED_LIFE_SECONDS: Final = 7 * 24 * 3600  # older announcements are dropped
COUNTED_PAGE: Final = 500  # images
MAX_UNPROCESSED: Final = 2**31 - 1
EARLIER_NAME: Final = "Saved searches"
COVER_PAGES: Final = 3  # of a search for the newest match

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
    links: MailLinks
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
            alerts = self._send_digest(owner, alerts, subscriptions)
            if is_drained and alerts.cursor is None:
                alerts, is_drained = self._find_cover(owner, alerts, subscriptions)
                if is_drained:
                    return self._find_next_time(alerts, subscriptions)
            alerts = self._count_page(owner, alerts)
            if not has_time():
                return int(time.time())

    def _announce(self, owner: str, alerts: Alerts) -> tuple[Alerts, Sequence[Subscription], bool]:
        """Process a batch of announcements. Return the alerts, the subscriptions, and whether it was the last batch.

        The announcements are read before the subscriptions, so that no change after a subscription is missed.
        """
        announcements = self.subscriptions.list_announcements(owner)
        subscriptions = find_valid(self.subscriptions.list(owner))
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
        subscriptions = find_valid(self.subscriptions.list(owner))
        after = count_page(keep_subscribed(alerts, subscriptions), subscriptions, images, cursor)
        return self._save(owner, after)

    def _find_cover(self, owner: str, alerts: Alerts, subscriptions: Sequence[Subscription]) -> tuple[Alerts, bool]:
        """Search for the newest match of one saved search. Return the alerts, and whether none is left to search for.

        Only the newest match itself can be lost, so this is rare. A change that is not processed yet makes the result
        uncertain, so it is discarded, and the search is repeated after the change.
        """
        searches = [each for each in subscriptions if each.id in alerts.counts and alerts.counts[each.id].lacks_cover]
        if not searches or searches[0].query is None:
            return alerts, True
        cursor, cover = None, NO_COVER
        for _ in range(COVER_PAGES):
            page = self.images.search(owner, searches[0].query, 1, cursor)
            cursor, cover = page.cursor, page.images[0].sort_key if page.images else NO_COVER
            if cover or not cursor:
                break
        if self.subscriptions.list_announcements(owner, 1):
            return alerts, False
        count = replace(alerts.counts[searches[0].id], cover=cover)
        return self._save(owner, replace(alerts, counts={**alerts.counts, searches[0].id: count})), len(searches) == 1

    def _find_next_time(self, alerts: Alerts, subscriptions: Sequence[Subscription]) -> int | None:
        settle = timedelta(seconds=self.subscriptions.settle_seconds)
        times = [each.created_at + settle for each in subscriptions if each.id not in alerts.counts]
        due_at = [int(each.timestamp()) + 1 for each in times]
        return min([*due_at, *alerts.find_due(subscriptions).values()], default=None)

    def _send_digest(self, owner: str, alerts: Alerts, subscriptions: Sequence[Subscription]) -> Alerts:
        """Send the news that are due in one e-mail. Images in the trash are left out until they are restored.

        If the e-mail would be too long, the rest is sent after the cooldown.
        """
        now = int(time.time())
        due = [key for key, at in alerts.find_due(subscriptions).items() if at <= now]
        if not due:
            return alerts
        if self.mail.state(owner) is not EmailState.CONFIRMED:
            return self._save(owner, _await_confirmation(alerts, now))
        found = {each.id: each for each in self.images.find_images(owner, _list_images(alerts, due))}
        sections = self._make_sections(owner, alerts, due, subscriptions, found)
        listed = limit_sections(sections, self.ui_url)
        if listed:
            due_at = self.subscriptions.claim_digest(owner, now, DIGEST_COOLDOWN_SECONDS)
            if due_at > now:
                return self._save(owner, replace(alerts, digest_at=due_at))
            stop_url = self.links.write_url(LinkAction.STOP, owner)
            self.mail.publish(owner, write_digest([*listed.values()], self.ui_url, stop_url))
        sent = {key: alerts.news[key] for key in due if key in listed or key not in sections}
        trashed = {
            image_id: at
            for news in sent.values()
            for image_id, at in news.images.items()
            if image_id in found and found[image_id].state is ImageState.TRASHED
        }
        news = {key: each for key, each in alerts.news.items() if key not in sent}
        return self._save(owner, replace(alerts, news=news, waiting={**alerts.waiting, **trashed}))

    def _make_sections(
        self,
        owner: str,
        alerts: Alerts,
        due: Iterable[str],
        subscriptions: Iterable[Subscription],
        found: Mapping[str, Image],
    ) -> dict[str, Section]:
        """Return the parts of a digest: one for each search with ready images, oldest search first."""
        searches = {each.id: each for each in subscriptions}
        sections = {}
        for key in due:
            news = alerts.news[key]
            images = [found[image_id] for image_id in sorted(news.images) if image_id in found]
            ready = [image for image in images if image.state is ImageState.READY]
            if ready or news.more:
                sections[key] = self._make_section(owner, searches.get(key), ready, news.more)
        return sections

    def _make_section(self, owner: str, search: Subscription | None, images: Sequence[Image], more: int) -> Section:
        if not search:
            return Section(EARLIER_NAME, "", images, more, is_estimate=more > 0)
        pause, end = (self.links.write_url(each, owner, search) for each in (LinkAction.PAUSE, LinkAction.END))
        return Section(search.name, search.text, images, more, pause, end, is_estimate=more > 0)

    def _save(self, owner: str, alerts: Alerts) -> Alerts:
        self.subscriptions.save_alerts(owner, alerts)
        return replace(alerts, revision=alerts.revision + 1)


def _list_images(alerts: Alerts, due: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(image_id for key in due for image_id in alerts.news[key].images))


def _await_confirmation(alerts: Alerts, now: int) -> Alerts:
    """Postpone the digests. Drop the announcements that have waited too long."""
    news = {}
    for key, each in alerts.news.items():
        kept = each.drop_before(now - UNCONFIRMED_LIFE_SECONDS + 1)
        if kept:
            news[key] = kept
        for image_id in each.images.keys() - (kept.images.keys() if kept else set()):
            logger.warning("dropped the announcement of %s: the owner did not confirm an address", image_id)
    return replace(alerts, news=news, digest_at=now + UNCONFIRMED_PAUSE_SECONDS)
