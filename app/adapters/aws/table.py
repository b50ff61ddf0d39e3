"""Stores images, their tag index and their counters in DynamoDB. Every change to an image is one transaction.

Every key contains the owner (see `items.py`), so a method cannot read or write another owner's rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import (
    SHARDS,
    SUMMARY_ATTRIBUTES,
    between,
    counter_key,
    hash_key,
    image_item,
    image_key,
    index_key,
    outbox_item,
    partition_of,
    redetection_key,
    summary_item,
    to_image,
    to_summary,
    usage_key,
)
from app.adapters.aws.paging import Page, PageReader
from app.adapters.aws.transactions import BACKOFF_SECONDS, ConditionFailed, Transaction
from app.domain.errors import ImageChanged, ImageNotFound, PhotoExists
from app.domain.ids import require_id
from app.domain.images import LISTED, STORED, Image, ImageState, ImageSummary
from app.domain.outbox import OutboxKind, follow_up
from app.domain.query import Plan, Query, indexed_clauses, plan
from app.domain.tags import Tags

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

LAST_CHARACTER: Final = "\U0010ffff"

_PROJECTION: Final[dict[str, Any]] = {
    "ProjectionExpression": ", ".join(f"#{name}" for name in SUMMARY_ATTRIBUTES),
    "ExpressionAttributeNames": {f"#{name}": name for name in SUMMARY_ATTRIBUTES},
}


@dataclass(frozen=True, slots=True)
class TagTotal:
    """A tag, the number of images that have it, and the sum of its counts."""

    tag: str
    images: int
    objects: int


class Table(DynamoTable):
    """Reads and writes images."""

    def __init__(self, client: "DynamoDBClient", name: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, name)
        self._backoff_seconds = backoff_seconds
        self._summaries = PageReader(client, name, to_summary, _PROJECTION)
        self._images = PageReader(client, name, to_image, {})

    def find_image(self, owner: str, image_id: str) -> Image | None:
        """Return the image or tombstone with this id, or None. The read is strongly consistent."""
        item = self._find(image_key(owner, image_id))
        return to_image(owner, item) if item else None

    def get_image(self, owner: str, image_id: str) -> Image:
        """Return the image with this id. For the tombstone of a duplicate, return the image with the same bytes.

        Raises:
            ImageNotFound: the owner has no image with this id, or the image is gone.
        """
        image = self.find_image(owner, require_id(image_id))
        if image and image.duplicate_of:
            image = self.find_image(owner, image.duplicate_of)
        if image is None or image.state is ImageState.GONE:
            raise ImageNotFound
        return image

    def find_by_hash(self, owner: str, sha256: str) -> str | None:
        """Return the id of the ready or trashed image that has exactly these bytes, or None."""
        item = self._find(hash_key(owner, sha256))
        return str(item["image"]) if item else None

    def save(self, after: Image, before: Image | None = None) -> Image:
        """Write an image with its index rows, counters, usage, hash and outbox row in one transaction.

        Args:
            after: The image to write.
            before: The image as it was read, or None if the table has no row for it.

        Returns:
            `after` with its new version.

        Raises:
            ImageChanged: the row no longer has the version of `before`. Nothing was written.
            PhotoExists: another image has the same bytes. Nothing was written.
            Unavailable: conflicts or throttling prevented every attempt. Nothing was written.
        """
        after = replace(after, version=before.version + 1 if before else 1)
        transaction = self._transaction()
        if before:
            transaction.put(image_item(after), "version = :read", {":read": before.version})
        else:
            transaction.put(image_item(after), "attribute_not_exists(pk)")
        _write_hash(transaction, before, after)
        _write_index(transaction, before, after)
        _write_usage(transaction, before, after)
        if row := follow_up(before, after):
            transaction.put(outbox_item(row))
        if after.redetection not in {"", before.redetection if before else ""}:
            transaction.add(redetection_key(after.owner, after.redetection), done=1)
        try:
            transaction.commit(self._backoff_seconds)
        except ConditionFailed as error:
            raise (ImageChanged if 0 in error.actions else PhotoExists) from error
        return after

    def list_images(
        self, owner: str, limit: int, cursor: str | None = None, states: frozenset[ImageState] = LISTED
    ) -> Page[ImageSummary]:
        """Return a page of the images in these states, newest first."""
        return self._summaries.read(owner, Plan(), lambda image: image.state in states, limit, cursor)

    def list_details(self, owner: str, limit: int, cursor: str | None = None) -> Page[Image]:
        """Return a page of complete ready images, newest first."""
        return self._images.read(owner, Plan(), lambda image: image.state is ImageState.READY, limit, cursor)

    def search_trash(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        """Return matching images in the trash, newest first. Read all image rows, because the trash has no index."""
        return self._summaries.read(
            owner,
            replace(plan(query), tags=()),
            lambda image: image.state is ImageState.TRASHED and query.holds(image.tags),
            limit,
            cursor,
        )

    def search(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        """Return matching ready images, newest first. If a clause is indexed, read only the rarest such clause."""
        clauses = indexed_clauses(query)
        tags = {term.tag for clause in clauses for term in clause} if len(clauses) > 1 else set()
        return self._summaries.read(
            owner,
            plan(query, {tag: self.count_tag(owner, tag).images for tag in tags}),
            lambda image: image.state is ImageState.READY and query.holds(image.tags),
            limit,
            cursor,
        )

    def list_ids(self, owner: str) -> Iterator[str]:
        """Yield the ids of all of the owner's images except tombstones. The reads are strongly consistent and lazy."""
        items = self._query(between(partition_of(owner), "IMAGE#", "IMAGE$"), consistent=True)
        return (item["id"] for item in items if item["state"] != ImageState.GONE)

    def delete_rows(self, owner: str, limit: int) -> bool:
        """Delete up to `limit` of the owner's rows, except images and account deletions.

        Call this only when the owner has no images left. Then the counters are no longer needed.

        Returns:
            Whether anything was deleted. If so, more rows may remain.
        """
        partition = partition_of(owner)
        ranges = between(partition, " ", "IMAGE"), between(partition, "IMAGE$", LAST_CHARACTER)
        items = chain.from_iterable(self._query(condition, consistent=True) for condition in ranges)
        deletable = (item for item in items if item.get("kind") != OutboxKind.DELETE_ACCOUNT)
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in islice(deletable, limit)]
        for key in keys:
            self._delete(key)
        return bool(keys)

    def count_tag(self, owner: str, tag: str) -> TagTotal:
        """Return a tag's totals. They are zero if the owner does not have the tag."""
        shards = self._counters(owner, f"COUNT#{tag}#0", f"COUNT#{tag}#{SHARDS - 1}")
        return _sum([shard for shard in shards if shard.tag == tag] or [TagTotal(tag, 0, 0)])

    def count_tags(self, owner: str, prefix: str = "") -> list[TagTotal]:
        """Return the totals of every tag with this prefix, most frequent first."""
        shards: dict[str, list[TagTotal]] = {}
        for shard in self._counters(owner, f"COUNT#{prefix}", f"COUNT#{prefix}{LAST_CHARACTER}"):
            shards.setdefault(shard.tag, []).append(shard)
        totals = [total for tag in shards if tag.startswith(prefix) and (total := _sum(shards[tag])).images]
        return sorted(totals, key=lambda total: (-total.images, total.tag))

    def _counters(self, owner: str, start: str, end: str) -> Iterator[TagTotal]:
        for item in self._query(between(partition_of(owner), start, end)):
            tag = item["sk"].removeprefix("COUNT#").rpartition("#")[0]
            yield TagTotal(tag, int(item["images"]), int(item["objects"]))


def _write_hash(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Write or delete the image's `HASH#` row, which prevents a second image with the same bytes."""
    was_stored = before is not None and before.state in STORED
    is_stored = after.state in STORED
    if before and was_stored and not is_stored:
        transaction.delete(hash_key(before.owner, before.sha256))
    elif is_stored and not was_stored:
        transaction.put(hash_key(after.owner, after.sha256) | {"image": after.id}, "attribute_not_exists(pk)")


def _write_index(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Update the index rows and counters of the image's tags. Unchanged rows are not written."""
    old, new = _searchable_tags(before), _searchable_tags(after)
    for tag in [tag for tag in old if tag not in new]:
        transaction.delete(index_key(after, tag))
    if before is None or summary_item(before) != summary_item(after):
        for tag in new:
            transaction.put(index_key(after, tag) | summary_item(after))
    for tag in dict.fromkeys([*old, *new]):
        images = int(tag in new) - int(tag in old)
        objects = new.get(tag, 0) - old.get(tag, 0)
        if images or objects:
            transaction.add(counter_key(after, tag), images=images, objects=objects)


def _write_usage(transaction: Transaction, before: Image | None, after: Image) -> None:
    """Update the number and bytes of the images that count toward the owner's quota."""
    (old_images, old_bytes), (new_images, new_bytes) = _usage(before), _usage(after)
    if (old_images, old_bytes) != (new_images, new_bytes):
        transaction.add(usage_key(after), images=new_images - old_images, bytes=new_bytes - old_bytes)


def _searchable_tags(image: Image | None) -> Tags:
    return image.tags if image and image.state is ImageState.READY else {}


def _usage(image: Image | None) -> tuple[int, int]:
    return (1, image.size) if image and image.state in STORED | {ImageState.FAILED} else (0, 0)


def _sum(shards: list[TagTotal]) -> TagTotal:
    return TagTotal(shards[0].tag, sum(shard.images for shard in shards), sum(shard.objects for shard in shards))
