from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.adapters.local import queue as queue_module
from app.adapters.local.database import Database
from app.adapters.local.queue import LEASE_SECONDS, MAX_INTERRUPTIONS, MAX_RECEIVES, SqliteQueue
from app.domain.errors import StorageFull
from app.domain.messages import Delivery
from tests.support.fakes import Clock
from tests.support.new_database import open_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path) as database:
        yield database


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(queue_module, "time", clock)
    return clock


@pytest.fixture
def queue(database: Database, clock: Clock) -> SqliteQueue:
    return SqliteQueue(database)


def lease_body(queue: SqliteQueue) -> str | None:
    delivery = queue.lease()
    return delivery.body if delivery else None


def lease(queue: SqliteQueue) -> Delivery:
    return queue.lease() or pytest.fail("no message is visible")


def test_lease_returns_messages_in_the_order_in_which_they_were_sent(queue: SqliteQueue) -> None:
    queue.send(["first", "second"])
    queue.send(["third"])

    assert [lease_body(queue) for _ in range(4)] == ["first", "second", "third", None]


def test_complete_deletes_the_message(queue: SqliteQueue, clock: Clock) -> None:
    queue.send(["first", "second"])

    queue.complete(lease(queue))

    clock.ahead += LEASE_SECONDS
    assert [lease_body(queue) for _ in range(2)] == ["second", None]
    assert queue.count() == 1


def test_lease_after_the_end_of_a_lease_returns_the_message_again(queue: SqliteQueue, clock: Clock) -> None:
    queue.send(["first"])
    assert lease(queue).count == 1

    clock.ahead = LEASE_SECONDS - 1
    assert lease_body(queue) is None
    clock.ahead = LEASE_SECONDS
    assert lease(queue).count == 2


def test_lease_after_the_clock_was_set_back_returns_all_messages(queue: SqliteQueue, clock: Clock) -> None:
    clock.ahead = 24 * 3600
    queue.send(["sent", "leased"])
    lease(queue)

    clock.ahead = 0

    assert {lease_body(queue), lease_body(queue)} == {"sent", "leased"}
    assert lease_body(queue) is None


def test_failed_message_is_received_again_when_its_lease_ends(queue: SqliteQueue, clock: Clock) -> None:
    queue.send(["poison", "sound"])

    queue.fail(lease(queue))

    assert [lease_body(queue) for _ in range(2)] == ["sound", None]
    queue.release_all(counts=True)
    clock.ahead = LEASE_SECONDS - 1
    assert [lease_body(queue) for _ in range(2)] == ["sound", None]
    clock.ahead = LEASE_SECONDS
    assert lease_body(queue) == "poison"


def test_message_that_fails_five_times_becomes_a_dead_letter(queue: SqliteQueue, clock: Clock) -> None:
    queue.send(["poison"])

    for number in range(1, MAX_RECEIVES + 1):
        delivery = lease(queue)
        assert (delivery.count, queue.count_dead()) == (number, 0)
        queue.fail(delivery)
        clock.ahead += LEASE_SECONDS

    assert (queue.count(), queue.count_dead()) == (0, 1)
    assert lease_body(queue) is None


def test_message_that_kills_five_workers_becomes_a_dead_letter(queue: SqliteQueue) -> None:
    queue.send(["poison"])

    for _ in range(MAX_RECEIVES):
        assert lease_body(queue) == "poison"
        queue.release_all(counts=True)

    assert lease_body(queue) is None
    assert (queue.count(), queue.count_dead()) == (0, 1)


def test_message_in_work_at_many_stops_does_not_become_a_dead_letter(queue: SqliteQueue) -> None:
    queue.send(["photo"])

    for _ in range(2 * MAX_INTERRUPTIONS):
        assert lease(queue).count == 1
        queue.release_all(counts=False)

    assert (queue.count(), queue.count_dead()) == (1, 0)


def test_message_that_is_interrupted_ten_times_in_a_row_gets_its_last_receive(queue: SqliteQueue) -> None:
    queue.send(["poison"])
    for _ in range(MAX_INTERRUPTIONS):
        assert lease(queue).count == 1
        queue.release_interrupted()

    last = lease(queue)
    assert last.count == MAX_RECEIVES
    queue.fail(last)

    assert (queue.count(), queue.count_dead()) == (0, 1)
    queue.redrive()
    lease(queue)
    queue.release_interrupted()
    assert lease(queue).count == 1


def test_message_that_is_interrupted_in_turn_with_others_does_not_count(queue: SqliteQueue, clock: Clock) -> None:
    queue.send(["first", "second"])

    for number in range(2 * MAX_INTERRUPTIONS):
        clock.ahead = number + 1
        delivery = lease(queue)
        assert (delivery.body, delivery.count) == (("first", "second")[number % 2], 1)
        queue.release_interrupted()


def test_interrupted_message_keeps_the_count_of_its_crashes(queue: SqliteQueue) -> None:
    queue.send(["photo"])
    lease(queue)
    queue.release_all(counts=True)
    assert lease(queue).count == 2

    queue.release_interrupted()

    assert lease(queue).count == 2


def test_release_interrupted_without_a_leased_message_changes_nothing(queue: SqliteQueue) -> None:
    queue.send(["photo"])

    queue.release_interrupted()

    assert lease(queue).count == 1


def test_release_all_puts_the_leased_message_behind_the_others(queue: SqliteQueue, clock: Clock) -> None:
    queue.send(["poison", "sound"])
    assert lease_body(queue) == "poison"
    clock.ahead = 1

    queue.release_all(counts=True)

    assert [lease_body(queue) for _ in range(3)] == ["sound", "poison", None]


def test_redrive_delivers_dead_letters_again(queue: SqliteQueue) -> None:
    queue.send(["poison", "waiting"])
    for _ in range(MAX_RECEIVES):
        queue.release_all(counts=True)
        lease(queue)
    queue.release_all(counts=True)
    while lease_body(queue):
        queue.release_all(counts=True)
    assert queue.count_dead() == 2

    assert queue.redrive() == 2

    assert queue.count_dead() == 0
    assert {(lease(queue)).count for _ in range(2)} == {1}
    assert queue.redrive() == 0


def test_send_of_no_messages_sends_none(queue: SqliteQueue) -> None:
    queue.send([])

    assert queue.count() == 0


def test_messages_survive_a_restart(queue: SqliteQueue, database: Database, tmp_path: Path) -> None:
    queue.send(["leased", "waiting"])
    lease(queue)
    database.close()

    restarted = SqliteQueue(Database(tmp_path / "pixtag.db"))
    restarted.release_all(counts=True)

    assert {lease_body(restarted), lease_body(restarted)} == {"leased", "waiting"}


def count_steps(database: Database, action: Callable[[], object]) -> int:
    """Return the number of steps that SQLite takes for an action."""
    steps: list[None] = []
    with database.write() as connection:
        connection.set_progress_handler(lambda: steps.append(None), 1)
        action()
        connection.set_progress_handler(None, 0)
    return len(steps)


@pytest.mark.parametrize("ahead", [0, LEASE_SECONDS + 1])
def test_the_time_of_a_lease_does_not_depend_on_the_number_of_messages(
    queue: SqliteQueue, database: Database, clock: Clock, ahead: int
) -> None:
    queue.send(["first", "second"])
    few = count_steps(database, queue.lease)
    queue.send(["more"] * 1_000)
    clock.ahead = -ahead

    assert count_steps(database, queue.lease) < 2 * few


def test_a_poll_of_hidden_and_dead_messages_does_not_read_them(
    queue: SqliteQueue, database: Database, clock: Clock
) -> None:
    queue.send(["hidden"] * 500 + ["dead"] * 500)
    with database.write() as connection:
        connection.execute("UPDATE message SET visible_at = visible_at + ?, dead = body = 'dead'", (LEASE_SECONDS,))

    assert queue.lease() is None
    assert count_steps(database, queue.lease) < 100


def test_lease_after_a_failed_release_returns_the_message_without_counting_it(
    queue: SqliteQueue, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.send(["first"])
    delivery = lease(queue)

    def fail(**_: object) -> None:
        raise StorageFull

    with monkeypatch.context() as patch:
        patch.setattr(database, "write", fail)
        for attempt in (lambda: queue.release(delivery), queue.lease):
            with pytest.raises(StorageFull):
                attempt()

    assert lease(queue) == delivery
    assert queue.lease() is None
