"""Stores quotas in DynamoDB: each owner's requests per minute and library size."""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import SHARDS, between, partition_of, rate_key
from app.domain.errors import QuotaExceeded, TooManyRequests

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_IMAGES: Final = 100_000
MAX_BYTES: Final = 500 * 10**9
MAX_UPLOADS_PER_MINUTE: Final = 600
MAX_EDITS_PER_MINUTE: Final = 3_000
MAX_DETECTIONS_PER_MINUTE: Final = 60

_MINUTE_SECONDS: Final = 60


class Rate(StrEnum):
    """The actions that are counted per minute."""

    UPLOADS = "uploads"
    EDITS = "edits"  # one per image that a request may change, or one for any other change
    DETECTIONS = "detections"  # only detections that the caller waits for


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one owner."""

    images: int = MAX_IMAGES
    bytes: int = MAX_BYTES
    uploads_per_minute: int = MAX_UPLOADS_PER_MINUTE
    edits_per_minute: int = MAX_EDITS_PER_MINUTE
    detections_per_minute: int = MAX_DETECTIONS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Usage:
    """The number and total bytes of a library's images. Failed and trashed images count too."""

    images: int
    bytes: int


class Quotas(DynamoTable):
    """Counts requests and checks quotas. `Table.save` counts images and bytes."""

    def __init__(self, client: "DynamoDBClient", table: str, limits: Limits | None = None) -> None:
        super().__init__(client, table)
        self.limits = limits or Limits()

    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        """Add `number` to the owner's count for the current minute. All processes share the count.

        Raises:
            TooManyRequests: the count had already reached the limit. Nothing was added.
        """
        limit = {
            Rate.UPLOADS: self.limits.uploads_per_minute,
            Rate.EDITS: self.limits.edits_per_minute,
            Rate.DETECTIONS: self.limits.detections_per_minute,
        }[rate]
        minute, second = divmod(int(time.time()), _MINUTE_SECONDS)
        counted = self._update(
            rate_key(owner, rate, minute),
            "ADD used :number SET expires_at = :end",
            "attribute_not_exists(used) OR used < :limit",
            {":number": number, ":limit": limit, ":end": (minute + 1) * _MINUTE_SECONDS},
        )
        if not counted:
            raise TooManyRequests(
                f"You have reached the limit of {limit:,} {rate} per minute.", _MINUTE_SECONDS - second
            )

    def usage(self, owner: str) -> Usage:
        """Return the number and total bytes of the images in the owner's library."""
        shards = list(self._query(between(partition_of(owner), "USAGE#0", f"USAGE#{SHARDS - 1}")))
        return Usage(sum(int(shard["images"]) for shard in shards), sum(int(shard["bytes"]) for shard in shards))

    def require_room(self, owner: str) -> None:
        """Check that the owner's library is not full.

        Only processed uploads count. Pending uploads can therefore exceed the limit.

        Raises:
            QuotaExceeded: the library has reached its limit of images or of bytes.
        """
        used = self.usage(owner)
        if used.images >= self.limits.images or used.bytes >= self.limits.bytes:
            raise QuotaExceeded(_format_size(used), _format_size(self.limits))


def _format_size(size: Usage | Limits) -> str:
    return f"{size.images:,} images and {size.bytes / 2**30:,.2f} GiB"
