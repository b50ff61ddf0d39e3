"""Adds to a transaction what a change to images requires in the table: hashes, views, usage and tombstones."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from app.adapters.aws.counters import CounterChange, list_differences, subtract
from app.adapters.aws.image_items import find_intact
from app.adapters.aws.items import image_item, outbox_item
from app.adapters.aws.months import usage_month
from app.adapters.aws.row_keys import Item, album_key, hash_key, image_key, usage_key
from app.adapters.aws.transactions import MAX_ACTIONS, ConditionFailed, Transaction
from app.adapters.aws.views import list_view_keys, make_view_rows
from app.domain.albums import list_joined
from app.domain.errors import AlbumNotFound, ImageChanged, PhotoExists, PixTagError
from app.domain.images import STORED, Image, ImageState, ImageSummary, make_tombstone
from app.domain.outbox import OutboxRow

Deletion = tuple[Item, int | None]
"""The key of a row to delete, and the version that it must have. Rows of views have none."""


def write_image(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Write the image's row. The condition is its version."""
    if before:
        transaction.put(image_item(after), "version = :read", {":read": before.version})
    else:
        transaction.put(image_item(after), "attribute_not_exists(pk)")


def require_albums(transaction: Transaction, owner: str, album_ids: Iterable[str]) -> None:
    """Add the conditions that these albums exist."""
    for album_id in album_ids:
        transaction.require(album_key(owner, album_id))


def explain_failure(error: ConditionFailed, before: Image | None, after: Image) -> PixTagError:
    """Return why a transaction failed that begins with the image, the albums that it joins, and its hash."""
    if 0 in error.actions:
        return ImageChanged()
    joined = list_joined(before, after)
    missing = [joined[number - 1] for number in error.actions if number <= len(joined)]
    return AlbumNotFound(*missing) if missing else PhotoExists()


def write_hash(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Write or delete the image's `HASH#` row, which prevents a second image with the same bytes."""
    was_stored = before is not None and before.state in STORED
    is_stored = after.state in STORED
    if before and was_stored and not is_stored:
        transaction.delete(hash_key(before.owner, before.sha256))
    elif is_stored and not was_stored:
        transaction.put(hash_key(after.owner, after.sha256) | {"image": after.id}, "attribute_not_exists(pk)")


def write_views(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Update the rows of the image in views. Unchanged rows are not written."""
    old, new = make_view_rows(before), make_view_rows(after)
    for pk, sk in [key for key in old if key not in new]:
        transaction.delete({"pk": pk, "sk": sk})
    for key, row in new.items():
        if old.get(key) != row:
            transaction.put(row)


def write_usage(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Update the images and bytes that count toward the owner's quota, and the number of ready images in a month."""
    for change in list_usage_changes(before, after):
        transaction.add(change.key, change.counts)


def list_usage_changes(before: Image | None, after: Image) -> list[CounterChange]:
    """Return the changes to the usage that a change to an image requires."""
    old, new = ({usage_key(image)["sk"]: count_usage(image)} if image else {} for image in (before, after))
    return list_differences(after.owner, old, new)


def count_usage(image: ImageSummary) -> dict[str, int]:
    """Return what an image adds to the attributes of its counter of the usage."""
    if image.state not in STORED | {ImageState.FAILED}:
        return {}
    counts = {"images": 1, "bytes": image.size}
    return counts | {usage_month(image): 1} if image.state is ImageState.READY else counts


def purge_images(transaction: Transaction, images: Sequence[Image], rows: Mapping[str, OutboxRow]) -> list[Image]:
    """Replace trashed images with tombstones, and write their outbox rows. Return the tombstones.

    The first conditions of the transaction are the versions of the images, in their order.
    """
    tombstones = [replace(make_tombstone(image), version=image.version + 1) for image in images]
    for image, tombstone in zip(images, tombstones, strict=True):
        transaction.put(image_item(tombstone), "version = :read", {":read": image.version})
    usage: dict[str, Counter[str]] = {}
    for image in images:
        transaction.delete(hash_key(image.owner, image.sha256))
        usage.setdefault(usage_key(image)["sk"], Counter()).update(count_usage(image))
        if row := rows.get(image.id):
            transaction.put(outbox_item(row))
    for name, counts in usage.items():
        transaction.add(usage_key(images[0]) | {"sk": name}, subtract({}, counts))
    return tombstones


def split_purges(images: Sequence[Image], rows: Mapping[str, OutboxRow]) -> Iterator[list[Image]]:
    """Yield images in parts that can be purged in a transaction each."""
    part: list[Image] = []
    actions, usage = 0, set[str]()
    for image in images:
        key = usage_key(image)["sk"]
        required = 3 if image.id in rows else 2
        if actions + required + len(usage | {key}) > MAX_ACTIONS:
            yield part
            part, actions, usage = [], 0, set()
        part.append(image)
        actions += required
        usage.add(key)
    if part:
        yield part


def split_deletions(owner: str, items: Sequence[Item]) -> Iterator[list[Deletion]]:
    """Yield the rows of images and of their views in parts that fit into a transaction each.

    All rows of an image are in the same part. Of an image whose row is damaged, the other rows are not known.
    """
    part: list[Deletion] = []
    for item in items:
        deletions: list[Deletion] = [(image_key(owner, item["id"]), int(item["version"]))]
        deletions += [({"pk": pk, "sk": sk}, None) for pk, sk in list_view_keys(find_intact(owner, item))]
        if len(part) + len(deletions) > MAX_ACTIONS:
            yield part
            part = []
        part += deletions
    if part:
        yield part
