"""Replaces Lambda in the local cloud: calls `app.worker.handler` for queue messages, and every minute."""

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
TIMEOUT_SECONDS = 60  # as in the template
WAIT_SECONDS = 1  # per poll; stopping takes this long at most


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context that the handler uses: the remaining time."""

    ends_at: float

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the process is ended."""
        return max(0, round(1000 * (self.ends_at - time.monotonic())))


def call_with_time_limit(handler: Handler, event: dict[str, Any], seconds: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """Call the handler. If it takes longer, SIGALRM ends this process, as Lambda would end it."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        response: dict[str, Any] = handler(event, Context(time.monotonic() + seconds))
        return response
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Poller:
    """Calls the handler for both events of the template: each queue message, and the schedule."""

    def __init__(self, sqs: SQSClient, queue_url: str, handler: Handler) -> None:
        response = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        self._sqs = sqs
        self._queue_url = queue_url
        self._queue_arn = response["Attributes"]["QueueArn"]
        self._handler = handler

    def run(self, stopping: threading.Event) -> None:
        """Poll, and call the handler every minute, until `stopping` is set. Complete the current message first."""
        due = time.monotonic() + SCHEDULE_SECONDS
        while not stopping.is_set():
            self.poll()
            if time.monotonic() >= due:
                call_with_time_limit(self._handler, scheduled_event())
                due = time.monotonic() + SCHEDULE_SECONDS

    def poll(self) -> None:
        """Wait up to `WAIT_SECONDS` for a message and call the handler. Delete the message unless it failed."""
        received = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageSystemAttributeNames=["All"],
        )
        for message in received.get("Messages", []):
            response = call_with_time_limit(self._handler, {"Records": [self._to_record(message)]})
            if not response["batchItemFailures"]:
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])

    def _to_record(self, message: MessageTypeDef) -> dict[str, Any]:
        """Return a message in the form of Lambda's SQS events.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        """
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
    """Return an event like those that EventBridge sends on a schedule. Source: its user guide, page on events."""
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
    """Poll until SIGTERM. The environment must be that of the worker in Lambda."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    Poller(boto3.client("sqs"), os.environ["PIXTAG_QUEUE_URL"], handler).run(stopping)


if __name__ == "__main__":
    main()
