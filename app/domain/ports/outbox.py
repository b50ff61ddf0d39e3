"""Defines the interfaces of the outbox and of the queue of the worker."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.outbox import MAX_DUE_OWNERS, MAX_LEASED, DueOwner, OutboxLease, OutboxRow


class Outbox(Protocol):
    """Reads and writes outbox rows. A lease moves a row's `due_at` into the future."""

    def list_due(self, limit: int = MAX_DUE_OWNERS) -> list[DueOwner]:
        """Return up to `limit` owners who may have due work and whose outbox is not leased, longest wait first.

        Owners whose work changed in the last second may be missing.
        """

    def take(self, owner: str) -> OutboxLease | None:
        """Lease an owner's outbox for two minutes. Return None if nothing is due or another worker has the lease."""

    def release(self, lease: OutboxLease, alerts_at: int | None) -> None:
        """End a lease. The owner is due again with the next row, announcement or alert.

        Args:
            lease: The lease. If it has expired, nothing is changed.
            alerts_at: When the announcements and alerts are due, in Unix time (seconds). None if there are none.
        """

    def put_account_deletion(self, owner: str) -> None:
        """Schedule the deletion of all of the owner's data. The deletion is due immediately."""

    def has_account_deletion(self, owner: str) -> bool:
        """Return whether the owner's account is being deleted. The row may be due, leased or postponed."""

    def lease(self, owner: str, limit: int = MAX_LEASED) -> list[OutboxRow]:
        """Lease up to `limit` of the owner's due rows for two minutes. Return the leased rows, oldest first."""

    def postpone(self, row: OutboxRow, due_at: int) -> None:
        """Postpone a row, unless another worker has leased or deleted it. Its scheduled time changes too.

        The worker calls this before it releases the owner's outbox.
        """

    def delete(self, *rows: OutboxRow) -> None:
        """Delete rows after their work is complete. Missing rows are ignored."""


class Queue(Protocol):
    """The queue from which the worker receives messages."""

    def send(self, bodies: Sequence[str]) -> None:
        """Send messages. Each message is delivered at least once, in any order.

        Raises:
            Unavailable: some of the messages were rejected. The accepted messages are delivered.
        """
