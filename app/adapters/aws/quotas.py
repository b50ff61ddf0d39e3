"""Stores quotas in DynamoDB: each owner's requests per minute and library size."""

import time
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import SHARDS, between, partition_of, rate_key
from app.domain.ports import Quotas
from app.domain.quotas import Limits, Minute, Rate, Usage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


_MINUTE_SECONDS: Final = 60


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
        images, size = (sum(int(shard[name]) for shard in shards) for name in ("images", "bytes"))
        return Usage(max(0, images), max(0, size))  # counters can be wrong until `pixtag doctor` repairs them

    @override
    def require_room(self, owner: str) -> None:
        self.limits.require_room(self.usage(owner))
