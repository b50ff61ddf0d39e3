from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.adapters.aws.quotas import MAX_BLOCK
from app.adapters.aws.row_keys import USAGE_SHARDS, usage_shard, values
from app.domain.errors import TooManyRequests
from app.domain.ids import new_id
from app.domain.ports import Images, Quotas
from app.domain.quotas import Rate, Usage
from tests.support.aws import TABLE_NAME
from tests.support.fakes import NOON, image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def test_count_above_the_limit_adds_nothing_to_a_counter_that_expires(
    small_quotas: Quotas, owner: str, dynamodb: "DynamoDBClient"
) -> None:
    for _ in range(2):
        small_quotas.count(owner, Rate.EDITS)
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            small_quotas.count(owner, Rate.EDITS)

    [row] = [values(item) for item in dynamodb.scan(TableName=TABLE_NAME)["Items"]]
    assert row == {
        "pk": f"U#{owner}",
        "sk": f"RATE#edits#{NOON // 60}",
        "used": 2,
        "expires_at": NOON + 60,
    }


def test_count_of_requests_updates_the_table_once_for_each_block(
    quotas: Quotas, owner: str, dynamodb: "DynamoDBClient", move_clock: Callable[[int], None]
) -> None:
    for _ in range(2 * MAX_BLOCK + 1):
        quotas.count(owner, Rate.REQUESTS)
    quotas.count("another owner", Rate.REQUESTS)

    rows = [values(item) for item in dynamodb.scan(TableName=TABLE_NAME)["Items"]]
    assert {row["pk"]: row["used"] for row in rows} == {f"U#{owner}": 3 * MAX_BLOCK, "U#another owner": MAX_BLOCK}


def test_usage_returns_the_sum_of_all_shards(images: Images, quotas: Quotas, owner: str) -> None:
    for number in range(USAGE_SHARDS):
        image_id = next(candidate for candidate in iter(new_id, "") if usage_shard(candidate) == number)
        images.save(replace(image(owner, dog=1), id=image_id, size=10))

    assert quotas.usage(owner) == Usage(USAGE_SHARDS, 10 * USAGE_SHARDS)
