import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.alerts import EARLIER, Alerts, apply, begin_counts, count_page, keep_subscribed
from app.domain.announcements import Announcement, announce_change
from app.domain.images import ImageState, make_tombstone, move_to_trash
from app.domain.match_counts import MatchCount
from app.domain.news import MAX_NEWS, MAX_NEWS_OF_ONE, News
from app.domain.outbox import TRASH_LIFE
from app.domain.query import parse
from app.domain.snapshots import Snapshot
from app.domain.subscriptions import Choices, Frequency, Subscription, clean_title, find_valid
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


def test_apply_beyond_the_kept_ids_of_a_search_counts_further_images() -> None:
    alerts = apply(Alerts(), [DOG], [announce(f"{number:03}") for number in range(MAX_NEWS_OF_ONE + 2)], NOW)

    assert (len(alerts.news["dog"].images), alerts.news["dog"].more) == (MAX_NEWS_OF_ONE, 2)


def test_apply_beyond_the_kept_ids_of_all_searches_counts_further_images() -> None:
    number = MAX_NEWS // MAX_NEWS_OF_ONE + 1
    searches = [replace(DOG, id=str(key)) for key in range(number)]

    alerts = apply(Alerts(), searches, [announce(f"{key:03}") for key in range(MAX_NEWS_OF_ONE)], NOW)

    assert sum(len(news.images) for news in alerts.news.values()) == MAX_NEWS
    assert [len(news) for news in alerts.news.values()] == [MAX_NEWS_OF_ONE] * number


def test_apply_to_alerts_with_news_keeps_the_time_of_the_first() -> None:
    alerts = apply(Alerts(news={"dog": News(NOW - 9, {"a": NOW})}), [DOG], [announce("a"), announce("b")], NOW)

    assert alerts.news == {"dog": News(NOW - 9, {"a": NOW, "b": NOW})}


def test_apply_to_search_without_e_mail_collects_no_news() -> None:
    silent = replace(DOG, choices=Choices(email=False))

    alerts = apply(Alerts(), [silent], [announce("a"), announce("b", is_ready=False)], NOW)

    assert (alerts.news, alerts.waiting) == ({}, {})


def test_apply_of_image_that_matches_another_search_already_is_news_of_the_new_one_only() -> None:
    cat = Subscription("cat", parse("cat"), SUBSCRIBED_AT)
    change = replace(announce("a", was_known=True), was_ready=True, after=make_snapshot("a", dog=1, cat=1))

    assert apply(Alerts(), [DOG, cat], [change], NOW).news == {"cat": News(NOW, {"a": NOW})}


@pytest.mark.parametrize(
    ("choices", "found", "due"),
    [
        (Choices(), "2026-11-30T13:00:07", "2026-11-30T13:00:07"),
        (Choices(digest=Frequency.DAILY), "2026-11-30T05:59:59", "2026-11-30T06:00:00"),
        (Choices(digest=Frequency.DAILY), "2026-11-30T06:00:00", "2026-12-01T06:00:00"),
        (Choices(digest=Frequency.WEEKLY), "2026-11-30T05:59:59", "2026-11-30T06:00:00"),
        (Choices(digest=Frequency.WEEKLY), "2026-11-30T06:00:00", "2026-12-07T06:00:00"),
        (Choices(digest=Frequency.WEEKLY), "2026-12-06T23:59:59", "2026-12-07T06:00:00"),
        (Choices(paused=True), "2026-11-30T13:00:07", None),
    ],
)
def test_find_due_follows_the_choices(choices: Choices, found: str, due: str | None) -> None:
    def to_number(text: str) -> int:
        return int(datetime.fromisoformat(f"{text}+00:00").timestamp())

    search = replace(DOG, choices=choices)
    alerts = Alerts(news={"dog": News(to_number(found), {"a": NOW})})

    assert alerts.find_due([search]) == ({"dog": to_number(due)} if due else {})


def test_find_due_is_not_before_the_time_of_the_digest() -> None:
    alerts = Alerts(news={"dog": News(NOW), EARLIER: News(NOW)}, digest_at=NOW + 60)

    assert alerts.find_due([DOG]) == {EARLIER: NOW + 60, "dog": NOW + 60}


def test_apply_of_trashed_image_waits_for_its_restore() -> None:
    trashed = apply(Alerts(), [DOG], [announce("a", is_ready=False)], NOW)
    restored = apply(trashed, [DOG], [announce("a", was_known=True)], NOW)

    assert (trashed.news, trashed.waiting) == ({}, {"a": NOW})
    assert (restored.news, restored.waiting) == ({"dog": News(NOW, {"a": NOW})}, {})


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
    news = {key: News(NOW, more=1) for key in ("dog", "cat", EARLIER)}
    alerts = Alerts(3, {"dog": MatchCount(SUBSCRIBED_AT), "cat": MatchCount(SUBSCRIBED_AT)}, news)
    silent = replace(DOG, choices=Choices(email=False))
    again = replace(DOG, created_at=SUBSCRIBED_AT + timedelta(seconds=1))

    assert keep_subscribed(alerts, [DOG]).counts == {"dog": MatchCount(SUBSCRIBED_AT)}
    assert (keep_subscribed(alerts, [again]).counts, alerts.find_count(again)) == ({}, None)
    kept = [keep_subscribed(alerts, [each]).news.keys() for each in (DOG, again, silent)]
    assert kept == [{"dog", EARLIER}, {EARLIER}, {EARLIER}]
    assert keep_subscribed(alerts, []) == Alerts(3)


def test_begin_counts_begins_with_new_subscriptions_that_are_old_enough() -> None:
    cat = Subscription("cat", parse("cat"), SUBSCRIBED_AT + timedelta(seconds=9))
    alerts = Alerts(counts={"bird": MatchCount(SUBSCRIBED_AT, 3, None)})

    begun = begin_counts(alerts, [DOG, cat, Subscription("bird", parse("bird"), SUBSCRIBED_AT)], SUBSCRIBED_AT)

    assert begun.counts == {"bird": MatchCount(SUBSCRIBED_AT, 3, None), "dog": MatchCount(SUBSCRIBED_AT)}


def test_parse_of_json_returns_the_alerts() -> None:
    counts = {"dog": MatchCount(SUBSCRIBED_AT, 2, "m", "2019-07-28T01:03:00#z"), "cat": MatchCount(SUBSCRIBED_AT)}
    alerts = Alerts(7, counts, {"dog": News(NOW, {"a": NOW}, 3)}, {"b": NOW}, NOW)

    assert Alerts.parse(alerts.to_json(), 7) == alerts


@pytest.mark.parametrize(
    ("news", "more", "expected"),
    [({"a": NOW}, 3, {EARLIER: News(NOW + 5, {"a": NOW}, 3)}), ({}, 0, {})],
)
def test_parse_of_json_of_an_earlier_version_keeps_its_news_and_searches_for_covers(
    news: dict[str, int], more: int, expected: dict[str, News]
) -> None:
    counts = {"dog": [SUBSCRIBED_AT.isoformat(), 2, None]}
    stored = {"counts": counts, "news": news, "more": more, "waiting": {}, "digest_at": NOW + 5}

    alerts = Alerts.parse(json.dumps(stored), 7)

    assert (alerts.news, alerts.counts["dog"].lacks_cover) == (expected, True)


KEYS = [f"20{year}-07-28T01:03:00#{image_id}" for year, image_id in ((18, "a"), (19, "b"), (20, "c"))]


@pytest.mark.parametrize(
    ("cover", "before", "after", "expected"),
    [
        (KEYS[1], None, KEYS[2], KEYS[2]),  # a newer image matches
        (KEYS[1], None, KEYS[0], KEYS[1]),
        ("", None, KEYS[0], KEYS[0]),
        (KEYS[1], KEYS[0], None, KEYS[1]),  # another image no longer matches
        (KEYS[1], KEYS[1], None, None),  # the cover itself no longer matches
        (KEYS[1], KEYS[1], KEYS[1], KEYS[1]),
        (KEYS[1], KEYS[1], "2011-07-28T01:03:00#b", None),  # it became older
        (KEYS[1], KEYS[1], "2021-07-28T01:03:00#b", "2021-07-28T01:03:00#b"),
        (None, None, KEYS[2], None),
    ],
)
def test_change_of_count_finds_the_newest_image(
    cover: str | None, before: str | None, after: str | None, expected: str | None
) -> None:
    def load(key: str | None) -> Snapshot | None:
        return Snapshot({}, key[-1], key[:-2], undated=False) if key else None

    image_id = (after or before or "")[-1]
    count = MatchCount(SUBSCRIBED_AT, 5, None, cover).change(image_id, load(before), load(after))

    assert count.cover == expected


def test_change_to_no_match_has_no_cover() -> None:
    snapshot = make_snapshot("a", dog=1)

    count = MatchCount(SUBSCRIBED_AT, 1, None, snapshot.sort_key).change("a", snapshot, None)

    assert (count.number, count.cover, count.cover_id) == (0, "", None)


def test_count_page_finds_the_newest_image() -> None:
    page = [Snapshot({"dog": 1}, key[-1], key[:-2], undated=False) for key in (KEYS[0], KEYS[2], KEYS[1])]

    alerts = count_page(Alerts(counts={"dog": MatchCount(SUBSCRIBED_AT)}), [DOG], page, None)
    unknown = count_page(Alerts(counts={"dog": MatchCount(SUBSCRIBED_AT, cover=None)}), [DOG], page, None)

    assert (alerts.counts["dog"].cover, alerts.counts["dog"].cover_id) == (KEYS[2], "c")
    assert unknown.counts["dog"].lacks_cover


def test_search_that_is_no_longer_valid_matches_nothing() -> None:
    invalid = Subscription("dog", None, SUBSCRIBED_AT, invalid_text="dog>=", fault="…")

    assert (invalid.name, invalid.make_matcher()(make_snapshot("a", dog=1))) == ("dog>=", False)
    assert find_valid([invalid, DOG]) == [DOG]


@pytest.mark.parametrize(
    ("text", "title"),
    [("  Dogs \n\t together\u202e ", "Dogs together"), ("é" * 200, "é" * 100), ("\u2066 \u2069", "")],
)
def test_clean_title_returns_one_visible_line(text: str, title: str) -> None:
    assert clean_title(text) == title


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

    assert (after.counts["2019"].number, [*after.news["2019"].images]) == (6, [before.id])


@pytest.mark.parametrize(
    ("news", "kept"),
    [
        (News(NOW - 5, {"a": NOW - 5, "b": NOW}, 2), News(NOW - 5, {"b": NOW}, 2)),
        (News(NOW, {}, 2), News(NOW, {}, 2)),  # other searches had used up `MAX_NEWS`
        (News(NOW - 5, {"a": NOW - 5}, 2), None),
        (News(NOW, {"a": NOW - 5}), None),
    ],
)
def test_drop_before_keeps_later_images(news: News, kept: News | None) -> None:
    assert news.drop_before(NOW) == kept
