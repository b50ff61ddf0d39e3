"""Counts the images and objects of each tag. A counter that would become zero is deleted, so its tag's name is too.

A transaction cannot delete an item depending on the result of the same update. So the counters that would fall are read
first, and each change has a condition that holds only if the counter still has at least, or at most, this many images.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.adapters.aws.months import tag_month
from app.adapters.aws.row_keys import Item, counted_tag, counter_key, partition_of
from app.adapters.aws.transactions import Transaction
from app.domain.images import Image, ImageState
from app.domain.tags import Tags


@dataclass(frozen=True, slots=True)
class CounterChange:
    """The changes to the attributes of the counter with this key. Those that do not change are left out."""

    key: Item
    counts: Mapping[str, int]

    @property
    def images(self) -> int:
        """The change to the number of images."""
        return self.counts.get("images", 0)


def searchable_tags(image: Image | None) -> Tags:
    """Return the tags and marks with which searches find the image. Only a ready image has any."""
    return image.indexed_tags if image and image.state is ImageState.READY else {}


def count_tags(image: Image, tags: Tags) -> dict[str, dict[str, int]]:
    """Return what an image with these tags adds to the counters of tags, by their sort keys."""
    return {
        str(counter_key(image, tag)["sk"]): {"images": 1, "objects": count, tag_month(image): 1}
        for tag, count in tags.items()
    }


def list_changes(before: Image | None, after: Image) -> list[CounterChange]:
    """Return the changes to the counters that a change to an image requires."""
    old, new = (count_tags(image, searchable_tags(image)) if image else {} for image in (before, after))
    return list_differences(after.owner, old, new)


def list_differences(
    owner: str, old: Mapping[str, Mapping[str, int]], new: Mapping[str, Mapping[str, int]]
) -> list[CounterChange]:
    """Return the changes from old to new counts, which are by the sort keys of counters."""
    changes = [
        CounterChange({"pk": partition_of(owner), "sk": name}, subtract(new.get(name, {}), old.get(name, {})))
        for name in dict.fromkeys([*old, *new])
    ]
    return [change for change in changes if change.counts]


def add_up_changes(changes: Iterable[CounterChange]) -> list[CounterChange]:
    """Return the sum of the changes to each counter. A transaction can write a counter only once."""
    keys: dict[str, Item] = {}
    sums: dict[str, Counter[str]] = {}
    for change in changes:
        name = str(change.key["sk"])
        keys[name] = change.key
        sums.setdefault(name, Counter()).update(change.counts)
    summed = [CounterChange(keys[name], subtract(counts, {})) for name, counts in sums.items()]
    return [change for change in summed if change.counts]


def subtract(counts: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    """Return the differences between counts by name. Those that are zero are left out."""
    differences = {name: counts.get(name, 0) - others.get(name, 0) for name in dict.fromkeys([*counts, *others])}
    return {name: difference for name, difference in differences.items() if difference}


def list_falling(changes: Sequence[CounterChange]) -> list[Item]:
    """Return the keys of the counters that would count fewer images. They may become zero."""
    return [change.key for change in changes if change.images < 0]


def write_changes(transaction: Transaction, changes: Sequence[CounterChange], images: Mapping[str, int]) -> None:
    """Add the changes to a transaction. Each counter that is written has its tag, so the index `listed` contains it.

    Args:
        transaction: The transaction. It fails if a counter has changed so that it must now be deleted, or must not be.
        changes: The changes.
        images: The present number of images of each falling counter, by sort key. Missing counters are left out.
    """
    for change in changes:
        taken = {":taken": -change.images}
        tag = counted_tag(change.key["sk"])
        if change.images >= 0:
            transaction.add(change.key, change.counts, tag=tag)
        elif images.get(change.key["sk"], 0) > -change.images:
            transaction.add(change.key, change.counts, "images > :taken", taken, tag=tag)
        else:
            transaction.delete(change.key, "attribute_not_exists(pk) OR images <= :taken", taken)
