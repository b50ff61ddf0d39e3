"""Stores quotas in DynamoDB: each owner's requests per minute and library size."""

import time
from threading import Lock
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.row_keys import between, partition_of, rate_key, received_key
from app.domain.ports import Quotas
from app.domain.quotas import Day, Limits, Minute, Rate, Usage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


_NO_LIMIT: Final = 2**62
MAX_BLOCK: Final = 20  # requests that one update of the table counts
BLOCKS: Final = 50  # the minimum number of updates until the limit of requests is reached


class DynamoQuotas(DynamoTable, Quotas):
    """Counts requests and checks quotas. `Table.save` counts images and bytes.

    `Rate.REQUESTS` is counted in blocks, because counting each request would cost more than most requests that read.
    Blocks that a function has begun but not used count too.
    """

    def __init__(self, client: "DynamoDBClient", table: str, limits: Limits | None = None) -> None:
        super().__init__(client, table)
        self.limits = limits or Limits()
        self._lock = Lock()
        self._block_minute = 0
        self._remaining: dict[str, int] = {}  # of the blocks of each owner

    @override
    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        limit, minute = self.limits.per_minute(rate), Minute.at(time.time())
        if rate is not Rate.REQUESTS:
            self._add(owner, rate, minute, number, limit)
        elif not self._use_block(owner, minute):
            block = max(1, min(MAX_BLOCK, limit // BLOCKS))
            self._add(owner, rate, minute, block, limit)
            self._begin_block(owner, minute, block - 1)

    def _use_block(self, owner: str, minute: Minute) -> bool:
        """Count a request in the owner's block of this minute. Return False if there is none."""
        with self._lock:
            if minute.number != self._block_minute or not self._remaining.get(owner):
                return False
            self._remaining[owner] -= 1
            return True

    def _begin_block(self, owner: str, minute: Minute, remaining: int) -> None:
        with self._lock:
            if minute.number != self._block_minute:
                self._remaining.clear()
                self._block_minute = minute.number
            self._remaining[owner] = remaining

    def _add(self, owner: str, rate: Rate, minute: Minute, number: int, limit: int) -> None:
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
        shards = list(self._query(between(partition_of(owner), "USAGE#", "USAGE$")))
        images, size = (sum(int(shard.get(name, 0)) for shard in shards) for name in ("images", "bytes"))
        return Usage(max(0, images), max(0, size))  # counters can be wrong until `pixtag doctor` repairs them

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
