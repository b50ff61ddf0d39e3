from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.alerts import MAX_NEWS, Alerts, MatchCount, apply, begin_counts, count_page, keep_subscribed
from app.domain.announcements import Announcement, announce_change
from app.domain.images import ImageState, make_tombstone, move_to_trash
from app.domain.outbox import TRASH_LIFE
from app.domain.query import parse
from app.domain.snapshots import Snapshot
from app.domain.subscriptions import Subscription
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.fakes import image

NOW = 1_800_000_000
SUBSCRIBED_AT = datetime(2026, 1, 31, tzinfo=UTC)
DOG = Subscription("dog", parse("dog"), SUBSCRIBED_AT)
TAKEN = CaptureTime(datetime(2019, 7, 28), TimeSource.EXIF)  # noqa: DTZ001 - a local time


def make_snapshot(image_id: str, **tags: int) -> Snapshot:
    return Snapshot(tags, image_id, "2019-07-28T01:03:00", undated=False)


def announce(image_id: str, *, is_ready: bool = True, was_known: bool = False) -> Announcement:
    """Return the announcement of a dog."""
    dog = make_snapshot(image_id, dog=1)
    return Announcement("ada", image_id, 1, NOW, dog if was_known else None, False, dog, is_ready)  # noqa: FBT003


def test_apply_beyond_the_kept_ids_counts_further_images() -> None:
    alerts = apply(Alerts(), [DOG], [announce(f"{number:03}") for number in range(MAX_NEWS + 2)], NOW)

    assert (len(alerts.news), alerts.more, alerts.digest_at) == (MAX_NEWS, 2, NOW)


def test_apply_to_alerts_with_news_keeps_the_time_of_the_digest() -> None:
    alerts = apply(Alerts(news={"a": NOW}, digest_at=NOW + 60), [DOG], [announce("a"), announce("b")], NOW)

    assert (alerts.news, alerts.digest_at) == ({"a": NOW, "b": NOW}, NOW + 60)


def test_apply_of_trashed_image_waits_for_its_restore() -> None:
    trashed = apply(Alerts(), [DOG], [announce("a", is_ready=False)], NOW)
    restored = apply(trashed, [DOG], [announce("a", was_known=True)], NOW)

    assert (trashed.news, trashed.waiting) == ({}, {"a": NOW})
    assert (restored.news, restored.waiting) == ({"a": NOW}, {})


def test_apply_forgets_images_that_wait_longer_than_the_trash_keeps_them() -> None:
    alerts = Alerts(waiting={"a": NOW})

    later = apply(alerts, [DOG], [], NOW + int(TRASH_LIFE.total_seconds()))

    assert (apply(alerts, [DOG], [], NOW).waiting, later.waiting) == ({"a": NOW}, {})


def test_apply_limits_the_images_that_wait() -> None:
    rows = [announce(f"{number:03}", is_ready=False) for number in range(MAX_NEWS + 1)]

    assert len(apply(Alerts(), [DOG], rows, NOW).waiting) == MAX_NEWS


def test_apply_changes_only_numbers_that_include_the_image() -> None:
    counts = {"dog": MatchCount(SUBSCRIBED_AT, 5, "m"), "gone": MatchCount(SUBSCRIBED_AT, 7, None)}
    rows = [announce("z"), announce("a"), replace(announce("x", was_known=True), was_ready=True, after=None)]

    alerts = apply(Alerts(counts=counts), [DOG], [*rows, replace(rows[2], id="y", is_ready=False)], NOW)

    assert {key: count.number for key, count in alerts.counts.items()} == {"dog": 4, "gone": 7}


def test_count_page_counts_each_image_once_for_subscriptions_at_different_points() -> None:
    counts = {
        "dog": MatchCount(SUBSCRIBED_AT),
        "behind": MatchCount(SUBSCRIBED_AT, 1, "c"),
        "further": MatchCount(SUBSCRIBED_AT, 1, "a"),
        "all": MatchCount(SUBSCRIBED_AT, 1, None),
    }
    subscriptions = [replace(DOG, id=key) for key in counts]

    page = [make_snapshot("d", dog=1), make_snapshot("b", dog=1), make_snapshot("bb")]

    alerts = count_page(Alerts(counts=counts), subscriptions, page, "b")

    assert {key: (count.number, count.cursor) for key, count in alerts.counts.items()} == {
        "dog": (2, "b"),
        "behind": (2, "b"),
        "further": (1, "a"),
        "all": (1, None),
    }
    assert alerts.cursor == "b"


def test_keep_subscribed_forgets_the_count_of_a_removed_and_of_a_repeated_subscription() -> None:
    alerts = Alerts(3, {"dog": MatchCount(SUBSCRIBED_AT), "cat": MatchCount(SUBSCRIBED_AT)}, more=1)
    again = replace(DOG, created_at=SUBSCRIBED_AT + timedelta(seconds=1))

    assert keep_subscribed(alerts, [DOG]).counts == {"dog": MatchCount(SUBSCRIBED_AT)}
    assert (keep_subscribed(alerts, [again]).counts, alerts.find_number(again)) == ({}, None)
    assert keep_subscribed(alerts, []) == Alerts(3)


def test_begin_counts_begins_with_new_subscriptions_that_are_old_enough() -> None:
    cat = Subscription("cat", parse("cat"), SUBSCRIBED_AT + timedelta(seconds=9))
    alerts = Alerts(counts={"bird": MatchCount(SUBSCRIBED_AT, 3, None)})

    begun = begin_counts(alerts, [DOG, cat, Subscription("bird", parse("bird"), SUBSCRIBED_AT)], SUBSCRIBED_AT)

    assert begun.counts == {"bird": MatchCount(SUBSCRIBED_AT, 3, None), "dog": MatchCount(SUBSCRIBED_AT)}


def test_parse_of_json_returns_the_alerts() -> None:
    alerts = Alerts(7, {"dog": MatchCount(SUBSCRIBED_AT, 2, "m")}, {"a": NOW}, 3, {"b": NOW}, NOW)

    assert Alerts.parse(alerts.to_json(), 7) == alerts


@pytest.mark.parametrize("state", [ImageState.PENDING, ImageState.FAILED])
def test_announce_change_of_image_that_was_never_ready_returns_none(state: ImageState) -> None:
    before = image("ada", state, dog=1)

    assert announce_change(before, make_tombstone(before)) is None
    assert announce_change(None, before) is None


def test_announce_change_of_purge_from_the_trash_returns_none() -> None:
    trashed = move_to_trash(image("ada", dog=1), datetime.now(UTC))

    assert announce_change(trashed, make_tombstone(trashed)) is None


def test_announce_change_of_date_contains_both_dates() -> None:
    before = image("ada", dog=1)
    after = replace(before, taken=TAKEN)

    announcement = announce_change(before, after)

    assert announcement
    assert (announcement.before, announcement.after) == (before.snapshot, after.snapshot)
    assert announce_change(after, replace(after, taken=replace(TAKEN, source=TimeSource.PERSON))) is None


def test_apply_of_changed_date_changes_the_number_of_matches() -> None:
    subscription = Subscription("2019", parse("taken:2019"), SUBSCRIBED_AT)
    alerts = Alerts(counts={"2019": MatchCount(SUBSCRIBED_AT, 5, None)})
    before = image("ada", dog=1)
    announcement = announce_change(before, replace(before, taken=TAKEN))
    assert announcement

    after = apply(alerts, [subscription], [announcement], NOW)

    assert (after.counts["2019"].number, [*after.news]) == (6, [before.id])
