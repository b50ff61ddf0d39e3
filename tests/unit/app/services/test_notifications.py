from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest

from app.adapters.aws.outbox import DynamoOutbox
from app.domain.edits import TagChange, retag
from app.domain.outbox import DIGEST_COOLDOWN_SECONDS, LEASE_SECONDS
from app.domain.ports import Images, Mail, Subscriptions
from app.domain.query import parse
from app.services.library import Library
from app.services.notifications import (
    MAX_LISTED,
    TRASHED_PAUSE_SECONDS,
    UNCONFIRMED_LIFE_SECONDS,
    UNCONFIRMED_PAUSE_SECONDS,
    write_digest,
)
from app.services.outbox_worker import OutboxWorker
from tests.support.aws import TABLE_NAME, before, mails
from tests.support.fakes import Clock, image
from tests.support.injected_fault import InjectedFault, fail

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_sns.client import SNSClient

UI_URL = "https://pixtag.example"


def test_announce_of_matching_images_sends_one_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, check_finished: Callable[[], None]
) -> None:
    saved = [images.save(image(ada, dog=1)), images.save(image(ada, dog=2, person=1)), images.save(image(ada, dog=1))]

    for _ in range(2):
        outbox_worker.process(ada)

    ((subject, body),) = mails(ada)
    assert subject == "3 new images: dog, person"
    assert [f"{UI_URL}/photos/{each.id}" in body for each in saved] == [True, True, True]
    assert "beach.jpg: dog 2, person 1\n" in body
    check_finished()


def test_announce_of_image_without_subscription_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, ada: str, check_finished: Callable[[], None]
) -> None:
    images.save(image(ada, cat=1))

    outbox_worker.process(ada)

    assert mails(ada) == []
    check_finished()


def test_announce_of_changed_image_sends_only_new_matches(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock, check_finished: Callable[[], None]
) -> None:
    cat = images.save(image(ada, cat=1))
    outbox_worker.process(ada)
    dog = images.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1

    images.save(retag(dog, [TagChange("dog", 1)], datetime.now(UTC)), dog)
    outbox_worker.process(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: cat, dog"]
    check_finished()


def test_announce_of_image_that_matches_again_sends_another_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock
) -> None:
    dog = images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    cat = images.save(retag(dog, [TagChange("dog", None, removes=True)], datetime.now(UTC)), dog)

    images.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)

    assert len(mails(ada)) == 2


def test_announce_of_untagged_image_reaches_its_subscription(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str
) -> None:
    subscriptions.add(ada, parse("untagged"))
    saved = images.save(image(ada))

    outbox_worker.process(ada)

    assert mails(ada) == [("1 new image", f"beach.jpg: no tags\n{UI_URL}/photos/{saved.id}\n")]


def test_announce_of_trashed_image_waits_until_it_is_restored(
    outbox_worker: OutboxWorker, images: Images, library: Library, ada: str, clock: Clock
) -> None:
    saved = images.save(image(ada, dog=1))
    library.trash(ada, saved.id)
    outbox_worker.process(ada)
    early = mails(ada)

    library.restore(ada, saved.id)
    clock.ahead += TRASHED_PAUSE_SECONDS
    outbox_worker.process(ada)

    assert (len(early), len(mails(ada))) == (0, 1)


def test_announce_of_restored_image_sends_nothing_new(
    outbox_worker: OutboxWorker,
    images: Images,
    library: Library,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
) -> None:
    saved = images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    library.trash(ada, saved.id)

    library.restore(ada, saved.id)
    outbox_worker.process(ada)

    assert len(mails(ada)) == 1
    check_finished()


def test_announce_of_image_with_two_rows_lists_it_once(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str
) -> None:
    subscriptions.add(ada, parse("cat"))
    dog = images.save(image(ada, dog=1))
    images.save(retag(dog, [TagChange("cat", 1)], datetime.now(UTC)), dog)

    outbox_worker.process(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: cat, dog"]


def test_announce_within_the_cooldown_collects_images_for_one_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock, check_finished: Callable[[], None]
) -> None:
    images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    for label in ("person", "cat"):
        images.save(image(ada, counts={label: 1}, dog=1))
        outbox_worker.process(ada)
    number_within_cooldown = len(mails(ada))

    clock.ahead += DIGEST_COOLDOWN_SECONDS + 2
    outbox_worker.process(ada)

    assert number_within_cooldown == 1
    assert [subject for subject, _ in mails(ada)] == ["1 new image: dog", "2 new images: cat, dog, person"]
    check_finished()


def test_announce_to_unconfirmed_address_waits_for_the_confirmation(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    mail: Mail,
    owner: str,
    clock: Clock,
    check_finished: Callable[[], None],
) -> None:
    subscriptions.add(owner, parse("dog"))
    images.save(image(owner, dog=1))
    outbox_worker.process(owner)

    mail.subscribe(owner, "ada@example.com")
    outbox_worker.process(owner)
    early = mails(owner)
    clock.ahead += UNCONFIRMED_PAUSE_SECONDS + 1
    outbox_worker.process(owner)

    assert early == []
    assert [subject for subject, _ in mails(owner)] == ["1 new image: dog"]
    check_finished()


def test_announce_to_unconfirmed_address_is_dropped_after_a_week(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    mail: Mail,
    owner: str,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
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
    assert mails(owner) == []
    assert outbox_worker.list_due() == []


def test_announce_of_old_row_to_confirmed_address_sends_a_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock
) -> None:
    images.save(image(ada, dog=1))
    clock.ahead = UNCONFIRMED_LIFE_SECONDS * 2

    outbox_worker.process(ada)

    assert len(mails(ada)) == 1


def test_announce_with_failed_publish_is_retried_after_the_lease(
    outbox_worker: OutboxWorker,
    images: Images,
    sns: "SNSClient",
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
) -> None:
    saved = images.save(image(ada, dog=1))
    with before(sns, "sns.Publish", fail), pytest.raises(InjectedFault):
        outbox_worker.process(ada)

    outbox_worker.process(ada)
    while_leased = mails(ada)
    clock.ahead += LEASE_SECONDS + 1
    outbox_worker.process(ada)

    assert while_leased == []
    assert mails(ada) == [("1 new image: dog", f"beach.jpg: dog 1\n{UI_URL}/photos/{saved.id}\n")]
    check_finished()


def test_announce_with_crash_after_publish_repeats_the_digest_once(
    outbox_worker: OutboxWorker,
    images: Images,
    dynamodb: "DynamoDBClient",
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
) -> None:
    images.save(image(ada, dog=1))
    with before(dynamodb, "dynamodb.DeleteItem", fail), pytest.raises(InjectedFault):
        outbox_worker.process(ada)

    clock.ahead += LEASE_SECONDS + 1
    for _ in range(3):
        outbox_worker.process(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: dog"] * 2
    check_finished()


def test_announce_by_two_workers_at_once_sends_one_digest(
    outbox_worker: OutboxWorker,
    images: Images,
    dynamodb: "DynamoDBClient",
    ada: str,
    check_finished: Callable[[], None],
) -> None:
    other = replace(outbox_worker, outbox=DynamoOutbox(boto3.client("dynamodb"), TABLE_NAME))
    images.save(image(ada, dog=1))

    with before(dynamodb, "dynamodb.UpdateItem", lambda: other.process(ada)):
        outbox_worker.process(ada)

    assert len(mails(ada)) == 1
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
