"""Reads items that are not images and may be damaged."""

import logging
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from app.adapters.aws.image_items import ADVICE
from app.adapters.aws.row_keys import Item
from app.domain.errors import DAMAGE, RowDamaged

Row = TypeVar("Row")

logger: Final = logging.getLogger(__name__)


def convert_item(name: str, convert: Callable[[Item], Row], item: Item) -> Row:
    """Convert an item to what it contains.

    Raises:
        RowDamaged: the item is damaged.
    """
    try:
        return convert(item)
    except DAMAGE as error:
        raise RowDamaged(name, ADVICE) from error


def convert_items(kind: str, convert: Callable[[Item], Row], items: Iterable[Item]) -> tuple[list[Row], list[str]]:
    """Convert items in their order. Return also the ids of the damaged ones, which are logged.

    Args:
        kind: The name of this kind of row, such as "album".
        convert: Converts an item. It raises one of `DAMAGE` if the item is damaged.
        items: The items. An id follows the first `#` of each sort key.
    """
    intact, damaged = list[Row](), list[str]()
    for item in items:
        row_id = str(item["sk"]).partition("#")[2]
        try:
            intact.append(convert_item(f"the {kind} {row_id}", convert, item))
        except RowDamaged as error:
            logger.error("%s", error)  # noqa: TRY400 - no bug
            damaged.append(row_id)
    return intact, damaged
