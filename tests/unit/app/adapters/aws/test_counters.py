"""The counters of tags: none of them is zero, whatever happens at the same time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from app.adapters.aws import row_keys
from app.adapters.aws.images import DynamoImages
from app.adapters.aws.months import tag_month
from app.adapters.aws.transactions import MAX_ATTEMPTS
from app.domain.errors import Unavailable
from app.domain.images import Image, ImageState
from app.domain.tags import MAX_TAGS, TagEdit, TagTotal
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.aws import TABLE_NAME, before, make_table
from tests.support.fakes import image
from tests.support.invariants import check_invariants
from tests.support.units import READ_BYTES, WRITE_BYTES, Meter, Units, item_size

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


def take_in(year: int, month: int) -> CaptureTime:
    return CaptureTime(datetime(year, month, 28), TimeSource.EXIF)  # noqa: DTZ001 - a local time


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


def test_lost_counter_that_has_counted_a_change_leaves_the_tags_readable(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    ready = images.save(image(owner, dog=1, cat=1))
    dynamodb.delete_item(TableName=TABLE_NAME, Key=row_keys.attributes(row_keys.counter_key(ready, "dog")))

    images.save(replace(ready, edits={"dog": TagEdit(2, datetime.now(UTC))}), ready)

    assert images.count_tags(owner) == [TagTotal("cat", 1, 1)]
    assert images.count_tag(owner, "dog") == TagTotal("dog", 0, 0)


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


def make_old_counters(owner: str, tag: str, years: int) -> list[row_keys.Item]:
    """Return all counters of a tag after so many years, with hundreds of images in each month and counter."""
    photos = [
        replace(image(owner), taken=take_in(2000 + year, month)) for year in range(years) for month in range(1, 13)
    ]
    months = {tag_month(photo): 260 for photo in photos}
    counts = {**row_keys.list_tag(tag), "images": sum(months.values()), "objects": 3 * sum(months.values())}
    return [
        {"pk": row_keys.partition_of(owner), "sk": f"COUNT#{tag}#{number}", **counts, **months}
        for number in range(row_keys.SHARDS)
    ]


def test_counter_with_the_months_of_15_years_costs_one_unit_to_write() -> None:
    counters = make_old_counters("3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10", "potted plant", 15)

    assert max(item_size(row_keys.attributes(counter)) for counter in counters) <= WRITE_BYTES


def test_list_of_tags_costs_the_same_after_many_months(aws: None, owner: str) -> None:
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    client = session.client("dynamodb")
    make_table(client)
    meter = Meter(session, TABLE_NAME)
    images = DynamoImages(session.client("dynamodb"), TABLE_NAME)
    counters = make_old_counters(owner, "cat", 20) + make_old_counters(owner, "dog", 20)
    for counter in counters:
        client.put_item(TableName=TABLE_NAME, Item=row_keys.attributes(counter))

    with meter.measure() as units:
        assert [total.tag for total in images.count_tags(owner)] == ["cat", "dog"]
    with meter.measure() as units_of_one:
        assert images.count_tag(owner, "dog").images

    assert units == units_of_one == Units(read=0.5)
    assert sum(item_size(row_keys.attributes(counter)) for counter in counters) > 2 * READ_BYTES


@pytest.mark.parametrize(("months", "images_of_a_month"), [(7, 1), (12, 1000)], ids=["small", "large"])
def test_months_of_20_years_cost_the_same_in_each_library(
    aws: None, owner: str, monkeypatch: pytest.MonkeyPatch, months: int, images_of_a_month: int
) -> None:
    monkeypatch.undo()  # the counters have all shards
    session: Any = boto3.Session("test", "test", region_name="us-east-1")
    client = session.client("dynamodb")
    make_table(client)
    meter = Meter(session, TABLE_NAME)
    images = DynamoImages(session.client("dynamodb"), TABLE_NAME)
    counts = {f"m{month + 1:02}": images_of_a_month for month in range(months)}
    total = months * images_of_a_month
    keys = [row_keys.usage_key(replace(image(owner), taken=take_in(2000 + number % 20, 1))) for number in range(800)]
    items = [key | {"images": total, "bytes": 3_141_592 * total} | counts for key in keys]
    rows = {item["sk"]: {"PutRequest": {"Item": row_keys.attributes(item)}} for item in items}
    for start in range(0, len(rows), 25):
        client.batch_write_item(RequestItems={TABLE_NAME: [*rows.values()][start : start + 25]})

    with meter.measure() as units:
        assert len(images.count_months(owner)) == 20 * months

    assert units == Units(read=1.5)
