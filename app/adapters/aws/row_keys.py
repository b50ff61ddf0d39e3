"""Defines the keys of DynamoDB items, and converts their values.

Every key contains the owner, except those of invitations. `docs/architecture.md` lists the row types.
"""

import zlib
from collections.abc import Mapping
from typing import Any, Final

from app.adapters.aws.attribute_values import dump_value, load_values
from app.adapters.aws.months import usage_year
from app.domain.images import ImageState, ImageSummary
from app.domain.marks import is_mark
from app.domain.outbox import OutboxRow
from app.domain.plans import View
from app.domain.registration import hash_secret
from app.domain.synonyms import DETECTED_TAGS

SHARDS: Final = 8
USAGE_SHARDS: Final = 4  # of each year
STATE_INDEX: Final = "state"
LISTED_INDEX: Final = "listed"
TAG_MARK: Final = "#TAG#"
VIEW_MARK: Final = "#VIEW#"
HASH_MARK: Final = "HASH#"
REVIEW_MARK: Final = "REVIEW#"
SIMILAR_MARK: Final = "SIMILAR#"

_LISTED_TAG: Final = "TAG#"
_LISTED_MARK: Final = "MARK#"

Item = dict[str, Any]


def attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an item to DynamoDB attribute values."""
    return {name: dump_value(value) for name, value in item.items()}


def values(attributes: Mapping[str, Any]) -> Item:
    """Convert DynamoDB attribute values to an item."""
    return load_values(attributes)


def between(partition: str, start: str, end: str) -> dict[str, Any]:
    """Return the arguments of a query for `start <= sk <= end`."""
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :start AND :end",
        "ExpressionAttributeValues": attributes({":pk": partition, ":start": start, ":end": end}),
    }


def tags_between(owner: str, first: str, last: str) -> dict[str, Any]:
    """Return the arguments of a query for the totals of the tags with `first <= tag <= last`."""
    return _listed_between(owner, f"{_LISTED_TAG}{first}", f"{_LISTED_TAG}{last}")


def marks_between(owner: str, first: str, last: str) -> dict[str, Any]:
    """Return the arguments of a query for the totals of the marks with `first <= mark <= last`."""
    return _listed_between(owner, f"{_LISTED_MARK}{first}", f"{_LISTED_MARK}{last}")


def _listed_between(owner: str, first: str, last: str) -> dict[str, Any]:
    condition = between(partition_of(owner), first, last)
    return {
        **condition,
        "KeyConditionExpression": "pk = :pk AND listed BETWEEN :start AND :end",
        "IndexName": LISTED_INDEX,
    }


def list_tag(tag: str) -> Item:
    """Return the attribute that puts the counter of a tag or a mark into the index `listed`."""
    return {"listed": f"{_LISTED_MARK if is_mark(tag) else _LISTED_TAG}{tag}"}


def listed_tag(item: Item) -> str:
    """Return the tag or the mark of a counter in the index `listed`."""
    return str(item["listed"]).partition("#")[2]


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


def similar_partition(owner: str) -> str:
    """Return the partition key of the rows with the picture hashes of ready images."""
    return f"{partition_of(owner)}{VIEW_MARK}similar"


def similar_key(owner: str, picture_hash: str, image_id: str) -> Item:
    """Return the key of the row with an image's picture hash."""
    return {"pk": similar_partition(owner), "sk": f"{picture_hash}#{image_id}"}


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
    """Return the attribute that puts an image's row into the index `listed`, or none if it has nothing to review."""
    return {"listed": f"{REVIEW_MARK}{image.review_key}"} if image.review_key else {}


def counter_key(image: ImageSummary, tag: str) -> Item:
    """Return the key of the counter shard that counts the image for a tag."""
    return {"pk": partition_of(image.owner), "sk": f"COUNT#{tag}#{counter_shard(tag, image.id)}"}


def counter_shard(tag: str, image_id: str) -> int:
    """Return the number of the counter shard that counts an image for a tag.

    The worker ingests several photos at once, and most of them have tags that PixTag detects. So only these tags have
    `SHARDS` shards. Other tags and marks have one, because `GET /tags` reads all shards (ADR 60).
    """
    return shard(image_id) if tag in DETECTED_TAGS else 0


def counted_tag(sort_key: str) -> str:
    """Return the tag of the counter with this sort key."""
    return sort_key.removeprefix("COUNT#").rpartition("#")[0]


def usage_key(image: ImageSummary) -> Item:
    """Return the key of the counter shard that counts the image for its owner's quota and in its month."""
    return {"pk": partition_of(image.owner), "sk": f"USAGE#{usage_year(image)}#{usage_shard(image.id)}"}


def usage_shard(image_id: str) -> int:
    """Return the number of the shard of a year's usage that counts an image."""
    return shard(image_id) % USAGE_SHARDS


def can_count(sort_key: str, image_id: str) -> bool:
    """Return whether the counter with this sort key can count the image, whatever its tags and its month."""
    is_usage = sort_key.startswith("USAGE#")
    number = usage_shard(image_id) if is_usage else counter_shard(counted_tag(sort_key), image_id)
    return sort_key.endswith(f"#{number}")


def rate_key(owner: str, rate: str, minute: int) -> Item:
    """Return the key of the counter of an owner's requests in one minute. `minute` is Unix time in minutes."""
    return {"pk": partition_of(owner), "sk": f"RATE#{rate}#{minute}"}


def attempts_key(owner: str, share_id: str, quarter: int) -> Item:
    """Return the key of the count of a share's wrong passwords in a quarter of an hour."""
    return {"pk": partition_of(owner), "sk": f"RATE#passwords {share_id}#{quarter}"}


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


def album_key(owner: str, album_id: str) -> Item:
    """Return the key of an album."""
    return {"pk": partition_of(owner), "sk": f"ALBUM#{album_id}"}


def album_order_key(owner: str, album_id: str) -> Item:
    """Return the key of the row with the images that a person placed in an album."""
    return {"pk": partition_of(owner), "sk": f"ALBUM-ORDER#{album_id}"}


def title_row_key(owner: str, key: str) -> Item:
    """Return the key of the row that prevents a second album with an equal title."""
    return {"pk": partition_of(owner), "sk": f"ALBUM-TITLE#{hash_secret(key)}"}


def api_key_key(owner: str, key_id: str) -> Item:
    """Return the key of an API key."""
    return {"pk": partition_of(owner), "sk": f"KEY#{key_id}"}


def share_key(owner: str, share_id: str) -> Item:
    """Return the key of a share."""
    return {"pk": partition_of(owner), "sk": f"SHARE#{share_id}"}


def share_images_key(owner: str, share_id: str) -> Item:
    """Return the key of the row with the single photos of a share."""
    return {"pk": partition_of(owner), "sk": f"SHARE-IMAGES#{share_id}"}


def operation_key(owner: str, operation_id: str) -> Item:
    """Return the key of an operation."""
    return {"pk": partition_of(owner), "sk": f"OPERATION#{operation_id}"}


def undo_key(owner: str, operation_id: str, image_id: str) -> Item:
    """Return the key of the row that undoes an operation for one image."""
    return {"pk": partition_of(owner), "sk": f"UNDO#{operation_id}#{image_id}"}


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
