import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest

from app.adapters.aws.bucket import FORM_SECONDS, Bucket, Upload
from app.adapters.aws.items import attributes, redetection_key
from app.adapters.aws.outbox import LEASE_SECONDS, Outbox
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table
from app.adapters.aws.topics import Topics
from app.domain.edits import TagChange, retag
from app.domain.errors import ImageNotFound
from app.domain.ids import Rendition, new_id
from app.domain.images import ImageState, make_tombstone
from app.domain.outbox import DIGEST_COOLDOWN_SECONDS, LATE_WRITE_SECONDS, TRASH_LIFE
from app.domain.query import parse
from app.services import outbox_worker as outbox_worker_module
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.notifications import (
    MAX_LISTED,
    TRASHED_PAUSE_SECONDS,
    UNCONFIRMED_LIFE_SECONDS,
    UNCONFIRMED_PAUSE_SECONDS,
    write_digest,
)
from app.services.outbox_worker import QUEUED_PAUSE_SECONDS, OutboxWorker
from tests.support.aws import BUCKET_NAME, TABLE_NAME, before, mails
from tests.support.fakes import Clock, FakeDetector, image
from tests.support.invariants import check_invariants, list_leftovers
from tests.support.template import declared
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

UI = "https://pixtag.example"


class Broken(Exception):
    """What an injected fault raises."""


def fail() -> None:
    raise Broken


@pytest.fixture
def ada(subscriptions: Subscriptions, topics: Topics, owner: str) -> str:
    """An owner who waits for dogs, and whose address is confirmed."""
    subscriptions.add(owner, parse("dog"))
    topics.subscribe(owner, "ada@example.com")
    return owner


@pytest.fixture
def nothing_left(outbox_worker: OutboxWorker, clock: Clock) -> Callable[[], None]:
    """Asserts that everything is worked off, also what is due later, and that the invariants of the table hold."""

    def check() -> None:
        clock.ahead += 3600
        assert outbox_worker.list_due() == []
        check_invariants(TABLE_NAME)

    return check


def objects(s3: "S3Client") -> int:
    return s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"]


def test_a_new_image_that_matches_is_announced_once(
    outbox_worker: OutboxWorker, table: Table, ada: str, nothing_left: Callable[[], None]
) -> None:
    saved = [table.save(image(ada, dog=1)), table.save(image(ada, dog=2, person=1)), table.save(image(ada, dog=1))]

    for _ in range(2):
        outbox_worker.process(ada)

    ((subject, body),) = mails(ada)
    assert subject == "3 new images: dog, person"
    assert [f"{UI}/photos/{one.id}" in body for one in saved] == [True, True, True]
    assert "beach.jpg: dog 2, person 1\n" in body
    nothing_left()


def test_what_nobody_waits_for_is_worked_off_without_a_mail(
    outbox_worker: OutboxWorker, table: Table, ada: str, nothing_left: Callable[[], None]
) -> None:
    table.save(image(ada, cat=1))

    outbox_worker.process(ada)

    assert mails(ada) == []
    nothing_left()


def test_nothing_to_do_is_no_error(outbox_worker: OutboxWorker, ada: str) -> None:
    outbox_worker.process(ada)

    assert mails(ada) == []


def test_a_change_is_announced_when_the_image_matches_now_and_did_not_before(
    outbox_worker: OutboxWorker, table: Table, ada: str, clock: Clock, nothing_left: Callable[[], None]
) -> None:
    cat = table.save(image(ada, cat=1))
    outbox_worker.process(ada)
    dog = table.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1

    table.save(retag(dog, [TagChange("dog", 1)], datetime.now(UTC)), dog)
    outbox_worker.process(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: cat, dog"]
    nothing_left()


def test_an_image_that_matches_again_is_announced_again(
    outbox_worker: OutboxWorker, table: Table, ada: str, clock: Clock
) -> None:
    dog = table.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    cat = table.save(retag(dog, [TagChange("dog", None, removes=True)], datetime.now(UTC)), dog)

    table.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)

    assert len(mails(ada)) == 2


def test_an_image_without_tags_reaches_who_waits_for_untagged_ones(
    outbox_worker: OutboxWorker, table: Table, subscriptions: Subscriptions, ada: str
) -> None:
    subscriptions.add(ada, parse("untagged"))
    saved = table.save(image(ada))

    outbox_worker.process(ada)

    assert mails(ada) == [("1 new image", f"beach.jpg: no tags\n{UI}/photos/{saved.id}\n")]


def test_an_image_that_is_in_the_trash_by_now_is_announced_once_it_is_restored(
    outbox_worker: OutboxWorker, table: Table, library: Library, ada: str, clock: Clock
) -> None:
    saved = table.save(image(ada, dog=1))
    library.trash(ada, saved.id)
    outbox_worker.process(ada)
    before = mails(ada)

    library.restore(ada, saved.id)
    clock.ahead += TRASHED_PAUSE_SECONDS
    outbox_worker.process(ada)

    assert (len(before), len(mails(ada))) == (0, 1)


def test_coming_back_from_the_trash_is_no_news(
    outbox_worker: OutboxWorker,
    table: Table,
    library: Library,
    ada: str,
    clock: Clock,
    nothing_left: Callable[[], None],
) -> None:
    saved = table.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    library.trash(ada, saved.id)

    library.restore(ada, saved.id)
    outbox_worker.process(ada)

    assert len(mails(ada)) == 1
    nothing_left()


def test_an_image_that_is_news_twice_stands_in_the_mail_once(
    outbox_worker: OutboxWorker, table: Table, subscriptions: Subscriptions, ada: str
) -> None:
    subscriptions.add(ada, parse("cat"))
    dog = table.save(image(ada, dog=1))
    table.save(retag(dog, [TagChange("cat", 1)], datetime.now(UTC)), dog)

    outbox_worker.process(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: cat, dog"]


def test_within_a_minute_mail_waits_and_then_tells_everything_at_once(
    outbox_worker: OutboxWorker, table: Table, ada: str, clock: Clock, nothing_left: Callable[[], None]
) -> None:
    table.save(image(ada, dog=1))
    outbox_worker.process(ada)
    for label in ("person", "cat"):
        table.save(image(ada, counts={label: 1}, dog=1))
        outbox_worker.process(ada)
    within = len(mails(ada))

    clock.ahead += DIGEST_COOLDOWN_SECONDS + 2
    outbox_worker.process(ada)

    assert within == 1
    assert [subject for subject, _ in mails(ada)] == ["1 new image: dog", "2 new images: cat, dog, person"]
    nothing_left()


def test_mail_waits_until_the_address_is_confirmed(
    outbox_worker: OutboxWorker,
    table: Table,
    subscriptions: Subscriptions,
    topics: Topics,
    owner: str,
    clock: Clock,
    nothing_left: Callable[[], None],
) -> None:
    subscriptions.add(owner, parse("dog"))
    table.save(image(owner, dog=1))
    outbox_worker.process(owner)

    topics.subscribe(owner, "ada@example.com")
    outbox_worker.process(owner)
    early = mails(owner)
    clock.ahead += UNCONFIRMED_PAUSE_SECONDS + 1
    outbox_worker.process(owner)

    assert early == []
    assert [subject for subject, _ in mails(owner)] == ["1 new image: dog"]
    nothing_left()


def test_mail_waits_a_week_for_the_address_to_be_confirmed(
    outbox_worker: OutboxWorker,
    table: Table,
    subscriptions: Subscriptions,
    topics: Topics,
    owner: str,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    subscriptions.add(owner, parse("dog"))
    saved = table.save(image(owner, dog=1))
    clock.ahead = UNCONFIRMED_LIFE_SECONDS - 60
    outbox_worker.process(owner)
    within = caplog.messages[:]

    clock.ahead = UNCONFIRMED_LIFE_SECONDS + UNCONFIRMED_PAUSE_SECONDS
    outbox_worker.process(owner)
    topics.subscribe(owner, "ada@example.com")
    clock.ahead *= 2
    outbox_worker.process(owner)

    assert within == []
    assert caplog.messages == [f"dropped the announcement of {saved.id}: the owner did not confirm an address"]
    assert mails(owner) == []
    assert outbox_worker.list_due() == []


def test_news_that_is_old_is_told_to_who_has_confirmed_an_address(
    outbox_worker: OutboxWorker, table: Table, ada: str, clock: Clock
) -> None:
    table.save(image(ada, dog=1))
    clock.ahead = UNCONFIRMED_LIFE_SECONDS * 2

    outbox_worker.process(ada)

    assert len(mails(ada)) == 1


def test_mail_waits_until_sns_is_back(
    outbox_worker: OutboxWorker,
    table: Table,
    sns: "SNSClient",
    ada: str,
    clock: Clock,
    nothing_left: Callable[[], None],
) -> None:
    saved = table.save(image(ada, dog=1))
    with before(sns, "sns.Publish", fail), pytest.raises(Broken):
        outbox_worker.process(ada)

    outbox_worker.process(ada)
    while_leased = mails(ada)
    clock.ahead += LEASE_SECONDS + 1
    outbox_worker.process(ada)

    assert while_leased == []
    assert mails(ada) == [("1 new image: dog", f"beach.jpg: dog 1\n{UI}/photos/{saved.id}\n")]
    nothing_left()


def test_a_crash_after_the_mail_costs_one_more_and_loses_nothing(
    outbox_worker: OutboxWorker,
    table: Table,
    dynamodb: "DynamoDBClient",
    ada: str,
    clock: Clock,
    nothing_left: Callable[[], None],
) -> None:
    table.save(image(ada, dog=1))
    with before(dynamodb, "dynamodb.DeleteItem", fail), pytest.raises(Broken):
        outbox_worker.process(ada)

    clock.ahead += LEASE_SECONDS + 1
    for _ in range(3):
        outbox_worker.process(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: dog"] * 2
    nothing_left()


def test_two_relays_at_once_send_one_mail(
    outbox_worker: OutboxWorker, table: Table, dynamodb: "DynamoDBClient", ada: str, nothing_left: Callable[[], None]
) -> None:
    other = replace(outbox_worker, outbox=Outbox(boto3.client("dynamodb"), TABLE_NAME))
    table.save(image(ada, dog=1))

    with before(dynamodb, "dynamodb.UpdateItem", lambda: other.process(ada)):
        outbox_worker.process(ada)

    assert len(mails(ada)) == 1
    nothing_left()


@pytest.fixture
def trashed(library: Library, ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes) -> str:
    """The id of an image that its owner has put into the trash just now."""
    detector.sees = {"dog": 1}
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest(owner, pending.id)
    library.trash(owner, pending.id)
    return pending.id


def test_after_thirty_days_in_the_trash_an_image_is_purged(
    outbox_worker: OutboxWorker, table: Table, s3: "S3Client", owner: str, trashed: str, clock: Clock
) -> None:
    outbox_worker.process(owner)
    kept = table.get_image(owner, trashed).state

    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1
    outbox_worker.process(owner)

    assert kept == "trashed"
    with pytest.raises(ImageNotFound):
        table.get_image(owner, trashed)
    assert objects(s3) == 0


def test_what_a_purge_leaves_to_do_is_worked_off(
    outbox_worker: OutboxWorker,
    s3: "S3Client",
    owner: str,
    trashed: str,
    clock: Clock,
    nothing_left: Callable[[], None],
) -> None:
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1

    for _ in range(2):
        outbox_worker.process(owner)

    assert objects(s3) == 0
    nothing_left()


def test_an_image_that_was_restored_in_between_stays(
    outbox_worker: OutboxWorker,
    table: Table,
    library: Library,
    owner: str,
    trashed: str,
    clock: Clock,
    nothing_left: Callable[[], None],
) -> None:
    library.restore(owner, trashed)
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1

    outbox_worker.process(owner)

    assert table.get_image(owner, trashed).state == "ready"
    nothing_left()


def test_an_image_that_was_trashed_again_has_its_full_time_again(
    outbox_worker: OutboxWorker, table: Table, library: Library, owner: str, trashed: str, clock: Clock
) -> None:
    outbox_worker.process(owner)
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1
    (row,) = outbox_worker.outbox.lease(owner)
    clock.ahead = 0
    outbox_worker.outbox.postpone(row, int(clock.time()))
    library.restore(owner, trashed)
    library.trash(owner, trashed)

    outbox_worker.process(owner)

    assert table.get_image(owner, trashed).state == "trashed"


def test_the_end_of_a_duplicate_does_not_purge_the_first_from_the_trash(
    outbox_worker: OutboxWorker, table: Table, library: Library, owner: str, nothing_left: Callable[[], None]
) -> None:
    first = table.save(image(owner, dog=1))
    second = table.save(image(owner, ImageState.PENDING))
    table.save(make_tombstone(second, duplicate_of=first.id), second)
    library.trash(owner, first.id)  # now both are at the same version

    outbox_worker.process(owner)

    assert table.get_image(owner, first.id).state == "trashed"


def test_a_purge_that_was_cut_off_is_swept(
    outbox_worker: OutboxWorker,
    library: Library,
    s3: "S3Client",
    owner: str,
    trashed: str,
    nothing_left: Callable[[], None],
) -> None:
    with before(s3, "s3.DeleteObjects", fail), pytest.raises(Broken):
        library.purge(owner, trashed)
    cut_off = objects(s3)

    outbox_worker.process(owner)

    assert (cut_off, objects(s3)) == (3, 0)
    nothing_left()


def test_an_upload_that_was_given_up_leaves_nothing_to_do(
    outbox_worker: OutboxWorker,
    library: Library,
    ingest: Ingest,
    s3: "S3Client",
    owner: str,
    photo: bytes,
    nothing_left: Callable[[], None],
) -> None:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    library.trash(owner, pending.id)

    outbox_worker.process(owner)

    assert objects(s3) == 0
    nothing_left()


def test_a_mail_lists_the_first_images_and_counts_the_rest() -> None:
    images = [image("ada", dog=1) for _ in range(MAX_LISTED + 2)]

    subject, body = write_digest(images, UI)

    assert subject == "22 new images: dog"
    assert body.count(f"{UI}/photos/") == MAX_LISTED
    assert body.endswith(f"… and 2 more: {UI}\n")


def test_a_mail_about_as_many_as_it_lists_counts_no_rest() -> None:
    _, body = write_digest([image("ada", dog=1)] * MAX_LISTED, UI)

    assert "more" not in body


@pytest.fixture
def queued(sqs: "SQSClient") -> Callable[[], list[str]]:
    """Takes the ids of the images that are to be looked at again out of the queue."""

    def take() -> list[str]:
        found: list[str] = []
        while messages := sqs.receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"])["redetect"]["image"] for message in messages]
        return sorted(found)

    return take


@pytest.fixture
def filled_library(table: Table, owner: str) -> list[str]:
    """The ids of seven ready images, among others."""
    ids = [table.save(image(owner, dog=1)).id for _ in range(7)]
    for state in (ImageState.PENDING, ImageState.FAILED, ImageState.TRASHED):
        table.save(image(owner, state))
    table.save(image("other", dog=1))
    return ids


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_worker_module, "QUEUED_PAGE", 2)
    monkeypatch.setattr(outbox_worker_module, "MAX_QUEUED", 5)


def test_a_library_is_queued_page_by_page(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    outbox: Outbox,
    owner: str,
    filled_library: list[str],
    queued: Callable[[], list[str]],
    clock: Clock,
) -> None:
    begun = redetections.start(owner)

    outbox_worker.process(owner)
    first = redetections.get(owner)
    clock.ahead += QUEUED_PAUSE_SECONDS
    outbox_worker.process(owner)
    still = redetections.get(owner)
    for _ in range(2):
        redetections.record_done(owner, begun.id)
    clock.ahead += QUEUED_PAUSE_SECONDS
    outbox_worker.process(owner)

    assert (first.queued, first.queued_all) == (6, False)
    assert still == first
    assert (redetections.get(owner).queued, redetections.get(owner).queued_all) == (7, True)
    assert queued() == filled_library
    clock.ahead += LEASE_SECONDS + 1
    assert outbox.lease(owner) == []


def test_a_library_that_was_forgotten_is_not_queued(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    dynamodb: "DynamoDBClient",
    outbox: Outbox,
    owner: str,
    clock: Clock,
) -> None:
    begun = redetections.start(owner)
    dynamodb.delete_item(TableName=TABLE_NAME, Key=attributes(redetection_key(owner, begun.id)))

    outbox_worker.process(owner)

    clock.ahead += LEASE_SECONDS + 1
    assert outbox.lease(owner) == []


def test_a_page_that_was_cut_off_is_queued_again_and_counted_once(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    owner: str,
    filled_library: list[str],
    queued: Callable[[], list[str]],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = redetections.start(owner)
    with monkeypatch.context() as patch:
        patch.setattr(redetections, "record_queued", lambda *_: fail())
        with pytest.raises(Broken):
            outbox_worker.process(owner)
    assert redetections.get(owner) == begun

    for _ in filled_library:
        clock.ahead += LEASE_SECONDS + 1
        outbox_worker.process(owner)
        redetections.record_done(owner, begun.id)

    assert redetections.get(owner).queued == len(filled_library)
    assert queued() == sorted([*filled_library, *filled_library[-2:]])


Left = Callable[[], list[str]]


@pytest.fixture
def left(sns: "SNSClient", owner: str) -> Left:
    """What there is of an owner anywhere, but for tombstones."""

    def left() -> list[str]:
        topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
        stored = list_leftovers(owner, TABLE_NAME, BUCKET_NAME)
        return stored + [topic for topic in topics if topic == SETTINGS.topic_prefix + owner]

    return left


@pytest.fixture
def leaving(ada: str, trashed: str, ingest: Ingest, table: Table, outbox: Outbox, photo: bytes) -> str:
    """An owner who has something of everything, and has asked to be forgotten just now."""
    table.save(image(ada, dog=1))
    for data in (photo + b"other bytes", b"<html>"):
        ingest.ingest(ada, ingest.receive(ada, Upload(data, "image/jpeg", "beach.jpg"), max_bytes=10_000).id)
    ingest.receive(ada, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    outbox.put_account_deletion(ada)
    return ada


def work_off_all(outbox_worker: OutboxWorker, owner: str, clock: Clock) -> None:
    """Run until the owner is forgotten."""
    while outbox_worker.outbox.has_account_deletion(owner):
        outbox_worker.process(owner)
        clock.ahead += LEASE_SECONDS + 1


def test_of_who_is_forgotten_nothing_stays_but_tombstones(
    outbox_worker: OutboxWorker, table: Table, leaving: str, clock: Clock, left: Left, nothing_left: Callable[[], None]
) -> None:
    others = table.save(image("somebody else", dog=1))
    before = left()

    work_off_all(outbox_worker, leaving, clock)

    assert before
    assert left() == []
    assert table.get_image("somebody else", others.id) == others
    outbox_worker.process("somebody else")
    nothing_left()


def test_a_wish_to_be_forgotten_outlives_tokens_and_the_forms_they_are_given(
    outbox_worker: OutboxWorker, leaving: str, clock: Clock, left: Left
) -> None:
    clock.ahead = LATE_WRITE_SECONDS - 600
    for _ in range(3):
        outbox_worker.process(leaving)
        clock.ahead += LEASE_SECONDS + 1
    waiting = left()

    clock.ahead = LATE_WRITE_SECONDS + 60
    outbox_worker.process(leaving)

    assert ([key[:4] for key in waiting], left()) == (["OUT#"], [])
    assert declared("Client")["TokenValidityUnits"]["AccessToken"] == "minutes"
    assert declared("Client")["AccessTokenValidity"] * 60 + FORM_SECONDS < LATE_WRITE_SECONDS


def test_what_comes_late_is_forgotten_too(
    outbox_worker: OutboxWorker,
    ingest: Ingest,
    bucket: Bucket,
    table: Table,
    subscriptions: Subscriptions,
    topics: Topics,
    leaving: str,
    photo: bytes,
    clock: Clock,
    left: Left,
) -> None:
    offered, _ = ingest.offer(leaving, name="a.jpg", media_type="image/jpeg", size=1)
    for _ in range(3):
        outbox_worker.process(leaving)
        clock.ahead += LEASE_SECONDS + 1
    upload = Upload(photo, "image/jpeg", "late.jpg")
    without_row = new_id()
    for image_id in (offered.id, without_row):
        bucket.claim(Rendition.INCOMING.key(leaving, image_id), upload)
        ingest.ingest(leaving, image_id)
    subscriptions.add(leaving, parse("dog"))
    topics.subscribe(leaving, "ada@example.com")
    back = [one.state for each in (offered.id, without_row) if (one := table.find_image(leaving, each))]

    clock.ahead = LATE_WRITE_SECONDS + 60
    work_off_all(outbox_worker, leaving, clock)

    assert back == [ImageState.GONE, ImageState.READY]
    assert left() == []


def test_who_is_to_be_forgotten_gets_no_mail(
    outbox_worker: OutboxWorker,
    table: Table,
    subscriptions: Subscriptions,
    topics: Topics,
    ada: str,
    outbox: Outbox,
    clock: Clock,
) -> None:
    table.save(image(ada, dog=1))
    outbox.put_account_deletion(ada)
    outbox_worker.process(ada)
    subscriptions.add(ada, parse("dog"))
    topics.subscribe(ada, "ada@example.com")
    table.save(image(ada, dog=1))

    outbox_worker.process(ada)

    assert mails(ada) == []


def test_a_large_library_is_forgotten_in_several_runs(
    outbox_worker: OutboxWorker,
    table: Table,
    outbox: Outbox,
    owner: str,
    clock: Clock,
    left: Left,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_worker_module, "MAX_DELETED_IMAGES", 2)
    for _ in range(5):
        table.save(image(owner, dog=1))
    outbox.put_account_deletion(owner)

    there = []
    for _ in range(3):
        outbox_worker.process(owner)
        clock.ahead += LEASE_SECONDS + 1
        there.append(len(list(table.list_ids(owner))))

    assert there == [3, 1, 0]
    work_off_all(outbox_worker, owner, clock)
    assert left() == []


def test_who_asks_again_while_the_account_still_lives_is_forgotten_again(
    outbox_worker: OutboxWorker, table: Table, outbox: Outbox, leaving: str, clock: Clock, left: Left
) -> None:
    work_off_all(outbox_worker, leaving, clock)
    table.save(image(leaving, dog=1))
    outbox.put_account_deletion(leaving)
    outbox.put_account_deletion(leaving)

    work_off_all(outbox_worker, leaving, clock)

    assert left() == []


def test_forgetting_can_be_cut_off_before_any_call(
    outbox_worker: OutboxWorker,
    dynamodb: "DynamoDBClient",
    s3: "S3Client",
    sns: "SNSClient",
    leaving: str,
    clock: Clock,
    left: Left,
    nothing_left: Callable[[], None],
) -> None:
    def gets_through(calls: int) -> bool:
        """Let a run make so many calls of AWS; tell whether that was enough."""
        passing = iter(range(calls))

        def pass_or_fail() -> None:
            if next(passing, None) is None:
                fail()

        with ExitStack() as hooks:
            for client, service in ((dynamodb, "dynamodb"), (s3, "s3"), (sns, "sns")):
                hooks.enter_context(before(client, service, pass_or_fail))
            try:
                outbox_worker.process(leaving)
            except Broken:
                return False
        return True

    needed = []
    while outbox_worker.outbox.has_account_deletion(leaving):
        calls = 0
        while not gets_through(calls):
            clock.ahead += LEASE_SECONDS + 1
            calls += 1
        clock.ahead += LEASE_SECONDS + 1
        needed.append(calls)

    assert len(needed) >= 3  # images, then rows, then a look whether nothing is left
    assert left() == []
    nothing_left()
