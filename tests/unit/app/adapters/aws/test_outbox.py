from typing import TYPE_CHECKING

import boto3

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.items import between, partition_of
from app.adapters.aws.outbox import DynamoOutbox
from app.domain.outbox import OutboxRow, outbox_id
from tests.support.aws import TABLE_NAME, before
from tests.support.fakes import Clock, image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def test_lease_by_two_workers_at_once_gives_the_row_to_one(
    outbox: DynamoOutbox, images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    images.save(image(owner, dog=1))
    other = DynamoOutbox(boto3.client("dynamodb"), TABLE_NAME)
    other_rows: list[OutboxRow] = []

    with before(dynamodb, "dynamodb.UpdateItem", lambda: other_rows.extend(other.lease(owner))):
        rows = outbox.lease(owner)

    assert (len(rows), len(other_rows)) == (0, 1)


def test_lease_with_postponed_rows_does_not_read_them(
    outbox: DynamoOutbox, images: DynamoImages, dynamodb: "DynamoDBClient", owner: str, clock: Clock
) -> None:
    for _ in range(3):
        images.save(image(owner, dog=1))
    for row in outbox.lease(owner):
        outbox.postpone(row, int(clock.time()) + 600)
    new = images.save(image(owner, dog=1))

    (leased,) = outbox.lease(owner, limit=1)

    assert leased.image_id == new.id
    due_rows = between(partition_of(owner), "OUT#", f"OUT#{outbox_id(int(clock.time()) + 1, '')}")
    assert dynamodb.query(TableName=TABLE_NAME, **due_rows)["Count"] == 1
