"""Defines the keys of DynamoDB items, and converts their values.

Every key contains the owner, except those of invitations. `docs/architecture.md` lists the row types.
"""

import zlib
from collections.abc import Mapping
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from app.adapters.aws.months import usage_year
from app.domain.images import ImageState, ImageSummary
from app.domain.outbox import OutboxRow
from app.domain.plans import View
from app.domain.registration import hash_secret

SHARDS: Final = 8
STATE_INDEX: Final = "state"
REVIEW_INDEX: Final = "review"
TAG_MARK: Final = "#TAG#"
VIEW_MARK: Final = "#VIEW#"
HASH_MARK: Final = "HASH#"

Item = dict[str, Any]

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
    """Return the partition key of all of an owner's rows except those of tags and views."""
    return f"U#{owner}"


def tag_partition(owner: str, tag: str) -> str:
    """Return the partition key of a tag's index rows."""
    return f"{partition_of(owner)}{TAG_MARK}{tag}"


def view_partition(owner: str, view: View) -> str:
    """Return the partition key of a view's rows."""
    return f"{partition_of(owner)}{VIEW_MARK}{view}"


def state_partition(owner: str, name: str) -> str:
    """Return the partition key of a list in the index `state`: the name of a state, or `undated`."""
    return f"{partition_of(owner)}#{name}"


def shard(text: str) -> int:
    """Return a shard number below `SHARDS`. The same text always gives the same number."""
    return zlib.crc32(text.encode()) % SHARDS


def image_key(owner: str, image_id: str) -> Item:
    """Return the key of an image's row."""
    return {"pk": partition_of(owner), "sk": f"IMAGE#{image_id}"}


def state_key(image: ImageSummary) -> Item:
    """Return the attributes that put an image's row into the index `state`. A tombstone has none.

    Photos in the trash are sorted by the time of their deletion, and all others by the time of their upload.
    """
    if image.state is ImageState.GONE:
        return {}
    name = str(View.UNDATED) if image.state is ImageState.READY and image.is_undated else str(image.state)
    key = image.sort_key if image.state is ImageState.TRASHED else image.added_key
    return {"state_view": state_partition(image.owner, name), "state_key": key}


def review_key(image: ImageSummary) -> Item:
    """Return the attributes that put an image's row into the index `review`, or none if it has nothing to review."""
    key = image.review_key
    return {"review_owner": partition_of(image.owner), "review_key": key} if key else {}


def counter_key(image: ImageSummary, tag: str) -> Item:
    """Return the key of the counter shard that counts the image for a tag."""
    return {"pk": partition_of(image.owner), "sk": f"COUNT#{tag}#{shard(image.id)}"}


def usage_key(image: ImageSummary) -> Item:
    """Return the key of the counter shard that counts the image for its owner's quota and in its month."""
    return {"pk": partition_of(image.owner), "sk": f"USAGE#{usage_year(image)}#{shard(image.id)}"}


def rate_key(owner: str, rate: str, minute: int) -> Item:
    """Return the key of the counter of an owner's requests in one minute. `minute` is Unix time in minutes."""
    return {"pk": partition_of(owner), "sk": f"RATE#{rate}#{minute}"}


def received_key(owner: str, day: int) -> Item:
    """Return the key of the counter of the bytes that an owner uploaded on a day. `day` is Unix time in days."""
    return {"pk": partition_of(owner), "sk": f"RATE#bytes#{day}"}


def hash_key(owner: str, sha256: str) -> Item:
    """Return the key of the row that maps a SHA-256 digest to the image with these bytes."""
    return {"pk": partition_of(owner), "sk": f"{HASH_MARK}{sha256}"}


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
