"""Handles Lambda events: ingests uploads, redetects images and processes the outbox.

S3 announces each upload with a message in the SQS queue. Other messages request the redetection of individual images.
The response lists the failed messages, and SQS delivers only those again.
"""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import unquote_plus

from app import wiring
from app.domain.ids import Rendition, parse_key
from app.domain.messages import Message
from app.observability import logs
from app.services.failures import contain_failure

logger: Final = logging.getLogger(__name__)

Event = dict[str, Any]

SPARE_SECONDS: Final = 20  # no outbox work starts if less time remains before the Lambda timeout

logs.set_up()


def handler(event: Event, context: object) -> dict[str, list[dict[str, str]]]:
    """Process an SQS event or a scheduled event.

    For an SQS event, process its messages and then the outboxes of their owners. For a scheduled event, process every
    due outbox.

    Returns:
        The ids of the failed messages as a partial batch response. SQS delivers only these messages again.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    request_id = str(getattr(context, "aws_request_id", ""))
    owners: list[str] = []
    failed_ids: list[str] = []
    for record in event.get("Records", []):
        logs.begin(request_id=request_id, message_id=record["messageId"])
        with contain_failure("message", record["messageId"], failed_ids):
            for message in _list_messages(record):
                wiring.queue_worker().process(message, _count_deliveries(record))
                owners.append(message.owner)
    logs.begin(request_id=request_id)
    has_time = _make_clock(context)
    for owner in dict.fromkeys(owners):
        if has_time():
            wiring.queue_worker().process_outbox(owner, has_time)
    if event.get("source") == "aws.events":
        wiring.queue_worker().process_due_outboxes(has_time)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed_ids]}


def _list_messages(record: Event) -> Iterator[Message]:
    """Yield the messages in a record of SQS. A notification of S3 announces one or more uploads."""
    body = _unwrap(json.loads(record["body"]))
    match body:
        case {"redetect": _}:
            yield Message.parse(body)
        case {"Records": notifications}:
            for notification in notifications:
                stored = notification["s3"]["object"]
                yield from _find_upload(unquote_plus(stored["key"]), stored)
        case {"source": "aws.s3", "detail": {"object": stored}}:
            yield from _find_upload(stored["key"], stored)  # unlike S3, EventBridge does not encode keys
        case {"Event": "s3:TestEvent"}:
            pass
        case _:
            logger.warning("ignored a message of an unknown kind, with the keys %s", sorted(body))


def _unwrap(body: Event) -> Event:
    """Return a message without the envelope of SNS, which contains it as a text."""
    match body:
        case {"Type": "Notification", "Message": str(message)}:
            inner: Event = json.loads(message)
            return inner
        case _:
            return body


def _find_upload(key: str, stored: Event) -> Iterator[Message]:
    if upload := parse_key(key, Rendition.INCOMING):
        yield Message(*upload, size=int(stored.get("size", 0)))
    else:
        logger.warning("ignored a notification for a key that is not an upload")


def _count_deliveries(record: Event) -> int:
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))


def _make_clock(context: object) -> Callable[[], bool]:
    """Return a function that returns whether there is time before the Lambda timeout."""
    remaining: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
    return lambda: remaining is None or remaining() > SPARE_SECONDS * 1000
