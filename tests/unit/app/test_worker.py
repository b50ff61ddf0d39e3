import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import pytest

from app import wiring, worker
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.domain.alerts import Alerts
from app.domain.ids import Rendition, new_id
from app.domain.images import GIVEN_UP, Image, ImageState
from app.domain.messages import Message
from app.domain.outbox import LATE_WRITE_SECONDS, LEASE_SECONDS
from app.domain.ports import Images, Mail, Outbox, Quotas, Redetections, Subscriptions
from app.domain.query import parse
from app.services import queue_worker as queue_worker_module
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker
from app.services.queue_worker import TRIES, QueueWorker
from app.worker import SPARE_SECONDS
from tests.support.aws import mails
from tests.support.fakes import Clock, FakeDetector, image
from tests.support.uploads import MAX_BYTES, make_upload

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


@pytest.fixture(autouse=True)
def use_fakes(queue_worker: QueueWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "queue_worker", lambda: queue_worker)


@pytest.fixture
def people(subscriptions: Subscriptions, mail: Mail) -> list[str]:
    """Three owners with a subscription to dogs, in alphabetical order."""
    owners = ["ada", "grace", "katherine"]
    for owner in owners:
        subscriptions.add(owner, parse("dog"))
        mail.subscribe(owner, f"{owner}@example.com")
    return owners


def make_message(body: dict[str, Any]) -> dict[str, Any]:
    return {"messageId": new_id(), "body": json.dumps(body)}


def make_notification(key: str) -> dict[str, Any]:
    return make_message({"Records": [{"s3": {"object": {"key": quote_plus(key)}}}]})


def make_upload_message(owner: str, image_id: str) -> dict[str, Any]:
    return make_notification(Rendition.INCOMING.key(owner, image_id))


def test_handler_with_notification_makes_the_image_ready(
    ingest: Ingest, images: Images, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    response = worker.handler({"Records": [make_upload_message(owner, image.id)]}, None)

    assert response == {"batchItemFailures": []}
    assert images.get_image(owner, image.id).state == "ready"


@pytest.mark.parametrize(("deliveries", "counted"), [("1", 2), ("2", 1)])
def test_handler_with_second_notification_counts_its_bytes_at_the_first_delivery(
    ingest: Ingest, quotas: Quotas, owner: str, photo: bytes, deliveries: str, counted: int
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    stored = {"key": Rendition.INCOMING.key(owner, image.id), "size": len(photo)}
    record = make_message({"Records": [{"s3": {"object": stored}}]})

    worker.handler({"Records": [record]}, None)
    worker.handler({"Records": [record | {"attributes": {"ApproximateReceiveCount": deliveries}}]}, None)

    assert quotas.received(owner) == counted * len(photo)


def test_handler_with_one_bad_message_processes_the_others(
    ingest: Ingest, images: Images, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    bad = {"messageId": "bad", "body": "not JSON"}

    response = worker.handler({"Records": [bad, make_upload_message(owner, image.id)]}, None)

    assert response == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert images.get_image(owner, image.id).state == "ready"


def notify_by_s3(key: str) -> dict[str, Any]:
    return {"Records": [{"s3": {"object": {"key": quote_plus(key), "size": 1}}}]}


def notify_by_eventbridge(key: str) -> dict[str, Any]:
    return {"source": "aws.s3", "detail-type": "Object Created", "detail": {"object": {"key": key, "size": 1}}}


def wrap_by_sns(body: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-central-1:1:topic", "Message": json.dumps(body)}


@pytest.mark.parametrize("notify", [notify_by_s3, notify_by_eventbridge])
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_handler_understands_the_events_of_s3_in_each_envelope(
    ingest: Ingest,
    images: Images,
    owner: str,
    photo: bytes,
    notify: Callable[[str], dict[str, Any]],
    *,
    is_wrapped: bool,
) -> None:
    """Sources: the pages "Event message structure" and "Using EventBridge" of S3, and "Message format" of SNS."""
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    event = notify(Rendition.INCOMING.key(owner, image.id))

    response = worker.handler({"Records": [make_message(wrap_by_sns(event) if is_wrapped else event)]}, None)

    assert response == {"batchItemFailures": []}
    assert images.get_image(owner, image.id).state == "ready"


def test_handler_logs_the_keys_of_an_unknown_message(caplog: pytest.LogCaptureFixture) -> None:
    body = {"Type": "SubscriptionConfirmation", "Token": "a secret token"}

    assert worker.handler({"Records": [make_message(body)]}, None) == {"batchItemFailures": []}

    assert "unknown kind, with the keys ['Token', 'Type']" in caplog.text
    assert "a secret token" not in caplog.text


def test_handler_with_s3_test_event_reports_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    assert worker.handler({"Records": [make_message({"Event": "s3:TestEvent"})]}, None) == {"batchItemFailures": []}
    assert "ignored" not in caplog.text


def test_handler_with_key_that_is_not_an_upload_ignores_it(caplog: pytest.LogCaptureFixture) -> None:
    assert worker.handler({"Records": [make_notification("originals/a/b")]}, None) == {"batchItemFailures": []}
    assert "not an upload" in caplog.text


def test_handler_with_unknown_image_reports_no_failure(owner: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    response = worker.handler({"Records": [make_upload_message(owner, new_id())]}, None)

    assert response == {"batchItemFailures": []}
    assert "no image" in caplog.text


@pytest.fixture
def subscribed_upload(
    ingest: Ingest,
    subscriptions: Subscriptions,
    mail: Mail,
    detector: FakeDetector,
    owner: str,
    photo: bytes,
) -> Image:
    """The pending image of a dog, whose owner subscribes to dogs."""
    detector.sees = {"dog": 1}
    subscriptions.add(owner, parse("dog"))
    mail.subscribe(owner, "ada@example.com")
    return ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)


def test_handler_with_notification_announces_the_image(subscribed_upload: Image, owner: str) -> None:
    worker.handler({"Records": [make_upload_message(owner, subscribed_upload.id)]}, None)

    ((subject, body),) = mails(owner)
    link = f"https://pixtag.example/photos/{subscribed_upload.id}"
    assert (subject, f"beach.jpg: dog | 1\n{link}\n" in body) == ("New photos: dog (1)", True)


def test_handler_with_one_bad_record_announces_the_image_of_the_record_before(
    subscribed_upload: Image, owner: str
) -> None:
    records = json.loads(make_upload_message(owner, subscribed_upload.id)["body"])["Records"]
    message = make_message({"Records": [*records, {"s3": {}}]})

    response = worker.handler({"Records": [message]}, None)

    assert response == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    assert [subject for subject, _ in mails(owner)] == ["New photos: dog (1)"]


def test_handler_on_schedule_processes_every_due_outbox(
    images: Images, outbox_worker: OutboxWorker, people: list[str]
) -> None:
    for owner in people:
        images.save(image(owner, dog=1))

    response = worker.handler(SCHEDULED, None)

    assert response == {"batchItemFailures": []}
    assert [[subject for subject, _ in mails(owner)] for owner in people] == [["New photos: dog (1)"]] * 3
    assert outbox_worker.outbox.list_due() == []


def break_alerts(monkeypatch: pytest.MonkeyPatch, broken_owner: str) -> None:
    """Make the read of an owner's alerts fail."""
    get_alerts = DynamoSubscriptions.get_alerts

    def fail_or_get(store: DynamoSubscriptions, owner: str) -> Alerts:
        if owner == broken_owner:
            raise RuntimeError("broken")
        return get_alerts(store, owner)

    monkeypatch.setattr(DynamoSubscriptions, "get_alerts", fail_or_get)


def test_handler_on_schedule_with_failed_outbox_processes_the_others(
    images: Images, people: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    break_alerts(monkeypatch, "ada")
    for owner in people:
        images.save(image(owner, dog=1))

    response = worker.handler(SCHEDULED, None)

    assert response == {"batchItemFailures": []}
    assert [len(mails(owner)) for owner in people] == [0, 1, 1]
    assert "outbox of ada failed" in caplog.text


def test_handler_with_failed_outbox_does_not_fail_the_message(
    ingest: Ingest,
    images: Images,
    subscriptions: Subscriptions,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    break_alerts(monkeypatch, owner)
    subscriptions.add(owner, parse("dog"))
    images.save(image(owner, dog=1))
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    response = worker.handler({"Records": [make_upload_message(owner, pending.id)]}, None)

    assert response == {"batchItemFailures": []}
    assert images.get_image(owner, pending.id).state == "ready"
    assert f"outbox of {owner} failed" in caplog.text


def test_handler_on_schedule_without_due_rows_reports_no_failure() -> None:
    assert worker.handler(SCHEDULED, None) == {"batchItemFailures": []}


@dataclass
class Context:
    """A Lambda context. Each call returns the next number of remaining seconds; the last one repeats."""

    seconds: list[int]

    def get_remaining_time_in_millis(self) -> int:
        return 1000 * (self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0])


def test_handler_on_schedule_with_little_time_starts_with_the_longest_wait(
    images: Images, outbox_worker: OutboxWorker, clock: Clock, people: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    for number, owner in enumerate(reversed(people)):
        clock.ahead = number
        images.save(image(owner, dog=1))

    worker.handler(SCHEDULED, Context([50, SPARE_SECONDS]))

    assert [len(mails(owner)) for owner in people] == [0, 0, 1]
    assert "no time left" in caplog.text
    assert {due.owner for due in outbox_worker.outbox.list_due()} == set(people[:2])
    worker.handler(SCHEDULED, Context([50]))
    assert [len(mails(owner)) for owner in people] == [1, 1, 1]


def test_handler_of_upload_without_time_leaves_its_announcement_to_the_schedule(
    subscribed_upload: Image, owner: str
) -> None:
    worker.handler({"Records": [make_upload_message(owner, subscribed_upload.id)]}, Context([SPARE_SECONDS]))
    early = mails(owner)

    worker.handler(SCHEDULED, None)

    assert (early, len(mails(owner))) == ([], 1)


def test_handler_on_schedule_gives_owners_turns(
    images: Images, outbox_worker: OutboxWorker, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    visits: list[str] = []
    for owner in people:
        images.save(image(owner, dog=1))
    process = outbox_worker.process

    def process_part(owner: str, has_time: Callable[[], bool]) -> bool:
        visits.append(owner)
        return process(owner, has_time) or visits.count(owner) < 3

    monkeypatch.setattr(OutboxWorker, "process", lambda _, owner, has_time: process_part(owner, has_time))
    monkeypatch.setattr(queue_worker_module, "SLICE_SECONDS", 0)

    worker.handler(SCHEDULED, None)

    assert [sorted(visits[start : start + 3]) for start in (0, 3, 6)] == [sorted(people)] * 3


def test_handler_on_schedule_without_time_leaves_rows_until_their_lease_ends(
    library: Library, images: Images, outbox_worker: OutboxWorker, clock: Clock, owner: str
) -> None:
    ids = [images.save(image(owner, dog=1)).id for _ in range(3)]
    outbox_worker.process(owner)
    for image_id in ids:
        library.trash(owner, image_id)
    clock.ahead = 31 * 24 * 3600

    worker.handler(SCHEDULED, Context([50, SPARE_SECONDS]))

    assert {(images.find_image(owner, image_id) or pytest.fail("no row")).state for image_id in ids} == {"trashed"}
    clock.ahead += 2 * LEASE_SECONDS
    worker.handler(SCHEDULED, Context([50]))
    assert {(images.find_image(owner, image_id) or pytest.fail("no row")).state for image_id in ids} == {"gone"}


def make_redetection_message(owner: str, image_id: str, redetection: str) -> dict[str, Any]:
    return {"messageId": new_id(), "body": Message(owner, image_id, redetection).to_json()}


def test_handler_with_repeated_redetection_counts_the_image_once(
    ingest: Ingest,
    images: Images,
    redetections: Redetections,
    detector: FakeDetector,
    owner: str,
    photo: bytes,
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ingest.ingest(owner, pending.id)
    redetection = redetections.start(owner)
    detector.sees = {"dog": 1}

    for _ in range(2):
        response = worker.handler({"Records": [make_redetection_message(owner, pending.id, redetection.id)]}, None)

    assert response == {"batchItemFailures": []}
    assert images.get_image(owner, pending.id).tags == {"dog": 1}
    assert redetections.get(owner).done == 1


def test_handler_with_redetection_of_deleted_image_counts_it_as_done(
    images: Images, redetections: Redetections, owner: str
) -> None:
    trashed = images.save(image(owner, ImageState.TRASHED))
    redetection = redetections.start(owner)

    worker.handler(
        {"Records": [make_redetection_message(owner, image_id, redetection.id) for image_id in (trashed.id, new_id())]},
        None,
    )

    assert redetections.get(owner).done == 2


def test_handler_with_failed_redetection_reports_the_message(
    library: Library,
    ingest: Ingest,
    redetections: Redetections,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ingest.ingest(owner, pending.id)
    redetection = redetections.start(owner)
    message = make_redetection_message(owner, pending.id, redetection.id)
    monkeypatch.setattr(ingest, "redetect", lambda *_, **__: 1 / 0)

    response = worker.handler({"Records": [message]}, None)

    assert response == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    assert redetections.get(owner).done == 0


ReadMetrics = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def read_metrics(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> ReadMetrics:
    """A function that returns the metrics written since its last call."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "pixtag")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "worker")
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_handler_with_repeated_notification_counts_the_image_once(
    ingest: Ingest,
    detector: FakeDetector,
    owner: str,
    photo: bytes,
    read_metrics: ReadMetrics,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    detector.sees = {"dog": 2, "cup": 1}
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    for _ in range(2):
        worker.handler({"Records": [make_upload_message(owner, pending.id)]}, None)

    (metrics,) = read_metrics()
    assert (metrics["ImagesTagged"], metrics["ObjectsFound"]) == ([1], [3])
    assert metrics.keys() > {"ReadSeconds", "DecodeSeconds", "DetectSeconds", "EncodeSeconds", "WriteSeconds"}
    first, *_ = caplog.messages
    assert first.startswith(f"ingested {pending.id}: ready, read ")


def test_handler_with_redetection_counts_the_image_again(
    ingest: Ingest, redetections: Redetections, owner: str, photo: bytes, read_metrics: ReadMetrics
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ingest.ingest(owner, pending.id)

    worker.handler({"Records": [make_redetection_message(owner, pending.id, redetections.start(owner).id)]}, None)

    (metrics,) = read_metrics()
    assert metrics["ImagesTagged"] == [1]
    assert "EncodeSeconds" not in metrics


def make_delivery(owner: str, image_id: str, deliveries: int) -> dict[str, Any]:
    body = make_upload_message(owner, image_id)
    return body | {"attributes": {"ApproximateReceiveCount": str(deliveries)}}


def test_handler_with_last_delivery_marks_the_image_failed_and_counts_it(
    ingest: Ingest,
    images: Images,
    owner: str,
    photo: bytes,
    read_metrics: ReadMetrics,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    message = make_delivery(owner, pending.id, TRIES + 1)

    response = worker.handler({"Records": [message]}, None)

    assert response == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    assert images.get_image(owner, pending.id).reason == GIVEN_UP
    assert f"{pending.id} failed on 4 attempts" in caplog.text
    (metrics,) = read_metrics()
    assert (metrics["ImagesFailed"], metrics["reason"]) == ([1], "given_up")


def test_handler_with_last_try_ingests_the_upload(
    ingest: Ingest, images: Images, owner: str, photo: bytes, read_metrics: ReadMetrics
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    worker.handler({"Records": [make_delivery(owner, pending.id, TRIES)]}, None)

    (metrics,) = read_metrics()
    assert metrics["ImagesTagged"] == [1]
    assert images.get_image(owner, pending.id).state == "ready"


def test_handler_with_last_delivery_for_ready_image_changes_nothing(
    ingest: Ingest, images: Images, owner: str, photo: bytes
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ingest.ingest(owner, pending.id)

    response = worker.handler({"Records": [make_delivery(owner, pending.id, TRIES + 1)]}, None)

    assert response == {"batchItemFailures": []}
    assert images.get_image(owner, pending.id).state == "ready"


def test_handler_with_repeated_invalid_upload_counts_it_once(
    ingest: Ingest, owner: str, read_metrics: ReadMetrics
) -> None:
    pending = ingest.receive(owner, make_upload(b"<html>"), max_bytes=MAX_BYTES)

    for _ in range(2):
        worker.handler({"Records": [make_upload_message(owner, pending.id)]}, None)

    (metrics,) = read_metrics()
    assert (metrics["ImagesFailed"], metrics["reason"]) == ([1], "unreadable")


def test_handler_on_schedule_records_the_longest_wait(
    images: Images,
    subscriptions: Subscriptions,
    outbox: Outbox,
    owner: str,
    clock: Clock,
    read_metrics: ReadMetrics,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue_worker_module, "time", clock)
    for each in (owner, "another owner"):
        subscriptions.add(each, parse("dog"))
        images.save(image(each, dog=1))
        clock.ahead = 300

    worker.handler(SCHEDULED, None)
    worker.handler(SCHEDULED, None)

    ages = [metrics["OutboxAge"][0] for metrics in read_metrics()]
    assert ages == [pytest.approx(300, abs=30), 0]


@pytest.mark.parametrize(("ahead", "age"), [(300, 0), (LATE_WRITE_SECONDS + 300, 300)])
def test_handler_on_schedule_records_the_age_of_an_account_deletion_since_its_second_run(
    outbox: Outbox,
    owner: str,
    clock: Clock,
    read_metrics: ReadMetrics,
    monkeypatch: pytest.MonkeyPatch,
    ahead: int,
    age: int,
) -> None:
    monkeypatch.setattr(queue_worker_module, "time", clock)
    outbox.put_account_deletion(owner)
    clock.ahead = ahead

    worker.handler(SCHEDULED, None)

    (metrics,) = read_metrics()
    assert metrics["OutboxAge"] == [pytest.approx(age, abs=30)]
