"""Handles Lambda events: ingests uploads, redetects images and processes the outbox.

S3 announces each upload with a message in the SQS queue. Other messages request the redetection of individual images. A
failed message does not affect other messages. The response lists the failed messages, and SQS delivers only those
again.

An upload gets `TRIES` attempts. The next delivery only marks it as failed. Otherwise, an upload that crashes the
process on every attempt would never be reported as failed.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import unquote_plus

from app import wiring
from app.domain.errors import ImageNotFound, InvalidState
from app.domain.ids import Rendition, parse_key
from app.domain.images import Image, ImageState
from app.observability import logs, metrics
from app.observability.timings import Timings

logger: Final = logging.getLogger(__name__)

Event = dict[str, Any]

TRIES: Final = 4  # one less than maxReceiveCount in infra/aws/template.yaml
SPARE_SECONDS: Final = 20  # no outbox work starts if less time remains before the Lambda timeout

logs.set_up()


class GivenUp(Exception):
    """An upload failed on every attempt. SQS moves its message to the dead-letter queue."""


def handler(event: Event, context: object) -> dict[str, list[dict[str, str]]]:
    """Process an SQS event or a scheduled event.

    For an SQS event, process its messages and then the outboxes of their owners. For a scheduled event, process every
    due outbox.

    Returns:
        The ids of the failed messages as a partial batch response. SQS delivers only these messages again.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    request_id = str(getattr(context, "aws_request_id", ""))
    owners: dict[str, None] = {}
    failed_ids: list[str] = []
    for message in event.get("Records", []):
        logs.begin(request_id=request_id, message_id=message["messageId"])
        with _contain_failure("message", message["messageId"], failed_ids):
            for owner in _process_message(message):
                owners[owner] = None
    logs.begin(request_id=request_id)
    if event.get("source") == "aws.events":
        owners |= dict.fromkeys(_list_due_owners())
    _process_outboxes(list(owners), context)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed_ids]}


@contextmanager
def _contain_failure(kind: str, name: str, failures: list[str] | None = None) -> Iterator[None]:
    """Log an exception and add the name to `failures`, if given, so that other work continues.

    Failed work is repeated. SQS delivers the message again, and a scheduled event processes the outbox again.
    """
    try:
        yield
    except Exception:  # the only broad exception handler in PixTag
        logger.exception("%s %s failed", kind, name)
        if failures is not None:
            failures.append(name)


def _process_message(message: Event) -> Iterator[str]:
    """Process one message. Yield each owner whose outbox may now contain work."""
    body = json.loads(message["body"])
    if redetect := body.get("redetect"):
        _redetect(redetect["owner"], redetect["image"], redetect["redetection"])
        yield redetect["owner"]
    for record in body.get("Records", []):  # S3's test event (s3:TestEvent) has no records
        key = parse_key(unquote_plus(record["s3"]["object"]["key"]), Rendition.INCOMING)
        if key:
            owner, image_id = key
            _ingest(owner, image_id, is_last_delivery=_is_last_delivery(message))
            yield owner
        else:
            logger.warning("ignored a notification for a key that is not an upload")


def _is_last_delivery(message: Event) -> bool:
    return int(message.get("attributes", {}).get("ApproximateReceiveCount", 1)) > TRIES


def _ingest(owner: str, image_id: str, *, is_last_delivery: bool) -> None:
    logs.note(correlation_id=image_id)
    if is_last_delivery and wiring.ingest().give_up(owner, image_id):
        metrics.count_failure(metrics.Reason.GIVEN_UP)
        raise GivenUp(f"{image_id} failed on {TRIES} attempts")
    timings = Timings()
    image = wiring.ingest().ingest(owner, image_id, timings)
    _report(f"ingested {image_id}", image, timings)


def _redetect(owner: str, image_id: str, redetection: str) -> None:
    """Redetect an image. An image that is no longer in the library counts as done."""
    logs.note(correlation_id=image_id)
    timings, image = Timings(), None
    try:
        image = wiring.ingest().redetect(owner, image_id, redetection=redetection, timings=timings)
    except (ImageNotFound, InvalidState):
        wiring.redetections().record_done(owner, redetection)
    _report(f"redetected {image_id}", image, timings)


def _report(action: str, image: Image | None, timings: Timings) -> None:
    """Log an image's outcome and record its metrics."""
    durations = "".join(f", {step} {seconds:.3f} s" for step, seconds in timings.seconds.items())
    logger.info("%s: %s%s", action, image.state if image else "no image", durations)
    if image and image.state is ImageState.READY:
        metrics.count_tagged(sum(image.tags.values()), timings)
    elif image and image.state is ImageState.FAILED:
        metrics.count_unreadable(timings)


def _list_due_owners() -> list[str]:
    """Return the owners of due work, longest wait first. Record the longest wait as a metric."""
    rows = sorted(wiring.outbox_worker().list_due(), key=lambda row: row.scheduled_at)
    metrics.record_outbox_age(max(0, time.time() - rows[0].scheduled_at) if rows else 0)
    return [row.owner for row in rows]


def _process_outboxes(owners: list[str], context: object) -> None:
    def has_time() -> bool:
        remaining: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
        return remaining is None or remaining() > SPARE_SECONDS * 1000

    for owner in owners:
        if not has_time():
            logger.warning("no time left; the remaining outbox rows are processed later")
            break
        with _contain_failure("outbox of", owner):
            wiring.outbox_worker().process(owner, has_time)
