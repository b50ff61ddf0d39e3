import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest

from app import wiring, worker
from app.adapters.aws.bucket import Upload
from app.adapters.aws.outbox import LEASE_SECONDS, Outbox
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table
from app.adapters.aws.topics import Topics
from app.domain.ids import Rendition, new_id
from app.domain.images import ImageState
from app.domain.outbox import LATE_WRITE_SECONDS
from app.domain.query import parse
from app.services.ingest import GIVEN_UP, Ingest
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker, redetection_message
from app.worker import SPARE_SECONDS, TRIES
from tests.support.aws import TABLE_NAME, mails
from tests.support.fakes import Clock, FakeDetector, image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


@pytest.fixture(autouse=True)
def wired(
    ingest: Ingest, outbox_worker: OutboxWorker, redetections: Redetections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "redetections", lambda: redetections)
    monkeypatch.setattr(wiring, "ingest", lambda: ingest)
    monkeypatch.setattr(wiring, "outbox_worker", lambda: outbox_worker)


@pytest.fixture
def people(subscriptions: Subscriptions, topics: Topics) -> list[str]:
    """Three who wait for dogs, in the order in which the schedule comes to them."""
    owners = ["ada", "grace", "katherine"]
    for owner in owners:
        subscriptions.add(owner, parse("dog"))
        topics.subscribe(owner, f"{owner}@example.com")
    return owners


def message(body: dict[str, Any]) -> dict[str, Any]:
    return {"messageId": new_id(), "body": json.dumps(body)}


def notification(*keys: str) -> dict[str, Any]:
    return message({"Records": [{"s3": {"object": {"key": quote_plus(key)}}} for key in keys]})


def test_a_notification_makes_its_image_ready(ingest: Ingest, table: Table, owner: str, photo: bytes) -> None:
    image = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)

    answer = worker.handler({"Records": [notification(Rendition.INCOMING.key(owner, image.id))]}, None)

    assert answer == {"batchItemFailures": []}
    assert table.get_image(owner, image.id).state == "ready"


def test_one_bad_message_does_not_sink_the_batch(ingest: Ingest, table: Table, owner: str, photo: bytes) -> None:
    image = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    bad = {"messageId": "bad", "body": "no JSON"}

    answer = worker.handler({"Records": [bad, notification(Rendition.INCOMING.key(owner, image.id))]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert table.get_image(owner, image.id).state == "ready"


def test_the_test_event_of_a_new_bucket_is_no_failure() -> None:
    assert worker.handler({"Records": [message({"Event": "s3:TestEvent"})]}, None) == {"batchItemFailures": []}


def test_a_key_that_is_no_upload_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    assert worker.handler({"Records": [notification("originals/a/b")]}, None) == {"batchItemFailures": []}
    assert "not an upload" in caplog.text


def test_a_notification_for_what_is_not_there_is_no_failure(owner: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    answer = worker.handler({"Records": [notification(Rendition.INCOMING.key(owner, new_id()))]}, None)

    assert answer == {"batchItemFailures": []}
    assert "no image" in caplog.text


def test_an_ingested_image_is_announced_at_once(
    ingest: Ingest,
    subscriptions: Subscriptions,
    topics: Topics,
    detector: FakeDetector,
    owner: str,
    photo: bytes,
) -> None:
    detector.sees = {"dog": 1}
    subscriptions.add(owner, parse("dog"))
    topics.subscribe(owner, "ada@example.com")
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)

    worker.handler({"Records": [notification(Rendition.INCOMING.key(owner, pending.id))]}, None)

    assert mails(owner) == [("1 new image: dog", f"beach.jpg: dog 1\nhttps://pixtag.example/photos/{pending.id}\n")]


def test_the_schedule_works_off_everything_that_is_due(
    table: Table, outbox_worker: OutboxWorker, people: list[str]
) -> None:
    for owner in people:
        table.save(image(owner, dog=1))

    answer = worker.handler(SCHEDULED, None)

    assert answer == {"batchItemFailures": []}
    assert [[subject for subject, _ in mails(owner)] for owner in people] == [["1 new image: dog"]] * 3
    assert outbox_worker.list_due() == []


def test_one_owners_trouble_does_not_keep_the_schedule_from_the_others(
    table: Table, dynamodb: "DynamoDBClient", people: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    unreadable = {"pk": "U#ada", "sk": "SUB#x", "query": "<", "created_at": "2026-01-31T12:00:00+00:00"}
    dynamodb.put_item(TableName=TABLE_NAME, Item={name: {"S": text} for name, text in unreadable.items()})
    for owner in people:
        table.save(image(owner, dog=1))

    answer = worker.handler(SCHEDULED, None)

    assert answer == {"batchItemFailures": []}
    assert [len(mails(owner)) for owner in people] == [0, 1, 1]
    assert "outbox of ada failed" in caplog.text


def test_trouble_with_the_outbox_is_no_trouble_of_the_message(
    ingest: Ingest, table: Table, dynamodb: "DynamoDBClient", owner: str, photo: bytes
) -> None:
    unreadable = {"pk": f"U#{owner}", "sk": "SUB#x", "query": "<", "created_at": "2026-01-31T12:00:00+00:00"}
    dynamodb.put_item(TableName=TABLE_NAME, Item={name: {"S": text} for name, text in unreadable.items()})
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)

    answer = worker.handler({"Records": [notification(Rendition.INCOMING.key(owner, pending.id))]}, None)

    assert answer == {"batchItemFailures": []}
    assert table.get_image(owner, pending.id).state == "ready"


def test_a_schedule_with_nothing_to_do_does_nothing() -> None:
    assert worker.handler(SCHEDULED, None) == {"batchItemFailures": []}


@dataclass
class Context:
    """What Lambda tells a handler, with so many seconds of its time-out left at each question."""

    left: list[int]

    def get_remaining_time_in_millis(self) -> int:
        return 1000 * (self.left.pop(0) if len(self.left) > 1 else self.left[0])


def test_who_has_waited_longest_comes_first_while_there_is_time(
    table: Table,
    outbox_worker: OutboxWorker,
    outbox: Outbox,
    clock: Clock,
    people: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number, owner in enumerate(reversed(people)):
        table.save(image(owner, dog=1))
        (row,) = outbox.lease(owner)
        outbox.postpone(row, row.due_at + number)
    clock.ahead = 2 * LEASE_SECONDS

    worker.handler(SCHEDULED, Context([50, 40, SPARE_SECONDS]))

    assert [len(mails(owner)) for owner in people] == [0, 0, 1]
    assert "no time left" in caplog.text
    assert {row.owner for row in outbox_worker.list_due()} == set(people[:2])
    worker.handler(SCHEDULED, Context([50]))
    assert [len(mails(owner)) for owner in people] == [1, 1, 1]


def test_what_there_is_no_time_for_is_done_when_its_lease_has_ended(
    library: Library, table: Table, outbox_worker: OutboxWorker, clock: Clock, owner: str
) -> None:
    ids = [table.save(image(owner, dog=1)).id for _ in range(3)]
    outbox_worker.process(owner)
    for image_id in ids:
        library.trash(owner, image_id)
    clock.ahead = 31 * 24 * 3600

    worker.handler(SCHEDULED, Context([50, 50, SPARE_SECONDS]))

    states = [(table.find_image(owner, image_id) or pytest.fail("no row")).state for image_id in ids]
    assert sorted(states) == ["gone", "trashed", "trashed"]
    clock.ahead += 2 * LEASE_SECONDS
    worker.handler(SCHEDULED, Context([50]))
    assert {(table.find_image(owner, image_id) or pytest.fail("no row")).state for image_id in ids} == {"gone"}


def again(owner: str, image_id: str, redetection: str) -> dict[str, Any]:
    return {"messageId": new_id(), "body": redetection_message(owner, image_id, redetection)}


def test_each_image_of_a_redetection_is_looked_at_and_counted_once(
    ingest: Ingest,
    table: Table,
    redetections: Redetections,
    detector: FakeDetector,
    owner: str,
    photo: bytes,
) -> None:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest(owner, pending.id)
    begun = redetections.start(owner)
    detector.sees = {"dog": 1}

    for _ in range(2):
        answer = worker.handler({"Records": [again(owner, pending.id, begun.id)]}, None)

    assert answer == {"batchItemFailures": []}
    assert table.get_image(owner, pending.id).tags == {"dog": 1}
    assert redetections.get(owner).done == 1


def test_an_image_that_went_before_it_was_looked_at_is_done(
    table: Table, redetections: Redetections, owner: str
) -> None:
    trashed = table.save(image(owner, ImageState.TRASHED))
    begun = redetections.start(owner)

    worker.handler({"Records": [again(owner, one, begun.id) for one in (trashed.id, new_id())]}, None)

    assert redetections.get(owner).done == 2


def test_an_image_that_cannot_be_looked_at_just_now_comes_again(
    library: Library,
    ingest: Ingest,
    redetections: Redetections,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest(owner, pending.id)
    begun = redetections.start(owner)
    message = again(owner, pending.id, begun.id)
    monkeypatch.setattr(ingest, "redetect", lambda *_, **__: 1 / 0)

    answer = worker.handler({"Records": [message]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    assert redetections.get(owner).done == 0


Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """The metrics that were written since they were last asked for."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "pixtag")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "worker")
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_image_is_counted_once_however_often_it_is_told_of(
    ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    detector.sees = {"dog": 2, "cup": 1}
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)

    for _ in range(2):
        worker.handler({"Records": [notification(Rendition.INCOMING.key(owner, pending.id))]}, None)

    (metrics,) = told()
    assert (metrics["ImagesTagged"], metrics["ObjectsFound"]) == ([1], [3])
    assert metrics.keys() > {"ReadSeconds", "DecodeSeconds", "DetectSeconds", "EncodeSeconds", "WriteSeconds"}
    first, *_ = caplog.messages
    assert first.startswith(f"ingested {pending.id}: ready, read ")


def test_an_image_that_is_looked_at_again_is_counted_again(
    ingest: Ingest, redetections: Redetections, owner: str, photo: bytes, told: Told
) -> None:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest(owner, pending.id)

    worker.handler({"Records": [again(owner, pending.id, redetections.start(owner).id)]}, None)

    (metrics,) = told()
    assert metrics["ImagesTagged"] == [1]
    assert "EncodeSeconds" not in metrics


def brought(owner: str, image_id: str, times: int) -> dict[str, Any]:
    body = notification(Rendition.INCOMING.key(owner, image_id))
    return body | {"attributes": {"ApproximateReceiveCount": str(times)}}


def test_an_upload_that_was_tried_often_enough_is_given_up_unseen_and_counted_once(
    ingest: Ingest, table: Table, owner: str, photo: bytes, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    message = brought(owner, pending.id, TRIES + 1)

    answer = worker.handler({"Records": [message]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    assert table.get_image(owner, pending.id).reason == GIVEN_UP
    assert f"{pending.id} failed in 4 tries" in caplog.text
    (metrics,) = told()
    assert (metrics["ImagesFailed"], metrics["reason"]) == ([1], "given_up")


def test_an_upload_is_looked_at_for_the_last_time_like_before(
    ingest: Ingest, table: Table, owner: str, photo: bytes, told: Told
) -> None:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)

    worker.handler({"Records": [brought(owner, pending.id, TRIES)]}, None)

    (metrics,) = told()
    assert metrics["ImagesTagged"] == [1]
    assert table.get_image(owner, pending.id).state == "ready"


def test_what_is_ready_is_not_given_up_however_often_it_is_told_of(
    ingest: Ingest, table: Table, owner: str, photo: bytes
) -> None:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest(owner, pending.id)

    answer = worker.handler({"Records": [brought(owner, pending.id, TRIES + 1)]}, None)

    assert answer == {"batchItemFailures": []}
    assert table.get_image(owner, pending.id).state == "ready"


def test_what_is_no_photograph_is_counted_once_however_often_it_is_told_of(
    ingest: Ingest, owner: str, told: Told
) -> None:
    pending = ingest.receive(owner, Upload(b"<html>", "image/jpeg", "page.jpg"), max_bytes=10_000)

    for _ in range(2):
        worker.handler({"Records": [notification(Rendition.INCOMING.key(owner, pending.id))]}, None)

    (metrics,) = told()
    assert (metrics["ImagesFailed"], metrics["reason"]) == ([1], "unreadable")


def test_the_schedule_tells_for_how_long_the_oldest_work_waits_though_it_was_leased(
    table: Table, outbox: Outbox, owner: str, clock: Clock, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "time", clock)
    table.save(image(owner, dog=1))
    outbox.lease(owner)
    clock.ahead = 300
    table.save(image("somebody else", dog=1))

    worker.handler(SCHEDULED, None)
    worker.handler(SCHEDULED, None)

    ages = [metrics["OutboxAge"][0] for metrics in told()]
    assert ages == [pytest.approx(300, abs=30), 0]


@pytest.mark.parametrize(("ahead", "age"), [(300, 0), (LATE_WRITE_SECONDS + 300, 300)])
def test_who_waits_to_be_forgotten_waits_since_the_second_look(
    outbox: Outbox, owner: str, clock: Clock, told: Told, monkeypatch: pytest.MonkeyPatch, ahead: int, age: int
) -> None:
    monkeypatch.setattr(worker, "time", clock)
    outbox.put_account_deletion(owner)
    clock.ahead = ahead

    worker.handler(SCHEDULED, None)

    (metrics,) = told()
    assert metrics["OutboxAge"] == [pytest.approx(age, abs=30)]
