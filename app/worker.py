"""Event entry: S3's notifications, through SQS, become ingested images; the schedule works off the outbox.

The queue also brings images to be looked at again, when the relay has put a whole library into it.

One bad message fails alone: Lambda is told which ones (a partial batch response) and SQS brings only
those again, until it keeps them in the dead-letter queue. An upload is looked at `TRIES` times; what SQS brings once
more is only called failed: a picture that ended the worker each time would end it again before a word was said.
"""

import json
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from urllib.parse import unquote_plus

from app import wiring
from app.domain.errors import ImageNotFound, NotReady
from app.domain.images import Image, Rendition, owner_and_id
from app.observability import logs, metrics
from app.observability.timings import Steps

logger: Final = logging.getLogger(__name__)

Event = dict[str, Any]

TRIES: Final = 4  # the template's maxReceiveCount is one more
SPARE_SECONDS: Final = 20  # of the template's time-out: as long as the longest piece of work and a digest may take

logs.set_up()


class GivenUp(Exception):
    """An upload was tried often enough: its message belongs into the dead-letter queue."""


def handler(event: Event, context: object) -> dict[str, list[dict[str, str]]]:
    """Work off the messages of one SQS event, and what they left in the outbox; at the scheduled event, all of it.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    request_id = str(getattr(context, "aws_request_id", ""))
    owners: list[str] = []
    failed = []
    for message in event.get("Records", []):
        logs.begin(request_id=request_id, message_id=message["messageId"])
        if not _succeeds(f"message {message['messageId']}", partial(_work_off, message, owners)):
            failed.append(message["messageId"])
    logs.begin(request_id=request_id)
    if event.get("source") == "aws.events":
        owners += _owners_waiting()
    has_time = partial(_has_time, context)
    for owner in dict.fromkeys(owners):
        if not has_time():
            logger.warning("no time is left; what is due is done later")
            break
        _succeeds(f"outbox of {owner}", partial(wiring.relay().work_off, owner, has_time))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _has_time(context: object) -> bool:
    """Whether there is time for one thing more; who sets none, a test, has it always."""
    remaining: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
    return remaining is None or remaining() > SPARE_SECONDS * 1000


def _owners_waiting() -> list[str]:
    """For whom something is due, who has waited longest first; and for how long that has been is told."""
    rows = wiring.relay().due()
    now = time.time()
    metrics.tell_outbox_age(max((0, *(now - row.left_for for row in rows))))
    return [row.owner for row in sorted(rows, key=lambda row: row.left_for)]


def _succeeds(name: str, work: Callable[[], None]) -> bool:
    """Whether the work was done. Work that was not comes again: a message by SQS, an outbox by the schedule."""
    try:
        work()
    except Exception:
        # The one broad handler: whatever went wrong, the other messages and owners go on.
        logger.exception("%s failed", name)
        return False
    return True


def _work_off(message: Event, owners: list[str]) -> None:
    """Do what a message asks for, and note for whom."""
    body = json.loads(message["body"])
    if again := body.get("redetect"):
        _redetect(again["owner"], again["image"], again["redetection"])
        owners.append(again["owner"])
    # A bucket that begins to notify a queue sends s3:TestEvent, which has no records.
    for record in body.get("Records", []):
        key = unquote_plus(record["s3"]["object"]["key"])
        if found := owner_and_id(key, Rendition.INCOMING):
            _ingest(*found, were_all_tried=_were_all_tried(message))
            owners.append(found[0])
        else:
            logger.warning("ignored a notification for a key that is no upload")


def _were_all_tried(message: Event) -> bool:
    return int(message.get("attributes", {}).get("ApproximateReceiveCount", 1)) > TRIES


def _ingest(owner: str, image_id: str, *, were_all_tried: bool) -> None:
    logs.note(correlation_id=image_id)
    if were_all_tried and wiring.catalog().give_up(owner, image_id):
        metrics.count_failure(metrics.Reason.GIVEN_UP)
        raise GivenUp(f"{image_id} could not be looked at in {TRIES} tries")
    steps = Steps()
    image = wiring.catalog().ingest(owner, image_id, steps)
    _tell(f"ingested {image_id}", image, steps)


def _redetect(owner: str, image_id: str, redetection: str) -> None:
    """Look at an image again; one that is no longer in the library is done as well."""
    logs.note(correlation_id=image_id)
    steps, image = Steps(), None
    try:
        image = wiring.catalog().redetect(owner, image_id, redetection=redetection, steps=steps)
    except (ImageNotFound, NotReady):
        wiring.redetections().count(owner, redetection)
    _tell(f"looked at {image_id} again", image, steps)


def _tell(done: str, image: Image | None, steps: Steps) -> None:
    """Log what became of an image, and count it."""
    took = "".join(f", {step} {seconds:.3f} s" for step, seconds in steps.seconds.items())
    logger.info("%s: %s%s", done, image.state if image else "nothing there", took)
    if image:
        metrics.count_look(image, steps)
