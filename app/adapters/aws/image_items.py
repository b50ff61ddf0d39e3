"""Reads images from items that may be damaged."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from app.adapters.aws import items
from app.adapters.aws.attribute_values import Attributes
from app.adapters.aws.row_keys import Item
from app.domain.errors import DAMAGE, ImageDamaged
from app.domain.images import Image, ImageSummary

Row = TypeVar("Row")
Source = TypeVar("Source")

ADVICE: Final = "The operator can restore the table to an earlier time."

logger: Final = logging.getLogger(__name__)


def to_image(owner: str, item: Item) -> Image:
    """Convert an image's row to the image.

    Raises:
        ImageDamaged: the row is damaged.
    """
    return _convert(items.to_image, owner, item, item["sk"])


def find_intact(owner: str, item: Item) -> Image | None:
    """Return the image in a row, or None if the row is damaged, which is logged."""
    return _find_intact(items.to_image, owner, item, item["sk"])


def find_intact_summary(owner: str, attributes: Attributes) -> ImageSummary | None:
    """Return the summary in a row's attributes, or None if the row is damaged, which is logged."""
    return _find_intact(items.to_summary, owner, attributes, (attributes.get("sk") or attributes["id"])["S"])


def _find_intact(convert: Callable[[str, Source], Row], owner: str, source: Source, key: str) -> Row | None:
    try:
        return _convert(convert, owner, source, key)
    except ImageDamaged as error:
        logger.error("%s", error)  # noqa: TRY400 - no bug
        return None


def _convert(convert: Callable[[str, Source], Row], owner: str, source: Source, key: str) -> Row:
    try:
        return convert(owner, source)
    except DAMAGE as error:
        raise ImageDamaged(key.removeprefix("IMAGE#"), ADVICE) from error
