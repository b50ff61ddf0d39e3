"""Defines the state of an owner's subscriptions: the numbers of matches and the next digest."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from app.domain.announcements import Announcement
from app.domain.ids import MAX_ID
from app.domain.outbox import TRASH_LIFE
from app.domain.query import make_matcher
from app.domain.snapshots import Snapshot
from app.domain.subscriptions import Subscription

MAX_NEWS: Final = 100  # images of a digest whose ids are kept

_WAITING_SECONDS: Final = int(TRASH_LIFE.total_seconds())

_PLAIN_FIELDS: Final = ("news", "more", "waiting", "digest_at")

Matcher = Callable[[Snapshot], bool]


@dataclass(frozen=True, slots=True)
class MatchCount:
    """The number of ready images that match a subscription.

    Attributes:
        subscribed_at: When the owner subscribed. A second subscription to the same query has another time.
        number: The number of matching images among those that are already counted.
        cursor: Images with this id and later ids are counted. None if all images are counted.
    """

    subscribed_at: datetime
    number: int = 0
    cursor: str | None = MAX_ID

    def includes(self, image_id: str) -> bool:
        """Return whether the image is already counted."""
        return self.cursor is None or image_id >= self.cursor


@dataclass(frozen=True, slots=True)
class Alerts:
    """The state of an owner's subscriptions. Only the worker that leased the outbox writes it.

    Attributes:
        revision: The number of writes.
        counts: The numbers of matches, by the id of the subscription.
        news: The images of the next digest, and the time of each announcement in Unix time (seconds).
        more: The number of further images of the next digest.
        waiting: Images that were moved to the trash before their digest. They are announced if they are restored.
        digest_at: The time of the next digest, or of the next attempt, in Unix time (seconds).
    """

    revision: int = 0
    counts: Mapping[str, MatchCount] = field(default_factory=dict)
    news: Mapping[str, int] = field(default_factory=dict)
    more: int = 0
    waiting: Mapping[str, int] = field(default_factory=dict)
    digest_at: int = 0

    @property
    def cursor(self) -> str | None:
        """The cursor of the next page of images to count, or None if all subscriptions are counted."""
        return max((count.cursor for count in self.counts.values() if count.cursor is not None), default=None)

    @property
    def has_news(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.news or self.more)

    def find_number(self, subscription: Subscription) -> int | None:
        """Return the number of ready images that match, or None while they are counted."""
        count = self.counts.get(subscription.id)
        return count.number if count and count.cursor is None and _is_of(count, subscription) else None

    def to_json(self) -> str:
        """Return the JSON text that `parse` reads. It does not contain the revision."""
        counts = {key: [each.subscribed_at.isoformat(), each.number, each.cursor] for key, each in self.counts.items()}
        value = {name: getattr(self, name) for name in _PLAIN_FIELDS} | {"counts": counts}
        return json.dumps(value, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str, revision: int) -> "Alerts":
        """Return the alerts with this JSON text and revision."""
        value = json.loads(text)
        counts = {
            key: MatchCount(datetime.fromisoformat(at), number, cursor)
            for key, (at, number, cursor) in value["counts"].items()
        }
        return cls(revision, counts, **{name: value[name] for name in _PLAIN_FIELDS})


def keep_subscribed(alerts: Alerts, subscriptions: Iterable[Subscription]) -> Alerts:
    """Remove the numbers of subscriptions that no longer exist. Without any, there is no next digest."""
    existing = {each.id: each for each in subscriptions}
    counts = {key: count for key, count in alerts.counts.items() if key in existing and _is_of(count, existing[key])}
    return replace(alerts, counts=counts) if existing else Alerts(alerts.revision)


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
    """Apply announcements: change the numbers of matches, and add the images that newly match to the next digest.

    Args:
        alerts: The alerts, with the numbers of existing subscriptions only.
        subscriptions: The subscriptions.
        announcements: The announcements. The result of each is independent of their order.
        now: The current time in Unix time (seconds).
    """
    matchers = {each.id: make_matcher(each.query) for each in subscriptions}
    changes = dict.fromkeys(alerts.counts, 0)
    news = _News(alerts, now)
    for each in announcements:
        before = _list_matches(matchers, each.before)
        after = _list_matches(matchers, each.after)
        for key in (before if each.was_ready else set()) ^ (after if each.is_ready else set()):
            if key in changes and alerts.counts[key].includes(each.image_id):
                changes[key] += 1 if each.is_ready and key in after else -1
        news.add(each, is_new=bool(after - before))
    counts = {key: replace(count, number=count.number + changes[key]) for key, count in alerts.counts.items()}
    return news.complete(replace(alerts, counts=counts))


class _News:
    """Collects the images of the next digest."""

    def __init__(self, alerts: Alerts, now: int) -> None:
        self._news, self._more = dict(alerts.news), alerts.more
        self._waiting = {key: at for key, at in alerts.waiting.items() if now < at + _WAITING_SECONDS}
        self._digest_at = alerts.digest_at if alerts.has_news else now

    def add(self, announcement: Announcement, *, is_new: bool) -> None:
        """Add the image if it newly matches, or if it was restored before its digest."""
        image_id = announcement.image_id
        if not announcement.is_ready:
            if is_new and len(self._waiting) < MAX_NEWS:
                self._waiting[image_id] = announcement.created_at
        elif (is_new or self._waiting.pop(image_id, None) is not None) and image_id not in self._news:
            if len(self._news) < MAX_NEWS:
                self._news[image_id] = announcement.created_at
            else:
                self._more += 1

    def complete(self, alerts: Alerts) -> Alerts:
        """Return the alerts with the collected images."""
        has_news = self._news or self._more
        return replace(
            alerts,
            news=self._news,
            more=self._more,
            waiting=self._waiting,
            digest_at=self._digest_at if has_news else alerts.digest_at,
        )


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
    matchers = {each.id: make_matcher(each.query) for each in subscriptions}
    counts, page = dict(alerts.counts), list(images)
    for key, count in alerts.counts.items():
        if count.cursor is None or (cursor is not None and count.cursor <= cursor):
            continue
        number = sum(matchers[key](image) for image in page if not count.includes(image.id))
        counts[key] = replace(count, number=count.number + number, cursor=cursor)
    return replace(alerts, counts=counts)


def _list_matches(matchers: Mapping[str, Matcher], image: Snapshot | None) -> set[str]:
    """Return the ids of the subscriptions that match an image. An image without state has none."""
    if image is None:
        return set()
    return {key for key, holds in matchers.items() if holds(image)}


def _is_of(count: MatchCount, subscription: Subscription) -> bool:
    return count.subscribed_at == subscription.created_at
