"""Rebuilds lost image rows from the stored objects (`pixtag rebuild`).

If you have a backup of the rows, restore the backup instead. Tag edits, corrections, drawn boxes, sidecars and
subscriptions are not in the objects, so they are lost. Trashed images become ready. The objects of purged images are
left to the worker.

On AWS, the command needs the worker's environment variables. You can interrupt it and run it again. It does not change
ready or trashed images that still have their rows.
"""

import logging
from typing import Final

from app import wiring
from app.domain.errors import ObjectUnreadable
from app.domain.ids import Rendition, parse_key
from app.domain.images import ImageState

logger: Final = logging.getLogger(__name__)


def rebuild() -> int:
    """Ingest every original and every unprocessed upload. Return the number of failures."""
    failed = 0
    for rendition in (Rendition.ORIGINAL, Rendition.INCOMING):
        for number, key in enumerate(wiring.objects().list_keys(f"{rendition}/"), start=1):
            ids = parse_key(key, rendition)
            image = wiring.images().find_image(*ids) if ids else None
            if ids and not (image and image.state is ImageState.GONE):
                try:
                    image = wiring.ingest().ingest(*ids)
                except ObjectUnreadable as error:
                    logger.error("%s", error)  # noqa: TRY400 - no bug
                    image = None
            failed += image is None or image.state is ImageState.FAILED
            logger.info("%s %d: %s %s", rendition, number, key, image.state if image else "is not an image")
    return failed
