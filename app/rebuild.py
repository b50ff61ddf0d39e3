"""Rebuilds a lost table from the objects in the bucket: `python -m app.rebuild`.

If you have a backup of the images, restore the backup instead. Tag edits, corrections and subscriptions are not in
the objects, so they are lost. Trashed images become ready.

The command needs the worker's environment variables. You can interrupt it and run it again. It does not change ready
or trashed images in the table.
"""

import logging
import sys
from typing import Final

from app import wiring
from app.domain.ids import Rendition, parse_key
from app.domain.images import ImageState

logger: Final = logging.getLogger(__name__)


def rebuild() -> int:
    """Ingest every original and every unprocessed upload. Return the number of failures."""
    failed = 0
    for rendition in (Rendition.ORIGINAL, Rendition.INCOMING):
        for number, key in enumerate(wiring.objects().list_keys(f"{rendition}/"), start=1):
            ids = parse_key(key, rendition)
            image = wiring.ingest().ingest(*ids) if ids else None
            failed += image is None or image.state is ImageState.FAILED
            logger.info("%s %d: %s %s", rendition, number, key, image.state if image else "is not an image")
    return failed


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(1 if rebuild() else 0)
