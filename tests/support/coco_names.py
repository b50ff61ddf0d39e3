"""The 80 names of tags that the detector can find, in the order of COCO."""

from typing import Final

from app.domain.tags import TagTotal
from detector.conversion.published import COCO_LABELS

COCO_NAMES: Final = COCO_LABELS


def make_totals(*more: str) -> list[TagTotal]:
    """Return the totals of a library in which ten images have each of the names, and more tags."""
    return [TagTotal(tag, 10, 10) for tag in (*COCO_NAMES, *more)]
