"""Replaces Lambda in the local cloud. It calls `app.worker.handler` for each queue message and once a minute.

`python -m infra.local.poller SECONDS` has another schedule than every minute.
"""

import os
import signal
import sys
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
from infra.local.endpoints import VARIABLE, explain_failures
from infra.local.program import LocalCloudError

Handler = Callable[[dict[str, Any], Any], Any]

SCHEDULE_SECONDS = 60
TIMEOUT_SECONDS = 60  # as in the template
WAIT_SECONDS = 1  # per poll; an idle poller needs up to this time to stop


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context object that the handler uses."""

    ends_at: float

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the time limit."""
        return max(0, round(1000 * (self.ends_at - time.monotonic())))


def call_with_time_limit(handler: Handler, event: dict[str, Any], seconds: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """Call the handler and return its response. If the time limit is exceeded, SIGALRM ends this process."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        response: dict[str, Any] = handler(event, Context(time.monotonic() + seconds))
        return response
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Poller:
    """Calls the handler for both event sources of the template, the queue and the schedule."""

    def __init__(
        self, sqs: SQSClient, queue_url: str, handler: Handler, schedule_seconds: float = SCHEDULE_SECONDS
    ) -> None:
        response = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        self._sqs = sqs
        self._queue_url = queue_url
        self._queue_arn = response["Attributes"]["QueueArn"]
        self._handler = handler
        self._schedule_seconds = schedule_seconds

    def run(self, stopping: threading.Event) -> None:
        """Poll the queue, and call the handler on the schedule, until `stopping` is set.

        The current message is completed before this method returns.
        """
        due = time.monotonic() + self._schedule_seconds
        while not stopping.is_set():
            self.poll()
            if time.monotonic() >= due:
                call_with_time_limit(self._handler, scheduled_event())
                due = time.monotonic() + self._schedule_seconds

    def poll(self) -> None:
        """Wait up to `WAIT_SECONDS` for a message and call the handler. If it succeeds, delete the message."""
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
        """Convert a message to a record of Lambda's SQS event.

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
    """Return a scheduled event. Its format is documented in the EventBridge User Guide."""
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


def main(schedule_seconds: float = SCHEDULE_SECONDS) -> None:
    """Poll the queue until SIGTERM. The worker's environment variables must be set.

    A failure of the emulator ends the process with one sentence.
    """
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    try:
        with explain_failures(os.environ.get(VARIABLE, "AWS")):
            poller = Poller(boto3.client("sqs"), os.environ["PIXTAG_QUEUE_URL"], handler, schedule_seconds)
            poller.run(stopping)
    except LocalCloudError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
