"""Redetections in DynamoDB: how far looking at a whole library again has come."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from app.adapters.aws.items import (
    Item,
    attributes,
    between,
    outbox_item,
    partition_of,
    redetection_key,
    values,
)
from app.adapters.aws.transactions import Transaction
from app.domain.errors import RedetectionNotFound
from app.domain.ids import new_id
from app.domain.outbox import OutboxKind, OutboxRow, outbox_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

LIFE: Final = timedelta(days=30)
MAX_RUN: Final = timedelta(days=1)  # what is not done by then, nobody waits for


@dataclass(frozen=True, slots=True)
class Redetection:
    """So many images were queued so far, so many of them done; `queued_all`: there are no more to queue.

    `cursor` is where the next page of images to be queued begins; None at the newest.
    """

    owner: str
    id: str
    started_at: datetime
    queued: int = 0
    done: int = 0
    queued_all: bool = False
    cursor: str | None = None

    @property
    def finished(self) -> bool:
        """Whether every image was looked at. One that went meanwhile may be counted twice."""
        return self.queued_all and self.done >= self.queued


class Redetections:
    """The redetections of everybody."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def begin(self, owner: str) -> Redetection:
        """Ask for the owner's images to be queued; one that is under way since less than a day goes on instead."""
        latest = self._latest(owner)
        now = datetime.now(UTC)
        if latest and not latest.finished and now - latest.started_at < MAX_RUN:
            return latest
        new = Redetection(owner, new_id(), now)
        due_at = int(now.timestamp())
        row = OutboxRow(owner, outbox_id(due_at, new.id), OutboxKind.REDETECT, new.id, 0, None, {}, due_at)
        transaction = Transaction(self._client, self._table)
        transaction.put(_item(new))
        transaction.put(outbox_item(row))
        transaction.commit()
        return new

    def get(self, owner: str) -> Redetection:
        """The owner's latest redetection.

        Raises:
            RedetectionNotFound: there was none in the last 30 days.
        """
        if latest := self._latest(owner):
            return latest
        raise RedetectionNotFound

    def advance(self, redetection: Redetection, cursor: str | None, queued: int) -> Redetection:
        """Note that so many more are queued, up to the cursor (None: all), unless somebody else has noted it.

        Returns:
            The redetection as it is now.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=attributes(redetection_key(redetection.owner, redetection.id)),
                UpdateExpression="SET queued_until = :cursor, queued_all = :all ADD queued :queued",
                ConditionExpression="queued_until = :read AND queued_all = :unfinished",
                ExpressionAttributeValues=attributes(
                    {
                        ":cursor": cursor,
                        ":all": cursor is None,
                        ":queued": queued,
                        ":read": redetection.cursor,
                        ":unfinished": False,
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self.get(redetection.owner)
        return replace(redetection, cursor=cursor, queued=redetection.queued + queued, queued_all=cursor is None)

    def count(self, owner: str, redetection_id: str) -> None:
        """Note that one more is done, for there is nothing (any more) to be looked at."""
        with suppress(self._client.exceptions.ConditionalCheckFailedException):  # forgotten meanwhile
            self._client.update_item(
                TableName=self._table,
                Key=attributes(redetection_key(owner, redetection_id)),
                UpdateExpression="ADD done :one",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues=attributes({":one": 1}),
            )

    def _latest(self, owner: str) -> Redetection | None:
        answer = self._client.query(
            TableName=self._table,
            **between(partition_of(owner), "REDETECTION#", "REDETECTION$"),
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=1,
        )
        return next((_redetection(owner, values(item)) for item in answer["Items"]), None)


def _item(redetection: Redetection) -> Item:
    return {
        **redetection_key(redetection.owner, redetection.id),
        "started_at": redetection.started_at.isoformat(),
        "queued": redetection.queued,
        "done": redetection.done,
        "queued_all": redetection.queued_all,
        "queued_until": redetection.cursor,
        "expires_at": int((redetection.started_at + LIFE).timestamp()),
    }


def _redetection(owner: str, item: Item) -> Redetection:
    return Redetection(
        owner=owner,
        id=item["sk"].removeprefix("REDETECTION#"),
        started_at=datetime.fromisoformat(item["started_at"]),
        queued=int(item["queued"]),
        done=int(item["done"]),
        queued_all=item["queued_all"],
        cursor=item["queued_until"],
    )
