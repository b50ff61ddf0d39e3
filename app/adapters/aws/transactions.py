"""Commits DynamoDB transactions. Either all writes of a transaction succeed or none."""

import random
import time
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from app.adapters.aws.row_keys import Item, attributes, list_tag
from app.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        ConditionCheckTypeDef,
        DeleteTypeDef,
        PutTypeDef,
        TransactWriteItemTypeDef,
        UpdateTypeDef,
    )

MAX_ACTIONS: Final = 100  # per transaction
MAX_ATTEMPTS: Final = 12
BACKOFF_SECONDS: Final = 0.02  # doubles with each attempt
MAX_BACKOFF_SECONDS: Final = 1.0

_CONDITION_FAILED: Final = "ConditionalCheckFailed"
_TRANSIENT: Final = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class ConditionFailed(Exception):
    """A condition did not hold, so nothing was written. `actions` are the indexes of the failed actions."""

    def __init__(self, actions: Sequence[int]) -> None:
        super().__init__(f"The conditions of these actions do not hold: {actions}")
        self.actions = actions


class Transaction:
    """Collects writes to one table and commits them together. `actions` are these writes, in order."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self.actions: list[TransactWriteItemTypeDef] = []

    def put(self, item: Item, condition: str = "", values: Item | None = None) -> None:
        """Add a Put action to the transaction. The commit fails if the condition expression is false."""
        put: PutTypeDef = {"TableName": self._table, "Item": attributes(item)}
        _add_condition(put, condition, values)
        self.actions.append({"Put": put})

    def require(self, key: Item, condition: str = "attribute_exists(pk)", values: Item | None = None) -> None:
        """Add a check to the transaction. The commit fails if the condition expression is false.

        Without a condition, it fails if there is no item with this key.
        """
        check: ConditionCheckTypeDef = {
            "TableName": self._table,
            "Key": attributes(key),
            "ConditionExpression": condition,
        }
        if values:
            check["ExpressionAttributeValues"] = attributes(values)
        self.actions.append({"ConditionCheck": check})

    def delete(self, key: Item, condition: str = "", values: Item | None = None) -> None:
        """Add a Delete action to the transaction. The commit fails if the condition expression is false."""
        delete: DeleteTypeDef = {"TableName": self._table, "Key": attributes(key)}
        _add_condition(delete, condition, values)
        self.actions.append({"Delete": delete})

    def add(
        self, key: Item, changes: Mapping[str, int], condition: str = "", values: Item | None = None, *, tag: str = ""
    ) -> None:
        """Add changes to an item's counters to the transaction. A missing item is created.

        The commit fails if the condition expression is false. If a tag is given, the item is listed as its counter.
        """
        text = {":listed": list_tag(tag)["listed"]} if tag else {}
        numbers = {f":c{number}": change for number, change in enumerate(changes.values())}
        update: UpdateTypeDef = {
            "TableName": self._table,
            "Key": attributes(key),
            "UpdateExpression": ("SET listed = :listed " if tag else "")
            + "ADD "
            + ", ".join(f"#c{number} :c{number}" for number in range(len(changes))),
            "ExpressionAttributeNames": {f"#c{number}": name for number, name in enumerate(changes)},
        }
        _add_condition(update, condition, numbers | text | (values or {}))
        self.actions.append({"Update": update})

    def set_numbers(self, key: Item, numbers: Mapping[str, tuple[int, int]], *, tag: str = "") -> None:
        """Add an update to the transaction that replaces numbers of an item. A missing item is created.

        Args:
            key: The key of the item.
            numbers: The old and the new number by the name of its attribute. The commit fails if the item does not have
                the old numbers. A missing attribute is 0.
            tag: If given, the item is listed as a counter of this tag.
        """
        pairs = list(enumerate(numbers.values()))
        bounds = {f":old{at}": old for at, (old, _) in pairs} | {f":new{at}": new for at, (_, new) in pairs}
        text = {":listed": list_tag(tag)["listed"]} if tag else {}
        update: UpdateTypeDef = {
            "TableName": self._table,
            "Key": attributes(key),
            "UpdateExpression": "SET "
            + ", ".join([*(f"#n{at} = :new{at}" for at, _ in pairs), *(["listed = :listed"] if tag else [])]),
            "ExpressionAttributeNames": {f"#n{at}": name for at, name in enumerate(numbers)},
        }
        conditions = [
            f"#n{at} = :old{at}" if old else f"(attribute_not_exists(#n{at}) OR #n{at} = :old{at})"
            for at, (old, _) in pairs
        ]
        _add_condition(update, " AND ".join(conditions), bounds | text)
        self.actions.append({"Update": update})

    def extend(self, other: "Transaction") -> None:
        """Add the actions of another transaction."""
        self.actions += other.actions

    def __len__(self) -> int:
        """Return the number of actions."""
        return len(self.actions)

    def update(self, key: Item, change: str, condition: str, values: Item) -> None:
        """Add an update expression to the transaction. The commit fails if the condition expression is false."""
        self.actions.append(
            {
                "Update": {
                    "TableName": self._table,
                    "Key": attributes(key),
                    "UpdateExpression": change,
                    "ConditionExpression": condition,
                    "ExpressionAttributeValues": attributes(values),
                }
            }
        )

    def merge(self, key: Item, item: Item, first: Container[str]) -> None:
        """Add an update to the transaction that sets attributes. Those in `first` are set only if they do not exist."""
        changes = [
            f"#{name} = if_not_exists(#{name}, :{name})" if name in first else f"#{name} = :{name}" for name in item
        ]
        self.actions.append(
            {
                "Update": {
                    "TableName": self._table,
                    "Key": attributes(key),
                    "UpdateExpression": "SET " + ", ".join(changes),
                    "ExpressionAttributeNames": {f"#{name}": name for name in item},
                    "ExpressionAttributeValues": attributes({f":{name}": value for name, value in item.items()}),
                }
            }
        )

    def commit(self, backoff_seconds: float = BACKOFF_SECONDS, *, max_attempts: int = MAX_ATTEMPTS) -> None:
        """Commit all writes. Retry after conflicts and throttling, with exponential backoff and full jitter.

        Raises:
            ConditionFailed: a condition did not hold.
            Unavailable: conflicts or throttling prevented `max_attempts` attempts.
        """
        for attempt in range(max_attempts):
            if attempt:
                back_off(attempt, backoff_seconds)
            try:
                self._client.transact_write_items(TransactItems=self.actions)
            except self._client.exceptions.TransactionCanceledException as error:
                codes = [reason.get("Code", "None") for reason in error.response["CancellationReasons"]]
                if _CONDITION_FAILED in codes:
                    raise ConditionFailed([at for at, code in enumerate(codes) if code == _CONDITION_FAILED]) from error
                if not {*codes} - {"None"} <= _TRANSIENT:
                    raise
            else:
                return
        raise Unavailable


def back_off(attempt: int, backoff_seconds: float = BACKOFF_SECONDS) -> None:
    """Wait before the next attempt. The longest wait doubles with each attempt, and the actual one is random."""
    longest = min(MAX_BACKOFF_SECONDS, backoff_seconds * 2**attempt)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - not a secret  # nosec B311


def _add_condition(action: "PutTypeDef | DeleteTypeDef | UpdateTypeDef", condition: str, values: Item | None) -> None:
    if condition:
        action["ConditionExpression"] = condition
    if values:
        action["ExpressionAttributeValues"] = attributes(values)
