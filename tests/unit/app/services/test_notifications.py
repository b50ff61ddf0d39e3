from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.domain import alerts as alerts_module
from app.domain.edits import TagChange, retag
from app.domain.outbox import DIGEST_COOLDOWN_SECONDS, LEASE_SECONDS
from app.domain.ports import Images, Mail, Subscriptions
from app.domain.query import parse
from app.services.library import Library
from app.services.notifications import (
    MAX_LISTED,
    UNCONFIRMED_LIFE_SECONDS,
    UNCONFIRMED_PAUSE_SECONDS,
    write_digest,
)
from app.services.outbox_worker import OutboxWorker
from tests.support.fakes import Clock, image
from tests.support.injected_fault import InjectedFault, fail
from tests.support.services import UI_URL, Services
from tests.support.stored_data import StoredData, before_call


def test_announce_of_matching_images_sends_one_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, check_finished: Callable[[], None], stored: StoredData
) -> None:
    saved = [images.save(image(ada, dog=1)), images.save(image(ada, dog=2, person=1)), images.save(image(ada, dog=1))]

    for _ in range(2):
        outbox_worker.process(ada)

    ((subject, body),) = stored.mails(ada)
    assert subject == "3 new images: dog, person"
    assert [f"{UI_URL}/photos/{each.id}" in body for each in saved] == [True, True, True]
    assert "beach.jpg: dog | 2, person | 1\n" in body
    check_finished()


def test_announce_of_image_without_subscription_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, ada: str, check_finished: Callable[[], None], stored: StoredData
) -> None:
    images.save(image(ada, cat=1))

    outbox_worker.process(ada)

    assert stored.mails(ada) == []
    check_finished()


def test_announce_of_changed_image_sends_only_new_matches(
    outbox_worker: OutboxWorker,
    images: Images,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    cat = images.save(image(ada, cat=1))
    outbox_worker.process(ada)
    dog = images.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1

    images.save(retag(dog, [TagChange("dog", 1)], datetime.now(UTC)), dog)
    outbox_worker.process(ada)

    assert [subject for subject, _ in stored.mails(ada)] == ["1 new image: cat, dog"]
    check_finished()


def test_announce_of_image_that_matches_again_sends_another_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock, stored: StoredData
) -> None:
    dog = images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    cat = images.save(retag(dog, [TagChange("dog", None, removes=True)], datetime.now(UTC)), dog)
    outbox_worker.process(ada)

    images.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 2


def test_announce_of_image_that_matches_again_before_the_worker_looks_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock, stored: StoredData
) -> None:
    dog = images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    cat = images.save(retag(dog, [TagChange("dog", None, removes=True)], datetime.now(UTC)), dog)

    images.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1


def test_announce_of_untagged_image_reaches_its_subscription(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    subscriptions.add(ada, parse("untagged"))
    saved = images.save(image(ada))

    outbox_worker.process(ada)

    assert stored.mails(ada) == [("1 new image", f"beach.jpg: no tags\n{UI_URL}/photos/{saved.id}\n")]


def test_announce_of_trashed_image_waits_until_it_is_restored(
    outbox_worker: OutboxWorker, images: Images, library: Library, ada: str, clock: Clock, stored: StoredData
) -> None:
    saved = images.save(image(ada, dog=1))
    library.trash(ada, saved.id)
    outbox_worker.process(ada)
    early = stored.mails(ada)

    clock.ahead += DIGEST_COOLDOWN_SECONDS
    library.restore(ada, saved.id)
    outbox_worker.process(ada)

    assert (len(early), len(stored.mails(ada))) == (0, 1)


def test_announce_of_image_that_is_purged_before_the_digest_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, library: Library, ada: str, clock: Clock, stored: StoredData
) -> None:
    images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    second = images.save(image(ada, dog=1))
    outbox_worker.process(ada)

    library.trash(ada, second.id)
    library.purge(ada, second.id)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    assert outbox_worker.outbox.list_due() == []


def test_announce_of_many_images_counts_those_that_are_not_listed(
    outbox_worker: OutboxWorker, images: Images, ada: str, monkeypatch: pytest.MonkeyPatch, stored: StoredData
) -> None:
    monkeypatch.setattr(alerts_module, "MAX_NEWS", 2)
    for _ in range(5):
        images.save(image(ada, dog=1))

    outbox_worker.process(ada)

    ((subject, body),) = stored.mails(ada)
    assert subject == "5 new images: dog"
    assert (body.count("beach.jpg"), body.endswith(f"… and 3 more: {UI_URL}\n")) == (2, True)


def test_announce_after_the_last_subscription_was_removed_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    images.save(image(ada, dog=1))
    subscriptions.remove(ada, subscriptions.list(ada)[0].id)

    outbox_worker.process(ada)

    assert (stored.mails(ada), subscriptions.list_announcements(ada)) == ([], [])


def test_announce_of_restored_image_sends_nothing_new(
    outbox_worker: OutboxWorker,
    images: Images,
    library: Library,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    saved = images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    library.trash(ada, saved.id)

    library.restore(ada, saved.id)
    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1
    check_finished()


def test_announce_of_image_with_two_changes_lists_it_once(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    subscriptions.add(ada, parse("cat"))
    dog = images.save(image(ada, dog=1))
    images.save(retag(dog, [TagChange("cat", 1)], datetime.now(UTC)), dog)

    outbox_worker.process(ada)

    assert [subject for subject, _ in stored.mails(ada)] == ["1 new image: cat, dog"]


def test_announce_within_the_cooldown_collects_images_for_one_digest(
    outbox_worker: OutboxWorker,
    images: Images,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    for label in ("person", "cat"):
        images.save(image(ada, counts={label: 1}, dog=1))
        outbox_worker.process(ada)
    number_within_cooldown = len(stored.mails(ada))

    clock.ahead += DIGEST_COOLDOWN_SECONDS + 2
    outbox_worker.process(ada)

    assert number_within_cooldown == 1
    assert [subject for subject, _ in stored.mails(ada)] == ["1 new image: dog", "2 new images: cat, dog, person"]
    check_finished()


def test_announce_to_unconfirmed_address_waits_for_the_confirmation(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    mail: Mail,
    owner: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    subscriptions.add(owner, parse("dog"))
    images.save(image(owner, dog=1))
    outbox_worker.process(owner)

    mail.subscribe(owner, "ada@example.com")
    outbox_worker.process(owner)
    early = stored.mails(owner)
    clock.ahead += UNCONFIRMED_PAUSE_SECONDS + 1
    outbox_worker.process(owner)

    assert early == []
    assert [subject for subject, _ in stored.mails(owner)] == ["1 new image: dog"]
    check_finished()


def test_announce_to_unconfirmed_address_is_dropped_after_a_week(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    mail: Mail,
    owner: str,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    stored: StoredData,
) -> None:
    subscriptions.add(owner, parse("dog"))
    saved = images.save(image(owner, dog=1))
    clock.ahead = UNCONFIRMED_LIFE_SECONDS - 60
    outbox_worker.process(owner)
    messages_within_a_week = caplog.messages[:]

    clock.ahead = UNCONFIRMED_LIFE_SECONDS + UNCONFIRMED_PAUSE_SECONDS
    outbox_worker.process(owner)
    mail.subscribe(owner, "ada@example.com")
    clock.ahead *= 2
    outbox_worker.process(owner)

    assert messages_within_a_week == []
    assert caplog.messages == [f"dropped the announcement of {saved.id}: the owner did not confirm an address"]
    assert stored.mails(owner) == []
    assert outbox_worker.outbox.list_due() == []


def test_announce_of_old_row_to_confirmed_address_sends_a_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock, stored: StoredData
) -> None:
    images.save(image(ada, dog=1))
    clock.ahead = UNCONFIRMED_LIFE_SECONDS * 2

    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1


def test_announce_with_failed_publish_is_retried_after_the_lease(
    outbox_worker: OutboxWorker,
    images: Images,
    mail: Mail,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    saved = images.save(image(ada, dog=1))
    with before_call(mail, "publish", fail), pytest.raises(InjectedFault):
        outbox_worker.process(ada)

    outbox_worker.process(ada)
    while_leased = stored.mails(ada)
    clock.ahead += LEASE_SECONDS + 1
    outbox_worker.process(ada)

    assert while_leased == []
    assert stored.mails(ada) == [("1 new image: dog", f"beach.jpg: dog | 1\n{UI_URL}/photos/{saved.id}\n")]
    check_finished()


def test_announce_with_crash_after_publish_repeats_the_digest_once(
    outbox_worker: OutboxWorker,
    images: Images,
    mail: Mail,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images.save(image(ada, dog=1))
    publish = mail.publish

    def publish_and_fail(*arguments: str) -> None:
        publish(*arguments)
        fail()

    with monkeypatch.context() as patch:
        patch.setattr(mail, "publish", publish_and_fail)
        with pytest.raises(InjectedFault):
            outbox_worker.process(ada)

    clock.ahead += LEASE_SECONDS + 1
    for _ in range(3):
        outbox_worker.process(ada)

    assert [subject for subject, _ in stored.mails(ada)] == ["1 new image: dog"] * 2
    check_finished()


def test_announce_by_two_workers_at_once_sends_one_digest(
    outbox_worker: OutboxWorker,
    images: Images,
    rival: Services,
    mail: Mail,
    ada: str,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    images.save(image(ada, dog=1))

    with before_call(mail, "publish", lambda: rival.outbox_worker.process(ada)):
        outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1
    check_finished()


def test_write_digest_of_many_images_lists_the_first_and_counts_the_rest() -> None:
    images = [image("ada", dog=1) for _ in range(MAX_LISTED + 2)]

    subject, body = write_digest(images, UI_URL)

    assert subject == "22 new images: dog"
    assert body.count(f"{UI_URL}/photos/") == MAX_LISTED
    assert body.endswith(f"… and 2 more: {UI_URL}\n")


def test_write_digest_of_max_listed_images_counts_no_rest() -> None:
    _, body = write_digest([image("ada", dog=1)] * MAX_LISTED, UI_URL)

    assert "more" not in body
