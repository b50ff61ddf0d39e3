"""Counts the images and objects of each tag. A counter that would become zero is deleted, so its tag's name is too.

A transaction cannot delete an item depending on the result of its own update. So the counters that would fall are read
first, and each change has a condition that holds only if the counter still has at least, or at most, this many images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.adapters.aws.months import tag_month
from app.adapters.aws.row_keys import Item, counter_key
from app.adapters.aws.transactions import Transaction
from app.domain.images import Image, ImageState
from app.domain.tags import Tags


@dataclass(frozen=True, slots=True)
class CounterChange:
    """A change to the counter shard with this key. `months` contains the changes to the months of a tag."""

    key: Item
    images: int
    objects: int
    months: Mapping[str, int]


def searchable_tags(image: Image | None) -> Tags:
    """Return the tags with which searches find the image. Only a ready image has any."""
    return image.tags if image and image.state is ImageState.READY else {}


def list_changes(before: Image | None, after: Image) -> list[CounterChange]:
    """Return the changes to the counters that a change to an image requires."""
    old, new = searchable_tags(before), searchable_tags(after)
    changes = [
        CounterChange(
            counter_key(after, tag),
            int(tag in new) - int(tag in old),
            new.get(tag, 0) - old.get(tag, 0),
            subtract(
                {tag_month(after): 1} if tag in new else {}, {tag_month(before): 1} if before and tag in old else {}
            ),
        )
        for tag in dict.fromkeys([*old, *new])
    ]
    return [change for change in changes if change.images or change.objects or change.months]


def subtract(counts: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    """Return the differences between counts by name. Those that are zero are left out."""
    differences = {name: counts.get(name, 0) - others.get(name, 0) for name in dict.fromkeys([*counts, *others])}
    return {name: difference for name, difference in differences.items() if difference}


def list_falling(changes: Sequence[CounterChange]) -> list[Item]:
    """Return the keys of the counters that would count fewer images. They may become zero."""
    return [change.key for change in changes if change.images < 0]


def write_changes(transaction: Transaction, changes: Sequence[CounterChange], images: Mapping[str, int]) -> None:
    """Add the changes to a transaction.

    Args:
        transaction: The transaction. It fails if a counter has changed so that it must now be deleted, or must not be.
        changes: The changes.
        images: The present number of images of each falling counter, by sort key. Missing counters are left out.
    """
    for change in changes:
        counts = {"images": change.images, "objects": change.objects, **change.months}
        if change.images >= 0:
            transaction.add(change.key, counts)
        elif images.get(change.key["sk"], 0) > -change.images:
            transaction.add(change.key, counts, "images > :taken", {":taken": -change.images})
        else:
            transaction.delete(change.key, "attribute_not_exists(pk) OR images <= :taken", {":taken": -change.images})
