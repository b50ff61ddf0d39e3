"""Writes the work that a change to an image requires: its outbox row and its announcement."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import FIRST_ATTRIBUTES, announcement_item, outbox_item
from app.adapters.aws.outbox_owners import OutboxOwners
from app.adapters.aws.row_keys import announcement_key, between, partition_of
from app.adapters.aws.transactions import Transaction
from app.domain.announcements import Announcement
from app.domain.outbox import OutboxRow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class FollowUp(DynamoTable):
    """Decides whether a change is announced, and makes the outbox of its owner due."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        super().__init__(client, table)
        self._owners = OutboxOwners(client, table)

    def is_subscribed(self, owner: str) -> bool:
        """Return whether the owner has a subscription."""
        condition = between(partition_of(owner), "SUB#", "SUB$")
        return any(self._query(condition, consistent=True, Limit=1))

    def announce_later(self, announcement: Announcement) -> None:
        """Announce a change after its transaction, because the owner added a first subscription during it.

        The key has a version, so that this announcement is not merged with one of a later change.
        """
        self._owners.touch(announcement.owner, announcement.created_at)
        key = announcement_key(announcement.owner, f"{announcement.id}#{announcement.version}")
        self._put(key | announcement_item(announcement))

    def touch(self, owner: str, row: OutboxRow | None, announcement: Announcement | None) -> None:
        """Make the owner's outbox due with this work."""
        self.touch_all(owner, [row], [announcement])

    def touch_all(
        self, owner: str, rows: Sequence[OutboxRow | None], announcements: Sequence[Announcement | None]
    ) -> None:
        """Make the owner's outbox due with the work of many changes. Commit them within a minute."""
        due_at = [row.due_at for row in rows if row]
        due_at += [announcement.created_at for announcement in announcements if announcement]
        if due_at:
            self._owners.touch(owner, min(due_at))


def write_follow_up(transaction: Transaction, row: OutboxRow | None, announcement: Announcement | None) -> None:
    """Write the outbox row and the announcement of a change."""
    if row:
        transaction.put(outbox_item(row))
    if announcement:
        key = announcement_key(announcement.owner, announcement.id)
        transaction.merge(key, announcement_item(announcement), FIRST_ATTRIBUTES)
