"""The outbox in DynamoDB: work that is left to do, leased while it is done, deleted once it is."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from app.adapters.aws.items import (
    SHARDS,
    Kind,
    OutboxRow,
    attributes,
    between,
    library,
    outbox_id,
    outbox_item,
    outbox_key,
    to_outbox_row,
    values,
)
from app.domain.images import new_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_LEASED: Final = 100
LEASE_SECONDS: Final = 120  # longer than the worker may run

_FIRST: Final = 0  # the time for which wishes to be forgotten are left: they sort before all other work


class Outbox:
    """The outbox rows of everybody. A row is worked off by whoever holds its lease: its `due_at` lies ahead."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def due(self) -> list[OutboxRow]:
        """The rows that are due, as the index `due` knows them (it may lag by a second)."""
        return [row for shard in range(SHARDS) for row in self._due(shard)]

    def put_forget(self, owner: str) -> None:
        """Leave the wish that everything of the owner is removed, due at once."""
        row = OutboxRow(owner, outbox_id(_FIRST, new_id()), Kind.FORGET, "", 0, None, {}, int(time.time()))
        self._client.put_item(TableName=self._table, Item=attributes(outbox_item(row)))

    def has_forget(self, owner: str) -> bool:
        """Whether the owner wants to be forgotten; that row may be due, leased or postponed."""
        first = f"OUT#{outbox_id(_FIRST, '')}"
        return any(self._rows(between(library(owner), first, f"{first}~") | {"ConsistentRead": True}))

    def lease(self, owner: str, most: int = MAX_LEASED) -> list[OutboxRow]:
        """The owner's rows that are due, oldest first, now leased to the caller for two minutes."""
        now = int(time.time())
        arguments = between(library(owner), "OUT#", f"OUT#{outbox_id(now + 1, '')}")
        due = (row for row in self._rows(arguments | {"ConsistentRead": True}) if row.due_at <= now)
        leased = (self._hold(row, now + LEASE_SECONDS) for row in islice(due, most))
        return [row for row in leased if row]

    def postpone(self, row: OutboxRow, due_at: int) -> None:
        """Leave the row for later, unless somebody else has taken or done it meanwhile.

        It goes to the place of its new time, so that whoever leases does not read what waits. A wish to be forgotten
        stays at the very front.
        """
        if row.kind is Kind.FORGET:
            self._hold(row, due_at)
            return
        moved = replace(row, id=outbox_id(due_at, row.unique), due_at=due_at)
        with suppress(self._client.exceptions.TransactionCanceledException):
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Delete": {
                            "TableName": self._table,
                            "Key": attributes(outbox_key(row)),
                            "ConditionExpression": "due_at = :read",
                            "ExpressionAttributeValues": attributes({":read": row.due_at}),
                        }
                    },
                    {"Put": {"TableName": self._table, "Item": attributes(outbox_item(moved))}},
                ]
            )

    def _hold(self, row: OutboxRow, due_at: int) -> OutboxRow | None:
        """The row, due at another time in its old place; None if somebody else has taken or done it meanwhile."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=attributes(outbox_key(row)),
                UpdateExpression="SET due_at = :due_at",
                ConditionExpression="due_at = :read",
                ExpressionAttributeValues=attributes({":due_at": due_at, ":read": row.due_at}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return replace(row, due_at=due_at)

    def delete(self, row: OutboxRow) -> None:
        """Take a row out: what it asked for is done. Doing it twice is no error."""
        self._client.delete_item(TableName=self._table, Key=attributes(outbox_key(row)))

    def _due(self, shard: int) -> Iterator[OutboxRow]:
        return self._rows(
            {
                "IndexName": "due",
                "KeyConditionExpression": "due_shard = :shard AND due_at <= :now",
                "ExpressionAttributeValues": attributes({":shard": str(shard), ":now": int(time.time())}),
            }
        )

    def _rows(self, arguments: dict[str, Any]) -> Iterator[OutboxRow]:
        pages = self._client.get_paginator("query").paginate(TableName=self._table, **arguments)
        return (to_outbox_row(values(item)) for page in pages for item in page["Items"])
