"""Counts the images and objects of each tag. A counter that would become zero is deleted, so its tag's name is too.

A transaction cannot delete an item depending on the result of its own update. So the counters that would fall are read
first, and each change has a condition that holds only if the counter still has at least, or at most, this many images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.adapters.aws.items import Item, counter_key
from app.adapters.aws.transactions import Transaction
from app.domain.images import Image, ImageState
from app.domain.tags import Tags


@dataclass(frozen=True, slots=True)
class CounterChange:
    """A change to the counter shard with this key."""

    key: Item
    images: int
    objects: int


def searchable_tags(image: Image | None) -> Tags:
    """Return the tags with which searches find the image. Only a ready image has any."""
    return image.tags if image and image.state is ImageState.READY else {}


def list_changes(before: Image | None, after: Image) -> list[CounterChange]:
    """Return the changes to the counters that a change to an image requires."""
    old, new = searchable_tags(before), searchable_tags(after)
    changes = [
        CounterChange(counter_key(after, tag), int(tag in new) - int(tag in old), new.get(tag, 0) - old.get(tag, 0))
        for tag in dict.fromkeys([*old, *new])
    ]
    return [change for change in changes if change.images or change.objects]


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
        counts = {"images": change.images, "objects": change.objects}
        if change.images >= 0:
            transaction.add(change.key, **counts)
        elif images.get(change.key["sk"], 0) > -change.images:
            transaction.add(change.key, "images > :taken", {":taken": -change.images}, **counts)
        else:
            transaction.delete(change.key, "attribute_not_exists(pk) OR images <= :taken", {":taken": -change.images})
