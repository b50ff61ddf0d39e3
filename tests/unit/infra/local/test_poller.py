import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.local.emulator import TEMPLATE
from infra.local.poller import TIMEOUT_SECONDS, Poller, call_with_time_limit

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Event = dict[str, Any]
ROOT = TEMPLATE.parents[2]


@dataclass
class FakeHandler:
    """A handler that records its events and fails messages with the body `fail`."""

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


def test_poll_calls_the_handler_with_a_message_as_lambda_does(sqs: "SQSClient", queue: str) -> None:
    message = sqs.send_message(QueueUrl=queue, MessageBody="{}")
    handler = FakeHandler()

    Poller(sqs, queue, handler).poll()

    ((record,),) = (event["Records"] for event in handler.events)
    assert record.pop("receiptHandle")
    assert record.pop("attributes").keys() >= {"ApproximateReceiveCount", "SentTimestamp", "SenderId"}
    assert record == {
        "messageId": message["MessageId"],
        "body": "{}",
        "messageAttributes": {},
        "md5OfBody": message["MD5OfMessageBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:uploads",
        "awsRegion": "us-east-1",
    }


@pytest.mark.parametrize(("body", "remaining"), [("work", "0"), ("fail", "1")])
def test_poll_deletes_a_message_unless_it_failed(sqs: "SQSClient", queue: str, body: str, remaining: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody=body)

    Poller(sqs, queue, FakeHandler()).poll()

    response = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    assert response["Attributes"] == {"ApproximateNumberOfMessages": remaining}


def test_poll_passes_one_message_at_a_time(sqs: "SQSClient", queue: str) -> None:
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    handler = FakeHandler()

    Poller(sqs, queue, handler).poll()

    assert [len(event["Records"]) for event in handler.events] == [1]


def test_run_completes_the_current_message_before_it_stops(sqs: "SQSClient", queue: str) -> None:
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    handler = FakeHandler()

    Poller(sqs, queue, handler).run(handler.stopping)

    assert len(handler.events) == 1
    assert len(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]) == 1


def test_run_calls_the_handler_on_the_schedule(sqs: "SQSClient", queue: str) -> None:
    handler = FakeHandler()

    Poller(sqs, queue, handler, 0).run(handler.stopping)

    (event,) = handler.events
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")


def test_call_with_time_limit_of_a_handler_that_hangs_ends_the_process() -> None:
    code = (
        "import time; from infra.local.poller import call_with_time_limit; "
        "call_with_time_limit(lambda event, context: time.sleep(600), {}, 0.1)"
    )

    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)

    assert process.returncode == -signal.SIGALRM


def test_call_with_time_limit_passes_the_remaining_time_and_stops_the_timer() -> None:
    remaining: list[int] = []

    call_with_time_limit(lambda event, context: remaining.append(context.get_remaining_time_in_millis()), {}, 40)

    assert 30_000 < remaining[0] <= 40_000
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_time_limit_is_the_timeout_in_the_template() -> None:
    assert yaml_parse(TEMPLATE.read_text())["Resources"]["WorkerFunction"]["Properties"]["Timeout"] == TIMEOUT_SECONDS
