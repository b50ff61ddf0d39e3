"""The outbox in DynamoDB: rows are leased while their work is done and deleted afterwards."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import SHARDS, attributes, between, outbox_item, outbox_key, partition_of, to_outbox_row
from app.adapters.aws.transactions import ConditionFailed
from app.domain.errors import Unavailable
from app.domain.ids import new_id
from app.domain.outbox import OutboxKind, OutboxRow, account_deletion_id, outbox_id

MAX_LEASED: Final = 100
LEASE_SECONDS: Final = 120  # longer than the worker may run


class Outbox(DynamoTable):
    """The outbox rows of all owners. A lease moves a row's `due_at` into the future."""

    def list_due(self) -> list[OutboxRow]:
        """Return the due rows of all owners. The index `due` may lag by a second."""
        return [row for shard in range(SHARDS) for row in self._list_due(shard)]

    def put_account_deletion(self, owner: str) -> None:
        """Schedule the removal of everything of the owner, due now."""
        row = OutboxRow(
            owner, account_deletion_id(new_id()), OutboxKind.DELETE_ACCOUNT, "", 0, None, {}, int(time.time())
        )
        self._put(outbox_item(row))

    def has_account_deletion(self, owner: str) -> bool:
        """Return whether the owner's account is being deleted. The row may be due, leased or postponed."""
        prefix = f"OUT#{account_deletion_id()}"
        return any(self._query(between(partition_of(owner), prefix, f"{prefix}~"), consistent=True))

    def lease(self, owner: str, limit: int = MAX_LEASED) -> list[OutboxRow]:
        """Lease the owner's due rows to the caller for two minutes, and return them, oldest first."""
        now = int(time.time())
        condition = between(partition_of(owner), "OUT#", f"OUT#{outbox_id(now + 1, '')}")
        rows = map(to_outbox_row, self._query(condition, consistent=True))
        due = (row for row in rows if row.due_at <= now)
        leased = (self._move_due_time(row, now + LEASE_SECONDS) for row in islice(due, limit))
        return [row for row in leased if row]

    def postpone(self, row: OutboxRow, due_at: int) -> None:
        """Make the row due later, unless another worker has leased or deleted it.

        Its key changes with its time, so that `lease` does not read rows that wait. Only an account deletion keeps its
        key and sorts first.
        """
        if row.kind is OutboxKind.DELETE_ACCOUNT:
            self._move_due_time(row, due_at)
            return
        moved = replace(row, id=outbox_id(due_at, row.unique_id), due_at=due_at)
        transaction = self._transaction()
        transaction.delete(outbox_key(row), "due_at = :read", {":read": row.due_at})
        transaction.put(outbox_item(moved))
        with suppress(ConditionFailed, Unavailable):  # the row stays where it is, and is due when its lease ends
            transaction.commit()

    def delete(self, row: OutboxRow) -> None:
        """Delete a row whose work is done. Idempotent."""
        self._delete(outbox_key(row))

    def _move_due_time(self, row: OutboxRow, due_at: int) -> OutboxRow | None:
        """Change when a row is due and return it, or None if another worker has leased or deleted it."""
        moved = self._update(
            outbox_key(row), "SET due_at = :due_at", "due_at = :read", {":due_at": due_at, ":read": row.due_at}
        )
        return replace(row, due_at=due_at) if moved else None

    def _list_due(self, shard: int) -> Iterator[OutboxRow]:
        condition = {
            "IndexName": "due",
            "KeyConditionExpression": "due_shard = :shard AND due_at <= :now",
            "ExpressionAttributeValues": attributes({":shard": str(shard), ":now": int(time.time())}),
        }
        return map(to_outbox_row, self._query(condition))
