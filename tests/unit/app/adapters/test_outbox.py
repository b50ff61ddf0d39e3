from dataclasses import replace

from app.domain.images import ImageState, make_tombstone
from app.domain.outbox import LEASE_SECONDS, OutboxKind, OutboxRow
from app.domain.ports import Images, Objects, Outbox, Redetections, Subscriptions
from app.domain.query import parse
from tests.support.fakes import Clock, image
from tests.support.stored_data import StoredData


def purge(images: Images, owner: str) -> str:
    """Purge a new image, which leaves an outbox row that is due at once. Return the id."""
    pending = images.save(image(owner, ImageState.PENDING))
    return images.save(make_tombstone(pending), pending).id


def list_owners(outbox: Outbox) -> set[str]:
    return {due.owner for due in outbox.list_due()}


def test_lease_of_leased_row_returns_nothing(outbox: Outbox, images: Images, owner: str) -> None:
    image_id = purge(images, owner)

    (row,) = outbox.lease(owner)

    assert row == OutboxRow(owner, row.id, OutboxKind.PURGE, image_id, 2, row.due_at)
    assert outbox.lease(owner) == []


def test_lease_of_row_with_expired_lease_returns_it_again(
    outbox: Outbox, images: Images, owner: str, clock: Clock
) -> None:
    purge(images, owner)
    (first,) = outbox.lease(owner)

    clock.ahead = LEASE_SECONDS - 10
    before_expiry = outbox.lease(owner)
    clock.ahead = LEASE_SECONDS + 10
    after_expiry = outbox.lease(owner)

    assert before_expiry == []
    assert after_expiry == [replace(first, due_at=after_expiry[0].due_at)]


def test_lease_of_several_rows_returns_the_oldest_first(outbox: Outbox, images: Images, owner: str) -> None:
    for _ in range(3):
        purge(images, owner)

    ids = [row.id for row in outbox.lease(owner)]

    assert (ids, len(ids)) == (sorted(ids), 3)


def test_postpone_makes_the_row_due_at_the_later_time(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    purge(images, owner)
    (row,) = outbox.lease(owner)
    later = int(clock.time()) + 600

    outbox.postpone(row, later)

    assert outbox.lease(owner) == []
    clock.ahead = 601
    (postponed,) = outbox.lease(owner)
    assert (postponed.image_id, postponed.created_at) == (row.image_id, row.created_at)


def test_lease_with_postponed_rows_skips_them(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    for _ in range(3):
        purge(images, owner)
    for row in outbox.lease(owner):
        outbox.postpone(row, int(clock.time()) + 600)
    new = purge(images, owner)

    leased = outbox.lease(owner, limit=1)

    assert [row.image_id for row in leased] == [new]


def test_postpone_after_lost_lease_changes_nothing(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    purge(images, owner)
    (row,) = outbox.lease(owner)
    clock.ahead = LEASE_SECONDS + 10
    outbox.lease(owner)

    outbox.postpone(row, 0)

    assert outbox.lease(owner) == []


def test_postpone_of_deleted_row_does_not_restore_it(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    purge(images, owner)
    (row,) = outbox.lease(owner)

    for _ in range(2):
        outbox.delete(row)

    outbox.postpone(row, 0)

    clock.ahead = LEASE_SECONDS + 10
    assert outbox.lease(owner) == []


def test_list_due_returns_owners_with_due_work_that_is_not_leased(
    outbox: Outbox, images: Images, subscriptions: Subscriptions, owner: str, clock: Clock
) -> None:
    purge(images, owner)
    purge(images, "leased")
    assert outbox.take("leased")
    images.save(image("in 30 days", ImageState.TRASHED))
    images.save(image("nothing to do", ImageState.PENDING))
    images.save(image("without subscription", dog=1))
    subscriptions.add("subscribed", parse("dog"))
    clock.ahead = 60  # on AWS, the matches are counted later
    images.save(image("subscribed", dog=1))

    assert list_owners(outbox) == {owner, "subscribed"}
    assert len(outbox.list_due(limit=1)) <= 8  # on AWS, at least one of each part of the index


def test_take_of_taken_outbox_returns_none_until_the_lease_ends(
    outbox: Outbox, images: Images, owner: str, clock: Clock
) -> None:
    purge(images, owner)
    first = outbox.take(owner)
    while_leased = outbox.take(owner)

    clock.ahead = LEASE_SECONDS + 1
    second = outbox.take(owner)
    assert first
    outbox.release(first, None)

    assert (while_leased, second is not None, outbox.take(owner)) == (None, True, None)


def test_take_without_due_work_returns_none(outbox: Outbox, images: Images, owner: str) -> None:
    images.save(image(owner, ImageState.TRASHED))

    assert (outbox.take(owner), outbox.take("unknown")) == (None, None)


def test_release_makes_the_owner_due_with_the_next_row(
    outbox: Outbox, images: Images, owner: str, clock: Clock
) -> None:
    purge(images, owner)
    clock.ahead = 600
    lease = outbox.take(owner)
    assert lease
    (row,) = outbox.lease(owner)
    outbox.postpone(row, int(clock.time()) + 3600)

    outbox.release(lease, None)

    before = list_owners(outbox)
    clock.ahead += 3700
    assert (before, list_owners(outbox)) == (set(), {owner})


def test_release_with_time_of_alerts_makes_the_owner_due_then(
    outbox: Outbox, subscriptions: Subscriptions, owner: str, clock: Clock
) -> None:
    subscriptions.add(owner, parse("dog"))
    clock.ahead = 600
    lease = outbox.take(owner)
    assert lease

    outbox.release(lease, int(clock.time()) + 3600)

    before = list_owners(outbox)
    clock.ahead += 3700
    assert (before, list_owners(outbox)) == (set(), {owner})


def test_release_after_all_work_leaves_nothing(
    outbox: Outbox, images: Images, objects: Objects, owner: str, clock: Clock, stored: StoredData
) -> None:
    purge(images, owner)
    for row in outbox.lease(owner):
        outbox.delete(row)
    clock.ahead = 600
    lease = outbox.take(owner)
    if lease:  # on AWS, because the worker looks once more
        outbox.release(lease, None)

    assert (outbox.take(owner), stored.list_leftovers(owner)) == (None, [])


def test_subscription_during_a_lease_keeps_the_owner_due(
    outbox: Outbox, subscriptions: Subscriptions, owner: str, clock: Clock
) -> None:
    subscriptions.add(owner, parse("dog"))
    clock.ahead = 600
    lease = outbox.take(owner)
    assert lease
    subscriptions.add(owner, parse("cat"))

    outbox.release(lease, None)

    assert list_owners(outbox) == {owner}


def test_redetection_job_makes_the_owner_due(outbox: Outbox, redetections: Redetections, owner: str) -> None:
    redetections.start(owner)

    assert list_owners(outbox) == {owner}


def test_save_without_changed_tags_writes_no_outbox_row(outbox: Outbox, images: Images, owner: str) -> None:
    saved = images.save(image(owner, dog=1))

    images.save(replace(saved, name="renamed.jpg"), saved)

    assert (outbox.lease(owner), outbox.list_due()) == ([], [])


def test_lease_for_another_owner_returns_nothing(outbox: Outbox, images: Images, owner: str) -> None:
    purge(images, owner)

    assert outbox.lease("another owner") == []
    assert list_owners(outbox) == {owner}


def test_lease_with_account_deletion_returns_it_first(outbox: Outbox, images: Images, owner: str, clock: Clock) -> None:
    for _ in range(2):
        purge(images, owner)

    outbox.put_account_deletion(owner)

    (first,) = outbox.lease(owner, limit=1)
    assert first.kind is OutboxKind.DELETE_ACCOUNT
    assert list_owners(outbox) == {owner}


def test_has_account_deletion_is_true_until_the_row_is_deleted(
    outbox: Outbox, images: Images, owner: str, clock: Clock
) -> None:
    purge(images, owner)
    purge(images, "another owner")
    before_request = outbox.has_account_deletion(owner)
    outbox.put_account_deletion(owner)
    (row,) = outbox.lease(owner, limit=1)
    outbox.postpone(row, int(clock.time()) + 3600)

    while_postponed = outbox.has_account_deletion(owner), outbox.has_account_deletion("another owner")
    outbox.delete(row)

    assert (before_request, while_postponed, outbox.has_account_deletion(owner)) == (False, (True, False), False)
