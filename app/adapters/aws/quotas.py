"""Stores quotas in DynamoDB: each owner's requests per minute and library size."""

import time
from threading import Lock
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.row_keys import Item, attempts_key, between, partition_of, rate_key, received_key
from app.domain.ports import Quotas
from app.domain.quotas import Day, Limits, Minute, Quarter, Rate, Usage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


_NO_LIMIT: Final = 2**62
MAX_BLOCK: Final = 20  # requests that one update of the table counts
BLOCKS: Final = 50  # the minimum number of updates until the limit of requests is reached


class DynamoQuotas(DynamoTable, Quotas):
    """Counts requests and checks quotas. `Table.save` counts images and bytes.

    `Rate.REQUESTS` and `Rate.KEY_REQUESTS` are counted in blocks, because counting each request would cost more than
    most requests that read. Blocks that a function has begun but not used count too.
    """

    def __init__(self, client: "DynamoDBClient", table: str, limits: Limits | None = None) -> None:
        super().__init__(client, table)
        self.limits = limits or Limits()
        self._lock = Lock()
        self._block_minute = 0
        self._remaining: dict[tuple[str, str], int] = {}  # of the blocks, by the owner and the name of their row

    @override
    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        minute = Minute.at(time.time())
        if rate is Rate.REQUESTS:
            self._count_in_block(owner, rate, rate, minute)
        else:
            self._add(rate_key(owner, rate, minute.number), rate, minute, number)

    @override
    def count_key(self, owner: str, key_id: str) -> None:
        rate = Rate.KEY_REQUESTS
        self._count_in_block(owner, rate, f"{rate} {key_id}", Minute.at(time.time()))

    def _count_in_block(self, owner: str, rate: Rate, name: str, minute: Minute) -> None:
        """Count a request in the block of a row of this minute. If there is none, begin a block."""
        row = rate_key(owner, name, minute.number)
        counter = owner, name
        if not self._use_block(counter, minute):
            block = max(1, min(MAX_BLOCK, self.limits.per_minute(rate) // BLOCKS))
            self._add(row, rate, minute, block)
            self._begin_block(counter, minute, block - 1)

    def _use_block(self, counter: tuple[str, str], minute: Minute) -> bool:
        """Count a request in the counter's block of this minute. Return False if there is none."""
        with self._lock:
            if minute.number != self._block_minute or not self._remaining.get(counter):
                return False
            self._remaining[counter] -= 1
            return True

    def _begin_block(self, counter: tuple[str, str], minute: Minute, remaining: int) -> None:
        with self._lock:
            if minute.number != self._block_minute:
                self._remaining.clear()
                self._block_minute = minute.number
            self._remaining[counter] = remaining

    def _add(self, row: Item, rate: Rate, minute: Minute, number: int) -> None:
        limit = self.limits.per_minute(rate)
        counted = self._update(
            row,
            "ADD used :number SET expires_at = :end",
            "attribute_not_exists(used) OR used < :limit",
            {":number": number, ":limit": limit, ":end": minute.end},
        )
        if not counted:
            raise minute.make_error(rate, limit)

    @override
    def count_attempt(self, owner: str, share_id: str) -> None:
        quarter = Quarter.at(time.time())
        counted = self._update(
            attempts_key(owner, share_id, quarter.number),
            "ADD used :one SET expires_at = :end",
            "attribute_not_exists(used) OR used < :limit",
            {":one": 1, ":limit": self.limits.wrong_passwords, ":end": quarter.end},
        )
        if not counted:
            raise quarter.make_error()

    @override
    def forgive_attempt(self, owner: str, share_id: str) -> None:
        row = attempts_key(owner, share_id, Quarter.at(time.time()).number)
        self._update(row, "ADD used :back", "used > :none", {":back": -1, ":none": 0})

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
