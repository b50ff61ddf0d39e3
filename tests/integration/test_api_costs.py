from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.support.api_costs import DOCUMENT, OperationMissing, measure, render_page
from tests.support.aws import TABLE_NAME, make_table
from tests.support.units import Meter, Units, item_size

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
DUE = {"due_shard": {"S": "0"}, "due_at": {"N": "7"}}
SAME_KEY = {"TableName": TABLE_NAME, "Key": KEY}

Call = Callable[..., Units]


def item(kilobytes: float, **more: Any) -> dict[str, Any]:
    """Return an item of this size in KiB."""
    unpadded = KEY | more | {"x": {"S": ""}}
    return unpadded | {"x": {"S": "x" * (int(kilobytes * 1024) - item_size(unpadded))}}


@pytest.fixture
def call(aws: None) -> Call:
    """Call an operation of DynamoDB by its name and return its units."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    make_table(session.client("dynamodb"))
    meter = Meter(session, TABLE_NAME)
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


@pytest.mark.timeout(360)  # the fixture calls every operation, which takes minutes on a busy machine
def test_api_costs_page_matches_measured_units(costs: dict[str, Units]) -> None:
    text = DOCUMENT.read_text()

    assert render_page(text, costs) == text, "run make api-costs"


def test_render_page_without_cost_of_operation_names_operation(costs: dict[str, Units]) -> None:
    incomplete = {name: cost for name, cost in costs.items() if name != "GET /tags"}

    with pytest.raises(OperationMissing, match=r"does not measure GET /tags\."):
        render_page(DOCUMENT.read_text(), incomplete)


def test_render_page_with_unlisted_operation_names_operation(costs: dict[str, Units]) -> None:
    text = DOCUMENT.read_text().replace("`GET /export/csv`", "`GET /export/xml`")

    with pytest.raises(OperationMissing, match="Correct GET /export/csv, GET /export/xml"):
        render_page(text, costs)


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
def test_item_size_follows_rules_of_aws(value: dict[str, Any], expected: int) -> None:
    assert item_size({"name": value}) == 4 + expected


@pytest.mark.parametrize(("consistent", "units"), [(True, 2), (False, 1)])
def test_read_costs_a_unit_per_4_kb_of_whole_item(call: Call, consistent: bool, units: float) -> None:  # noqa: FBT001
    put(call, item(5))

    read = call("get_item", **SAME_KEY, ConsistentRead=consistent)
    queried = call(
        "query",
        TableName=TABLE_NAME,
        KeyConditionExpression="pk = :pk",
        ProjectionExpression="#sk",
        ExpressionAttributeNames={"#sk": "sk"},
        ExpressionAttributeValues={":pk": KEY["pk"]},
        ConsistentRead=consistent,
    )

    assert read == queried == Units(read=units)


def test_missing_item_costs_minimum(call: Call) -> None:
    assert call("get_item", **SAME_KEY) == Units(read=0.5)
    assert call("delete_item", **SAME_KEY) == Units(write=1)


def test_write_costs_a_unit_per_1_kb_of_larger_item(call: Call) -> None:
    costs = [put(call, item(1.5)), put(call, item(3)), put(call, item(0.1)), call("delete_item", **SAME_KEY)]

    assert [cost.write for cost in costs] == [2, 3, 3, 1]


def test_transaction_costs_twice_as_much(call: Call) -> None:
    actions = [{"Put": {"TableName": TABLE_NAME, "Item": item(1.5)}}]

    assert call("transact_write_items", TransactItems=actions) == Units(write=4)


def test_batch_costs_as_much_as_its_items_one_by_one(call: Call) -> None:
    put(call, item(5))
    missing = KEY | {"sk": {"S": "c"}}
    keys = {"Keys": [KEY, missing], "ConsistentRead": True}
    deletions = [{"DeleteRequest": {"Key": key}} for key in (KEY, missing)]

    read = call("batch_get_item", RequestItems={TABLE_NAME: keys})
    deleted = call("batch_write_item", RequestItems={TABLE_NAME: deletions})

    assert (read, deleted) == (Units(read=2 + 1), Units(write=5 + 1))


def test_write_that_changes_index_entry_costs_index_units(call: Call) -> None:
    place = {"state_view": {"S": "U#o#ready"}, "state_key": {"S": "2019"}, "name": {"S": "x" * 1100}}
    move = {"UpdateExpression": "SET state_key = :key", "ExpressionAttributeValues": {":key": {"S": "2020"}}}

    costs = [
        put(call, item(1.5, **DUE)),
        put(call, item(1.5, **DUE)),
        put(call, item(1.5, **DUE, more={"S": ""})),  # the index does not contain this attribute
        put(call, item(1.5, **DUE, since={"N": "7"})),
        put(call, item(2.5, **place)),  # moves from one index to the other, whose entry has more than 1 KB
        call("update_item", **SAME_KEY, **move),
        call("delete_item", **SAME_KEY),
    ]

    assert [cost.write for cost in costs] == [2 + 1, 2, 2, 2 + 1, 3 + 1 + 2, 3 + 2 + 2, 3 + 2]
