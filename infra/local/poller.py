"""Lambda's part on a laptop: hands queue messages, and every minute the schedule, to `worker.handler`."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3
from mypy_boto3_sqs import SQSClient
from mypy_boto3_sqs.type_defs import MessageTypeDef

from app.worker import handler

Handler = Callable[[dict[str, Any], Any], Any]

SCHEDULE_SECONDS = 60
TIMEOUT_SECONDS = 60  # the template's
WAIT_SECONDS = 1  # how long the queue is listened to at a time, and so how long stopping takes at most


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a handler beside its event: how much of its time is left."""

    ends_at: float

    def get_remaining_time_in_millis(self) -> int:
        """The milliseconds until the process is ended."""
        return max(0, round(1000 * (self.ends_at - time.monotonic())))


def bounded(handler: Handler, event: dict[str, Any], seconds: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """Call the handler; what takes longer ends this process by SIGALRM, wherever it hangs, as Lambda would."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        answer: dict[str, Any] = handler(event, Context(time.monotonic() + seconds))
        return answer
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Poller:
    """The worker's two events in the template: the queue in batches of one, and the schedule."""

    def __init__(self, sqs: SQSClient, queue_url: str, handler: Handler) -> None:
        answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        self._sqs = sqs
        self._queue_url = queue_url
        self._queue_arn = answer["Attributes"]["QueueArn"]
        self._handler = handler

    def run(self, stopping: threading.Event) -> None:
        """Poll, and call the handler every minute, until `stopping`; a message in hand is finished first."""
        due = time.monotonic() + SCHEDULE_SECONDS
        while not stopping.is_set():
            self.poll()
            if time.monotonic() >= due:
                bounded(self._handler, scheduled_event())
                due = time.monotonic() + SCHEDULE_SECONDS

    def poll(self) -> None:
        """Wait up to `WAIT_SECONDS` for a message; delete it unless the handler says that it failed."""
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageSystemAttributeNames=["All"],
        )
        for message in answer.get("Messages", []):
            response = bounded(self._handler, {"Records": [self._record(message)]})
            if not response["batchItemFailures"]:
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])

    def _record(self, message: MessageTypeDef) -> dict[str, Any]:
        """Return the message as https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html shows it."""
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._queue_arn,
            "awsRegion": self._queue_arn.split(":")[3],
        }


def scheduled_event() -> dict[str, Any]:
    """Return what EventBridge sends on a schedule, by its user guide's page on events."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": os.environ.get("AWS_DEFAULT_REGION"),
        "resources": [],
        "detail": {},
    }


def main() -> None:
    """Work until SIGTERM, in the environment that Lambda would give the worker plus PIXTAG_QUEUE_URL."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    Poller(boto3.client("sqs"), os.environ["PIXTAG_QUEUE_URL"], handler).run(stopping)


if __name__ == "__main__":
    main()
