"""Stores images, their tag index and their counters in DynamoDB. Every change to an image is one transaction.

Every key contains the owner (see `items.py`), so a method cannot read or write another owner's rows.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

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
from app.adapters.aws.paging import PageReader
from app.adapters.aws.transactions import BACKOFF_SECONDS, ConditionFailed, Transaction
from app.domain.errors import ImageChanged, ImageNotFound, PhotoExists
from app.domain.ids import require_id
from app.domain.images import LISTED, STORED, Image, ImageState, ImageSummary
from app.domain.outbox import OutboxKind, OutboxRow, follow_up, follow_up_restored
from app.domain.pages import Page
from app.domain.ports import Images
from app.domain.query import Plan, Query, indexed_clauses, plan
from app.domain.tags import Tags, TagTotal, make_total

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

LAST_CHARACTER: Final = "\U0010ffff"

_PROJECTION: Final[dict[str, Any]] = {
    "ProjectionExpression": ", ".join(f"#{name}" for name in SUMMARY_ATTRIBUTES),
    "ExpressionAttributeNames": {f"#{name}": name for name in SUMMARY_ATTRIBUTES},
}


class DynamoImages(DynamoTable, Images):
    """Reads and writes images."""

    def __init__(self, client: "DynamoDBClient", name: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, name)
        self._backoff_seconds = backoff_seconds
        self._summaries = PageReader(client, name, to_summary, _PROJECTION)
        self._images = PageReader(client, name, to_image, {})

    @override
    def find_image(self, owner: str, image_id: str) -> Image | None:
        item = self._find(image_key(owner, image_id))
        return to_image(owner, item) if item else None

    @override
    def get_image(self, owner: str, image_id: str) -> Image:
        image = self.find_image(owner, require_id(image_id))
        if image and image.duplicate_of:
            image = self.find_image(owner, image.duplicate_of)
        if image is None or image.state is ImageState.GONE:
            raise ImageNotFound
        return image

    @override
    def find_by_hash(self, owner: str, sha256: str) -> str | None:
        item = self._find(hash_key(owner, sha256))
        return str(item["image"]) if item else None

    @override
    def save(self, after: Image, before: Image | None = None) -> Image:
        after = replace(after, version=before.version + 1 if before else 1)
        try:
            self._write(after, before, follow_up(before, after))
        except ConditionFailed as error:
            raise (ImageChanged if 0 in error.actions else PhotoExists) from error
        return after

    @override
    def restore_image(self, image: Image) -> None:
        try:
            self._write(image, None, follow_up_restored(image))
        except ConditionFailed as error:
            if 0 not in error.actions:
                raise PhotoExists from error

    def _write(self, after: Image, before: Image | None, row: OutboxRow | None) -> None:
        """Write an image, its outbox row and all that depends on the image. Condition 0 is the version."""
        transaction = self._transaction()
        if before:
            transaction.put(image_item(after), "version = :read", {":read": before.version})
        else:
            transaction.put(image_item(after), "attribute_not_exists(pk)")
        _write_hash(transaction, before, after)
        _write_index(transaction, before, after)
        _write_usage(transaction, before, after)
        if row:
            transaction.put(outbox_item(row))
        if before and after.redetection not in {"", before.redetection}:
            transaction.add(redetection_key(after.owner, after.redetection), done=1)
        transaction.commit(self._backoff_seconds)

    @override
    def list_images(
        self, owner: str, limit: int, cursor: str | None = None, states: frozenset[ImageState] = LISTED
    ) -> Page[ImageSummary]:
        return self._summaries.read(owner, Plan(), lambda image: image.state in states, limit, cursor)

    @override
    def list_details(self, owner: str, limit: int, cursor: str | None = None) -> Page[Image]:
        return self._images.read(owner, Plan(), lambda image: image.state is ImageState.READY, limit, cursor)

    @override
    def search_trash(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        return self._summaries.read(
            owner,
            replace(plan(query), tags=()),
            lambda image: image.state is ImageState.TRASHED and query.holds(image.tags),
            limit,
            cursor,
        )

    @override
    def search(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        clauses = indexed_clauses(query)
        tags = {term.tag for clause in clauses for term in clause} if len(clauses) > 1 else set()
        return self._summaries.read(
            owner,
            plan(query, {tag: self.count_tag(owner, tag).images for tag in tags}),
            lambda image: image.state is ImageState.READY and query.holds(image.tags),
            limit,
            cursor,
        )

    @override
    def list_ids(self, owner: str) -> Iterator[str]:
        items = self._query(between(partition_of(owner), "IMAGE#", "IMAGE$"), consistent=True)
        return (item["id"] for item in items if item["state"] != ImageState.GONE)

    @override
    def delete_rows(self, owner: str, limit: int) -> bool:
        partition = partition_of(owner)
        ranges = between(partition, " ", "IMAGE"), between(partition, "IMAGE$", LAST_CHARACTER)
        items = chain.from_iterable(self._query(condition, consistent=True) for condition in ranges)
        deletable = (item for item in items if item.get("kind") != OutboxKind.DELETE_ACCOUNT)
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in islice(deletable, limit)]
        for key in keys:
            self._delete(key)
        return bool(keys)

    @override
    def count_tag(self, owner: str, tag: str) -> TagTotal:
        shards = self._counters(owner, f"COUNT#{tag}#0", f"COUNT#{tag}#{SHARDS - 1}")
        return _sum([shard for shard in shards if shard.tag == tag] or [TagTotal(tag, 0, 0)])

    @override
    def count_tags(self, owner: str, prefix: str = "") -> list[TagTotal]:
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
    return make_total(shards[0].tag, sum(shard.images for shard in shards), sum(shard.objects for shard in shards))
