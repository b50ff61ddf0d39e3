import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.local import poller
from infra.local.emulator import TEMPLATE
from infra.local.poller import TIMEOUT_SECONDS, Poller, bounded

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Event = dict[str, Any]
ROOT = TEMPLATE.parents[2]


@dataclass
class Worker:
    """Keeps the events it gets, and fails the messages that say so."""

    events: list[Event] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __call__(self, event: Event, _context: object) -> Event:
        self.events.append(event)
        self.stopping.set()
        failed = [record for record in event.get("Records", []) if record["body"] == "fail"]
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


@pytest.fixture
def sqs(aws: None) -> "SQSClient":
    return boto3.client("sqs")


@pytest.fixture
def queue(sqs: "SQSClient") -> str:
    return sqs.create_queue(QueueName="uploads", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]


def test_the_worker_gets_a_message_as_lambda_sends_it(sqs: "SQSClient", queue: str) -> None:
    sent = sqs.send_message(QueueUrl=queue, MessageBody="{}")
    worker = Worker()

    Poller(sqs, queue, worker).poll()

    ((record,),) = (event["Records"] for event in worker.events)
    assert record.pop("receiptHandle")
    assert record.pop("attributes").keys() >= {"ApproximateReceiveCount", "SentTimestamp", "SenderId"}
    assert record == {
        "messageId": sent["MessageId"],
        "body": "{}",
        "messageAttributes": {},
        "md5OfBody": sent["MD5OfMessageBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:uploads",
        "awsRegion": "us-east-1",
    }


@pytest.mark.parametrize(("body", "left"), [("work", "0"), ("fail", "1")])
def test_only_a_failed_message_stays(sqs: "SQSClient", queue: str, body: str, left: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody=body)

    Poller(sqs, queue, Worker()).poll()

    answer = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    assert answer["Attributes"] == {"ApproximateNumberOfMessages": left}


def test_one_message_is_handed_over_at_a_time(sqs: "SQSClient", queue: str) -> None:
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    worker = Worker()

    Poller(sqs, queue, worker).poll()

    assert [len(event["Records"]) for event in worker.events] == [1]


def test_the_message_in_hand_is_finished_before_stopping(sqs: "SQSClient", queue: str) -> None:
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    worker = Worker()

    Poller(sqs, queue, worker).run(worker.stopping)

    assert len(worker.events) == 1
    assert len(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]) == 1


def test_the_schedule_reaches_the_worker(sqs: "SQSClient", queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "SCHEDULE_SECONDS", 0)
    worker = Worker()

    Poller(sqs, queue, worker).run(worker.stopping)

    (event,) = worker.events
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")


def test_a_handler_that_hangs_ends_its_process() -> None:
    hangs = (
        "import time; from infra.local.poller import bounded; bounded(lambda event, context: time.sleep(600), {}, 0.1)"
    )

    ended = subprocess.run([sys.executable, "-c", hangs], cwd=ROOT, check=False)

    assert ended.returncode == -signal.SIGALRM


def test_a_handler_is_told_how_much_time_is_left_and_ends_nothing_afterwards() -> None:
    left: list[int] = []

    bounded(lambda event, context: left.append(context.get_remaining_time_in_millis()), {}, 40)

    assert 30_000 < left[0] <= 40_000
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_laptop_grants_as_much_time_as_the_template() -> None:
    assert yaml_parse(TEMPLATE.read_text())["Resources"]["WorkerFunction"]["Properties"]["Timeout"] == TIMEOUT_SECONDS
