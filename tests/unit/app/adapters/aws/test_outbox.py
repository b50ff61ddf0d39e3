from dataclasses import replace
from typing import TYPE_CHECKING

import boto3

from app.adapters.aws.items import between, partition_of
from app.adapters.aws.outbox import LEASE_SECONDS, Outbox
from app.adapters.aws.table import Table
from app.domain.images import ImageState
from app.domain.outbox import OutboxKind, OutboxRow, outbox_id
from tests.support.aws import TABLE_NAME, before
from tests.support.fakes import Clock, image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def test_a_row_is_leased_once(outbox: Outbox, table: Table, owner: str) -> None:
    saved = table.save(image(owner, dog=1))

    (row,) = outbox.lease(owner)

    assert row == OutboxRow(owner, row.id, OutboxKind.ANNOUNCE, saved.id, 1, None, {"dog": 1}, row.due_at)
    assert outbox.lease(owner) == []


def test_of_two_that_lease_at_once_one_gets_the_row(
    outbox: Outbox, table: Table, dynamodb: "DynamoDBClient", owner: str
) -> None:
    table.save(image(owner, dog=1))
    other = Outbox(boto3.client("dynamodb"), TABLE_NAME)
    others: list[OutboxRow] = []

    with before(dynamodb, "dynamodb.UpdateItem", lambda: others.extend(other.lease(owner))):
        mine = outbox.lease(owner)

    assert (len(mine), len(others)) == (0, 1)


def test_a_lease_that_ran_out_is_taken_again(outbox: Outbox, table: Table, owner: str, clock: Clock) -> None:
    table.save(image(owner, dog=1))
    (first,) = outbox.lease(owner)

    clock.ahead = LEASE_SECONDS - 10
    early = outbox.lease(owner)
    clock.ahead = LEASE_SECONDS + 10
    late = outbox.lease(owner)

    assert early == []
    assert late == [replace(first, due_at=late[0].due_at)]


def test_rows_are_leased_oldest_first(outbox: Outbox, table: Table, owner: str) -> None:
    for _ in range(3):
        table.save(image(owner, dog=1))

    ids = [row.id for row in outbox.lease(owner)]

    assert (ids, len(ids)) == (sorted(ids), 3)


def test_a_postponed_row_is_due_later(outbox: Outbox, table: Table, owner: str, clock: Clock) -> None:
    table.save(image(owner, dog=1))
    (row,) = outbox.lease(owner)
    later = int(clock.time()) + 600

    outbox.postpone(row, later)

    assert outbox.lease(owner) == []
    clock.ahead = 601
    (again,) = outbox.lease(owner)
    assert (again.image_id, again.after, again.created_at) == (row.image_id, row.after, row.created_at)


def test_rows_that_wait_are_not_read_and_hold_up_nobody(
    outbox: Outbox, table: Table, dynamodb: "DynamoDBClient", owner: str, clock: Clock
) -> None:
    for _ in range(3):
        table.save(image(owner, dog=1))
    for row in outbox.lease(owner):
        outbox.postpone(row, int(clock.time()) + 600)
    fresh = table.save(image(owner, dog=1))

    (leased,) = outbox.lease(owner, limit=1)

    assert leased.image_id == fresh.id
    read = between(partition_of(owner), "OUT#", f"OUT#{outbox_id(int(clock.time()) + 1, '')}")
    assert dynamodb.query(TableName=TABLE_NAME, **read)["Count"] == 1


def test_who_lost_the_lease_postpones_nothing(outbox: Outbox, table: Table, owner: str, clock: Clock) -> None:
    table.save(image(owner, dog=1))
    (mine,) = outbox.lease(owner)
    clock.ahead = LEASE_SECONDS + 10
    outbox.lease(owner)

    outbox.postpone(mine, 0)

    assert outbox.lease(owner) == []


def test_a_deleted_row_does_not_come_back(outbox: Outbox, table: Table, owner: str, clock: Clock) -> None:
    table.save(image(owner, dog=1))
    (row,) = outbox.lease(owner)

    for _ in range(2):
        outbox.delete(row)

    outbox.postpone(row, 0)

    clock.ahead = LEASE_SECONDS + 10
    assert outbox.lease(owner) == []


def test_only_owners_with_rows_that_are_due_are_named(outbox: Outbox, table: Table, owner: str) -> None:
    table.save(image(owner, dog=1))
    table.save(image("leased", dog=1))
    outbox.lease("leased")
    table.save(image("in 30 days", ImageState.TRASHED))
    table.save(image("nothing to do", ImageState.PENDING))

    assert {row.owner for row in outbox.due()} == {owner}


def test_a_change_of_no_tag_leaves_nothing_to_do(outbox: Outbox, table: Table, owner: str) -> None:
    saved = table.save(image(owner, dog=1))
    outbox.lease(owner)

    table.save(replace(saved, name="renamed.jpg"), saved)

    assert outbox.lease(owner) == []


def test_nobody_leases_the_rows_of_another(outbox: Outbox, table: Table, owner: str) -> None:
    table.save(image(owner, dog=1))

    assert outbox.lease("somebody else") == []
    assert {row.owner for row in outbox.due()} == {owner}


def test_the_wish_to_be_forgotten_comes_before_all_other_work(
    outbox: Outbox, table: Table, owner: str, clock: Clock
) -> None:
    for _ in range(2):
        table.save(image(owner, dog=1))

    outbox.put_account_deletion(owner)

    (first,) = outbox.lease(owner, limit=1)
    assert first.kind is OutboxKind.DELETE_ACCOUNT
    assert {row.owner for row in outbox.due()} == {owner}


def test_who_wants_to_be_forgotten_does_so_until_the_row_is_deleted(
    outbox: Outbox, table: Table, owner: str, clock: Clock
) -> None:
    table.save(image(owner, dog=1))
    table.save(image("somebody else", dog=1))
    before = outbox.has_account_deletion(owner)
    outbox.put_account_deletion(owner)
    (row,) = outbox.lease(owner, limit=1)
    outbox.postpone(row, int(clock.time()) + 3600)

    during = outbox.has_account_deletion(owner), outbox.has_account_deletion("somebody else")
    outbox.delete(row)

    assert (before, during, outbox.has_account_deletion(owner)) == (False, (True, False), False)
