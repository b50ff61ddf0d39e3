"""Adds to a transaction what a change to images requires in the table: hashes, index rows, usage and tombstones."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.adapters.aws.counters import searchable_tags
from app.adapters.aws.items import (
    Item,
    hash_key,
    image_item,
    image_key,
    index_key,
    outbox_item,
    summary_item,
    tag_partition,
    usage_key,
)
from app.adapters.aws.transactions import MAX_ACTIONS, Transaction
from app.domain.images import STORED, Image, ImageState, make_tombstone
from app.domain.outbox import OutboxRow

Deletion = tuple[Item, int | None]
"""The key of a row to delete, and the version that it must have. Index rows have none."""


def write_hash(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Write or delete the image's `HASH#` row, which prevents a second image with the same bytes."""
    was_stored = before is not None and before.state in STORED
    is_stored = after.state in STORED
    if before and was_stored and not is_stored:
        transaction.delete(hash_key(before.owner, before.sha256))
    elif is_stored and not was_stored:
        transaction.put(hash_key(after.owner, after.sha256) | {"image": after.id}, "attribute_not_exists(pk)")


def write_index(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Update the index rows of the image's tags. Unchanged rows are not written."""
    old, new = searchable_tags(before), searchable_tags(after)
    for tag in [tag for tag in old if tag not in new]:
        transaction.delete(index_key(after, tag))
    if before is None or summary_item(before) != summary_item(after):
        for tag in new:
            transaction.put(index_key(after, tag) | summary_item(after))


def write_usage(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Update the number and bytes of the images that count toward the owner's quota."""
    (old_images, old_bytes), (new_images, new_bytes) = _usage(before), _usage(after)
    if (old_images, old_bytes) != (new_images, new_bytes):
        transaction.add(usage_key(after), images=new_images - old_images, bytes=new_bytes - old_bytes)


def purge_images(transaction: Transaction, images: Sequence[Image], rows: Mapping[str, OutboxRow]) -> list[Image]:
    """Replace trashed images with tombstones, and write their outbox rows. Return the tombstones.

    The first conditions of the transaction are the versions of the images, in their order.
    """
    tombstones = [replace(make_tombstone(image), version=image.version + 1) for image in images]
    for image, tombstone in zip(images, tombstones, strict=True):
        transaction.put(image_item(tombstone), "version = :read", {":read": image.version})
    numbers, sizes, keys = Counter[str](), Counter[str](), dict[str, Item]()
    for image in images:
        transaction.delete(hash_key(image.owner, image.sha256))
        key = usage_key(image)
        keys[key["sk"]] = key
        numbers[key["sk"]] += 1
        sizes[key["sk"]] += image.size
        if row := rows.get(image.id):
            transaction.put(outbox_item(row))
    for name, key in keys.items():
        transaction.add(key, images=-numbers[name], bytes=-sizes[name])
    return tombstones


def split_deletions(owner: str, items: Sequence[Item]) -> Iterator[list[Deletion]]:
    """Yield the rows of images and of their tag index in parts that fit into a transaction each.

    All rows of an image are in the same part. The items need the attributes id, state, tags and version.
    """
    part: list[Deletion] = []
    for item in items:
        deletions = _list_deletions(owner, item)
        if len(part) + len(deletions) > MAX_ACTIONS:
            yield part
            part = []
        part += deletions
    if part:
        yield part


def _list_deletions(owner: str, item: Item) -> list[Deletion]:
    tags = item["tags"] if item["state"] == ImageState.READY else {}
    index_keys = [{"pk": tag_partition(owner, tag), "sk": item["id"]} for tag in tags]
    return [(image_key(owner, item["id"]), int(item["version"])), *((key, None) for key in index_keys)]


def _usage(image: Image | None) -> tuple[int, int]:
    return (1, image.size) if image and image.state in STORED | {ImageState.FAILED} else (0, 0)
