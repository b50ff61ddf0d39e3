"""Stores redetection jobs in DynamoDB. A job redetects all images of a library."""

from dataclasses import replace
from datetime import UTC, datetime

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import outbox_item
from app.adapters.aws.outbox_owners import OutboxOwners
from app.adapters.aws.row_keys import Item, between, partition_of, redetection_key
from app.domain.errors import RedetectionNotFound
from app.domain.ports import Redetections
from app.domain.redetections import LIFE, Redetection, make_outbox_row, start_redetection


class DynamoRedetections(DynamoTable, Redetections):
    """Starts redetection jobs and records their progress."""

    @override
    def start(self, owner: str) -> Redetection:
        redetection, is_new = start_redetection(owner, self._find_latest(owner), datetime.now(UTC))
        if is_new:
            row = make_outbox_row(redetection)
            OutboxOwners(self._client, self._table).touch(owner, row.due_at)
            transaction = self._transaction()
            transaction.put(_to_item(redetection))
            transaction.put(outbox_item(row))
            transaction.commit()
        return redetection

    @override
    def get(self, owner: str) -> Redetection:
        if latest := self._find_latest(owner):
            return latest
        raise RedetectionNotFound

    @override
    def record_queued(self, redetection: Redetection, cursor: str | None, count: int) -> Redetection:
        recorded = self._update(
            redetection_key(redetection.owner, redetection.id),
            "SET queued_until = :cursor, queued_all = :all ADD queued :count",
            "queued_until = :read AND queued_all = :unfinished",
            {
                ":cursor": cursor,
                ":all": cursor is None,
                ":count": count,
                ":read": redetection.cursor,
                ":unfinished": False,
            },
        )
        if not recorded:
            return self.get(redetection.owner)
        return replace(redetection, cursor=cursor, queued=redetection.queued + count, queued_all=cursor is None)

    @override
    def record_done(self, owner: str, redetection_id: str) -> None:
        self._update(redetection_key(owner, redetection_id), "ADD done :one", "attribute_exists(pk)", {":one": 1})

    def _find_latest(self, owner: str) -> Redetection | None:
        condition = between(partition_of(owner), "REDETECTION#", "REDETECTION$")
        items = self._query(condition, consistent=True, ScanIndexForward=False, Limit=1)
        return next((_to_redetection(owner, item) for item in items), None)


def _to_item(redetection: Redetection) -> Item:
    return {
        **redetection_key(redetection.owner, redetection.id),
        "started_at": redetection.started_at.isoformat(),
        "queued": redetection.queued,
        "done": redetection.done,
        "queued_all": redetection.queued_all,
        "queued_until": redetection.cursor,
        "expires_at": int((redetection.started_at + LIFE).timestamp()),
    }


def _to_redetection(owner: str, item: Item) -> Redetection:
    return Redetection(
        owner=owner,
        id=item["sk"].removeprefix("REDETECTION#"),
        started_at=datetime.fromisoformat(item["started_at"]),
        queued=int(item["queued"]),
        done=int(item["done"]),
        queued_all=item["queued_all"],
        cursor=item["queued_until"],
    )
