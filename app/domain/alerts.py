"""Defines the state of an owner's saved searches: the numbers of matches and the news for the next digests."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from app.domain.announcements import Announcement
from app.domain.errors import DAMAGE
from app.domain.match_counts import MatchCount
from app.domain.news import News, NewsCollector
from app.domain.snapshots import Snapshot
from app.domain.subscriptions import Subscription

EARLIER: Final = ""  # the key of the news of PixTag 0.7 and earlier versions, which named no search

Matcher = Callable[[Snapshot], bool]

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alerts:
    """The state of an owner's subscriptions. Only the worker that leased the outbox writes it.

    Attributes:
        revision: The number of writes.
        counts: The numbers of matches, by the id of the subscription.
        news: The images of the next digests, by the id of the subscription.
        waiting: Images that were moved to the trash before their digest. They are announced if they are restored.
        digest_at: No digest is sent before this time, in Unix time (seconds).
    """

    revision: int = 0
    counts: Mapping[str, MatchCount] = field(default_factory=dict)
    news: Mapping[str, News] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    digest_at: int = 0

    @property
    def cursor(self) -> str | None:
        """The cursor of the next page of images to count, or None if all subscriptions are counted."""
        return max((count.cursor for count in self.counts.values() if count.cursor is not None), default=None)

    def find_count(self, subscription: Subscription) -> MatchCount | None:
        """Return the number of ready images that match, or None while they are counted."""
        count = self.counts.get(subscription.id)
        return count if count and count.cursor is None and _is_of(count, subscription) else None

    def find_due(self, subscriptions: Iterable[Subscription]) -> dict[str, int]:
        """Return when the news of each search are due, in Unix time (seconds). Those of paused searches are not due."""
        choices = {each.id: each.choices for each in subscriptions}
        due = {EARLIER: self.news[EARLIER].since} if EARLIER in self.news else {}
        for key, choice in choices.items():
            if key in self.news and not choice.paused:
                due[key] = choice.digest.find_time(self.news[key].since)
        return {key: max(at, self.digest_at) for key, at in due.items()}

    def to_json(self) -> str:
        """Return the JSON text that `parse` reads. It does not contain the revision."""
        value = {
            "counts": {key: count.dump() for key, count in self.counts.items()},
            "news": {key: news.dump() for key, news in self.news.items()},
            "waiting": self.waiting,
            "digest_at": self.digest_at,
        }
        return json.dumps(value, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str | bytes, revision: int) -> "Alerts":
        """Return the alerts with this JSON text and revision. If the text is damaged, everything is counted again."""
        try:
            return cls._parse(text, revision)
        except DAMAGE:
            logger.exception("the numbers of an owner's saved searches are damaged, so they are counted again")
            return cls(revision)

    @classmethod
    def _parse(cls, text: str | bytes, revision: int) -> "Alerts":
        value = json.loads(text)
        news = value["news"]
        if "more" in value:
            number = len(news) + value["more"]
            news = {EARLIER: [value["digest_at"], news, value["more"]]} if number else {}
        return cls(
            revision,
            {key: MatchCount.load(count) for key, count in value["counts"].items()},
            {key: News.load(each) for key, each in news.items()},
            value["waiting"],
            value["digest_at"],
        )


def with_numbers(subscription: Subscription, alerts: Alerts) -> Subscription:
    """Return the subscription with its number of matches and its cover, as far as they are known."""
    if not (count := alerts.find_count(subscription)):
        return subscription
    return replace(subscription, matched=count.number, cover=count.cover_id)


def keep_subscribed(alerts: Alerts, subscriptions: Iterable[Subscription]) -> Alerts:
    """Remove the numbers and the news of subscriptions that no longer exist, and the news of those without e-mail.

    A query that is no longer valid counts as missing. Without any subscription, there is no next digest.
    """
    existing = {each.id: each for each in subscriptions}
    if not existing:
        return Alerts(alerts.revision)
    counts = {key: count for key, count in alerts.counts.items() if key in existing and _is_of(count, existing[key])}
    wanted = {key for key, each in existing.items() if each.choices.email}
    replaced = alerts.counts.keys() - counts.keys()
    news = {key: each for key, each in alerts.news.items() if key == EARLIER or key in wanted - replaced}
    return replace(alerts, counts=counts, news=news)


def begin_counts(alerts: Alerts, subscriptions: Iterable[Subscription], latest: datetime) -> Alerts:
    """Begin to count the matches of the subscriptions that are new and not later than `latest`.

    Call this only while no announcement from before `latest` is left.
    """
    new = {
        each.id: MatchCount(each.created_at)
        for each in subscriptions
        if each.id not in alerts.counts and each.created_at <= latest
    }
    return replace(alerts, counts={**alerts.counts, **new})


def apply(
    alerts: Alerts, subscriptions: Sequence[Subscription], announcements: Iterable[Announcement], now: int
) -> Alerts:
    """Apply announcements: change the numbers of matches, and add the images that newly match to the next digests.

    Args:
        alerts: The alerts, with the numbers of existing subscriptions only.
        subscriptions: The subscriptions.
        announcements: The announcements. The result of each is independent of their order.
        now: The current time in Unix time (seconds).
    """
    matchers = {each.id: each.make_matcher() for each in subscriptions}
    by_email = {each.id for each in subscriptions if each.choices.email}
    counts, news = dict(alerts.counts), NewsCollector(alerts.news, alerts.waiting, now)
    for each in announcements:
        before = _list_matches(matchers, each.before)
        after = _list_matches(matchers, each.after)
        for key in (before | after) & counts.keys():
            if counts[key].includes(each.image_id):
                counts[key] = counts[key].change(
                    each.image_id,
                    each.before if each.was_ready and key in before else None,
                    each.after if each.is_ready and key in after else None,
                )
        news.add(each, (after - before) & by_email, after & by_email)
    return replace(alerts, counts=counts, news=news.news, waiting=news.waiting)


def count_page(
    alerts: Alerts, subscriptions: Sequence[Subscription], images: Iterable[Snapshot], cursor: str | None
) -> Alerts:
    """Count a page of ready images, which begins before `alerts.cursor` and ends with `cursor`.

    Args:
        alerts: The alerts.
        subscriptions: The subscriptions.
        images: The images as of their last announcements.
        cursor: The cursor of the next page, or None if there is none.
    """
    matchers = {each.id: each.make_matcher() for each in subscriptions}
    counts, page = dict(alerts.counts), list(images)
    for key, count in alerts.counts.items():
        if count.cursor is None or (cursor is not None and count.cursor <= cursor):
            continue
        found = [image for image in page if not count.includes(image.id) and matchers[key](image)]
        counts[key] = count.count(found, cursor)
    return replace(alerts, counts=counts)


def _list_matches(matchers: Mapping[str, Matcher], image: Snapshot | None) -> set[str]:
    """Return the ids of the subscriptions that match an image. An image without state has none."""
    if image is None:
        return set()
    return {key for key, holds in matchers.items() if holds(image)}


def _is_of(count: MatchCount, subscription: Subscription) -> bool:
    return count.subscribed_at == subscription.created_at
