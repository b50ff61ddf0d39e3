"""Sends requests to one DynamoDB table. All adapters that use the table share this code."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from app.adapters.aws.dynamodb_calls import speed_up
from app.adapters.aws.row_keys import Item, attributes, values
from app.adapters.aws.transactions import MAX_ATTEMPTS, Transaction, back_off
from app.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_READ: Final = 100  # items per BatchGetItem
MAX_DELETED: Final = 25  # items per BatchWriteItem


class DynamoTable:
    """The base class of the DynamoDB adapters. It reads and writes items by key."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        speed_up(client)
        self._client = client
        self._table = table

    def _find(self, key: Item) -> Item | None:
        """Return the item with this key, or None. The read is strongly consistent."""
        response = self._client.get_item(TableName=self._table, Key=attributes(key), ConsistentRead=True)
        return values(response["Item"]) if "Item" in response else None

    def _find_all(self, keys: Sequence[Item]) -> Iterator[Item]:
        """Yield the items with these keys, in any order. Missing ones are left out. The reads are strongly consistent.

        Raises:
            Unavailable: throttling prevented all attempts.
        """
        for start in range(0, len(keys), MAX_READ):
            unread = [attributes(key) for key in keys[start : start + MAX_READ]]
            for attempt in range(MAX_ATTEMPTS):
                if attempt:
                    back_off(attempt)
                response = self._client.batch_get_item(
                    RequestItems={self._table: {"Keys": unread, "ConsistentRead": True}}
                )
                yield from map(values, response["Responses"].get(self._table, []))
                unread = [*response.get("UnprocessedKeys", {}).get(self._table, {"Keys": []})["Keys"]]
                if not unread:
                    break
            else:
                raise Unavailable

    def _query(
        self, condition: dict[str, Any], *, consistent: bool = False, most: int | None = None, **options: Any
    ) -> Iterator[Item]:
        """Yield a query's items in sort-key order, or the first ones. Pages are requested lazily.

        Args:
            condition: The arguments of the query that choose its items.
            consistent: Whether the read is strongly consistent.
            most: The maximum number of items. By default, all are yielded.
            options: More arguments of the query. `Limit` is the number of items of a page.
        """
        return islice(self._query_all(condition | options | {"ConsistentRead": consistent}), most)

    def _query_all(self, query: dict[str, Any]) -> Iterator[Item]:
        next_page: dict[str, Any] = {}
        while True:
            response = self._client.query(TableName=self._table, **query, **next_page)
            yield from map(values, response["Items"])
            if "LastEvaluatedKey" not in response:
                return
            next_page = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

    def _put(self, item: Item) -> None:
        """Write an item. An existing item with the same key is replaced."""
        self._client.put_item(TableName=self._table, Item=attributes(item))

    def _update(self, key: Item, change: str, condition: str, parameters: Item) -> bool:
        """Apply an update expression to an item if the condition holds. Return whether the condition held."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=attributes(key),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=attributes(parameters),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _delete_if(self, key: Item, condition: str, parameters: Item) -> bool:
        """Delete an item if the condition holds. Return whether it held."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=attributes(key),
                ConditionExpression=condition,
                ExpressionAttributeValues=attributes(parameters),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _delete(self, key: Item) -> None:
        """Delete an item. A missing item is ignored."""
        self._client.delete_item(TableName=self._table, Key=attributes(key))

    def _delete_all(self, keys: Sequence[Item]) -> None:
        """Delete items. Missing items are ignored.

        Raises:
            Unavailable: throttling prevented all attempts. Some of the items may be deleted.
        """
        for start in range(0, len(keys), MAX_DELETED):
            requests: dict[str, Sequence[Any]] = {
                self._table: [{"DeleteRequest": {"Key": attributes(key)}} for key in keys[start : start + MAX_DELETED]]
            }
            for attempt in range(MAX_ATTEMPTS):
                if attempt:
                    back_off(attempt)
                requests = {**self._client.batch_write_item(RequestItems=requests).get("UnprocessedItems", {})}
                if not requests:
                    break
            else:
                raise Unavailable

    def _transaction(self) -> Transaction:
        """Return a new, empty transaction."""
        return Transaction(self._client, self._table)
