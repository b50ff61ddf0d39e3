"""The DynamoDB table: image rows, the tag index, counters and the outbox, changed only in whole transactions.

Items never leave this module, and nothing here reads a row of another owner: the owner is part of every key.
"""

import random
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from heapq import merge
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from app.errors import ImageChanged, ImageNotFound, InvalidCursor, Unavailable
from app.images import Card, Edit, Image, State, Tags, created_at, new_id, valid_id
from app.query import Plan, Query, indexed_clauses, plan
from detector import BoundingBox, Detection

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

SHARDS: Final = 8
MAX_PAGES: Final = 8
MAX_PAGE_ROWS: Final = 500
MAX_TRIES: Final = 12
PENDING_LIFE: Final = timedelta(days=1)

Item = dict[str, Any]

_CARD: Final = tuple(one.name for one in fields(Card) if one.name != "owner")
_PASSING: Final = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_serialize: Final = TypeSerializer().serialize
_deserialize: Final = TypeDeserializer().deserialize


@dataclass(frozen=True, slots=True)
class Page:
    """Cards, newest first, and the cursor behind them: None when there are no more.

    A page may hold fewer cards than asked for, even none, and still have a cursor: what one request
    reads is bounded.
    """

    cards: list[Card]
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

    def find_image(self, owner: str, image_id: str) -> Image | None:
        """The image as it is now (a consistent read), tombstones included."""
        key = _attributes({"pk": _library(owner), "sk": f"IMAGE#{image_id}"})
        answer = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        return _image(owner, _values(answer["Item"])) if "Item" in answer else None

    def get_image(self, owner: str, image_id: str) -> Image:
        """The image as it is now.

        Raises:
            ImageNotFound: this owner has none of this id, or it is gone.
        """
        image = self.find_image(owner, valid_id(image_id))
        if image is None or image.state is State.GONE:
            raise ImageNotFound
        return image

    def save(self, after: Image, before: Image | None = None) -> Image:
        """Write an image with its index rows, counters and announcement, all or nothing.

        Args:
            after: What the image becomes.
            before: What was read, None if there was no row.

        Returns:
            `after` with its new version.

        Raises:
            ImageChanged: the row is no longer what `before` says; nothing was written.
            Unavailable: other transactions kept getting in the way; nothing was written.
        """
        after = replace(after, version=before.version + 1 if before else 1)
        known, wanted = _searchable(before), _searchable(after)
        removed = [self._delete(_index_key(after, tag)) for tag in known if tag not in wanted]
        present = [self._put(_index_key(after, tag) | _card_item(after)) for tag in wanted]
        counted = [self._count(after, tag, *change) for tag, change in _changes(known, wanted).items()]
        announced = [self._put(_announcement(after, known, wanted))] if known != wanted else []
        self._transact([self._put_image(after, before), *removed, *present, *counted, *announced])
        return after

    def list_images(self, owner: str, limit: int, cursor: str | None = None) -> Page:
        """The images that are not deleted, newest first."""
        shown = {State.PENDING, State.READY, State.FAILED}
        return self._read(owner, Plan(), lambda card: card.state in shown, limit, cursor)

    def search(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page:
        """The ready images that match, newest first; read from the index of the rarest clause that has one."""
        clauses = indexed_clauses(query)
        tags = {term.tag for clause in clauses for term in clause} if len(clauses) > 1 else set()
        chosen = plan(query, {tag: self.count_tag(owner, tag).images for tag in tags})
        return self._read(
            owner, chosen, lambda card: card.state is State.READY and query.holds(card.tags), limit, cursor
        )

    def count_tag(self, owner: str, tag: str) -> TagCount:
        """How often the owner has the tag; nought if never."""
        shards = self._shards(owner, f"COUNT#{tag}#0", f"COUNT#{tag}#{SHARDS - 1}")
        return _total([shard for shard in shards if shard.tag == tag] or [TagCount(tag, 0, 0)])

    def count_tags(self, owner: str) -> list[TagCount]:
        """Every tag the owner has, the most frequent first."""
        shards: dict[str, list[TagCount]] = {}
        for shard in self._shards(owner, "COUNT#", "COUNT$"):
            shards.setdefault(shard.tag, []).append(shard)
        totals = [total for tag in shards if (total := _total(shards[tag])).images]
        return sorted(totals, key=lambda total: (-total.images, total.tag))

    def _shards(self, owner: str, first: str, last: str) -> Iterator[TagCount]:
        for page in self._client.get_paginator("query").paginate(
            TableName=self._name, **_between(_library(owner), first, last)
        ):
            for item in map(_values, page["Items"]):
                tag = item["sk"].removeprefix("COUNT#").rpartition("#")[0]
                yield TagCount(tag, int(item["images"]), int(item["objects"]))

    def _read(self, owner: str, chosen: Plan, wanted: Callable[[Card], bool], limit: int, cursor: str | None) -> Page:
        """One page of the wanted cards from the planned rows, within the pages that one request may read."""
        last = min(chosen.last, _position(cursor)) if cursor is not None else chosen.last
        if last <= chosen.first:
            return Page([], None)
        partitions = [(f"{_library(owner)}#TAG#{tag}", "") for tag in chosen.tags] or [(_library(owner), "IMAGE#")]
        pages = _Pages(self._client, self._name, limit, MAX_PAGES * len(partitions))
        streams = [pages.items(partition, prefix, chosen.first, last) for partition, prefix in partitions]
        found: list[Card] = []
        seen = last
        try:
            for item in merge(*streams, key=lambda item: str(item["id"]), reverse=True):
                if item["id"] < seen:
                    seen = item["id"]
                    found += filter(wanted, [_card(owner, item)])
                if len(found) == limit:
                    return Page(found, seen)
        except _PagesSpent:
            return Page(found, seen)
        return Page(found, None)

    def _put_image(self, after: Image, before: Image | None) -> "TransactWriteItemTypeDef":
        put = self._put(_image_item(after))
        put["Put"]["ConditionExpression"] = "version = :read" if before else "attribute_not_exists(pk)"
        if before:
            put["Put"]["ExpressionAttributeValues"] = _attributes({":read": before.version})
        return put

    def _put(self, item: Item) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self._name, "Item": _attributes(item)}}

    def _delete(self, key: Item) -> "TransactWriteItemTypeDef":
        return {"Delete": {"TableName": self._name, "Key": _attributes(key)}}

    def _count(self, image: Image, tag: str, images: int, objects: int) -> "TransactWriteItemTypeDef":
        key = {"pk": _library(image.owner), "sk": f"COUNT#{tag}#{_shard(image.id)}"}
        return {
            "Update": {
                "TableName": self._name,
                "Key": _attributes(key),
                "UpdateExpression": "ADD images :images, objects :objects",
                "ExpressionAttributeValues": _attributes({":images": images, ":objects": objects}),
            }
        }

    def _transact(self, actions: list["TransactWriteItemTypeDef"]) -> None:
        """Write all or nothing; what only got in another transaction's way is tried again, with full jitter."""
        for tried in range(MAX_TRIES):
            try:
                self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = {reason.get("Code", "None") for reason in error.response["CancellationReasons"]} - {"None"}
                if "ConditionalCheckFailed" in reasons:
                    raise ImageChanged from error
                if not reasons <= _PASSING:
                    raise
                time.sleep(random.uniform(0, self._backoff_seconds * 2**tried))  # noqa: S311 - no secret
            else:
                return
        raise Unavailable


class _PagesSpent(Exception):
    """A request has read all that one request may read; every row down to the last one it was given is read."""


class _Pages:
    """The pages of rows that one request may read, each larger than the one before."""

    def __init__(self, client: "DynamoDBClient", table: str, rows: int, pages: int) -> None:
        self._client = client
        self._table = table
        self._rows = rows
        self._pages = pages

    def items(self, partition: str, prefix: str, first: str, last: str) -> Iterator[Item]:
        """The partition's rows with `first <= id < last`, newest first.

        Raises:
            _PagesSpent: there may be more rows, but no page is left.
        """
        # BETWEEN takes both ends, so this is the end of what sorts before `last`.
        end = last[:-1] + chr(ord(last[-1]) - 1) + "~"
        condition = _between(partition, prefix + first, prefix + end)
        start: dict[str, Any] = {}
        rows = self._rows
        while True:
            if not self._pages:
                raise _PagesSpent
            self._pages -= 1
            answer = self._client.query(
                TableName=self._table, **condition, **_PROJECTION, **start, Limit=rows, ScanIndexForward=False
            )
            yield from map(_values, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
            rows = min(2 * rows, MAX_PAGE_ROWS)


def _library(owner: str) -> str:
    return f"U#{owner}"


def _shard(image_id: str) -> int:
    return zlib.crc32(image_id.encode()) % SHARDS


def _between(partition: str, first: str, last: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": _attributes({":pk": partition, ":first": first, ":last": last}),
    }


def _position(cursor: str) -> str:
    try:
        return valid_id(cursor)
    except ImageNotFound as error:
        raise InvalidCursor from error


def _searchable(image: Image | None) -> Tags:
    """The tags under which searches find the image."""
    return image.tags if image and image.state is State.READY else {}


def _changes(known: Tags, wanted: Tags) -> dict[str, tuple[int, int]]:
    """By how many images and objects each tag's counter changes."""
    changes = {
        tag: (int(tag in wanted) - int(tag in known), wanted.get(tag, 0) - known.get(tag, 0))
        for tag in [*known, *wanted]
    }
    return {tag: change for tag, change in changes.items() if any(change)}


def _total(shards: list[TagCount]) -> TagCount:
    return TagCount(shards[0].tag, sum(shard.images for shard in shards), sum(shard.objects for shard in shards))


def _attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serialize(value) for name, value in item.items()}


def _values(attributes: Mapping[str, Any]) -> Item:
    return {name: _deserialize(value) for name, value in attributes.items()}


def _index_key(image: Image, tag: str) -> Item:
    return {"pk": f"{_library(image.owner)}#TAG#{tag}", "sk": image.id}


def _card_item(card: Card) -> Item:
    return {
        "id": card.id,
        "state": str(card.state),
        "name": card.name,
        "media_type": card.media_type,
        "size": card.size,
        "width": card.width,
        "height": card.height,
        "taken_at": card.taken_at.isoformat() if card.taken_at else None,
        "reason": card.reason,
        "tags": dict(card.tags),
    }


def _card(owner: str, item: Item) -> Card:
    return Card(**_facts(owner, item), tags={tag: int(count) for tag, count in item["tags"].items()})


def _facts(owner: str, item: Item) -> dict[str, Any]:
    """What every row says of an image, but for the tags."""
    return {
        "owner": owner,
        "id": item["id"],
        "state": State(item["state"]),
        "name": item["name"],
        "media_type": item["media_type"],
        "size": int(item["size"]),
        "width": int(item["width"]),
        "height": int(item["height"]),
        "taken_at": datetime.fromisoformat(item["taken_at"]) if item["taken_at"] else None,
        "reason": item["reason"],
    }


def _image_item(image: Image) -> Item:
    expiry = (
        {"expires_at": int((created_at(image.id) + PENDING_LIFE).timestamp())} if image.state is State.PENDING else {}
    )
    return {
        "pk": _library(image.owner),
        "sk": f"IMAGE#{image.id}",
        **_card_item(image),
        "version": image.version,
        "sha256": image.sha256,
        "model": image.model,
        "detections": [_detection_item(detection) for detection in image.detections],
        "edits": {tag: {"count": edit.count, "at": edit.at.isoformat()} for tag, edit in image.edits.items()},
        **expiry,
    }


def _image(owner: str, item: Item) -> Image:
    return Image(
        **_facts(owner, item),
        version=int(item["version"]),
        sha256=item["sha256"],
        model=item["model"],
        detections=tuple(_detection(one) for one in item["detections"]),
        edits={
            tag: Edit(int(edit["count"]), datetime.fromisoformat(edit["at"])) for tag, edit in item["edits"].items()
        },
    )


def _detection_item(detection: Detection) -> Item:
    box = detection.box
    return {
        "label": detection.label,
        "confidence": Decimal(f"{detection.confidence:.4f}"),
        "box": [Decimal(f"{edge:.1f}") for edge in (box.x1, box.y1, box.x2, box.y2)],
    }


def _detection(item: Item) -> Detection:
    return Detection(item["label"], float(item["confidence"]), BoundingBox(*map(float, item["box"])))


def _announcement(image: Image, known: Tags, wanted: Tags) -> Item:
    """An outbox row: what changed, to be told to subscribers; leaves the index `due` when it is worked off."""
    return {
        "pk": _library(image.owner),
        "sk": f"OUT#{new_id()}",
        "kind": "announce",
        "image": image.id,
        "version": image.version,
        "before": dict(known),
        "after": dict(wanted),
        "due_shard": str(_shard(image.owner)),
        "due_at": int(datetime.now(UTC).timestamp()),
    }


_PROJECTION: Final[dict[str, Any]] = {
    "ProjectionExpression": ", ".join(f"#{name}" for name in _CARD),
    "ExpressionAttributeNames": {f"#{name}": name for name in _CARD},
}
