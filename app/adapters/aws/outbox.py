"""Stores the outbox in DynamoDB. A worker leases a row, does its work and then deletes the row."""

import time
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import outbox_item, to_outbox_row
from app.adapters.aws.outbox_owners import OutboxOwners
from app.adapters.aws.row_keys import between, outbox_key, partition_of
from app.adapters.aws.transactions import ConditionFailed
from app.domain.errors import Unavailable
from app.domain.outbox import (
    LEASE_SECONDS,
    MAX_DUE_OWNERS,
    MAX_LEASED,
    DueOwner,
    OutboxKind,
    OutboxLease,
    OutboxRow,
    account_deletion_id,
    make_account_deletion,
    outbox_id,
)
from app.domain.ports import Outbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoOutbox(DynamoTable, Outbox):
    """Reads and writes outbox rows. A lease moves a row's `due_at` into the future."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        super().__init__(client, table)
        self._owners = OutboxOwners(client, table)

    @override
    def list_due(self, limit: int = MAX_DUE_OWNERS) -> list[DueOwner]:
        return self._owners.list_due(limit)

    @override
    def take(self, owner: str) -> OutboxLease | None:
        return self._owners.take(owner)

    @override
    def release(self, lease: OutboxLease, alerts_at: int | None) -> None:
        items = self._query(
            between(partition_of(lease.owner), "OUT#", "OUT$"),
            consistent=True,
            most=MAX_LEASED,
            Limit=MAX_LEASED,
        )
        rows = [to_outbox_row(item) for item in items]
        now = int(time.time())
        due_at = [row.due_at for row in rows] + ([alerts_at] if alerts_at is not None else [])
        if len(rows) == MAX_LEASED:  # rows after these may be due
            due_at.append(now)
        since = [row.scheduled_at for row in rows]
        if alerts_at is not None:
            since.append(lease.since if alerts_at <= now else alerts_at)
        self._owners.release(lease, min(due_at, default=None), min(since, default=now))

    @override
    def put_account_deletion(self, owner: str) -> None:
        row = make_account_deletion(owner, int(time.time()))
        self._owners.touch(owner, row.due_at, row.scheduled_at)
        self._put(outbox_item(row))

    @override
    def has_account_deletion(self, owner: str) -> bool:
        prefix = f"OUT#{account_deletion_id()}"
        return any(self._query(between(partition_of(owner), prefix, f"{prefix}~"), consistent=True))

    @override
    def lease(self, owner: str, limit: int = MAX_LEASED) -> list[OutboxRow]:
        now = int(time.time())
        condition = between(partition_of(owner), "OUT#", f"OUT#{outbox_id(now + 1, '')}")
        rows = map(to_outbox_row, self._query(condition, consistent=True))
        due = (row for row in rows if row.due_at <= now)
        leased = (self._move_due_time(row, now + LEASE_SECONDS) for row in islice(due, limit))
        return [row for row in leased if row]

    @override
    def postpone(self, row: OutboxRow, due_at: int) -> None:
        if row.kind is OutboxKind.DELETE_ACCOUNT:
            self._move_due_time(row, due_at)
            return
        moved = replace(row, id=outbox_id(due_at, row.unique_id), due_at=due_at)
        transaction = self._transaction()
        transaction.delete(outbox_key(row), "due_at = :read", {":read": row.due_at})
        transaction.put(outbox_item(moved))
        with suppress(ConditionFailed, Unavailable):  # the row does not change, and is due when its lease ends
            transaction.commit(max_attempts=1)

    @override
    def delete(self, *rows: OutboxRow) -> None:
        if len(rows) == 1:
            self._delete(outbox_key(rows[0]))
        else:
            self._delete_all([outbox_key(row) for row in rows])

    def _move_due_time(self, row: OutboxRow, due_at: int) -> OutboxRow | None:
        """Set a row's due time and return the row. Return None if another worker has leased or deleted the row."""
        moved = self._update(
            outbox_key(row), "SET due_at = :due_at", "due_at = :read", {":due_at": due_at, ":read": row.due_at}
        )
        return replace(row, due_at=due_at) if moved else None
