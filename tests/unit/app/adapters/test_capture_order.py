"""The order of images by capture time: pages in both directions, jumps to months, periods, and numbers by month."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest

from app.domain.errors import InvalidCursor
from app.domain.ids import min_id_at, new_id
from app.domain.images import Image, ImageState, ImageSummary, MonthTotal, make_tombstone, restore_from_trash
from app.domain.pages import Page
from app.domain.plans import Order
from app.domain.ports import Images
from app.domain.query import Query, parse
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.fakes import image

ReadPage = Callable[[str | None], Page[ImageSummary]]

NOON = "2019-07-28T12:00:00"
UPLOAD = datetime(2026, 11, 30, 12, tzinfo=UTC)  # of the first image. Each further one is a day older.
TAKEN = (
    "2019-07-28",  # the time of day is not known
    "2019-07-28T01:00:00+09:00",
    "2019-07-28T00:30:00-08:00",
    "2019-08-01T00:00:00",
    "2018-12-31T23:59:59.900000",
    None,  # only the upload is known: 25 November 2026
    "2031-05-05T12:00:00",  # implausible
    "2020-02-29T08:00:00",
)
NEWEST_FIRST = [5, 7, 3, 1, 2, 0, 4, 6]
IMPLAUSIBLE = 6


def take(text: str | None, *, plausible: bool = True) -> CaptureTime | None:
    """Return the capture time with this text."""
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    return CaptureTime(time.replace(tzinfo=None), TimeSource.EXIF, time.utcoffset(), len(text) == 10, plausible)


def make(owner: str, taken: str | None, state: ImageState = ImageState.READY, days: int = 0, **tags: int) -> Image:
    """Return an image that was taken at this time, and uploaded this number of days before `UPLOAD`."""
    made = image(owner, state, tags)
    image_id = min_id_at(UPLOAD - timedelta(days=days))[:10] + made.id[10:]
    return replace(made, id=image_id, taken=take(taken))


@pytest.fixture
def saved(images: Images, owner: str) -> list[Image]:
    """A library with the capture times of `TAKEN`. Every second image has a dog, and the first four have a cat."""
    made = [make(owner, taken, days=number, dog=number % 2, cat=int(number < 4)) for number, taken in enumerate(TAKEN)]
    made[IMPLAUSIBLE] = replace(made[IMPLAUSIBLE], taken=take(TAKEN[IMPLAUSIBLE], plausible=False))
    return [images.save(each) for each in made]


def read_all(read: ReadPage) -> list[str]:
    """Return the ids of all images, page by page."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = read(cursor)
        ids += [each.id for each in page.images]
        cursor = page.cursor
        if cursor is None:
            return ids


def select(saved: list[Image], numbers: list[int]) -> list[str]:
    return [saved[number].id for number in numbers]


def list_page(images: Images, owner: str, limit: int, cursor: str | None, **options: Any) -> Page[ImageSummary]:
    return images.list_images(owner, limit, cursor, **options)


def find_in_trash(images: Images, owner: str, text: str) -> list[str]:
    query = parse(text) if text else Query()
    return read_all(lambda cursor: images.search_trash(owner, query, 1, cursor))


def find(images: Images, owner: str, text: str, *, newest_first: bool = True) -> list[str]:
    return read_all(lambda cursor: images.search(owner, parse(text), 3, cursor, newest_first=newest_first))


def test_list_images_returns_every_image_once_in_each_order_and_direction(
    images: Images, owner: str, saved: list[Image]
) -> None:
    for order, limit in product(Order, (1, 3, 100)):
        orders = [
            read_all(partial(list_page, images, owner, limit, order=order, newest_first=newest_first))
            for newest_first in (True, False)
        ]

        expected = select(saved, NEWEST_FIRST if order is Order.TAKEN else [*range(len(TAKEN))])
        assert orders == [expected, expected[::-1]], (order, limit)


def test_photos_of_one_second_have_a_stable_order(images: Images, owner: str) -> None:
    fractions = (".000000", ".700000", ".300000", "")
    made = [images.save(make(owner, f"2019-07-28T12:00:00{fraction}", dog=1)) for fraction in fractions]
    by_id = sorted((each.id for each in made), reverse=True)

    for limit, newest_first in product((1, 2, 3), (True, False)):
        listed = read_all(partial(list_page, images, owner, limit, newest_first=newest_first))
        assert listed == (by_id if newest_first else by_id[::-1])
        assert find(images, owner, "dog", newest_first=newest_first) == listed


def test_month_as_cursor_starts_a_list_at_this_month(images: Images, owner: str, saved: list[Image]) -> None:
    for month, order, below, above in (
        ("2019-07", Order.TAKEN, [1, 2, 0, 4, 6], [0, 2, 1, 3, 7, 5]),
        ("2019-09", Order.TAKEN, [3, 1, 2, 0, 4, 6], [7, 5]),  # without photos
        ("1999-01", Order.TAKEN, [6], [4, 0, 2, 1, 3, 7, 5]),
        ("2099-12", Order.TAKEN, NEWEST_FIRST, []),
        ("2026-11", Order.ADDED, [0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0]),
        ("2026-10", Order.ADDED, [], [7, 6, 5, 4, 3, 2, 1, 0]),
    ):
        older, newer = (
            images.list_images(owner, 100, month, order=order, newest_first=newest_first)
            for newest_first in (True, False)
        )

        assert [each.id for each in older.images] == select(saved, below), (month, order)
        assert [each.id for each in newer.images] == select(saved, above), (month, order)


def test_pages_before_and_after_a_jump_form_the_whole_list(images: Images, owner: str, saved: list[Image]) -> None:
    page = images.list_images(owner, 2, "2019-07")
    first = page.images[0].sort_key

    above = read_all(lambda cursor: images.list_images(owner, 2, cursor or first, newest_first=False))
    below = read_all(lambda cursor: images.list_images(owner, 2, cursor or page.cursor))

    assert [*reversed(above), *(each.id for each in page.images), *below] == select(saved, NEWEST_FIRST)


SEARCHES: dict[str, list[int]] = {
    "taken:2019": [3, 1, 2, 0],
    "taken:2019-07": [1, 2, 0],
    "taken:2019-07-28": [1, 2, 0],
    "taken:2019-07-29": [],
    "taken>=2019-08": [5, 7, 3],
    "taken<=2018": [4],
    "taken:2018-12..2019-07": [1, 2, 0, 4],
    "after:2020": [5, 7],
    "before:2019-07-28": [4],
    "taken<=2099": [5, 7, 3, 1, 2, 0, 4],  # an implausible time is in no period
    "taken:2026-11-25": [5],  # an undated photo has the time of its upload
    "undated": [5],
    "undated, taken:2019": [],
    "undated, dog": [5],
    "untagged": [4, 6],
    "untagged, taken:2018": [4],
    "untagged, undated": [],
    "dog": [5, 7, 3, 1],
    "dog, taken:2019": [3, 1],
    "dog|cat, taken:2019": [3, 1, 2, 0],
    "cat, !dog": [2, 0],
    "!cat": [5, 7, 4, 6],
    "!cat, taken<=2020": [7, 4],
    "added:2026-11-27": [3],
    "added>=2026-11-28, taken:2019": [1, 2, 0],
    "added<=2026-11-25": [5, 7, 6],
}


def test_search_returns_matches_by_capture_time(images: Images, owner: str, saved: list[Image]) -> None:
    for text, numbers in SEARCHES.items():
        assert find(images, owner, text) == select(saved, numbers), text
        assert find(images, owner, text, newest_first=False) == select(saved, numbers[::-1]), text


def test_month_as_cursor_starts_a_search_at_this_month(images: Images, owner: str, saved: list[Image]) -> None:
    for text, below, above in (("dog", [1], [1, 3, 7, 5]), ("untagged", [4, 6], []), ("!cat", [4, 6], [7, 5])):
        older = images.search(owner, parse(text), 100, "2019-07")
        newer = images.search(owner, parse(text), 100, "2019-07", newest_first=False)

        assert [each.id for each in older.images] == select(saved, below), text
        assert [each.id for each in newer.images] == select(saved, above), text


def test_cursor_that_is_no_key_and_no_month_raises_invalid_cursor(images: Images, owner: str) -> None:
    for cursor in ("", "2019", "2019-13", "2019-07-28", "~", new_id(), NOON, f"{NOON}#", f"{NOON}#{new_id()}x"):
        with pytest.raises(InvalidCursor):
            images.list_images(owner, 10, cursor)
        with pytest.raises(InvalidCursor):
            images.search(owner, parse("dog"), 10, cursor)
        with pytest.raises(InvalidCursor):
            images.search_trash(owner, Query(), 10, cursor)


def test_list_details_has_ids_as_cursors(images: Images, owner: str, saved: list[Image]) -> None:
    first = images.list_details(owner, 3)
    second = images.list_details(owner, 100, first.cursor)

    assert [each.id for each in first.images + second.images] == [each.id for each in saved]
    assert first.cursor == saved[2].id
    with pytest.raises(InvalidCursor):
        images.list_details(owner, 3, saved[2].sort_key)


def test_pending_and_failed_images_have_the_time_of_their_upload(images: Images, owner: str) -> None:
    states = [ImageState.PENDING, ImageState.FAILED, ImageState.READY, ImageState.TRASHED]
    made = [images.save(make(owner, "2019-07-28", state, days)) for days, state in enumerate(states)]
    undated = images.save(make(owner, None, days=1))

    second = sorted([made[1].id, undated.id], reverse=True)  # they have the same time
    expected = [made[0].id, *second, made[2].id]
    for order, newest_first in product(Order, (True, False)):
        ids = read_all(partial(list_page, images, owner, 2, order=order, newest_first=newest_first))
        assert ids == (expected if newest_first else expected[::-1]), (order, newest_first)
    for state, each in zip(states[:2], made, strict=False):
        assert [found.id for found in images.list_images(owner, 9, states=frozenset({state})).images] == [each.id]


def trash(images: Images, before: Image, minutes: int) -> Image:
    """Move an image to the trash this number of minutes after `UPLOAD`."""
    at = UPLOAD + timedelta(minutes=minutes)
    return images.save(replace(before, state=ImageState.TRASHED, trashed_at=at), before)


def test_trash_has_the_order_of_the_deletions(
    images: Images, owner: str, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    deleted = [2, 7, 6, 5]
    for minutes, number in enumerate(deleted):
        trash(images, saved[number], minutes)
    read = partial(list_page, images, owner, 3, states=frozenset({ImageState.TRASHED}))

    assert read_all(partial(read, newest_first=True)) == select(saved, deleted[::-1])
    assert read_all(partial(read, newest_first=False)) == select(saved, deleted)
    assert find_in_trash(images, owner, "") == select(saved, deleted[::-1])
    rest = [number for number in NEWEST_FIRST if number not in deleted]
    assert [each.id for each in images.list_images(owner, 100).images] == select(saved, rest)
    check_rows()


def test_search_of_the_trash_compares_the_capture_time(images: Images, owner: str, saved: list[Image]) -> None:
    for minutes, number in enumerate([2, 7, 6, 5]):
        trash(images, saved[number], minutes)

    texts: dict[str, list[int]] = {
        "taken:2019": [2],
        "dog": [5, 7],
        "undated": [5],
        "untagged": [6],
        "taken<=2099": [5, 7, 2],
    }
    for text, numbers in texts.items():
        assert find_in_trash(images, owner, text) == select(saved, numbers), text


def test_image_returns_from_the_trash_to_its_place(
    images: Images, owner: str, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    trashed = trash(images, saved[2], 0)

    images.save(restore_from_trash(trashed), trashed)

    assert [each.id for each in images.list_images(owner, 100).images] == select(saved, NEWEST_FIRST)
    assert images.list_images(owner, 100, states=frozenset({ImageState.TRASHED})).images == []
    check_rows()


@pytest.mark.parametrize(
    ("taken", "is_plausible", "numbers"),
    [
        ("2019-07-28T00:45:00", True, [5, 7, 3, 1, 2, 0, 4, 6]),
        ("2019-07-28T01:00:01", True, [5, 7, 3, 2, 1, 0, 4, 6]),
        ("2024-01-01", True, [5, 2, 7, 3, 1, 0, 4, 6]),
        ("1826-01-01", True, [5, 7, 3, 1, 0, 4, 2, 6]),
        ("1825-12-31", False, [5, 7, 3, 1, 0, 4, 6, 2]),
        (None, True, [2, 5, 7, 3, 1, 0, 4, 6]),
    ],
)
def test_change_of_the_date_moves_the_image_in_all_lists(
    images: Images,
    owner: str,
    saved: list[Image],
    check_rows: Callable[[], None],
    taken: str | None,
    is_plausible: bool,  # noqa: FBT001
    numbers: list[int],
) -> None:
    images.save(replace(saved[2], taken=take(taken, plausible=is_plausible)), saved[2])

    assert [each.id for each in images.list_images(owner, 100).images] == select(saved, numbers)
    assert find(images, owner, "cat") == select(saved, [number for number in numbers if number < 4])
    assert find(images, owner, "undated") == select(saved, [2, 5] if taken is None else [5])
    added = images.list_images(owner, 100, order=Order.ADDED)
    assert [each.id for each in added.images] == [each.id for each in saved]
    check_rows()


def list_months(images: Images, owner: str, tag: str | None = None) -> dict[str, int]:
    return {total.month: total.images for total in images.count_months(owner, tag)}


def test_count_months_counts_ready_images_oldest_month_first(
    images: Images, owner: str, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    images.save(make(owner, "2019-07-28", ImageState.FAILED))
    images.save(make(owner, "2019-07-28", ImageState.TRASHED, dog=1))
    images.save(make(owner, "2019-07-28", ImageState.PENDING))
    images.save(make("another owner", "2019-07-28", dog=1))

    assert images.count_months(owner) == [
        MonthTotal("", 1),
        MonthTotal("2018-12", 1),
        MonthTotal("2019-07", 3),
        MonthTotal("2019-08", 1),
        MonthTotal("2020-02", 1),
        MonthTotal("2026-11", 1),
    ]
    assert list_months(images, owner, "dog") == {"2019-07": 1, "2019-08": 1, "2020-02": 1, "2026-11": 1}
    assert list_months(images, owner, "cat") == {"2019-07": 3, "2019-08": 1}
    assert list_months(images, owner, "bird") == {}
    check_rows()


def test_count_months_follows_every_change(
    images: Images, owner: str, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    months = list_months(images, owner)

    moved = images.save(replace(saved[1], taken=take("2019-08-02")), saved[1])
    assert list_months(images, owner) == months | {"2019-07": 2, "2019-08": 2}
    assert list_months(images, owner, "dog") == {"2019-08": 2, "2020-02": 1, "2026-11": 1}

    untagged = images.save(replace(moved, detections=()), moved)
    assert list_months(images, owner) == months | {"2019-07": 2, "2019-08": 2}
    assert list_months(images, owner, "dog") == {"2019-08": 1, "2020-02": 1, "2026-11": 1}
    assert list_months(images, owner, "cat") == {"2019-07": 2, "2019-08": 1}

    trashed = trash(images, untagged, 0)
    assert list_months(images, owner) == months | {"2019-07": 2, "2019-08": 1}
    check_rows()

    images.save(make_tombstone(trashed), trashed)
    images.purge([trash(images, saved[2], 0), trash(images, saved[IMPLAUSIBLE], 0)])
    assert list_months(images, owner) == {"2018-12": 1, "2019-07": 1, "2019-08": 1, "2020-02": 1, "2026-11": 1}
    check_rows()


def test_count_months_of_a_tag_ignores_tags_that_begin_with_it(images: Images, owner: str) -> None:
    images.save(replace(image(owner, counts={"dog#5": 1, "dog": 1}), taken=take("2019-07-28")))
    images.save(replace(image(owner, counts={"dog#5": 1}), taken=take("2019-07-28")))

    assert list_months(images, owner, "dog") == {"2019-07": 1}
    assert list_months(images, owner, "dog#5") == {"2019-07": 2}


def test_restored_image_of_a_backup_is_in_its_place(
    images: Images, owner: str, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    restored = replace(make(owner, "2019-07-28T00:45:00", dog=1), version=7)

    images.restore_image(restored)

    expected = [*NEWEST_FIRST[:4], None, *NEWEST_FIRST[4:]]
    ids = [restored.id if number is None else saved[number].id for number in expected]
    assert [each.id for each in images.list_images(owner, 100).images] == ids
    assert list_months(images, owner, "dog")["2019-07"] == 2
    check_rows()


def test_delete_images_deletes_images_of_all_dates_from_all_lists(
    images: Images, owner: str, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    trash(images, saved[0], 0)

    while images.delete_images(owner, 3) or images.delete_rows(owner, 3):
        pass

    assert [find(images, owner, text) for text in ("dog", "untagged", "undated", "!owl")] == [[], [], [], []]
    assert images.list_images(owner, 100).images == []
    assert images.count_months(owner) == []
    check_rows()


def test_trash_has_the_order_of_the_deletions_in_any_order(images: Images, owner: str) -> None:
    first = replace(make(owner, None, ImageState.TRASHED, days=0), trashed_at=UPLOAD)
    last = replace(make(owner, None, ImageState.TRASHED, days=9), trashed_at=UPLOAD + timedelta(hours=1))
    saved = [images.save(each) for each in (last, first)]

    page = images.list_images(owner, 9, states=frozenset({ImageState.TRASHED}), order=Order.ADDED)

    assert [each.id for each in page.images] == [each.id for each in saved]
