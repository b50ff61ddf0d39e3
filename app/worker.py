"""Event entry: S3's notifications, through SQS, become ingested images; the schedule works off the outbox.

The queue also brings images to be looked at again, when the relay has put a whole library into it.

One bad message fails alone: Lambda is told which ones (a partial batch response) and SQS brings only
those again, until it gives up and keeps them in the dead-letter queue. An upload is called failed before it is
looked at for the last time: a picture that ends the worker cannot be called anything afterwards.
"""

import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from urllib.parse import unquote_plus

from app import wiring
from app.errors import ImageNotFound, NotReady
from app.images import Rendition, owner_and_id

logger: Final = logging.getLogger(__name__)

Event = dict[str, Any]

MAX_RECEIVES: Final = 5  # the template's maxReceiveCount: what fails then is brought no more


def handler(event: Event, _context: object) -> dict[str, list[dict[str, str]]]:
    """Work off the messages of one SQS event, and what they left in the outbox; at the scheduled event, all of it.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    owners: set[str] = set()
    failed = [
        message["messageId"]
        for message in event.get("Records", [])
        if not _succeeds(f"message {message['messageId']}", partial(_work_off, message, owners))
    ]
    if event.get("source") == "aws.events":
        owners.update(wiring.relay().owners())
    for owner in sorted(owners):
        _succeeds(f"outbox of {owner}", partial(wiring.relay().work_off, owner))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _succeeds(name: str, work: Callable[[], None]) -> bool:
    """Whether the work was done. Work that was not comes again: a message by SQS, an outbox by the schedule."""
    try:
        work()
    except Exception:
        # The one broad handler: whatever went wrong, the other messages and owners go on.
        logger.exception("%s failed", name)
        return False
    return True


def _work_off(message: Event, owners: set[str]) -> None:
    """Do what a message asks for, and note for whom."""
    body = json.loads(message["body"])
    if again := body.get("redetect"):
        _redetect(again["owner"], again["image"], again["redetection"])
        owners.add(again["owner"])
    # A bucket that begins to notify a queue sends s3:TestEvent, which has no records.
    for record in body.get("Records", []):
        key = unquote_plus(record["s3"]["object"]["key"])
        if not (found := owner_and_id(key, Rendition.INCOMING)):
            logger.warning("ignored a notification for a key that is no upload")
            continue
        if _is_last_try(message):
            wiring.catalog().give_up(*found)
        image = wiring.catalog().ingest(*found)
        owners.add(found[0])
        logger.info("ingested %s: %s", found[1], image.state if image else "nothing there")


def _is_last_try(message: Event) -> bool:
    return int(message.get("attributes", {}).get("ApproximateReceiveCount", 1)) >= MAX_RECEIVES


def _redetect(owner: str, image_id: str, redetection: str) -> None:
    """Look at an image again; one that is no longer in the library is done as well."""
    try:
        wiring.catalog().redetect(owner, image_id, redetection=redetection)
    except (ImageNotFound, NotReady):
        wiring.redetections().count(owner, redetection)
    logger.info("looked at %s again", image_id)
