"""Stores operations and their undo rows in DynamoDB, in the partition of their owner."""

import time

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.row_keys import Item, between, operation_key, partition_of, undo_key
from app.adapters.aws.transactions import Transaction
from app.domain.errors import OperationNotFound
from app.domain.ids import MAX_ID
from app.domain.operations import Operation, UndoRow, continue_operation
from app.domain.ports import Operations


class DynamoOperations(DynamoTable, Operations):
    """Reads and writes operations, and reads their undo rows."""

    @override
    def proceed(self, owner: str, operation_id: str) -> Operation:
        operation = continue_operation(self._find_operation(owner, operation_id), owner, operation_id, int(time.time()))
        self._put(
            {
                **operation_key(owner, operation_id),
                "started_at": operation.started_at,
                "continued_at": operation.continued_at,
                "expires_at": operation.expires_at,
            }
        )
        return operation

    @override
    def get(self, owner: str, operation_id: str, *, has_begun: bool = False) -> Operation:
        operation = self._find_operation(owner, operation_id)
        if operation is None or not operation.can_be_undone(int(time.time()), has_begun=has_begun):
            raise OperationNotFound
        return operation

    def _find_operation(self, owner: str, operation_id: str) -> Operation | None:
        item = self._find(operation_key(owner, operation_id))
        return Operation(owner, operation_id, int(item["started_at"]), int(item["continued_at"])) if item else None

    @override
    def list_rows(self, operation: Operation, limit: int, after: str = "") -> list[UndoRow]:
        first, last = (str(undo_key(operation.owner, operation.id, bound)["sk"]) for bound in (f"{after}!", MAX_ID))
        items = self._query(
            between(partition_of(operation.owner), first, last),
            consistent=True,
            most=limit,
            Limit=limit,
        )
        return [_to_undo_row(operation.owner, item) for item in items]

    @override
    def find_row(self, row: UndoRow) -> UndoRow | None:
        item = self._find(undo_key(row.owner, row.operation, row.image_id))
        return _to_undo_row(row.owner, item) if item else None


def write_undo_row(transaction: Transaction, row: UndoRow | None, *, is_first: bool) -> None:
    """Add the undo row of a change, if any, to a transaction. If `is_first`, the commit fails if the row exists."""
    if row is None:
        return
    item: Item = {
        **undo_key(row.owner, row.operation, row.image_id),
        "version": row.version,
        "first": row.first,
        "values": row.values,
        "undone": row.undone,
        "expires_at": row.expires_at,
    }
    transaction.put(item, "attribute_not_exists(pk)" if is_first else "")


def _to_undo_row(owner: str, item: Item) -> UndoRow:
    _, operation, image_id = str(item["sk"]).split("#")
    return UndoRow(
        owner=owner,
        operation=operation,
        image_id=image_id,
        version=int(item["version"]),
        first=int(item["first"]),
        values=item["values"],
        expires_at=int(item["expires_at"]),
        undone=item["undone"],
    )
