"""Quotas in DynamoDB: how often an owner may act, counted by the minute, and how much a library may hold."""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.adapters.aws.items import SHARDS, attributes, between, partition_of, rate_key, values
from app.domain.errors import QuotaExceeded, TooManyRequests

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_IMAGES: Final = 100_000
MAX_BYTES: Final = 500 * 10**9
MAX_UPLOADS_PER_MINUTE: Final = 600
MAX_EDITS_PER_MINUTE: Final = 3_000
MAX_DETECTIONS_PER_MINUTE: Final = 60

_MINUTE: Final = 60  # seconds


class Rate(StrEnum):
    """What is counted by the minute."""

    UPLOADS = "uploads"
    EDITS = "edits"  # images that a call would change, or the call if it changes something else
    DETECTIONS = "detections"  # that the caller waits for


@dataclass(frozen=True, slots=True)
class Limits:
    """What one owner may have and do, at most."""

    images: int = MAX_IMAGES
    bytes: int = MAX_BYTES
    uploads_per_minute: int = MAX_UPLOADS_PER_MINUTE
    edits_per_minute: int = MAX_EDITS_PER_MINUTE
    detections_per_minute: int = MAX_DETECTIONS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Usage:
    """How many images a library keeps, also those that failed or are in the trash, and how many bytes they have."""

    images: int
    bytes: int


class Quotas:
    """The quotas of everybody: `Table.save` counts what a library holds, what its owner does is counted here."""

    def __init__(self, client: "DynamoDBClient", table: str, limits: Limits | None = None) -> None:
        self._client = client
        self._table = table
        self.limits = limits or Limits()

    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        """Count so many more of the owner's in this minute, in this or any other process.

        Raises:
            TooManyRequests: there are as many as there may be already; the next minute begins anew.
        """
        most = {
            Rate.UPLOADS: self.limits.uploads_per_minute,
            Rate.EDITS: self.limits.edits_per_minute,
            Rate.DETECTIONS: self.limits.detections_per_minute,
        }[rate]
        minute, second = divmod(int(time.time()), _MINUTE)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=attributes(rate_key(owner, rate, minute)),
                UpdateExpression="ADD used :number SET expires_at = :over",
                ConditionExpression="attribute_not_exists(used) OR used < :most",
                ExpressionAttributeValues=attributes(
                    {":number": number, ":most": most, ":over": (minute + 1) * _MINUTE}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise TooManyRequests(
                f"You have made {most:,} {rate} in this minute, the most.", _MINUTE - second
            ) from error

    def usage(self, owner: str) -> Usage:
        """What the owner's library holds."""
        answer = self._client.query(
            TableName=self._table, **between(partition_of(owner), "USAGE#0", f"USAGE#{SHARDS - 1}")
        )
        shards = [values(item) for item in answer["Items"]]
        return Usage(sum(int(shard["images"]) for shard in shards), sum(int(shard["bytes"]) for shard in shards))

    def require_room(self, owner: str) -> None:
        """Refuse another upload to a library that is full.

        Only what was looked at is counted, so uploads that are allowed already, and wait for their bytes or in the
        queue, may take the library over its limit.

        Raises:
            QuotaExceeded: it holds as many images, or bytes, as it may.
        """
        used = self.usage(owner)
        if used.images >= self.limits.images or used.bytes >= self.limits.bytes:
            raise QuotaExceeded(_amount(used), _amount(self.limits))


def _amount(amount: Usage | Limits) -> str:
    return f"{amount.images:,} images and {amount.bytes / 2**30:,.2f} GiB"
