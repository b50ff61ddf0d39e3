"""What lies in DynamoDB: the keys of all rows, and how our nouns become items and come back."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from app.domain.corrections import Correction
from app.domain.images import Card, Edit, Image, RequestId, State, Tags, created_at
from detector import BoundingBox, Detection

SHARDS: Final = 8
PENDING_LIFE: Final = timedelta(days=1)
LATE_SECONDS: Final = 2 * 3600  # longer than an access token and the upload forms it was given live together
TOMBSTONE_LIFE: Final = timedelta(days=30)  # longer than any message about the image can wait

Item = dict[str, Any]

CARD_ATTRIBUTES: Final = tuple(one.name for one in fields(Card) if one.name != "owner")

_serialize: Final = TypeSerializer().serialize
_deserialize: Final = TypeDeserializer().deserialize


class Kind(StrEnum):
    """What an outbox row asks for."""

    ANNOUNCE = "announce"  # tell subscribers what the image shows now and did not before
    PURGE = "purge"  # remove the objects of an image that is in the trash, or gone, for good
    REDETECT = "redetect"  # queue every image of the library to be looked at again
    FORGET = "forget"  # remove everything that the owner has, again and again until no token of theirs is good


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Work that is left to do; `due_at` in seconds since 1970.

    Of a redetection, `image_id` is its own id; a wish to be forgotten is about no image.
    """

    owner: str
    id: str
    kind: Kind
    image_id: str
    version: int
    before: Tags | None  # None: nothing could find it then
    after: Tags
    due_at: int

    @property
    def made_at(self) -> int:
        """When it was left, in seconds since 1970."""
        return int(created_at(self.unique).timestamp())

    @property
    def left_for(self) -> int:
        """The time for which it was left, in seconds since 1970: unlike `due_at`, a lease does not move it."""
        # A wish to be forgotten lies at the very front, and is fulfilled a second time when it is late.
        return int(self.id.partition("-")[0]) or self.made_at + LATE_SECONDS

    @property
    def unique(self) -> str:
        """What of its id stays when it is left for later."""
        return self.id.rpartition("-")[2]

    @property
    def due_shard(self) -> str:
        """Its partition of the index `due`, which leads to every row that is still there."""
        return str(shard(self.owner))


def library(owner: str) -> str:
    """The partition of everything that an owner has but the tag index."""
    return f"U#{owner}"


def tag_partition(owner: str, tag: str) -> str:
    """The partition of the index rows of one tag."""
    return f"{library(owner)}#TAG#{tag}"


def shard(text: str) -> int:
    """One of `SHARDS` numbers, always the same for the same text."""
    return zlib.crc32(text.encode()) % SHARDS


def attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as the API of DynamoDB wants it."""
    return {name: _serialize(value) for name, value in item.items()}


def values(attributes: Mapping[str, Any]) -> Item:
    """An item as it comes from the API of DynamoDB; numbers are Decimals."""
    return {name: _deserialize(value) for name, value in attributes.items()}


def between(partition: str, first: str, last: str) -> dict[str, Any]:
    """The arguments of a query for `first <= sk <= last`."""
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": attributes({":pk": partition, ":first": first, ":last": last}),
    }


def image_key(owner: str, image_id: str) -> Item:
    """The key of an image's row."""
    return {"pk": library(owner), "sk": f"IMAGE#{image_id}"}


def index_key(image: Image, tag: str) -> Item:
    """The key of the row that leads from a tag to the image."""
    return {"pk": tag_partition(image.owner, tag), "sk": image.id}


def counter_key(image: Image, tag: str) -> Item:
    """The key of the counter that counts the image under the tag."""
    return {"pk": library(image.owner), "sk": f"COUNT#{tag}#{shard(image.id)}"}


def usage_key(image: Image) -> Item:
    """The key of the counter that counts the image in its owner's usage."""
    return {"pk": library(image.owner), "sk": f"USAGE#{shard(image.id)}"}


def rate_key(owner: str, rate: str, minute: int) -> Item:
    """The key of the counter of an owner's calls in a minute, counted since 1970."""
    return {"pk": library(owner), "sk": f"RATE#{rate}#{minute}"}


def hash_key(owner: str, sha256: str) -> Item:
    """The key of the row that leads from bytes to their image."""
    return {"pk": library(owner), "sk": f"HASH#{sha256}"}


def outbox_id(due_at: int, unique: str) -> str:
    """The id of an outbox row: rows sort by the time for which they were left, so that what lies ahead is not read.

    `unique` is a new id, which tells when the row was made.
    """
    return f"{due_at:010}-{unique}"


def outbox_key(row: OutboxRow) -> Item:
    """The key of an outbox row."""
    return {"pk": library(row.owner), "sk": f"OUT#{row.id}"}


def subscription_key(owner: str, subscription_id: str) -> Item:
    """The key of a subscription."""
    return {"pk": library(owner), "sk": f"SUB#{subscription_id}"}


def redetection_key(owner: str, redetection_id: str) -> Item:
    """The key of how far a redetection of the library has come."""
    return {"pk": library(owner), "sk": f"REDETECTION#{redetection_id}"}


def profile_key(owner: str) -> Item:
    """The key of what is kept of the owner."""
    return {"pk": library(owner), "sk": "PROFILE"}


def card_item(card: Card) -> Item:
    """What every row of an image says of it."""
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
        "trashed_at": card.trashed_at.isoformat() if card.trashed_at else None,
        "tags": dict(card.tags),
    }


def to_card(owner: str, item: Item) -> Card:
    """The card that a row of an image, or of the tag index, holds."""
    return Card(**_facts(owner, item), tags=_counts(item["tags"]))


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
        "taken_at": _moment(item["taken_at"]),
        "reason": item["reason"],
        "trashed_at": _moment(item["trashed_at"]),
    }


def image_item(image: Image) -> Item:
    """An image's row."""
    return {
        **image_key(image.owner, image.id),
        **card_item(image),
        "version": image.version,
        "sha256": image.sha256,
        "duplicate_of": image.duplicate_of,
        "model": image.model,
        "detections": [_detection_item(detection) for detection in image.detections],
        "corrections": [_correction_item(correction) for correction in image.corrections],
        "edits": {tag: {"count": edit.count, "at": edit.at.isoformat()} for tag, edit in image.edits.items()},
        "requests": [[request.key, request.body] for request in image.requests],
        "redetection": image.redetection,
        **_expiry(image),
    }


def _expiry(image: Image) -> Item:
    """When DynamoDB may drop the row: that of an upload that never came, or of a tombstone."""
    if image.state is State.PENDING:
        return {"expires_at": int((created_at(image.id) + PENDING_LIFE).timestamp())}
    if image.state is State.GONE:
        return {"expires_at": int((datetime.now(UTC) + TOMBSTONE_LIFE).timestamp())}
    return {}


def to_image(owner: str, item: Item) -> Image:
    """The image that its row holds."""
    return Image(
        **_facts(owner, item),
        version=int(item["version"]),
        sha256=item["sha256"],
        duplicate_of=item["duplicate_of"],
        model=item["model"],
        detections=tuple(_detection(one) for one in item["detections"]),
        corrections=tuple(_correction(one) for one in item["corrections"]),
        edits={
            tag: Edit(int(edit["count"]), datetime.fromisoformat(edit["at"])) for tag, edit in item["edits"].items()
        },
        requests=tuple(RequestId(*one) for one in item["requests"]),
        redetection=item["redetection"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _detection_item(detection: Detection) -> Item:
    return {
        "label": detection.label,
        "confidence": Decimal(f"{detection.confidence:.4f}"),
        "box": _box_item(detection.box),
    }


def _detection(item: Item) -> Detection:
    return Detection(item["label"], float(item["confidence"]), _box(item["box"]))


def _correction_item(correction: Correction) -> Item:
    return {
        "seen": correction.seen,
        "box": _box_item(correction.box),
        "label": correction.label,
        "at": correction.at.isoformat(),
    }


def _correction(item: Item) -> Correction:
    return Correction(item["seen"], _box(item["box"]), item["label"], datetime.fromisoformat(item["at"]))


def _box_item(box: BoundingBox) -> list[Decimal]:
    return [Decimal(f"{edge:.1f}") for edge in (box.x1, box.y1, box.x2, box.y2)]


def _box(edges: Sequence[Decimal]) -> BoundingBox:
    return BoundingBox(*map(float, edges))


def outbox_item(row: OutboxRow) -> Item:
    """An outbox row; it is in the index `due` as long as it is there."""
    return {
        **outbox_key(row),
        "owner": row.owner,
        "kind": str(row.kind),
        "image": row.image_id,
        "version": row.version,
        "before": None if row.before is None else dict(row.before),
        "after": dict(row.after),
        "due_shard": row.due_shard,
        "due_at": row.due_at,
    }


def to_outbox_row(item: Item) -> OutboxRow:
    """The outbox row that an item holds."""
    return OutboxRow(
        owner=item["owner"],
        id=item["sk"].removeprefix("OUT#"),
        kind=Kind(item["kind"]),
        image_id=item["image"],
        version=int(item["version"]),
        before=None if item["before"] is None else _counts(item["before"]),
        after=_counts(item["after"]),
        due_at=int(item["due_at"]),
    )


def _counts(tags: Mapping[str, Any]) -> Tags:
    return {tag: int(count) for tag, count in tags.items()}
