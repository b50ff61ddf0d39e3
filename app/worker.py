"""Event entry: S3's notifications, through SQS, become ingested images.

One bad message fails alone: Lambda is told which ones (a partial batch response) and SQS brings only
those again, until it gives up and keeps them in the dead-letter queue.
"""

import json
import logging
from typing import Any, Final
from urllib.parse import unquote_plus

from app import wiring
from app.images import owner_and_id

logger: Final = logging.getLogger(__name__)

Event = dict[str, Any]


def handler(event: Event, _context: object) -> dict[str, list[dict[str, str]]]:
    """Work off the messages of one SQS event.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    failures = []
    for message in event.get("Records", []):
        try:
            _work_off(message["body"])
        except Exception:
            # The one broad handler: whatever went wrong, the other messages go on and this one comes again.
            logger.exception("message %s failed", message["messageId"])
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}


def _work_off(body: str) -> None:
    # A bucket that begins to notify a queue sends s3:TestEvent, which has no records.
    for record in json.loads(body).get("Records", []):
        key = unquote_plus(record["s3"]["object"]["key"])
        if not (found := owner_and_id(key)):
            logger.warning("ignored a notification for a key that is no upload")
            continue
        image = wiring.catalog().ingest(*found)
        logger.info("ingested %s: %s", found[1], image.state if image else "nothing there")
