"""Event entry: S3's notifications, through SQS, become ingested images; the schedule works off the outbox.

One bad message fails alone: Lambda is told which ones (a partial batch response) and SQS brings only
those again, until it gives up and keeps them in the dead-letter queue.
"""

import json
import logging
from functools import partial
from typing import Any, Final
from urllib.parse import unquote_plus

from app import wiring
from app.images import Rendition, owner_and_id

logger: Final = logging.getLogger(__name__)

Event = dict[str, Any]


def handler(event: Event, _context: object) -> dict[str, list[dict[str, str]]]:
    """Work off the messages of one SQS event, or at EventBridge's scheduled one the outbox, owner by owner.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    if event.get("source") == "aws.events":
        jobs = {owner: partial(wiring.relay().work_off, owner) for owner in wiring.relay().owners()}
    else:
        jobs = {message["messageId"]: partial(_work_off, message["body"]) for message in event["Records"]}
    failures = []
    for name, work_off in jobs.items():
        try:
            work_off()
        except Exception:
            # The one broad handler: whatever went wrong, the other messages or owners go on and this one comes again.
            logger.exception("message or outbox %s failed", name)
            failures.append({"itemIdentifier": name})
    return {"batchItemFailures": failures}


def _work_off(body: str) -> None:
    # A bucket that begins to notify a queue sends s3:TestEvent, which has no records.
    for record in json.loads(body).get("Records", []):
        key = unquote_plus(record["s3"]["object"]["key"])
        if not (found := owner_and_id(key, Rendition.INCOMING)):
            logger.warning("ignored a notification for a key that is no upload")
            continue
        image = wiring.catalog().ingest(*found)
        wiring.relay().work_off(found[0])
        logger.info("ingested %s: %s", found[1], image.state if image else "nothing there")
