"""Stores when each owner's outbox is due in DynamoDB: one row for each owner with work, in the index `due`.

A change first touches the owner's row and then writes its work, so that no transaction waits for another one at this
row. A worker that looks between the two steps finds no work. Therefore, a row stays in the index for a while after the
latest touch.
"""

import time
from typing import Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.row_keys import SHARDS, Item, attributes, outbox_owner_key, shard, values
from app.domain.outbox import LEASE_SECONDS, DueOwner, OutboxLease

COMMIT_SECONDS: Final = 60  # the longest time from the touch to the commit, because it is the timeout of the worker
KEPT_SECONDS: Final = COMMIT_SECONDS + 15  # clocks may differ
RETRY_SECONDS: Final = 45  # after a visit without work, the next run of the schedule repeats the visit


class OutboxOwners(DynamoTable):
    """Reads and writes the rows of owners with work."""

    def touch(self, owner: str, due_at: int, since: int | None = None) -> None:
        """Make the owner's outbox due at this time or earlier. Call this before work is written.

        Args:
            owner: The owner.
            due_at: When the work is due, in Unix time (seconds).
            since: See `DueOwner`. The default is `due_at`.
        """
        now = int(time.time())
        parameters = {":one": 1, ":now": now, ":due": due_at, ":since": due_at if since is None else since}
        while not (self._confirm(owner, parameters) or self._advance(owner, parameters)):
            pass  # another process has changed the row

    def _confirm(self, owner: str, parameters: Item) -> bool:
        """Touch a row that is due early enough, or create it. Return false if it is due later."""
        return self._update(
            outbox_owner_key(owner),
            "SET touched_at = :now, due_shard = :shard, due_at = if_not_exists(due_at, :due),"
            " since = if_not_exists(since, :since) ADD touches :one",
            "attribute_not_exists(due_at) OR due_at <= :due",
            {**parameters, ":shard": str(shard(owner))},
        )

    def _advance(self, owner: str, parameters: Item) -> bool:
        """Touch a row that is due later. Return false if it no longer is."""
        return self._update(
            outbox_owner_key(owner),
            "SET touched_at = :now, due_at = :due, since = :since ADD touches :one",
            "due_at > :due",
            parameters,
        )

    def list_due(self, limit: int) -> list[DueOwner]:
        """Return up to `limit` owners whose outbox is due, longest wait first."""
        items = [item for number in range(SHARDS) for item in self._list_shard(number, max(1, limit // SHARDS))]
        owners = [DueOwner(item["pk"].removeprefix("U#"), int(item["since"])) for item in items]
        return sorted(owners, key=lambda due: due.since)

    def _list_shard(self, number: int, limit: int) -> list[Item]:
        response = self._client.query(
            TableName=self._table,
            IndexName="due",
            KeyConditionExpression="due_shard = :shard AND due_at <= :now",
            ExpressionAttributeValues=attributes({":shard": str(number), ":now": int(time.time())}),
            Limit=limit,
        )
        return [values(item) for item in response["Items"]]

    def take(self, owner: str) -> OutboxLease | None:
        """Lease an outbox that is due. Return None if it is not, or if another worker has the lease."""
        now = int(time.time())
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key=attributes(outbox_owner_key(owner)),
                UpdateExpression="SET leased_until = :until, due_at = :until",
                ConditionExpression="due_at <= :now AND (attribute_not_exists(leased_until) OR leased_until <= :now)",
                ExpressionAttributeValues=attributes({":now": now, ":until": now + LEASE_SECONDS}),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        item = values(response["Attributes"])
        touched_at, touches, since = (int(item[name]) for name in ("touched_at", "touches", "since"))
        return OutboxLease(owner, now + LEASE_SECONDS, touched_at, touches, since)

    def release(self, lease: OutboxLease, due_at: int | None, since: int) -> None:
        """End a lease.

        Args:
            lease: The lease. If it has expired, nothing is changed.
            due_at: When the remaining work is due, in Unix time (seconds). None if none remains.
            since: See `DueOwner`.
        """
        now = int(time.time())
        if now < lease.touched_at + KEPT_SECONDS:
            due_at = now + RETRY_SECONDS if due_at is None else min(due_at, now + RETRY_SECONDS)
            since = min(since, due_at)
        unchanged = "leased_until = :until AND touches = :touches"
        parameters = {":until": lease.until, ":touches": lease.touches}
        if due_at is None:
            ended = self._delete_if(outbox_owner_key(lease.owner), unchanged, parameters)
        else:
            ended = self._update(
                outbox_owner_key(lease.owner),
                "SET due_at = :due, since = :since REMOVE leased_until",
                unchanged,
                {**parameters, ":due": max(due_at, now), ":since": since},
            )
        if not ended:  # a change came during the lease, so the outbox is due at once
            self._update(
                outbox_owner_key(lease.owner),
                "SET due_at = :now REMOVE leased_until",
                "leased_until = :until",
                {":now": now, ":until": lease.until},
            )
