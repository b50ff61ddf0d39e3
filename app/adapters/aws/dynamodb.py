"""Sends requests to one DynamoDB table. All adapters that use the table share this code."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from app.adapters.aws.items import Item, attributes, values
from app.adapters.aws.transactions import Transaction

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoTable:
    """The base class of the DynamoDB adapters. It reads and writes items by key."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def _find(self, key: Item) -> Item | None:
        """Return the item with this key, or None. The read is strongly consistent."""
        response = self._client.get_item(TableName=self._table, Key=attributes(key), ConsistentRead=True)
        return values(response["Item"]) if "Item" in response else None

    def _query(self, condition: dict[str, Any], *, consistent: bool = False, **options: Any) -> Iterator[Item]:
        """Yield a query's items in sort-key order. Pages are requested lazily."""
        paginator = self._client.get_paginator("query")
        pages = paginator.paginate(TableName=self._table, **condition, ConsistentRead=consistent, **options)
        return (values(item) for page in pages for item in page["Items"])

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

    def _transaction(self) -> Transaction:
        """Return a new, empty transaction."""
        return Transaction(self._client, self._table)
