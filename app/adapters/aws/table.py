"""The DynamoDB table: images, their index and counters, changed only in whole transactions, and read in pages.

Nothing here reads a row of another owner: the owner is part of every key (`rows.py`).
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from app.adapters.aws.items import (
    CARD_ATTRIBUTES,
    SHARDS,
    Item,
    Kind,
    OutboxRow,
    attributes,
    between,
    card_item,
    counter_key,
    hash_key,
    image_item,
    image_key,
    index_key,
    library,
    outbox_id,
    outbox_item,
    redetection_key,
    tag_partition,
    to_card,
    to_image,
    usage_key,
    values,
)
from app.domain.errors import ImageChanged, ImageNotFound, InvalidCursor, PhotoExists, Unavailable
from app.domain.images import KEPT, SHOWN, Card, Image, State, Tags, new_id, valid_id
from app.domain.query import Plan, Query, indexed_clauses, plan

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAX_PAGES: Final = 8
MAX_PAGE_ROWS: Final = 500
MAX_TRIES: Final = 12
MAX_BACKOFF_SECONDS: Final = 1.0
LAST_CHARACTER: Final = "\U0010ffff"
TRASH_LIFE: Final = timedelta(days=30)

_PASSING: Final = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

Shown = TypeVar("Shown", bound=Card)


@dataclass(frozen=True, slots=True)
class Page(Generic[Shown]):
    """Cards or whole images, newest first, and the cursor behind them: None when there are no more.

    A page may hold fewer of them than asked for, even none, and still have a cursor: what one request
    reads is bounded.
    """

    cards: list[Shown]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag, how many images have it, and how many of it they show together."""

    tag: str
    images: int
    objects: int


class Table:
    """Everything that PixTag keeps in DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str, *, backoff_seconds: float = 0.02) -> None:
        self._client = client
        self._name = name
        self._backoff_seconds = backoff_seconds
        self._cards = _Reader(client, name, to_card, _PROJECTION)
        self._images = _Reader(client, name, to_image, {})

    def find_image(self, owner: str, image_id: str) -> Image | None:
        """The image as it is now (a consistent read), tombstones included."""
        key = attributes(image_key(owner, image_id))
        answer = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        return to_image(owner, values(answer["Item"])) if "Item" in answer else None

    def get_image(self, owner: str, image_id: str) -> Image:
        """The image as it is now; for one that had the bytes of another, that other one.

        Raises:
            ImageNotFound: this owner has none of this id, or it is gone.
        """
        image = self.find_image(owner, valid_id(image_id))
        if image and image.duplicate_of:
            image = self.find_image(owner, image.duplicate_of)
        if image is None or image.state is State.GONE:
            raise ImageNotFound
        return image

    def find_by_hash(self, owner: str, sha256: str) -> str | None:
        """The id of the image, ready or in the trash, that has exactly these bytes."""
        answer = self._client.get_item(
            TableName=self._name, Key=attributes(hash_key(owner, sha256)), ConsistentRead=True
        )
        return str(values(answer["Item"])["image"]) if "Item" in answer else None

    def save(self, after: Image, before: Image | None = None) -> Image:
        """Write an image with its index rows, counters, usage, hash and outbox row, all or nothing.

        Args:
            after: What the image becomes.
            before: What was read, None if there was no row.

        Returns:
            `after` with its new version.

        Raises:
            ImageChanged: the row is no longer what `before` says; nothing was written.
            PhotoExists: another image has the same bytes; nothing was written.
            Unavailable: other transactions kept getting in the way; nothing was written.
        """
        after = replace(after, version=before.version + 1 if before else 1)
        known, wanted = _searchable(before), _searchable(after)
        removed = [self._delete(index_key(after, tag)) for tag in known if tag not in wanted]
        told = before is not None and card_item(before) == card_item(after)
        present = [] if told else [self._put(index_key(after, tag) | card_item(after)) for tag in wanted]
        counted = [
            self._add(counter_key(after, tag), images=images, objects=objects)
            for tag, (images, objects) in _changes(known, wanted).items()
        ]
        left_to_do = [self._put(outbox_item(row)) for row in _left_to_do(before, after)]
        hashed = self._hash(before, after)
        used, redetected = self._use(before, after), self._redetected(before, after)
        others = [*hashed, *removed, *present, *counted, *used, *left_to_do, *redetected]
        self._transact([self._put_image(after, before), *others])
        return after

    def list_images(
        self, owner: str, limit: int, cursor: str | None = None, states: frozenset[State] = SHOWN
    ) -> Page[Card]:
        """The images in one of the states, newest first."""
        return self._cards.read(owner, Plan(), lambda card: card.state in states, limit, cursor)

    def list_whole(self, owner: str, limit: int, cursor: str | None = None) -> Page[Image]:
        """The ready images with all that was found on them, newest first."""
        return self._images.read(owner, Plan(), lambda image: image.state is State.READY, limit, cursor)

    def search_trash(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[Card]:
        """The images in the trash that match, newest first; they have no index rows, so all image rows are read."""
        chosen = replace(plan(query), tags=())
        return self._cards.read(
            owner, chosen, lambda card: card.state is State.TRASHED and query.holds(card.tags), limit, cursor
        )

    def search(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[Card]:
        """The ready images that match, newest first; read from the index of the rarest clause that has one."""
        clauses = indexed_clauses(query)
        tags = {term.tag for clause in clauses for term in clause} if len(clauses) > 1 else set()
        chosen = plan(query, {tag: self.count_tag(owner, tag).images for tag in tags})
        return self._cards.read(
            owner, chosen, lambda card: card.state is State.READY and query.holds(card.tags), limit, cursor
        )

    def list_ids(self, owner: str) -> Iterator[str]:
        """The ids of all images of the owner that are not gone, read as they are asked for (consistently)."""
        rows = self._everything(between(library(owner), "IMAGE#", "IMAGE$"))
        return (row["id"] for row in rows if row["state"] != State.GONE)

    def wipe(self, owner: str, most: int) -> bool:
        """Delete up to so many of the owner's rows that are neither images nor the wish to be forgotten.

        Meant for when no image is left: only then no counter and no index row is needed any more.

        Returns:
            Whether there was any; if so, there may be more.
        """
        before, behind = between(library(owner), " ", "IMAGE"), between(library(owner), "IMAGE$", LAST_CHARACTER)
        rows = chain(self._everything(before), self._everything(behind))
        keys = [(row["pk"], row["sk"]) for row in islice((one for one in rows if one.get("kind") != Kind.FORGET), most)]
        for pk, sk in keys:
            self._client.delete_item(TableName=self._name, Key=attributes({"pk": pk, "sk": sk}))
        return bool(keys)

    def _everything(self, condition: dict[str, Any]) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(TableName=self._name, **condition, ConsistentRead=True)
        return (values(item) for page in pages for item in page["Items"])

    def count_tag(self, owner: str, tag: str) -> TagCount:
        """How often the owner has the tag; nought if never."""
        shards = self._shards(owner, f"COUNT#{tag}#0", f"COUNT#{tag}#{SHARDS - 1}")
        return _total([shard for shard in shards if shard.tag == tag] or [TagCount(tag, 0, 0)])

    def count_tags(self, owner: str, prefix: str = "") -> list[TagCount]:
        """Every tag the owner has that begins with the prefix, the most frequent first."""
        shards: dict[str, list[TagCount]] = {}
        for shard in self._shards(owner, f"COUNT#{prefix}", f"COUNT#{prefix}{LAST_CHARACTER}"):
            shards.setdefault(shard.tag, []).append(shard)
        totals = [total for tag in shards if tag.startswith(prefix) and (total := _total(shards[tag])).images]
        return sorted(totals, key=lambda total: (-total.images, total.tag))

    def _shards(self, owner: str, first: str, last: str) -> Iterator[TagCount]:
        for page in self._client.get_paginator("query").paginate(
            TableName=self._name, **between(library(owner), first, last)
        ):
            for item in map(values, page["Items"]):
                tag = item["sk"].removeprefix("COUNT#").rpartition("#")[0]
                yield TagCount(tag, int(item["images"]), int(item["objects"]))

    def _put_image(self, after: Image, before: Image | None) -> "TransactWriteItemTypeDef":
        put = self._put(image_item(after))
        put["Put"]["ConditionExpression"] = "version = :read" if before else "attribute_not_exists(pk)"
        if before:
            put["Put"]["ExpressionAttributeValues"] = attributes({":read": before.version})
        return put

    def _hash(self, before: Image | None, after: Image) -> list["TransactWriteItemTypeDef"]:
        """What keeps `HASH#` rows with the images that have their bytes: those that are kept."""
        had = before is not None and before.state in KEPT
        has = after.state in KEPT
        if before and had and not has:
            return [self._delete(hash_key(before.owner, before.sha256))]
        if has and not had:
            put = self._put(hash_key(after.owner, after.sha256) | {"image": after.id})
            put["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
            return [put]
        return []

    def _redetected(self, before: Image | None, after: Image) -> list["TransactWriteItemTypeDef"]:
        """One more that is done, if the image was looked at for a redetection of the library."""
        known = {"", before.redetection if before else ""}
        return (
            [] if after.redetection in known else [self._add(redetection_key(after.owner, after.redetection), done=1)]
        )

    def _use(self, before: Image | None, after: Image) -> list["TransactWriteItemTypeDef"]:
        """What changes of the owner's usage: the images that are kept or have failed, and their bytes."""
        (had, held), (has, holds) = _usage(before), _usage(after)
        changed = (has, holds) != (had, held)
        return [self._add(usage_key(after), images=has - had, bytes=holds - held)] if changed else []

    def _put(self, item: Item) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self._name, "Item": attributes(item)}}

    def _delete(self, key: Item) -> "TransactWriteItemTypeDef":
        return {"Delete": {"TableName": self._name, "Key": attributes(key)}}

    def _add(self, key: Item, **changes: int) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self._name,
                "Key": attributes(key),
                "UpdateExpression": "ADD " + ", ".join(f"{name} :{name}" for name in changes),
                "ExpressionAttributeValues": attributes({f":{name}": change for name, change in changes.items()}),
            }
        }

    def _transact(self, actions: list["TransactWriteItemTypeDef"]) -> None:
        """Write all or nothing; what only got in another transaction's way is tried again, with full jitter."""
        for tried in range(MAX_TRIES):
            if tried:
                longest = min(MAX_BACKOFF_SECONDS, self._backoff_seconds * 2**tried)
                time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret  # nosec B311
            try:
                self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                codes = [reason.get("Code", "None") for reason in error.response["CancellationReasons"]]
                if "ConditionalCheckFailed" in codes:
                    raise (ImageChanged if codes[0] == "ConditionalCheckFailed" else PhotoExists) from error
                if not {*codes} - {"None"} <= _PASSING:
                    raise
            else:
                return
        raise Unavailable


@dataclass(frozen=True, slots=True)
class _Reader(Generic[Shown]):
    """Reads pages of rows of images, and makes cards or whole images of them.

    `projection` holds the arguments of a query that say which attributes it reads; without any it reads all.
    """

    client: "DynamoDBClient"
    table: str
    make: Callable[[str, Item], Shown]
    projection: Mapping[str, Any]

    def read(
        self, owner: str, chosen: Plan, wanted: Callable[[Shown], bool], limit: int, cursor: str | None
    ) -> Page[Shown]:
        """One page of what is wanted from the planned rows, within the pages that one request may read."""
        last = min(chosen.last, _position(cursor)) if cursor is not None else chosen.last
        if last <= chosen.first:
            return Page([], None)
        partitions = [(tag_partition(owner, tag), "") for tag in chosen.tags] or [(library(owner), "IMAGE#")]
        pages = _Pages(self.client, self.table, limit, MAX_PAGES * len(partitions), self.projection)
        streams = [pages.items(partition, prefix, chosen.first, last) for partition, prefix in partitions]
        found: list[Shown] = []
        seen = last
        try:
            for item in merge(*streams, key=lambda item: str(item["id"]), reverse=True):
                if item["id"] < seen:
                    seen = item["id"]
                    found += filter(wanted, [self.make(owner, item)])
                if len(found) == limit:
                    return Page(found, seen)
        except _PagesSpent:
            return Page(found, seen)
        return Page(found, None)


class _PagesSpent(Exception):
    """A request has read all that one request may read; every row down to the last one it was given is read."""


class _Pages:
    """The pages of rows that one request may read, each larger than the one before."""

    def __init__(
        self, client: "DynamoDBClient", table: str, rows: int, pages: int, projection: Mapping[str, Any]
    ) -> None:
        self._client = client
        self._table = table
        self._rows = rows
        self._pages = pages
        self._projection = projection

    def items(self, partition: str, prefix: str, first: str, last: str) -> Iterator[Item]:
        """The partition's rows with `first <= id < last`, newest first.

        Raises:
            _PagesSpent: there may be more rows, but no page is left.
        """
        # BETWEEN takes both ends, so this is the end of what sorts before `last`.
        end = last[:-1] + chr(ord(last[-1]) - 1) + "~"
        condition = between(partition, prefix + first, prefix + end)
        start: dict[str, Any] = {}
        rows = self._rows
        while True:
            if not self._pages:
                raise _PagesSpent
            self._pages -= 1
            answer = self._client.query(
                TableName=self._table, **condition, **self._projection, **start, Limit=rows, ScanIndexForward=False
            )
            yield from map(values, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
            rows = min(2 * rows, MAX_PAGE_ROWS)


def _position(cursor: str) -> str:
    try:
        return valid_id(cursor)
    except ImageNotFound as error:
        raise InvalidCursor from error


def _searchable(image: Image | None) -> Tags:
    """The tags under which searches find the image."""
    return image.tags if image and image.state is State.READY else {}


def _usage(image: Image | None) -> tuple[int, int]:
    """How many images and bytes the image is of its owner's quota."""
    return (1, image.size) if image and image.state in KEPT | {State.FAILED} else (0, 0)


def _changes(known: Tags, wanted: Tags) -> dict[str, tuple[int, int]]:
    """By how many images and objects each tag's counter changes."""
    changes = {
        tag: (int(tag in wanted) - int(tag in known), wanted.get(tag, 0) - known.get(tag, 0))
        for tag in [*known, *wanted]
    }
    return {tag: change for tag, change in changes.items() if any(change)}


def _left_to_do(before: Image | None, after: Image) -> list[OutboxRow]:
    """What is to be done once the change is written: tell subscribers, or remove objects."""
    known = before.tags if before and before.state in KEPT else None
    if after.state is State.READY and after.tags != known:
        return [_outbox_row(after, Kind.ANNOUNCE, known)]
    if after.state is State.TRASHED:
        return [_outbox_row(after, Kind.PURGE, known, TRASH_LIFE)]
    if after.state is State.GONE:
        return [_outbox_row(after, Kind.PURGE, known)]
    return []


def _outbox_row(image: Image, kind: Kind, known: Tags | None, due_in: timedelta = timedelta()) -> OutboxRow:
    due_at = int((datetime.now(UTC) + due_in).timestamp())
    return OutboxRow(image.owner, outbox_id(due_at, new_id()), kind, image.id, image.version, known, image.tags, due_at)


def _total(shards: list[TagCount]) -> TagCount:
    return TagCount(shards[0].tag, sum(shard.images for shard in shards), sum(shard.objects for shard in shards))


_PROJECTION: Final[dict[str, Any]] = {
    "ProjectionExpression": ", ".join(f"#{name}" for name in CARD_ATTRIBUTES),
    "ExpressionAttributeNames": {f"#{name}": name for name in CARD_ATTRIBUTES},
}
