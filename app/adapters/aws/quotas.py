"""Stores quotas in DynamoDB: each owner's requests per minute and library size."""

import time
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import SHARDS, between, partition_of, rate_key, received_key
from app.domain.ports import Quotas
from app.domain.quotas import Day, Limits, Minute, Rate, Usage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


_NO_LIMIT: Final = 2**62


class DynamoQuotas(DynamoTable, Quotas):
    """Counts requests and checks quotas. `Table.save` counts images and bytes."""

    def __init__(self, client: "DynamoDBClient", table: str, limits: Limits | None = None) -> None:
        super().__init__(client, table)
        self.limits = limits or Limits()

    @override
    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        limit, minute = self.limits.per_minute(rate), Minute.at(time.time())
        counted = self._update(
            rate_key(owner, rate, minute.number),
            "ADD used :number SET expires_at = :end",
            "attribute_not_exists(used) OR used < :limit",
            {":number": number, ":limit": limit, ":end": minute.end},
        )
        if not counted:
            raise minute.make_error(rate, limit)

    @override
    def usage(self, owner: str) -> Usage:
        shards = list(self._query(between(partition_of(owner), "USAGE#0", f"USAGE#{SHARDS - 1}")))
        return Usage(sum(int(shard["images"]) for shard in shards), sum(int(shard["bytes"]) for shard in shards))

    @override
    def require_room(self, owner: str) -> None:
        self.limits.require_room(self.usage(owner))

    @override
    def receive(self, owner: str, size: int) -> None:
        day, limit = Day.at(time.time()), self.limits.bytes_per_day
        if not self._receive(owner, size, day, limit):
            raise day.make_error(limit)

    @override
    def receive_again(self, owner: str, size: int) -> None:
        self._receive(owner, size, Day.at(time.time()), _NO_LIMIT)

    def _receive(self, owner: str, size: int, day: Day, limit: int) -> bool:
        return self._update(
            received_key(owner, day.number),
            "ADD used :size SET expires_at = :end",
            "attribute_not_exists(used) OR used < :limit",
            {":size": size, ":limit": limit, ":end": day.end},
        )

    @override
    def received(self, owner: str) -> int:
        item = self._find(received_key(owner, Day.at(time.time()).number))
        return int(item["used"]) if item else 0
