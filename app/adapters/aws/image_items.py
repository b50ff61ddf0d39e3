"""Reads images from items that may be damaged."""

from typing import Final

from app.adapters.aws import items
from app.adapters.aws.items import Item
from app.domain.errors import ImageDamaged, InvalidTag
from app.domain.images import Image

_ADVICE: Final = "The operator can restore the table to an earlier time."


def to_image(owner: str, item: Item) -> Image:
    """Convert an image's row to the image.

    Raises:
        ImageDamaged: the row is damaged.
    """
    try:
        return items.to_image(owner, item)
    except (ArithmeticError, AttributeError, InvalidTag, KeyError, TypeError, ValueError) as error:
        raise ImageDamaged(item["sk"].removeprefix("IMAGE#"), _ADVICE) from error


def find_intact(owner: str, item: Item) -> Image | None:
    """Return the image in a row, or None if the row is damaged."""
    try:
        return to_image(owner, item)
    except ImageDamaged:
        return None
