"""Defines the keys of DynamoDB items, and converts between domain objects and items.

Every key contains the owner, except those of invitations. `docs/architecture.md` lists the row types.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from app.domain.announcements import Announcement
from app.domain.capture_times import dump_capture_time, load_capture_time
from app.domain.corrections import Correction
from app.domain.images import Image, ImageState, ImageSummary, RequestId, find_expiry
from app.domain.metadata import dump_metadata, load_metadata
from app.domain.outbox import OutboxKind, OutboxRow
from app.domain.registration import hash_secret
from app.domain.tags import TagEdit, Tags
from detector import BoundingBox, Detection

SHARDS: Final = 8

Item = dict[str, Any]

FIRST_ATTRIBUTES: Final = ("created_at", "before", "was_ready")  # of an announcement

SUMMARY_ATTRIBUTES: Final = tuple(
    {"taken": "taken_at"}.get(field.name, field.name) for field in fields(ImageSummary) if field.name != "owner"
)

_serialize: Final = TypeSerializer().serialize
_deserialize: Final = TypeDeserializer().deserialize


def attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an item to DynamoDB attribute values."""
    return {name: _serialize(value) for name, value in item.items()}


def values(attributes: Mapping[str, Any]) -> Item:
    """Convert DynamoDB attribute values to an item. Numbers become Decimals."""
    return {name: _deserialize(value) for name, value in attributes.items()}


def between(partition: str, start: str, end: str) -> dict[str, Any]:
    """Return the arguments of a query for `start <= sk <= end`."""
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :start AND :end",
        "ExpressionAttributeValues": attributes({":pk": partition, ":start": start, ":end": end}),
    }


def partition_of(owner: str) -> str:
    """Return the partition key of all of an owner's rows except the tag index rows."""
    return f"U#{owner}"


def tag_partition(owner: str, tag: str) -> str:
    """Return the partition key of a tag's index rows."""
    return f"{partition_of(owner)}#TAG#{tag}"


def shard(text: str) -> int:
    """Return a shard number below `SHARDS`. The same text always gives the same number."""
    return zlib.crc32(text.encode()) % SHARDS


def image_key(owner: str, image_id: str) -> Item:
    """Return the key of an image's row."""
    return {"pk": partition_of(owner), "sk": f"IMAGE#{image_id}"}


def index_key(image: ImageSummary, tag: str) -> Item:
    """Return the key of an image's row in a tag's index."""
    return {"pk": tag_partition(image.owner, tag), "sk": image.id}


def counter_key(image: ImageSummary, tag: str) -> Item:
    """Return the key of the counter shard that counts the image for a tag."""
    return {"pk": partition_of(image.owner), "sk": f"COUNT#{tag}#{shard(image.id)}"}


def usage_key(image: ImageSummary) -> Item:
    """Return the key of the counter shard that counts the image for its owner's quota."""
    return {"pk": partition_of(image.owner), "sk": f"USAGE#{shard(image.id)}"}


def rate_key(owner: str, rate: str, minute: int) -> Item:
    """Return the key of the counter of an owner's requests in one minute. `minute` is Unix time in minutes."""
    return {"pk": partition_of(owner), "sk": f"RATE#{rate}#{minute}"}


def received_key(owner: str, day: int) -> Item:
    """Return the key of the counter of the bytes that an owner uploaded on a day. `day` is Unix time in days."""
    return {"pk": partition_of(owner), "sk": f"RATE#bytes#{day}"}


def hash_key(owner: str, sha256: str) -> Item:
    """Return the key of the row that maps a SHA-256 digest to the image with these bytes."""
    return {"pk": partition_of(owner), "sk": f"HASH#{sha256}"}


def outbox_key(row: OutboxRow) -> Item:
    """Return the key of an outbox row."""
    return {"pk": partition_of(row.owner), "sk": f"OUT#{row.id}"}


def outbox_owner_key(owner: str) -> Item:
    """Return the key of the row that says when an owner's outbox is due."""
    return {"pk": partition_of(owner), "sk": "OUTBOX"}


def announcement_key(owner: str, announcement_id: str) -> Item:
    """Return the key of an announcement."""
    return {"pk": partition_of(owner), "sk": f"ANNOUNCE#{announcement_id}"}


def subscription_key(owner: str, subscription_id: str) -> Item:
    """Return the key of a subscription."""
    return {"pk": partition_of(owner), "sk": f"SUB#{subscription_id}"}


def redetection_key(owner: str, redetection_id: str) -> Item:
    """Return the key of a redetection job."""
    return {"pk": partition_of(owner), "sk": f"REDETECTION#{redetection_id}"}


def invitation_partition(email: str) -> str:
    """Return the partition key of all invitations of an address. No owner has these rows."""
    return f"INVITATION#{hash_secret(email.lower())}"


def invitation_key(email: str, token: str) -> Item:
    """Return the key of an invitation. It contains only hashes."""
    return {"pk": invitation_partition(email), "sk": hash_secret(token)}


def preferences_key(owner: str) -> Item:
    """Return the key of the owner's preferences."""
    return {"pk": partition_of(owner), "sk": "PREFERENCES"}


def profile_key(owner: str) -> Item:
    """Return the key of the owner's profile."""
    return {"pk": partition_of(owner), "sk": "PROFILE"}


def summary_item(image: ImageSummary) -> Item:
    """Return the attributes that an image's row and its index rows share."""
    return {
        "id": image.id,
        "state": str(image.state),
        "name": image.name,
        "media_type": image.media_type,
        "size": image.size,
        "width": image.width,
        "height": image.height,
        "taken_at": dump_capture_time(image.taken),
        "reason": image.reason,
        **({"damage": image.damage} if image.damage else {}),
        "trashed_at": image.trashed_at.isoformat() if image.trashed_at else None,
        "tags": dict(image.tags),
    }


def to_summary(owner: str, item: Item) -> ImageSummary:
    """Convert an image's row or a tag index row to a summary."""
    return ImageSummary(**_summary_fields(owner, item), tags=to_tags(item["tags"]))


def _summary_fields(owner: str, item: Item) -> dict[str, Any]:
    """Return a summary's fields without `tags`. An `Image` derives its tags."""
    return {
        "owner": owner,
        "id": item["id"],
        "state": ImageState(item["state"]),
        "name": item["name"],
        "media_type": item["media_type"],
        "size": int(item["size"]),
        "width": int(item["width"]),
        "height": int(item["height"]),
        "taken": load_capture_time(item["taken_at"]),
        "reason": item["reason"],
        "damage": item.get("damage", ""),
        "trashed_at": _to_datetime(item["trashed_at"]),
    }


def image_item(image: Image) -> Item:
    """Convert an image to its row. DynamoDB may delete the row after `expires_at`."""
    expiry = find_expiry(image)
    return {
        **image_key(image.owner, image.id),
        **summary_item(image),
        "version": image.version,
        "sha256": image.sha256,
        "duplicate_of": image.duplicate_of,
        "model": image.model,
        "metadata": dump_metadata(image.metadata),
        "detections": [_detection_item(detection) for detection in image.detections],
        "corrections": [_correction_item(correction) for correction in image.corrections],
        "edits": {tag: {"count": edit.count, "at": edit.at.isoformat()} for tag, edit in image.edits.items()},
        "requests": [[request.key, request.body] for request in image.requests],
        "redetection": image.redetection,
        **({"upload_id": image.upload_id} if image.upload_id else {}),
        "file_time": image.file_time.isoformat() if image.file_time else None,
        **({"expires_at": int(expiry.timestamp())} if expiry else {}),
    }


def to_image(owner: str, item: Item) -> Image:
    """Convert an image's row to the image."""
    return Image(
        **_summary_fields(owner, item),
        version=int(item["version"]),
        sha256=item["sha256"],
        duplicate_of=item["duplicate_of"],
        model=item["model"],
        metadata=load_metadata(item.get("metadata", "")),  # earlier versions wrote none
        detections=tuple(_to_detection(detection) for detection in item["detections"]),
        corrections=tuple(_to_correction(correction) for correction in item["corrections"]),
        edits={
            tag: TagEdit(int(edit["count"]), datetime.fromisoformat(edit["at"])) for tag, edit in item["edits"].items()
        },
        requests=tuple(RequestId(*request) for request in item["requests"]),
        redetection=item["redetection"],
        upload_id=item.get("upload_id", ""),
        file_time=_to_datetime(item.get("file_time")),
    )


def outbox_item(row: OutboxRow) -> Item:
    """Convert an outbox row to an item."""
    return {
        **outbox_key(row),
        "owner": row.owner,
        "kind": str(row.kind),
        "image": row.image_id,
        "version": row.version,
        "due_at": row.due_at,
    }


def to_outbox_row(item: Item) -> OutboxRow:
    """Convert an item to an outbox row."""
    return OutboxRow(
        owner=item["owner"],
        id=item["sk"].removeprefix("OUT#"),
        kind=OutboxKind(item["kind"]),
        image_id=item["image"],
        version=int(item["version"]),
        due_at=int(item["due_at"]),
    )


def announcement_item(announcement: Announcement) -> Item:
    """Return the attributes of an announcement without its key. Those of `FIRST_ATTRIBUTES` do not change later."""
    return {
        "version": announcement.version,
        "created_at": announcement.created_at,
        "before": None if announcement.before is None else dict(announcement.before),
        "was_ready": announcement.was_ready,
        "after": None if announcement.after is None else dict(announcement.after),
        "is_ready": announcement.is_ready,
    }


def to_announcement(owner: str, item: Item) -> Announcement:
    """Convert an item to an announcement."""
    return Announcement(
        owner=owner,
        id=item["sk"].removeprefix("ANNOUNCE#"),
        version=int(item["version"]),
        created_at=int(item["created_at"]),
        before=None if item["before"] is None else to_tags(item["before"]),
        was_ready=item["was_ready"],
        after=None if item["after"] is None else to_tags(item["after"]),
        is_ready=item["is_ready"],
    )


def to_tags(counts: Mapping[str, Any]) -> Tags:
    """Convert the map of an item to tags. Numbers become integers."""
    return {tag: int(count) for tag, count in counts.items()}


def _to_datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _detection_item(detection: Detection) -> Item:
    return {
        "label": detection.label,
        "confidence": Decimal(f"{detection.confidence:.4f}"),
        "box": _box_item(detection.box),
    }


def _to_detection(item: Item) -> Detection:
    return Detection(item["label"], float(item["confidence"]), _to_box(item["box"]))


def _correction_item(correction: Correction) -> Item:
    return {
        "detected_label": correction.detected_label,
        "box": _box_item(correction.box),
        "label": correction.label,
        "at": correction.at.isoformat(),
    }


def _to_correction(item: Item) -> Correction:
    return Correction(item["detected_label"], _to_box(item["box"]), item["label"], datetime.fromisoformat(item["at"]))


def _box_item(box: BoundingBox) -> list[Decimal]:
    return [Decimal(f"{edge:.1f}") for edge in box.edges]


def _to_box(edges: Sequence[Decimal]) -> BoundingBox:
    return BoundingBox(*map(float, edges))
