"""The counters of tags: none of them is zero, whatever happens at the same time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from app.adapters.aws import row_keys
from app.adapters.aws.images import DynamoImages
from app.adapters.aws.transactions import MAX_ATTEMPTS
from app.domain.errors import Unavailable
from app.domain.images import Image, ImageState
from app.domain.tags import MAX_TAGS, TagTotal
from tests.support.aws import TABLE_NAME, before, make_table
from tests.support.fakes import image
from tests.support.invariants import check_invariants
from tests.support.units import Meter, Units

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@pytest.fixture(autouse=True)
def use_one_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all images change the same counters."""
    monkeypatch.setattr(row_keys, "shard", lambda _text: 0)


@pytest.fixture
def list_counters(dynamodb: "DynamoDBClient", owner: str) -> Callable[[], list[str]]:
    """A function that lists the sort keys of the owner's counters."""

    def query() -> list[str]:
        rows = dynamodb.query(
            TableName=TABLE_NAME,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": f"U#{owner}"}, ":sk": {"S": "COUNT#"}},
        )
        return [row["sk"]["S"] for row in rows["Items"]]

    return query


def trash(images: DynamoImages, ready: Image) -> Image:
    return images.save(replace(ready, state=ImageState.TRASHED), ready)


def test_counter_of_last_image_is_deleted(
    images: DynamoImages, owner: str, list_counters: Callable[[], list[str]]
) -> None:
    first, second = images.save(image(owner, dog=1, cat=3)), images.save(image(owner, dog=2))
    counters = [list_counters()]

    for each in (first, second):
        trash(images, each)
        counters.append(list_counters())

    assert counters == [["COUNT#cat#0", "COUNT#dog#0"], ["COUNT#dog#0"], []]
    check_invariants(TABLE_NAME)


@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "added"])
def test_counter_that_another_request_changes_first_is_right(
    images: DynamoImages,
    dynamodb: "DynamoDBClient",
    owner: str,
    is_removed: bool,  # noqa: FBT001
) -> None:
    ready, other = images.save(image(owner, dog=1)), image(owner, dog=2)
    if is_removed:
        other = images.save(other)
    changes: Iterator[Callable[[], object]] = iter([lambda: trash(images, other) if is_removed else images.save(other)])

    def change_once() -> None:
        if change := next(changes, None):
            change()

    with before(dynamodb, "dynamodb.TransactWriteItems", change_once):
        trash(images, ready)

    assert images.count_tags(owner) == ([] if is_removed else [TagTotal("dog", 1, 2)])
    check_invariants(TABLE_NAME)


def test_save_with_counters_that_always_change_raises_unavailable(dynamodb: "DynamoDBClient", owner: str) -> None:
    ready = replace(image(owner, dog=1), version=1)
    reasons = [{"Code": code} for code in ("None", "None", "None", "ConditionalCheckFailed")]
    with Stubber(dynamodb) as stub:
        stub.add_response("query", {"Items": []})  # subscriptions
        stub.add_response("update_item", {})  # the owner has work
        for _ in range(MAX_ATTEMPTS):
            stub.add_response("batch_get_item", {"Responses": {}})
            stub.add_client_error(
                "transact_write_items",
                "TransactionCanceledException",
                modeled_fields={"CancellationReasons": reasons},
                response_meta={},
            )

        with pytest.raises(Unavailable):
            trash(DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0), ready)

    stub.assert_no_pending_responses()


def test_list_of_tags_costs_what_the_living_tags_cost(aws: None, owner: str) -> None:
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    make_table(session.client("dynamodb"))
    meter = Meter(session, TABLE_NAME)
    images = DynamoImages(session.client("dynamodb"), TABLE_NAME, backoff_seconds=0)

    def measure() -> Units:
        with meter.measure() as units:
            assert images.count_tags(owner) == [TagTotal("dog", 1, 1)]
        return replace(units)

    images.save(image(owner, dog=1))
    before_names = measure()
    for number in range(10):
        names = {f"a name that was used once with the number {number}-{place}": 1 for place in range(MAX_TAGS)}
        trash(images, images.save(image(owner, counts=names)))

    assert measure() == before_names == Units(read=0.5)
