from typing import TYPE_CHECKING

import boto3

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.outbox import DynamoOutbox
from app.adapters.aws.outbox_owners import KEPT_SECONDS, RETRY_SECONDS, OutboxOwners
from app.adapters.aws.row_keys import between, outbox_owner_key, partition_of
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.domain.images import ImageState
from app.domain.outbox import MAX_LEASED, OutboxLease, OutboxRow, outbox_id
from app.domain.query import parse
from tests.support.aws import TABLE_NAME, before
from tests.support.fakes import Clock, image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def trash_and_purge(images: DynamoImages, owner: str) -> str:
    """Write an outbox row that is due at once. Return the id of its image."""
    return images.save(image(owner, ImageState.GONE)).id


def test_lease_by_two_workers_at_once_gives_the_row_to_one(
    outbox: DynamoOutbox, images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    trash_and_purge(images, owner)
    other = DynamoOutbox(boto3.client("dynamodb"), TABLE_NAME)
    other_rows: list[OutboxRow] = []

    with before(dynamodb, "dynamodb.UpdateItem", lambda: other_rows.extend(other.lease(owner))):
        rows = outbox.lease(owner)

    assert (len(rows), len(other_rows)) == (0, 1)


def test_take_by_two_workers_at_once_gives_the_outbox_to_one(
    outbox: DynamoOutbox, images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    trash_and_purge(images, owner)
    other = DynamoOutbox(boto3.client("dynamodb"), TABLE_NAME)
    leases: list[OutboxLease | None] = []

    with before(dynamodb, "dynamodb.UpdateItem", lambda: leases.append(other.take(owner))):
        lease = outbox.take(owner)

    assert (lease, len(leases), leases[0] is None) == (None, 1, False)


def test_lease_with_postponed_rows_does_not_read_them(
    outbox: DynamoOutbox, images: DynamoImages, dynamodb: "DynamoDBClient", owner: str, clock: Clock
) -> None:
    for _ in range(3):
        trash_and_purge(images, owner)
    for row in outbox.lease(owner):
        outbox.postpone(row, int(clock.time()) + 600)
    new = trash_and_purge(images, owner)

    (leased,) = outbox.lease(owner, limit=1)

    assert leased.image_id == new
    due_rows = between(partition_of(owner), "OUT#", f"OUT#{outbox_id(int(clock.time()) + 1, '')}")
    assert dynamodb.query(TableName=TABLE_NAME, **due_rows)["Count"] == 1


def test_owner_stays_due_for_a_while_because_a_change_may_not_be_committed_yet(
    outbox: DynamoOutbox, dynamodb: "DynamoDBClient", owner: str, clock: Clock
) -> None:
    OutboxOwners(dynamodb, TABLE_NAME).touch(owner, int(clock.time()))
    first = outbox.take(owner)
    assert first
    outbox.release(first, None)
    at_once = outbox.list_due()

    clock.ahead = RETRY_SECONDS + 1
    again = [due.owner for due in outbox.list_due()]
    clock.ahead = KEPT_SECONDS + 1
    second = outbox.take(owner)
    assert second
    outbox.release(second, None)
    clock.ahead = 10**6

    assert (at_once, again, outbox.list_due()) == ([], [owner], [])


def test_touch_during_a_change_of_the_row_by_another_process_is_repeated(
    dynamodb: "DynamoDBClient", owner: str, clock: Clock
) -> None:
    owners = OutboxOwners(dynamodb, TABLE_NAME)
    other = OutboxOwners(boto3.client("dynamodb"), TABLE_NAME)
    owners.touch(owner, int(clock.time()) + 600)
    calls: list[int] = []

    def interfere() -> None:
        calls.append(1)
        if len(calls) == 2:
            other.touch(owner, int(clock.time()) - 600)

    with before(dynamodb, "dynamodb.UpdateItem", interfere):
        owners.touch(owner, int(clock.time()))

    (due,) = owners.list_due(100)
    assert (len(calls), due.owner, clock.time() - due.since > 500) == (3, owner, True)


def test_owner_with_more_rows_than_the_release_reads_stays_due(
    outbox: DynamoOutbox, dynamodb: "DynamoDBClient", owner: str, clock: Clock
) -> None:
    OutboxOwners(dynamodb, TABLE_NAME).touch(owner, int(clock.time()))
    for number in range(MAX_LEASED):  # all are leased
        item = {"kind": "purge", "image": "i", "version": 1, "due_at": int(clock.time()) + 100}
        row = {"pk": partition_of(owner), "sk": f"OUT#0000000001-{number:03}", "owner": owner, **item}
        dynamodb.put_item(
            TableName=TABLE_NAME,
            Item={name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in row.items()},
        )
    lease = outbox.take(owner)
    assert lease

    outbox.release(lease, None)

    assert [due.owner for due in outbox.list_due()] == [owner]


def test_list_due_reads_only_one_entry_of_an_owner_with_many_rows(
    outbox: DynamoOutbox, images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    for _ in range(3):
        trash_and_purge(images, owner)

    items = dynamodb.scan(TableName=TABLE_NAME, IndexName="due")["Items"]

    assert [item["sk"]["S"] for item in items] == [outbox_owner_key(owner)["sk"]]
    assert len(outbox.list_due()) == 1


def test_first_subscription_during_a_change_is_not_missed(
    images: DynamoImages, subscriptions: DynamoSubscriptions, dynamodb: "DynamoDBClient", owner: str
) -> None:
    other = DynamoSubscriptions(boto3.client("dynamodb"), TABLE_NAME)

    with before(dynamodb, "dynamodb.TransactWriteItems", lambda: other.add(owner, parse("dog"))):
        saved = images.save(image(owner, dog=1))

    (announcement,) = subscriptions.list_announcements(owner)
    assert (announcement.id, announcement.image_id, announcement.after) == (f"{saved.id}#1", saved.id, saved.snapshot)
