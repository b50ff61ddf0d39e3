"""Request units of DynamoDB calls, by AWS's published rules for the items that a call reads or writes.

No emulator counts them: MiniStack and moto return constants.

- Sizes of items: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
- A read costs a unit per 4 KB of all items that a query evaluates, half of it if eventually consistent. A write costs
  a unit per 1 KB of the item before or after it, whichever is larger, also when it is rejected:
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
- Transactions cost twice as much: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
- A write to a global secondary index costs units for the entries that it adds, removes or changes. It follows a
  transaction and is not part of it:
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any

import boto3
from botocore.model import OperationModel
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from tests.support.aws import table_shape
from tests.support.invariants import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

READ_BYTES, WRITE_BYTES = 4 * 1024, 1024

Value = Mapping[str, Any]
Item = Mapping[str, Value]
"""An item of DynamoDB's API. Each value is a mapping with one entry: from its type to its content."""


@dataclass
class Units:
    """Read and write request units."""

    read: float = 0
    write: float = 0


class Meter:
    """Counts the units of all calls to a table by the DynamoDB clients that the session creates from now on.

    The keys and indexes are those of `table_shape()`. Each index projects some attributes.
    """

    def __init__(self, session: boto3.Session, table: str) -> None:
        self._uncounted: DynamoDBClient = session.client("dynamodb")  # created before the hooks below are registered
        self._table = table
        self._key = _name_keys(table_shape())
        self._indexes = [_Index.make(index) for index in table_shape()["GlobalSecondaryIndexes"]]
        self._units = Units()
        session.events.register("before-parameter-build.dynamodb", self._record_items)
        session.events.register("after-call.dynamodb", self._count)

    @contextmanager
    def measure(self) -> Iterator[Units]:
        """Count the units of the calls inside the block."""
        self._units = Units()
        yield self._units

    def _record_items(
        self, params: dict[str, Any], model: OperationModel, context: dict[str, Any], **_: object
    ) -> None:
        keys = [{name: item[name] for name in self._key} for item in _list_written(model.name, params)]
        context["metered"] = params, [(key, self._find(key)) for key in keys]

    def _count(self, model: OperationModel, context: dict[str, Any], **_: object) -> None:
        params, items_before = context["metered"]
        if model.name == "BatchGetItem":  # costs as much as a GetItem for each key
            batch = params["RequestItems"][self._table]
            for key in batch["Keys"]:
                self._count_read(batch, [self._find(key)])
        elif model.name in READS:
            self._count_read(params, self._list_read(model.name, params))
        factor = 2 if model.name == "TransactWriteItems" else 1
        for key, before in items_before:
            after = self._find(key)
            self._units.write += factor * count_blocks(max(item_size(before), item_size(after)), WRITE_BYTES)
            self._units.write += sum(index.count_units(before, after) for index in self._indexes)

    def _count_read(self, params: dict[str, Any], items: Sequence[Item]) -> None:
        share = 1 if params.get("ConsistentRead") else 0.5
        self._units.read += share * count_blocks(sum(map(item_size, items)), READ_BYTES)

    def _list_read(self, call: str, params: dict[str, Any]) -> Sequence[Item]:
        """Return the whole items that a call read, even if its projection returned only parts of them."""
        if call == "GetItem":
            return [self._find(params["Key"])]
        whole = {name: value for name, value in params.items() if name not in PROJECTION}
        items: Sequence[Item] = self._uncounted.query(**whole)["Items"]
        return items

    def _find(self, key: Item) -> Item:
        """Return the stored item, or an empty one. It comes from moto's memory, because moto's API is too slow here."""
        table = dynamodb_backends[ACCOUNT][REGION].tables[self._table]
        partition, sort = (DynamoType(dict(key[name])) for name in self._key)
        item = table.get_item(partition, sort)
        return item.to_json()["Attributes"] if item else {}


@dataclass(frozen=True)
class _Index:
    """A secondary index: the names of its keys, and of the attributes that its entries contain."""

    key: Sequence[str]
    projected: frozenset[str]

    @classmethod
    def make(cls, shape: Mapping[str, Any]) -> "_Index":
        """Return the index with this shape."""
        key = _name_keys(shape)
        return cls(key, frozenset([*_name_keys(table_shape()), *key, *shape["Projection"]["NonKeyAttributes"]]))

    def count_units(self, before: Item, after: Item) -> int:
        """Return the units of the change of an item to the entry in the index."""
        old, new = (self._project(item) for item in (before, after))
        if old == new:
            return 0
        if all(old.get(name) == new.get(name) for name in self.key):
            return count_blocks(max(item_size(old), item_size(new)), WRITE_BYTES)
        return sum(count_blocks(item_size(entry), WRITE_BYTES) for entry in (old, new) if entry)

    def _project(self, item: Item) -> Item:
        is_indexed = item.keys() >= {*self.key}
        return {name: value for name, value in item.items() if is_indexed and name in self.projected}


def _name_keys(shape: Mapping[str, Any]) -> list[str]:
    return [str(attribute["AttributeName"]) for attribute in shape["KeySchema"]]


PROJECTION = {"ProjectionExpression", "ExpressionAttributeNames"}
READS = {"BatchGetItem", "GetItem", "Query"}
WRITES: Mapping[str, Callable[[dict[str, Any]], list[Item]]] = {
    "PutItem": lambda params: [params["Item"]],
    "UpdateItem": lambda params: [params["Key"]],
    "DeleteItem": lambda params: [params["Key"]],
    "BatchWriteItem": lambda params: [
        request["DeleteRequest"]["Key"] for requests in params["RequestItems"].values() for request in requests
    ],
    "TransactWriteItems": lambda params: [
        action.get("Item") or action["Key"] for actions in params["TransactItems"] for action in actions.values()
    ],
}


def _list_written(call: str, params: dict[str, Any]) -> list[Item]:
    """Return the keys, or the whole items, that a call writes."""
    return [] if call in READS else WRITES[call](params)


def count_blocks(size_bytes: int, block_bytes: int) -> int:
    """Return how many blocks AWS charges for this size. The minimum is one, even for a missing item."""
    return max(1, ceil(size_bytes / block_bytes))


def item_size(item: Item) -> int:
    """Return the size of an item in bytes: of its attribute names and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Value) -> int:
    """Return the size of a value in bytes, without its name."""
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        digits = Decimal(content).normalize().as_tuple()
        return ceil(len(digits.digits) / 2) + 1 + digits.sign
    if kind == "M":
        return 3 + len(content) + item_size(content)
    if kind == "L":
        return 3 + len(content) + sum(map(value_size, content))
    return 1  # NULL and BOOL
