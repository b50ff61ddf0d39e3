"""What AWS charges for calls of DynamoDB: its published rules, applied to the very items that a call touches.

No emulator counts them: MiniStack's and moto's figures are constants.

- Sizes of items: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
- Reads, by 4 KB of all that a query went over, half if eventually consistent; writes, by 1 KB of the item before or
  after, whichever is larger, and refused ones too:
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
- Transactions, twice: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
- Global secondary indexes, by what enters, leaves or changes in them, which follows a transaction and is no part of it:
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

from tests.support.invariants import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

READ_BYTES, WRITE_BYTES = 4 * 1024, 1024

Value = Mapping[str, Any]
Item = Mapping[str, Value]
"""As DynamoDB's API has it: a value is the only one of a mapping from its type."""


@dataclass
class Units:
    """Read and write request units."""

    read: float = 0
    write: float = 0


class Meter:
    """Counts the units of all that a session's DynamoDB clients do with a table, if they are made from now on.

    Its only index projects all attributes.
    """

    def __init__(self, session: boto3.Session, table: str, key: Sequence[str], index_key: Sequence[str]) -> None:
        self._looker: DynamoDBClient = session.client("dynamodb")  # made before: what it does is not counted
        self._table = table
        self._key = key
        self._index_key = index_key
        self._units = Units()
        session.events.register("before-parameter-build.dynamodb", self._before)
        session.events.register("after-call.dynamodb", self._after)

    @contextmanager
    def measure(self) -> Iterator[Units]:
        """The units of what happens inside the block."""
        self._units = Units()
        yield self._units

    def _before(self, params: dict[str, Any], model: OperationModel, context: dict[str, Any], **_: object) -> None:
        keys = [{name: item[name] for name in self._key} for item in _written(model.name, params)]
        context["metered"] = params, [(key, self._find(key)) for key in keys]

    def _after(self, model: OperationModel, context: dict[str, Any], **_: object) -> None:
        params, known = context["metered"]
        if model.name in READS:
            share = 1 if params.get("ConsistentRead") else 0.5
            self._units.read += share * blocks(sum(map(size, self._read(model.name, params))), READ_BYTES)
        times = 2 if model.name == "TransactWriteItems" else 1
        for key, before in known:
            after = self._find(key)
            self._units.write += times * blocks(max(size(before), size(after)), WRITE_BYTES)
            self._units.write += self._index_units(before, after)

    def _read(self, call: str, params: dict[str, Any]) -> Sequence[Item]:
        """The whole items that a call read, whatever of them it was given."""
        if call == "GetItem":
            return [self._find(params["Key"])]
        whole = {name: value for name, value in params.items() if name not in PROJECTION}
        answer: Sequence[Item] = self._looker.query(**whole)["Items"]
        return answer

    def _find(self, key: Item) -> Item:
        """An item as it is, out of moto itself: through its API that takes longer than what is measured."""
        table = dynamodb_backends[ACCOUNT][REGION].tables[self._table]
        partition, sort = (DynamoType(dict(key[name])) for name in self._key)
        found = table.get_item(partition, sort)
        return found.to_json()["Attributes"] if found else {}

    def _index_units(self, before: Item, after: Item) -> int:
        left, entered = (item if item.keys() >= {*self._index_key} else {} for item in (before, after))
        if left == entered:
            return 0
        if all(left.get(name) == entered.get(name) for name in self._index_key):
            return blocks(max(size(left), size(entered)), WRITE_BYTES)
        return sum(blocks(size(item), WRITE_BYTES) for item in (left, entered) if item)


PROJECTION = {"ProjectionExpression", "ExpressionAttributeNames"}
READS = {"GetItem", "Query"}
WRITES: Mapping[str, Callable[[dict[str, Any]], list[Item]]] = {
    "PutItem": lambda params: [params["Item"]],
    "UpdateItem": lambda params: [params["Key"]],
    "DeleteItem": lambda params: [params["Key"]],
    "TransactWriteItems": lambda params: [
        action.get("Item") or action["Key"] for actions in params["TransactItems"] for action in actions.values()
    ],
}


def _written(call: str, params: dict[str, Any]) -> list[Item]:
    """The keys, or whole items, that a call writes."""
    return [] if call in READS else WRITES[call](params)


def blocks(size: int, unit: int) -> int:
    """How many units of bytes are charged for; nothing at all counts as one."""
    return max(1, ceil(size / unit))


def size(item: Item) -> int:
    """The bytes of an item: of its names and its values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Value) -> int:
    """The bytes of a value without its name."""
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        digits = Decimal(content).normalize().as_tuple()
        return ceil(len(digits.digits) / 2) + 1 + digits.sign
    if kind == "M":
        return 3 + len(content) + size(content)
    if kind == "L":
        return 3 + len(content) + sum(map(value_size, content))
    return 1  # NULL and BOOL
