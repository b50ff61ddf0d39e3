from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.support.api_costs import DOCUMENT, Untold, measure, written
from tests.support.aws import TABLE_NAME, make_table
from tests.support.units import Meter, Units, size

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
DUE = {"due_shard": {"S": "0"}, "due_at": {"N": "7"}}
SAME_KEY = {"TableName": TABLE_NAME, "Key": KEY}

Call = Callable[..., Units]


def item(kilobytes: float, **more: Any) -> dict[str, Any]:
    """An item of so many KiB."""
    bare = KEY | more | {"x": {"S": ""}}
    return bare | {"x": {"S": "x" * (int(kilobytes * 1024) - size(bare))}}


@pytest.fixture
def call(aws: None) -> Call:
    """Makes a call of DynamoDB, by its name, and tells its units."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    make_table(session.client("dynamodb"))
    meter = Meter(session, TABLE_NAME, ["pk", "sk"], ["due_shard", "due_at"])
    dynamodb = session.client("dynamodb")

    def call(name: str, **arguments: Any) -> Units:
        with meter.measure() as units:
            getattr(dynamodb, name)(**arguments)
        return units

    return call


def put(call: Call, new: dict[str, Any]) -> Units:
    return call("put_item", TableName=TABLE_NAME, Item=new)


@pytest.fixture(scope="module")
def costs() -> dict[str, Units]:
    return measure()


def test_the_costs_in_readme_are_those_measured(costs: dict[str, Units]) -> None:
    text = DOCUMENT.read_text()

    assert written(text, costs) == text, "make costs writes them anew"


def test_an_operation_that_nobody_measured_is_named(costs: dict[str, Units]) -> None:
    rest = {name: cost for name, cost in costs.items() if name != "GET /tags"}

    with pytest.raises(Untold, match="does not measure GET /tags:"):
        written(DOCUMENT.read_text(), rest)


def test_an_operation_that_readme_does_not_tell_of_is_named(costs: dict[str, Units]) -> None:
    text = DOCUMENT.read_text().replace("`GET /export`", "`GET /exports`")

    with pytest.raises(Untold, match="not so GET /export, GET /exports"):
        written(text, costs)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"S": "é"}, 2),
        ({"N": "0"}, 2),
        ({"N": "1234.50"}, 4),
        ({"N": "-12000"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 3 + 1 + 2 + 1 + 2),
        ({"M": {"ab": {"S": "c"}}}, 3 + 1 + 2 + 1),
    ],
)
def test_the_size_of_a_value_is_as_aws_says(value: dict[str, Any], expected: int) -> None:
    assert size({"name": value}) == 4 + expected


@pytest.mark.parametrize(("consistent", "units"), [(True, 2), (False, 1)])
def test_a_read_is_charged_by_4_kb_of_the_whole_item(call: Call, consistent: bool, units: float) -> None:  # noqa: FBT001
    put(call, item(5))

    got = call("get_item", **SAME_KEY, ConsistentRead=consistent)
    queried = call(
        "query",
        TableName=TABLE_NAME,
        KeyConditionExpression="pk = :pk",
        ProjectionExpression="#sk",
        ExpressionAttributeNames={"#sk": "sk"},
        ExpressionAttributeValues={":pk": KEY["pk"]},
        ConsistentRead=consistent,
    )

    assert got == queried == Units(read=units)


def test_what_is_not_there_is_charged_too(call: Call) -> None:
    assert call("get_item", **SAME_KEY) == Units(read=0.5)
    assert call("delete_item", **SAME_KEY) == Units(write=1)


def test_a_write_is_charged_by_1_kb_of_the_larger_item(call: Call) -> None:
    costs = [put(call, item(1.5)), put(call, item(3)), put(call, item(0.1)), call("delete_item", **SAME_KEY)]

    assert [cost.write for cost in costs] == [2, 3, 3, 1]


def test_a_transaction_is_charged_twice(call: Call) -> None:
    actions = [{"Put": {"TableName": TABLE_NAME, "Item": item(1.5)}}]

    assert call("transact_write_items", TransactItems=actions) == Units(write=4)


def test_the_index_is_charged_for_what_enters_leaves_or_changes_in_it(call: Call) -> None:
    later = {"UpdateExpression": "SET due_at = :at", "ExpressionAttributeValues": {":at": {"N": "8"}}}

    costs = [
        put(call, item(1.5, **DUE)),
        put(call, item(1.5, **DUE)),
        put(call, item(1.5, **DUE, more={"S": ""})),
        call("update_item", **SAME_KEY, **later),
        call("delete_item", **SAME_KEY),
    ]

    assert [cost.write for cost in costs] == [2 + 2, 2, 2 + 2, 2 + 4, 2 + 2]
