"""Rules that change dates, and a search, a list and a count of months that do not use keys or plans."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.domain.dates import reset_date, set_date, shift_date
from app.domain.errors import ImplausibleDate, InvalidDate
from app.domain.ids import created_at
from app.domain.images import LISTED, Image, ImageState, ImageSummary, MonthTotal
from app.domain.pages import Page
from app.domain.periods import Period
from app.domain.plans import Order
from app.domain.query import Query
from app.domain.text_conditions import TextCondition, TextField
from detector.metadata.values import CaptureTime, TimeSource
from tests.property.box_rules import BoxRules
from tests.property.image_rules import ImageRules
from tests.property.library_model import NAMES, TAGS, images, owners, searches

ZONE: Final = timedelta(hours=9)
TIMES: Final = (  # several photos get the same second, in different zones or with a fraction
    CaptureTime(datetime(2019, 7, 28, 1, 3), TimeSource.PERSON),  # noqa: DTZ001 - a local time
    CaptureTime(datetime(2019, 7, 28, 1, 3, 0, 500_000), TimeSource.PERSON, ZONE),  # noqa: DTZ001 - a local time
    CaptureTime(datetime(2019, 7, 28), TimeSource.PERSON, date_only=True),  # noqa: DTZ001 - a local time
    CaptureTime(datetime(2019, 7, 31, 23, 59, 59), TimeSource.PERSON),  # noqa: DTZ001 - a local time
    CaptureTime(datetime(1826, 1, 1), TimeSource.PERSON, date_only=True),  # noqa: DTZ001 - a local time
)
IMPLAUSIBLE: Final = CaptureTime(datetime(2199, 1, 1), TimeSource.PERSON)  # noqa: DTZ001 - a local time
SHIFTS: Final = (timedelta(hours=1), timedelta(days=-3), timedelta(days=31), timedelta(days=-100_000))
MONTHS: Final = ("1826-01", "2018-12", "2019-07", "2019-08", f"{datetime.now(UTC):%Y-%m}", "9999-12")

Key = tuple[object, ...]


class DateRules(ImageRules, BoxRules):
    """Changes of dates, searches, lists and counts of months."""

    @rule(key=images, time=st.sampled_from([*TIMES, IMPLAUSIBLE]))
    def set_date(self, key: tuple[str, str], time: CaptureTime) -> None:
        self._change_date(key, time, lambda image, now: set_date(image, time, now))

    @rule(key=images)
    def reset_date(self, key: tuple[str, str]) -> None:
        self._change_date(key, NAMES.get(self.expected[key].name), reset_date)

    @rule(key=images, delta=st.sampled_from(SHIFTS))
    def shift_date(self, key: tuple[str, str], delta: timedelta) -> None:
        before = self.expected[key].taken
        after = before and CaptureTime(before.local + delta, TimeSource.PERSON, before.offset, before.date_only)
        if not before or (before.date_only and delta.seconds):
            if self.expected[key].state is ImageState.READY:
                with pytest.raises(InvalidDate):
                    self.library.change_date(*key, lambda image: shift_date(image, delta, datetime.now(UTC)))
            return
        self._change_date(key, after, lambda image, now: shift_date(image, delta, now))

    def _change_date(
        self, key: tuple[str, str], time: CaptureTime | None, change: Callable[[Image, datetime], Image]
    ) -> None:
        """Change the date of a ready image, and check its new date and nothing else."""
        before = self.expected[key]
        if before.state is not ImageState.READY:
            return
        if time and time.source is TimeSource.PERSON and not 1826 <= time.local.year <= datetime.now(UTC).year:
            with pytest.raises(ImplausibleDate):
                self.library.change_date(*key, lambda image: change(image, datetime.now(UTC)))
            return

        self.library.change_date(*key, lambda image: change(image, datetime.now(UTC)))

        now = self.learn(key)
        assert (now.taken, now.tags) == (time, before.tags)
        assert now.version == before.version + (before.taken != time)

    @rule(
        owner=owners,
        query=searches,
        limit=st.integers(1, 5),
        newest_first=st.booleans(),
        month=st.none() | st.sampled_from(MONTHS),
    )
    def search(
        self,
        owner: str,
        query: Query,
        limit: int,
        newest_first: bool,  # noqa: FBT001
        month: str | None,
    ) -> None:
        def read(cursor: str | None) -> Page[ImageSummary]:
            return self.images.search(owner, query, limit, cursor, newest_first=newest_first)

        matches = [image for image in self._list(owner, ImageState.READY) if is_match(image, query)]
        self._check_pages(read, matches, find_place, newest_first=newest_first, month=month)

    @rule(owner=owners, query=searches, limit=st.integers(1, 5))
    def search_trash(self, owner: str, query: Query, limit: int) -> None:
        matches = [image for image in self._list(owner, ImageState.TRASHED) if is_match(image, query)]

        self._check_pages(lambda cursor: self.images.search_trash(owner, query, limit, cursor), matches, find_place)

    @rule(
        owner=owners,
        limit=st.integers(1, 5),
        order=st.sampled_from(Order),
        newest_first=st.booleans(),
        month=st.none() | st.sampled_from(MONTHS),
        states=st.sampled_from([LISTED, frozenset({ImageState.READY}), frozenset({ImageState.TRASHED})]),
    )
    def list_pages(
        self,
        owner: str,
        limit: int,
        order: Order,
        newest_first: bool,  # noqa: FBT001
        month: str | None,
        states: frozenset[ImageState],
    ) -> None:
        def read(cursor: str | None) -> Page[ImageSummary]:
            return self.images.list_images(owner, limit, cursor, states, order=order, newest_first=newest_first)

        is_by_upload = order is Order.ADDED and ImageState.TRASHED not in states
        place = find_upload if is_by_upload else find_place
        self._check_pages(read, self._list(owner, *states), place, newest_first=newest_first, month=month)

    @rule(owner=owners, limit=st.integers(1, 5))
    def review(self, owner: str, limit: int) -> None:
        unsure = [image for image in self._list(owner, ImageState.READY) if image.certain != image.tags]

        self._check_pages(lambda cursor: self.images.list_unreviewed(owner, limit, cursor), unsure, find_doubt)

    @rule(owner=owners)
    def count_months(self, owner: str) -> None:
        ready = self._list(owner, ImageState.READY)
        for tag in (None, *TAGS):
            months = Counter(
                f"{image.capture_time.local:%Y-%m}" if image.capture_time.plausible else ""
                for image in ready
                if tag is None or tag in image.tags
            )

            assert self.images.count_months(owner, tag) == [
                MonthTotal(month, number) for month, number in sorted(months.items())
            ]

    def _list(self, owner: str, *states: ImageState) -> list[Image]:
        return [image for (other, _), image in self.expected.items() if other == owner and image.state in states]

    @staticmethod
    def _check_pages(
        read: Callable[[str | None], Page[ImageSummary]],
        matches: list[Image],
        place: Callable[[Image], Key],
        *,
        newest_first: bool = True,
        month: str | None = None,
    ) -> None:
        """Assert that all pages, from a month on, contain the matches in order."""
        ids: list[str] = []
        cursor = month
        while True:
            page = read(cursor)
            ids += [summary.id for summary in page.images]
            cursor = page.cursor
            if cursor is None:
                break
        if month:
            bound = (True, month + "~") if newest_first else (True, month)
            matches = [image for image in matches if (place(image) < bound) is newest_first]
        assert ids == [image.id for image in sorted(matches, key=place, reverse=newest_first)]


def find_place(image: Image) -> Key:
    """Return what sorts the image in its list: plausible times are after others."""
    if image.state is ImageState.READY:
        return image.capture_time.plausible, image.capture_time.local.isoformat()[:19], image.id
    time = image.trashed_at if image.state is ImageState.TRASHED else created_at(image.id)
    assert time
    return True, time.isoformat()[:19], image.id


def find_doubt(image: Image) -> Key:
    """Return what sorts the image in the list of images to review."""
    return min(999, sum(image.tags.values()) - sum(image.certain.values())), image.id


def find_upload(image: Image) -> Key:
    """Return what sorts the image in the order of uploads."""
    return True, created_at(image.id).isoformat()[:19], image.id


def is_match(image: Image, query: Query) -> bool:
    """Return whether an image matches, as people understand the query."""
    time = image.capture_time
    return (
        all(any(term.holds(image.tags, image.certain) for term in clause) for clause in query.clauses)
        and not (query.untagged and image.tags)
        and not (query.undated and image.taken)
        and (not query.taken or (time.plausible and is_in(time.local.date(), query.taken)))
        and is_in(created_at(image.id).date(), query.added)
        and all(word in find_text(image, condition) for condition in query.texts for word in simplify(*condition.words))
    )


def find_text(image: Image, condition: TextCondition) -> str:
    """Return the text of an image that a condition is about."""
    texts = {TextField.NAME: [image.name], TextField.TITLE: [image.metadata.title]}
    return "\n".join(simplify(*texts.get(condition.field, [image.name, image.metadata.title])))


def simplify(*texts: str) -> list[str]:
    """Return texts in lower case without the only accent that occurs."""
    return [text.lower().replace("é", "e").replace("e\u0301", "e") for text in texts]


def is_in(day: date, period: Period) -> bool:
    """Return whether a day is in a period."""
    return (period.first is None or period.first <= day) and (period.last is None or day <= period.last)
