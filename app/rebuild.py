"""Rebuild a lost table from the objects in the bucket: `python -m app.rebuild`.

It needs the worker's environment variables. It can be interrupted and repeated, and does not change images that the
table contains. Everything that is not in the objects is lost: edits of tags, corrections, subscriptions, and whether
an image was in the trash. Trashed images become ready. So restore the table from a backup if you have one.
"""

import logging
import sys
from typing import Final

from app import wiring
from app.domain.ids import Rendition, parse_key
from app.domain.images import ImageState

logger: Final = logging.getLogger(__name__)


def rebuild() -> int:
    """Ingest every original, and every upload that was not processed. Return how many failed."""
    failed = 0
    for rendition in (Rendition.ORIGINAL, Rendition.INCOMING):
        for number, key in enumerate(wiring.bucket().list_keys(f"{rendition}/"), start=1):
            ids = parse_key(key, rendition)
            image = wiring.ingest().ingest(*ids) if ids else None
            failed += image is None or image.state is ImageState.FAILED
            logger.info("%s %d: %s %s", rendition, number, key, image.state if image else "is not an image")
    return failed


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(1 if rebuild() else 0)
