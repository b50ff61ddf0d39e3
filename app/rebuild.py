"""`python -m app.rebuild`: the table written anew from the objects in the bucket, should it ever be lost.

Needs what the worker needs in its environment, and may be repeated and cut off. Images that the table has stay as
they are. What the objects do not tell is lost: what people said of tags and boxes, subscriptions, and that an image was
in the trash, from where it returns. So restore the table from its backups where there are any.
"""

import logging
import sys
from typing import Final

from app import wiring
from app.domain.ids import Rendition, parse_key
from app.domain.images import ImageState

logger: Final = logging.getLogger(__name__)


def rebuild() -> int:
    """Bring back the image of every original, and of every upload nobody has looked at yet; return how many failed."""
    failed = 0
    for rendition in (Rendition.ORIGINAL, Rendition.INCOMING):
        for number, key in enumerate(wiring.bucket().list_keys(f"{rendition}/"), start=1):
            found = parse_key(key, rendition)
            image = wiring.ingest().ingest(*found) if found else None
            is_lost = image is None or image.state is ImageState.FAILED
            failed += is_lost
            logger.info("%s %d: %s %s", rendition, number, key, image.state if image else "is no image")
    return failed


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(1 if rebuild() else 0)
