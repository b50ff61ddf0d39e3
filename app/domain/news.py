"""Defines the images that newly match a saved search, and when they are sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from app.domain.announcements import Announcement
from app.domain.outbox import TRASH_LIFE

MAX_NEWS: Final = 100  # images of all searches of an owner whose ids are kept
MAX_NEWS_OF_ONE: Final = 10  # of one search

_WAITING_SECONDS: Final = int(TRASH_LIFE.total_seconds())


@dataclass(frozen=True, slots=True)
class News:
    """The images that newly match a saved search since its last digest.

    Attributes:
        since: When the first of them was found, in Unix time (seconds).
        images: The images, and the time of each announcement in Unix time (seconds).
        more: The number of further images.
    """

    since: int
    images: Mapping[str, int] = field(default_factory=dict)
    more: int = 0

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images) + self.more

    def drop_before(self, time: int) -> Self | None:
        """Return the news without the images that were announced before this time, or None if none remain.

        Further images, whose times are not kept, remain as long as any other, or until the first of them is too old.
        """
        images = {image_id: at for image_id, at in self.images.items() if at >= time}
        return replace(self, images=images) if images or (self.more and self.since >= time) else None

    def dump(self) -> list[Any]:
        """Return the list that `load` reads."""
        return [self.since, self.images, self.more]

    @classmethod
    def load(cls, values: list[Any]) -> Self:
        """Return the news in a list."""
        return cls(*values)


class NewsCollector:
    """Adds the images of announcements to the news.

    Args:
        news: The news of each search, by its id.
        waiting: Images that were moved to the trash before their digest, and the time of each announcement.
        now: The current time in Unix time (seconds).
    """

    def __init__(self, news: Mapping[str, News], waiting: Mapping[str, int], now: int) -> None:
        self.news = dict(news)
        self.waiting = {key: at for key, at in waiting.items() if now < at + _WAITING_SECONDS}
        self._now = now
        self._kept = sum(len(each.images) for each in self.news.values())

    def add(self, announcement: Announcement, new: Iterable[str], matching: Iterable[str]) -> None:
        """Add the image to the searches that it newly matches. If it was restored before its digest, add it to all.

        Args:
            announcement: The announcement.
            new: The ids of the searches that the image newly matches.
            matching: The ids of the searches that the image matches after the change.
        """
        if announcement.is_ready:
            was_waiting = self.waiting.pop(announcement.image_id, None) is not None
            for key in matching if was_waiting else new:
                self._add(key, announcement)
        elif new and len(self.waiting) < MAX_NEWS:
            self.waiting[announcement.image_id] = announcement.created_at

    def _add(self, key: str, announcement: Announcement) -> None:
        news = self.news.get(key) or News(self._now)
        if announcement.image_id in news.images:
            return
        if len(news.images) < MAX_NEWS_OF_ONE and self._kept < MAX_NEWS:
            self._kept += 1
            self.news[key] = replace(news, images={**news.images, announcement.image_id: announcement.created_at})
        else:
            self.news[key] = replace(news, more=news.more + 1)
