from dataclasses import replace

from app.domain.images import ImageState
from app.domain.outbox import LEASE_SECONDS, OutboxKind, OutboxRow
from app.domain.ports import Images, Outbox
from tests.support.fakes import Clock, image


def test_lease_of_leased_row_returns_nothing(outbox: Outbox, images: Images, owner: str) -> None:
    saved = images.save(image(owner, dog=1))

    (row,) = outbox.lease(owner)

    assert row == OutboxRow(owner, row.id, OutboxKind.ANNOUNCE, saved.id, 1, None, {"dog": 1}, row.due_at)
    assert outbox.lease(owner) == []


def test_lease_of_row_with_expired_lease_returns_it_again(
    outbox: Outbox, images: Images, owner: str, clock: Clock
) -> None:
    images.save(image(owner, dog=1))
    (first,) = outbox.lease(owner)

    clock.ahead = LEASE_SECONDS - 10
    before_expiry = outbox.lease(owner)
    clock.ahead = LEASE_SECONDS + 10
    after_expiry = outbox.lease(owner)

    assert before_expiry == []
    assert after_expiry == [replace(first, due_at=after_expiry[0].due_at)]


def test_lease_of_several_rows_returns_the_oldest_first(outbox: Outbox, images: Images, owner: str) -> None:
    for _ in range(3):
        images.save(image(owner, dog=1))

    ids = [row.id for row in outbox.lease(owner)]

    assert (ids, len(ids)) == (sorted(ids), 3)


def test_postpone_makes_the_row_due_at_the_later_time(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    images.save(image(owner, dog=1))
    (row,) = outbox.lease(owner)
    later = int(clock.time()) + 600

    outbox.postpone(row, later)

    assert outbox.lease(owner) == []
    clock.ahead = 601
    (postponed,) = outbox.lease(owner)
    assert (postponed.image_id, postponed.after, postponed.created_at) == (row.image_id, row.after, row.created_at)


def test_lease_with_postponed_rows_skips_them(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    for _ in range(3):
        images.save(image(owner, dog=1))
    for row in outbox.lease(owner):
        outbox.postpone(row, int(clock.time()) + 600)
    new = images.save(image(owner, dog=1))

    leased = outbox.lease(owner, limit=1)

    assert [row.image_id for row in leased] == [new.id]


def test_postpone_after_lost_lease_changes_nothing(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    images.save(image(owner, dog=1))
    (row,) = outbox.lease(owner)
    clock.ahead = LEASE_SECONDS + 10
    outbox.lease(owner)

    outbox.postpone(row, 0)

    assert outbox.lease(owner) == []


def test_postpone_of_deleted_row_does_not_restore_it(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    images.save(image(owner, dog=1))
    (row,) = outbox.lease(owner)

    for _ in range(2):
        outbox.delete(row)

    outbox.postpone(row, 0)

    clock.ahead = LEASE_SECONDS + 10
    assert outbox.lease(owner) == []


def test_list_due_returns_only_due_rows(outbox: Outbox, images: Images, owner: str) -> None:
    images.save(image(owner, dog=1))
    images.save(image("leased", dog=1))
    outbox.lease("leased")
    images.save(image("in 30 days", ImageState.TRASHED))
    images.save(image("nothing to do", ImageState.PENDING))

    assert {row.owner for row in outbox.list_due()} == {owner}


def test_save_without_changed_tags_writes_no_outbox_row(outbox: Outbox, images: Images, owner: str) -> None:
    saved = images.save(image(owner, dog=1))
    outbox.lease(owner)

    images.save(replace(saved, name="renamed.jpg"), saved)

    assert outbox.lease(owner) == []


def test_lease_for_another_owner_returns_nothing(outbox: Outbox, images: Images, owner: str) -> None:
    images.save(image(owner, dog=1))

    assert outbox.lease("another owner") == []
    assert {row.owner for row in outbox.list_due()} == {owner}


def test_lease_with_account_deletion_returns_it_first(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    for _ in range(2):
        images.save(image(owner, dog=1))

    outbox.put_account_deletion(owner)

    (first,) = outbox.lease(owner, limit=1)
    assert first.kind is OutboxKind.DELETE_ACCOUNT
    assert {row.owner for row in outbox.list_due()} == {owner}


def test_has_account_deletion_is_true_until_the_row_is_deleted(
    outbox: Outbox, images: Images, owner: str, clock: Clock
) -> None:
    images.save(image(owner, dog=1))
    images.save(image("another owner", dog=1))
    before_request = outbox.has_account_deletion(owner)
    outbox.put_account_deletion(owner)
    (row,) = outbox.lease(owner, limit=1)
    outbox.postpone(row, int(clock.time()) + 3600)

    while_postponed = outbox.has_account_deletion(owner), outbox.has_account_deletion("another owner")
    outbox.delete(row)

    assert (before_request, while_postponed, outbox.has_account_deletion(owner)) == (False, (True, False), False)
