import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest

from app.adapters.aws.bucket import FORM_SECONDS, Bucket, Upload
from app.adapters.aws.items import LATE_SECONDS, attributes, redetection_key
from app.adapters.aws.outbox import LEASE_SECONDS, Outbox
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import TRASH_LIFE, Table
from app.adapters.aws.topics import Topics
from app.domain.errors import ImageNotFound
from app.domain.images import Change, Rendition, State, new_id, retagged, tombstone
from app.domain.query import parse
from app.services import outbox_worker as relay_module
from app.services.library import Catalog
from app.services.outbox_worker import (
    DIGEST_PAUSE_SECONDS,
    MAX_LISTED,
    QUEUED_PAUSE_SECONDS,
    TRASHED_PAUSE_SECONDS,
    UNCONFIRMED_LIFE_SECONDS,
    UNCONFIRMED_PAUSE_SECONDS,
    Relay,
    digest,
)
from tests.conftest import BUCKET_NAME, TABLE_NAME, Clock, FakeDetector, before, image, mails
from tests.support.invariants import check_invariants, left_of
from tests.support.tokens import SETTINGS
from tests.support.user_pool import declared

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
def nothing_left(relay: Relay, clock: Clock) -> Callable[[], None]:
    """Asserts that everything is worked off, also what is due later, and that the invariants of the table hold."""

    def check() -> None:
        clock.ahead += 3600
        assert relay.due() == []
        check_invariants(TABLE_NAME)

    return check


def objects(s3: "S3Client") -> int:
    return s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"]


def test_a_new_image_that_matches_is_announced_once(
    relay: Relay, table: Table, ada: str, nothing_left: Callable[[], None]
) -> None:
    saved = [table.save(image(ada, dog=1)), table.save(image(ada, dog=2, person=1)), table.save(image(ada, dog=1))]

    for _ in range(2):
        relay.work_off(ada)

    ((subject, body),) = mails(ada)
    assert subject == "3 new images: dog, person"
    assert [f"{UI}/photos/{one.id}" in body for one in saved] == [True, True, True]
    assert "beach.jpg: dog 2, person 1\n" in body
    nothing_left()


def test_what_nobody_waits_for_is_worked_off_without_a_mail(
    relay: Relay, table: Table, ada: str, nothing_left: Callable[[], None]
) -> None:
    table.save(image(ada, cat=1))

    relay.work_off(ada)

    assert mails(ada) == []
    nothing_left()


def test_nothing_to_do_is_no_error(relay: Relay, ada: str) -> None:
    relay.work_off(ada)

    assert mails(ada) == []


def test_a_change_is_announced_when_the_image_matches_now_and_did_not_before(
    relay: Relay, table: Table, ada: str, clock: Clock, nothing_left: Callable[[], None]
) -> None:
    cat = table.save(image(ada, cat=1))
    relay.work_off(ada)
    dog = table.save(retagged(cat, [Change("dog", 1)], datetime.now(UTC)), cat)
    relay.work_off(ada)
    clock.ahead += DIGEST_PAUSE_SECONDS + 1

    table.save(retagged(dog, [Change("dog", 1)], datetime.now(UTC)), dog)
    relay.work_off(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: cat, dog"]
    nothing_left()


def test_an_image_that_matches_again_is_announced_again(relay: Relay, table: Table, ada: str, clock: Clock) -> None:
    dog = table.save(image(ada, dog=1))
    relay.work_off(ada)
    clock.ahead += DIGEST_PAUSE_SECONDS + 1
    cat = table.save(retagged(dog, [Change("dog", None, removes=True)], datetime.now(UTC)), dog)

    table.save(retagged(cat, [Change("dog", 1)], datetime.now(UTC)), cat)
    relay.work_off(ada)

    assert len(mails(ada)) == 2


def test_an_image_without_tags_reaches_who_waits_for_untagged_ones(
    relay: Relay, table: Table, subscriptions: Subscriptions, ada: str
) -> None:
    subscriptions.add(ada, parse("untagged"))
    saved = table.save(image(ada))

    relay.work_off(ada)

    assert mails(ada) == [("1 new image", f"beach.jpg: no tags\n{UI}/photos/{saved.id}\n")]


def test_an_image_that_is_in_the_trash_by_now_is_announced_once_it_is_restored(
    relay: Relay, table: Table, catalog: Catalog, ada: str, clock: Clock
) -> None:
    saved = table.save(image(ada, dog=1))
    catalog.trash(ada, saved.id)
    relay.work_off(ada)
    before = mails(ada)

    catalog.restore(ada, saved.id)
    clock.ahead += TRASHED_PAUSE_SECONDS
    relay.work_off(ada)

    assert (len(before), len(mails(ada))) == (0, 1)


def test_coming_back_from_the_trash_is_no_news(
    relay: Relay, table: Table, catalog: Catalog, ada: str, clock: Clock, nothing_left: Callable[[], None]
) -> None:
    saved = table.save(image(ada, dog=1))
    relay.work_off(ada)
    clock.ahead += DIGEST_PAUSE_SECONDS + 1
    catalog.trash(ada, saved.id)

    catalog.restore(ada, saved.id)
    relay.work_off(ada)

    assert len(mails(ada)) == 1
    nothing_left()


def test_an_image_that_is_news_twice_stands_in_the_mail_once(
    relay: Relay, table: Table, subscriptions: Subscriptions, ada: str
) -> None:
    subscriptions.add(ada, parse("cat"))
    dog = table.save(image(ada, dog=1))
    table.save(retagged(dog, [Change("cat", 1)], datetime.now(UTC)), dog)

    relay.work_off(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: cat, dog"]


def test_within_a_minute_mail_waits_and_then_tells_everything_at_once(
    relay: Relay, table: Table, ada: str, clock: Clock, nothing_left: Callable[[], None]
) -> None:
    table.save(image(ada, dog=1))
    relay.work_off(ada)
    for label in ("person", "cat"):
        table.save(image(ada, counts={label: 1}, dog=1))
        relay.work_off(ada)
    within = len(mails(ada))

    clock.ahead += DIGEST_PAUSE_SECONDS + 2
    relay.work_off(ada)

    assert within == 1
    assert [subject for subject, _ in mails(ada)] == ["1 new image: dog", "2 new images: cat, dog, person"]
    nothing_left()


def test_mail_waits_until_the_address_is_confirmed(
    relay: Relay,
    table: Table,
    subscriptions: Subscriptions,
    topics: Topics,
    owner: str,
    clock: Clock,
    nothing_left: Callable[[], None],
) -> None:
    subscriptions.add(owner, parse("dog"))
    table.save(image(owner, dog=1))
    relay.work_off(owner)

    topics.subscribe(owner, "ada@example.com")
    relay.work_off(owner)
    early = mails(owner)
    clock.ahead += UNCONFIRMED_PAUSE_SECONDS + 1
    relay.work_off(owner)

    assert early == []
    assert [subject for subject, _ in mails(owner)] == ["1 new image: dog"]
    nothing_left()


def test_mail_waits_a_week_for_the_address_to_be_confirmed(
    relay: Relay,
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
    relay.work_off(owner)
    within = caplog.messages[:]

    clock.ahead = UNCONFIRMED_LIFE_SECONDS + UNCONFIRMED_PAUSE_SECONDS
    relay.work_off(owner)
    topics.subscribe(owner, "ada@example.com")
    clock.ahead *= 2
    relay.work_off(owner)

    assert within == []
    assert caplog.messages == [f"gave up announcing {saved.id}: its owner has not confirmed an address in time"]
    assert mails(owner) == []
    assert relay.due() == []


def test_news_that_is_old_is_told_to_who_has_confirmed_an_address(
    relay: Relay, table: Table, ada: str, clock: Clock
) -> None:
    table.save(image(ada, dog=1))
    clock.ahead = UNCONFIRMED_LIFE_SECONDS * 2

    relay.work_off(ada)

    assert len(mails(ada)) == 1


def test_mail_waits_until_sns_is_back(
    relay: Relay, table: Table, sns: "SNSClient", ada: str, clock: Clock, nothing_left: Callable[[], None]
) -> None:
    saved = table.save(image(ada, dog=1))
    with before(sns, "sns.Publish", fail), pytest.raises(Broken):
        relay.work_off(ada)

    relay.work_off(ada)
    while_leased = mails(ada)
    clock.ahead += LEASE_SECONDS + 1
    relay.work_off(ada)

    assert while_leased == []
    assert mails(ada) == [("1 new image: dog", f"beach.jpg: dog 1\n{UI}/photos/{saved.id}\n")]
    nothing_left()


def test_a_crash_after_the_mail_costs_one_more_and_loses_nothing(
    relay: Relay, table: Table, dynamodb: "DynamoDBClient", ada: str, clock: Clock, nothing_left: Callable[[], None]
) -> None:
    table.save(image(ada, dog=1))
    with before(dynamodb, "dynamodb.DeleteItem", fail), pytest.raises(Broken):
        relay.work_off(ada)

    clock.ahead += LEASE_SECONDS + 1
    for _ in range(3):
        relay.work_off(ada)

    assert [subject for subject, _ in mails(ada)] == ["1 new image: dog"] * 2
    nothing_left()


def test_two_relays_at_once_send_one_mail(
    relay: Relay, table: Table, dynamodb: "DynamoDBClient", ada: str, nothing_left: Callable[[], None]
) -> None:
    other = replace(relay, outbox=Outbox(boto3.client("dynamodb"), TABLE_NAME))
    table.save(image(ada, dog=1))

    with before(dynamodb, "dynamodb.UpdateItem", lambda: other.work_off(ada)):
        relay.work_off(ada)

    assert len(mails(ada)) == 1
    nothing_left()


@pytest.fixture
def trashed(catalog: Catalog, detector: FakeDetector, owner: str, photo: bytes) -> str:
    """The id of an image that its owner has put into the trash just now."""
    detector.sees = {"dog": 1}
    pending = catalog.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), most=10_000)
    catalog.ingest(owner, pending.id)
    catalog.trash(owner, pending.id)
    return pending.id


def test_after_thirty_days_in_the_trash_an_image_is_purged(
    relay: Relay, table: Table, s3: "S3Client", owner: str, trashed: str, clock: Clock
) -> None:
    relay.work_off(owner)
    kept = table.get_image(owner, trashed).state

    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1
    relay.work_off(owner)

    assert kept == "trashed"
    with pytest.raises(ImageNotFound):
        table.get_image(owner, trashed)
    assert objects(s3) == 0


def test_what_a_purge_leaves_to_do_is_worked_off(
    relay: Relay, s3: "S3Client", owner: str, trashed: str, clock: Clock, nothing_left: Callable[[], None]
) -> None:
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1

    for _ in range(2):
        relay.work_off(owner)

    assert objects(s3) == 0
    nothing_left()


def test_an_image_that_was_restored_in_between_stays(
    relay: Relay,
    table: Table,
    catalog: Catalog,
    owner: str,
    trashed: str,
    clock: Clock,
    nothing_left: Callable[[], None],
) -> None:
    catalog.restore(owner, trashed)
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1

    relay.work_off(owner)

    assert table.get_image(owner, trashed).state == "ready"
    nothing_left()


def test_an_image_that_was_trashed_again_has_its_full_time_again(
    relay: Relay, table: Table, catalog: Catalog, owner: str, trashed: str, clock: Clock
) -> None:
    relay.work_off(owner)
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1
    (row,) = relay.outbox.lease(owner)
    clock.ahead = 0
    relay.outbox.postpone(row, int(clock.time()))
    catalog.restore(owner, trashed)
    catalog.trash(owner, trashed)

    relay.work_off(owner)

    assert table.get_image(owner, trashed).state == "trashed"


def test_the_end_of_a_duplicate_does_not_purge_the_first_from_the_trash(
    relay: Relay, table: Table, catalog: Catalog, owner: str, nothing_left: Callable[[], None]
) -> None:
    first = table.save(image(owner, dog=1))
    second = table.save(image(owner, State.PENDING))
    table.save(tombstone(second, duplicate_of=first.id), second)
    catalog.trash(owner, first.id)  # now both are at the same version

    relay.work_off(owner)

    assert table.get_image(owner, first.id).state == "trashed"


def test_a_purge_that_was_cut_off_is_swept(
    relay: Relay, catalog: Catalog, s3: "S3Client", owner: str, trashed: str, nothing_left: Callable[[], None]
) -> None:
    with before(s3, "s3.DeleteObjects", fail), pytest.raises(Broken):
        catalog.purge(owner, trashed)
    cut_off = objects(s3)

    relay.work_off(owner)

    assert (cut_off, objects(s3)) == (3, 0)
    nothing_left()


def test_an_upload_that_was_given_up_leaves_nothing_to_do(
    relay: Relay, catalog: Catalog, s3: "S3Client", owner: str, photo: bytes, nothing_left: Callable[[], None]
) -> None:
    pending = catalog.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), most=10_000)
    catalog.trash(owner, pending.id)

    relay.work_off(owner)

    assert objects(s3) == 0
    nothing_left()


def test_a_mail_lists_the_first_images_and_counts_the_rest() -> None:
    images = [image("ada", dog=1) for _ in range(MAX_LISTED + 2)]

    subject, body = digest(images, UI)

    assert subject == "22 new images: dog"
    assert body.count(f"{UI}/photos/") == MAX_LISTED
    assert body.endswith(f"… and 2 more: {UI}\n")


def test_a_mail_about_as_many_as_it_lists_counts_no_rest() -> None:
    _, body = digest([image("ada", dog=1)] * MAX_LISTED, UI)

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
def library(table: Table, owner: str) -> list[str]:
    """The ids of seven ready images, among others."""
    ids = [table.save(image(owner, dog=1)).id for _ in range(7)]
    for state in (State.PENDING, State.FAILED, State.TRASHED):
        table.save(image(owner, state))
    table.save(image("other", dog=1))
    return ids


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "QUEUED_PAGE", 2)
    monkeypatch.setattr(relay_module, "MAX_QUEUED", 5)


def test_a_library_is_queued_page_by_page(
    relay: Relay,
    redetections: Redetections,
    outbox: Outbox,
    owner: str,
    library: list[str],
    queued: Callable[[], list[str]],
    clock: Clock,
) -> None:
    begun = redetections.begin(owner)

    relay.work_off(owner)
    first = redetections.get(owner)
    clock.ahead += QUEUED_PAUSE_SECONDS
    relay.work_off(owner)
    still = redetections.get(owner)
    for _ in range(2):
        redetections.count(owner, begun.id)
    clock.ahead += QUEUED_PAUSE_SECONDS
    relay.work_off(owner)

    assert (first.queued, first.queued_all) == (6, False)
    assert still == first
    assert (redetections.get(owner).queued, redetections.get(owner).queued_all) == (7, True)
    assert queued() == library
    clock.ahead += LEASE_SECONDS + 1
    assert outbox.lease(owner) == []


def test_a_library_that_was_forgotten_is_not_queued(
    relay: Relay, redetections: Redetections, dynamodb: "DynamoDBClient", outbox: Outbox, owner: str, clock: Clock
) -> None:
    begun = redetections.begin(owner)
    dynamodb.delete_item(TableName=TABLE_NAME, Key=attributes(redetection_key(owner, begun.id)))

    relay.work_off(owner)

    clock.ahead += LEASE_SECONDS + 1
    assert outbox.lease(owner) == []


def test_a_page_that_was_cut_off_is_queued_again_and_counted_once(
    relay: Relay,
    redetections: Redetections,
    owner: str,
    library: list[str],
    queued: Callable[[], list[str]],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = redetections.begin(owner)
    with monkeypatch.context() as patch:
        patch.setattr(redetections, "advance", lambda *_: fail())
        with pytest.raises(Broken):
            relay.work_off(owner)
    assert redetections.get(owner) == begun

    for _ in library:
        clock.ahead += LEASE_SECONDS + 1
        relay.work_off(owner)
        redetections.count(owner, begun.id)

    assert redetections.get(owner).queued == len(library)
    assert queued() == sorted([*library, *library[-2:]])


Left = Callable[[], list[str]]


@pytest.fixture
def left(sns: "SNSClient", owner: str) -> Left:
    """What there is of an owner anywhere, but for tombstones."""

    def left() -> list[str]:
        topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
        stored = left_of(owner, TABLE_NAME, BUCKET_NAME)
        return stored + [topic for topic in topics if topic == SETTINGS.topic_prefix + owner]

    return left


@pytest.fixture
def leaving(ada: str, trashed: str, catalog: Catalog, table: Table, outbox: Outbox, photo: bytes) -> str:
    """An owner who has something of everything, and has asked to be forgotten just now."""
    table.save(image(ada, dog=1))
    for data in (photo + b"other bytes", b"<html>"):
        catalog.ingest(ada, catalog.receive(ada, Upload(data, "image/jpeg", "beach.jpg"), most=10_000).id)
    catalog.receive(ada, Upload(photo, "image/jpeg", "beach.jpg"), most=10_000)
    outbox.put_forget(ada)
    return ada


def work_off_all(relay: Relay, owner: str, clock: Clock) -> None:
    """Run until the owner is forgotten."""
    while relay.outbox.has_forget(owner):
        relay.work_off(owner)
        clock.ahead += LEASE_SECONDS + 1


def test_of_who_is_forgotten_nothing_stays_but_tombstones(
    relay: Relay, table: Table, leaving: str, clock: Clock, left: Left, nothing_left: Callable[[], None]
) -> None:
    others = table.save(image("somebody else", dog=1))
    before = left()

    work_off_all(relay, leaving, clock)

    assert before
    assert left() == []
    assert table.get_image("somebody else", others.id) == others
    relay.work_off("somebody else")
    nothing_left()


def test_a_wish_to_be_forgotten_outlives_tokens_and_the_forms_they_are_given(
    relay: Relay, leaving: str, clock: Clock, left: Left
) -> None:
    clock.ahead = LATE_SECONDS - 600
    for _ in range(3):
        relay.work_off(leaving)
        clock.ahead += LEASE_SECONDS + 1
    waiting = left()

    clock.ahead = LATE_SECONDS + 60
    relay.work_off(leaving)

    assert ([key[:4] for key in waiting], left()) == (["OUT#"], [])
    assert declared("Client")["TokenValidityUnits"]["AccessToken"] == "minutes"
    assert declared("Client")["AccessTokenValidity"] * 60 + FORM_SECONDS < LATE_SECONDS


def test_what_comes_late_is_forgotten_too(
    relay: Relay,
    catalog: Catalog,
    bucket: Bucket,
    table: Table,
    subscriptions: Subscriptions,
    topics: Topics,
    leaving: str,
    photo: bytes,
    clock: Clock,
    left: Left,
) -> None:
    offered, _ = catalog.offer(leaving, name="a.jpg", media_type="image/jpeg", size=1)
    for _ in range(3):
        relay.work_off(leaving)
        clock.ahead += LEASE_SECONDS + 1
    upload = Upload(photo, "image/jpeg", "late.jpg")
    without_row = new_id()
    for image_id in (offered.id, without_row):
        bucket.claim(Rendition.INCOMING.key(leaving, image_id), upload)
        catalog.ingest(leaving, image_id)
    subscriptions.add(leaving, parse("dog"))
    topics.subscribe(leaving, "ada@example.com")
    back = [one.state for each in (offered.id, without_row) if (one := table.find_image(leaving, each))]

    clock.ahead = LATE_SECONDS + 60
    work_off_all(relay, leaving, clock)

    assert back == [State.GONE, State.READY]
    assert left() == []


def test_who_is_to_be_forgotten_gets_no_mail(
    relay: Relay, table: Table, subscriptions: Subscriptions, topics: Topics, ada: str, outbox: Outbox, clock: Clock
) -> None:
    table.save(image(ada, dog=1))
    outbox.put_forget(ada)
    relay.work_off(ada)
    subscriptions.add(ada, parse("dog"))
    topics.subscribe(ada, "ada@example.com")
    table.save(image(ada, dog=1))

    relay.work_off(ada)

    assert mails(ada) == []


def test_a_large_library_is_forgotten_in_several_runs(
    relay: Relay,
    table: Table,
    outbox: Outbox,
    owner: str,
    clock: Clock,
    left: Left,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay_module, "MAX_FORGOTTEN_IMAGES", 2)
    for _ in range(5):
        table.save(image(owner, dog=1))
    outbox.put_forget(owner)

    there = []
    for _ in range(3):
        relay.work_off(owner)
        clock.ahead += LEASE_SECONDS + 1
        there.append(len(list(table.list_ids(owner))))

    assert there == [3, 1, 0]
    work_off_all(relay, owner, clock)
    assert left() == []


def test_who_asks_again_while_the_account_still_lives_is_forgotten_again(
    relay: Relay, table: Table, outbox: Outbox, leaving: str, clock: Clock, left: Left
) -> None:
    work_off_all(relay, leaving, clock)
    table.save(image(leaving, dog=1))
    outbox.put_forget(leaving)
    outbox.put_forget(leaving)

    work_off_all(relay, leaving, clock)

    assert left() == []


def test_forgetting_can_be_cut_off_before_any_call(
    relay: Relay,
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
                relay.work_off(leaving)
            except Broken:
                return False
        return True

    needed = []
    while relay.outbox.has_forget(leaving):
        calls = 0
        while not gets_through(calls):
            clock.ahead += LEASE_SECONDS + 1
            calls += 1
        clock.ahead += LEASE_SECONDS + 1
        needed.append(calls)

    assert len(needed) >= 3  # images, then rows, then a look whether nothing is left
    assert left() == []
    nothing_left()
