"""The numbers of matches that the worker maintains, and the announcements from which it does so."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.alerts import Alerts
from app.domain.announcements import Announcement
from app.domain.edits import TagChange, retag
from app.domain.errors import Unavailable
from app.domain.ids import MAX_ID
from app.domain.images import STORED, Image, ImageState, make_tombstone, move_to_trash, restore_from_trash
from app.domain.match_counts import MatchCount
from app.domain.ports import Images, Subscriptions
from app.domain.query import matches, parse
from app.services import notifications as notifications_module
from app.services.outbox_worker import OutboxWorker
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.fakes import PHOTO_METADATA, Clock, image
from tests.support.sampling import rounds
from tests.support.stored_data import before_call

QUERIES = ("dog, taken>=2019", "dog>=2, !cat", "untagged", "cat|bird, undated", "!dog, taken:2019-07")
DATES = (None, datetime(2019, 7, 28, 1, 3), datetime(2018, 12, 31))  # noqa: DTZ001 - local times


def settle(outbox_worker: OutboxWorker, owner: str, clock: Clock) -> None:
    """Process the owner's outbox until nothing is due, also that which is due a minute later."""
    for _ in range(3):
        clock.ahead += 61
        outbox_worker.process(owner)


def recount(images: dict[str, Image], text: str) -> int:
    ready = (each for each in images.values() if each.state is ImageState.READY)
    return sum(matches(each.snapshot, parse(text)) for each in ready)


def change_tags(each: Image, choices: random.Random) -> Image:
    tag = choices.choice(("dog", "cat", "bird"))
    change = TagChange(tag, None, removes=True) if tag in each.tags else TagChange(tag, choices.randint(1, 3))
    return retag(each, [change], datetime.now(UTC))


def change_date(each: Image, choices: random.Random) -> Image:
    date = choices.choice(DATES)
    return replace(each, taken=CaptureTime(date, TimeSource.PERSON) if date else None)


def change_somehow(each: Image, choices: random.Random) -> Image | None:
    """Return an image that was ingested, edited, trashed, restored or purged, or None if it cannot change."""
    match each.state:
        case ImageState.PENDING:
            return change_date(replace(each, state=ImageState.READY, sha256=each.id), choices)
        case ImageState.READY if choices.random() < 0.2:
            return change_date(each, choices)
        case ImageState.READY if choices.random() < 0.6:
            return change_tags(each, choices)
        case ImageState.READY:
            return move_to_trash(each, datetime.now(UTC))
        case ImageState.TRASHED:
            return restore_from_trash(each) if choices.random() < 0.6 else make_tombstone(each)
        case _:
            return None


@pytest.mark.parametrize("seed", range(rounds(1, 20)))
def test_numbers_match_a_recount_after_changes_at_any_time(
    images: Images,
    subscriptions: Subscriptions,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
    check_rows: Callable[[], None],
) -> None:
    monkeypatch.setattr(notifications_module, "COUNTED_PAGE", 2)
    choices = random.Random(seed)  # noqa: S311 - not a secret
    stored = {each.id: images.save(each) for each in (image(owner, dog=number % 3) for number in range(6))}
    for step in range(60):
        before = choices.choice([*stored.values()]) if choices.random() < 0.8 else None
        after = change_somehow(before, choices) if before else image(owner, ImageState.PENDING, dog=1)
        if after:
            stored[after.id] = images.save(after, before)
        if step % 12 == 5:
            subscriptions.add(owner, parse(QUERIES[step // 12]))
        if step == 30:
            subscriptions.remove(owner, subscriptions.list(owner)[0].id)
            subscriptions.add(owner, parse(QUERIES[0]))
        clock.ahead += choices.choice((0, 0, 20))
        if choices.random() < 0.4:
            outbox_worker.process(owner, lambda: False)
        if step % 10 == 0:
            check_rows()
    settle(outbox_worker, owner, clock)

    numbers = {str(each.query): each.matched for each in subscriptions.list(owner)}

    assert numbers == {text: recount(stored, text) for text in QUERIES}
    assert subscriptions.list_announcements(owner) == []


def test_number_is_unknown_until_all_images_are_counted(
    images: Images,
    subscriptions: Subscriptions,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifications_module, "COUNTED_PAGE", 2)
    for _ in range(5):
        images.save(image(owner, dog=1))
    added = subscriptions.add(owner, parse("dog"))
    clock.ahead = 61
    numbers = [added.matched]

    while outbox_worker.process(owner, lambda: False):
        numbers.append(subscriptions.get(owner, added.id).matched)

    assert numbers[:4] == [None, None, None, 5]


def test_change_while_a_batch_is_written_is_processed_too(
    images: Images, subscriptions: Subscriptions, outbox_worker: OutboxWorker, owner: str, clock: Clock
) -> None:
    subscriptions.add(owner, parse("dog>=2"))
    settle(outbox_worker, owner, clock)
    stored = [images.save(image(owner, dog=1)) for _ in range(2)]
    changes = [stored[0]]

    def change() -> None:
        if changes:
            before = changes.pop()
            images.save(retag(before, [TagChange("dog", 2)], datetime.now(UTC)), before)

    with before_call(subscriptions, "save_alerts", change):
        outbox_worker.process(owner)
    settle(outbox_worker, owner, clock)

    assert [each.matched for each in subscriptions.list(owner)] == [1]


def test_changes_before_and_between_the_reads_of_a_page_are_counted_once(
    images: Images, subscriptions: Subscriptions, outbox_worker: OutboxWorker, owner: str, clock: Clock
) -> None:
    saved = images.save(image(owner, dog=1))
    subscriptions.add(owner, parse("dog"))
    subscriptions.add(owner, parse("cat"))
    clock.ahead = 61
    read_snapshots, changes = images.read_snapshots, [saved]

    def read_and_change(*arguments: object) -> object:
        images.save(image(owner, dog=1))
        page = read_snapshots(*arguments)  # type: ignore[arg-type]  # as the worker calls it
        before = changes.pop()
        images.save(retag(before, [TagChange("dog", None, removes=True)], datetime.now(UTC)), before)
        return page

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "read_snapshots", read_and_change)
        outbox_worker.process(owner, lambda: True)
    settle(outbox_worker, owner, clock)

    assert {str(each.query): each.matched for each in subscriptions.list(owner)} == {"dog": 1, "cat": 0}


def test_save_without_subscription_announces_nothing(images: Images, subscriptions: Subscriptions, owner: str) -> None:
    subscriptions.add("another owner", parse("dog"))

    images.save(image(owner, dog=1))

    assert subscriptions.list_announcements(owner) == []


def test_further_changes_of_an_image_keep_one_announcement(
    images: Images, subscriptions: Subscriptions, owner: str
) -> None:
    subscriptions.add(owner, parse("dog"))
    before = images.save(image(owner, dog=1))
    for count in (2, 3):
        before = images.save(retag(before, [TagChange("dog", count)], datetime.now(UTC)), before)
    images.save(move_to_trash(before, datetime.now(UTC)), before)

    (announcement,) = subscriptions.list_announcements(owner)

    at = announcement.created_at
    assert announcement == Announcement(
        owner, before.id, 4, at, None, was_ready=False, after=before.snapshot, is_ready=False
    )


def test_changes_of_the_date_are_announced_with_the_first_and_the_last_date(
    images: Images, subscriptions: Subscriptions, owner: str
) -> None:
    before = images.save(image(owner, dog=1))
    subscriptions.add(owner, parse("taken:2019-07"))
    between = images.save(replace(before, taken=CaptureTime(datetime(2018, 12, 31), TimeSource.NAME)), before)  # noqa: DTZ001 - a local time
    after = images.save(replace(between, taken=PHOTO_METADATA.taken), between)

    (announcement,) = subscriptions.list_announcements(owner)

    assert (announcement.before, announcement.after) == (before.snapshot, after.snapshot)
    assert (before.is_undated, after.snapshot.sorted_at) == (True, "2019-07-28T01:03:00")


def test_list_announcements_returns_a_range_by_id(images: Images, subscriptions: Subscriptions, owner: str) -> None:
    subscriptions.add(owner, parse("dog"))
    ids = sorted(images.save(image(owner, dog=1)).id for _ in range(4))

    assert [each.id for each in subscriptions.list_announcements(owner)] == ids
    assert [each.id for each in subscriptions.list_announcements(owner, 2)] == ids[:2]
    assert [each.id for each in subscriptions.list_announcements(owner, 9, ids[1], ids[2])] == ids[1:3]


def test_save_alerts_with_changed_announcements_writes_nothing_and_returns_them(
    images: Images, subscriptions: Subscriptions, owner: str
) -> None:
    subscriptions.add(owner, parse("dog"))
    for _ in range(2):
        images.save(image(owner, dog=1))
    first, second = subscriptions.list_announcements(owner)
    alerts = Alerts(counts={"s": MatchCount(datetime.now(UTC), 3, None)})

    changed = subscriptions.save_alerts(owner, alerts, [first, replace(second, version=7)])

    assert (changed, subscriptions.get_alerts(owner)) == ({second.id}, Alerts())
    assert subscriptions.save_alerts(owner, alerts, [first]) == set()
    assert subscriptions.get_alerts(owner) == replace(alerts, revision=1)
    assert subscriptions.list_announcements(owner) == [second]


@pytest.mark.parametrize("revision", [0, 2])
def test_save_alerts_after_another_worker_raises_unavailable(
    subscriptions: Subscriptions, owner: str, revision: int
) -> None:
    subscriptions.save_alerts(owner, Alerts())

    with pytest.raises(Unavailable):
        subscriptions.save_alerts(owner, Alerts(revision, digest_at=1))

    assert subscriptions.get_alerts(owner) == Alerts(1)


def test_claim_digest_keeps_the_alerts(subscriptions: Subscriptions, owner: str) -> None:
    subscriptions.save_alerts(owner, Alerts(digest_at=3))

    subscriptions.claim_digest(owner, 1000, 60)

    assert subscriptions.get_alerts(owner) == Alerts(1, digest_at=3)


def test_read_snapshots_returns_ready_images_page_by_page(images: Images, owner: str) -> None:
    saved = sorted((images.save(image(owner, dog=number + 1)) for number in range(3)), key=lambda each: each.id)
    trashed = images.save(image(owner, ImageState.TRASHED, dog=9))
    images.save(image("another owner", dog=9))
    pages, cursor = list[list[str]](), MAX_ID

    while True:
        snapshots, following = images.read_snapshots(owner, 2, cursor)
        pages.append([each.id for each in snapshots])
        if following is None:
            break
        cursor = following

    assert [image_id for page in pages for image_id in page] == [each.id for each in reversed(saved)]
    assert max(map(len, pages)) <= 2
    assert images.read_snapshots(owner, 9, saved[1].id) == ([saved[0].snapshot], None)
    assert trashed.snapshot in images.read_snapshots(owner, 9, MAX_ID, STORED)[0]


def test_process_of_many_announcements_takes_several_batches(
    images: Images,
    subscriptions: Subscriptions,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifications_module, "MAX_BATCH", 2)
    added = subscriptions.add(owner, parse("dog"))
    settle(outbox_worker, owner, clock)
    list_announcements = subscriptions.list_announcements
    for _ in range(5):
        images.save(image(owner, dog=1))

    with monkeypatch.context() as patch:
        patch.setattr(subscriptions, "list_announcements", lambda owner: list_announcements(owner, 2))
        is_due = outbox_worker.process(owner, lambda: False)
        after_one_batch = len(list_announcements(owner))
        outbox_worker.process(owner, lambda: True)

    assert (is_due, after_one_batch, list_announcements(owner)) == (True, 3, [])
    assert subscriptions.get(owner, added.id).matched == 5
