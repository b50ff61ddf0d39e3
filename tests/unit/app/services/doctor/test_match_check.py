from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.checks import Comparison
from app.domain.edits import TagChange
from app.domain.errors import Unavailable
from app.domain.images import Image
from app.domain.query import parse
from app.services.doctor.match_check import MAX_READS, MatchCheck
from tests.support.doctor import check
from tests.support.fakes import Clock
from tests.support.libraries import Library
from tests.support.stored_data import before_call


@pytest.fixture
def subscribe(library: Library, owner: str, ready: Image, clock: Clock) -> Callable[[str], None]:
    """A function that subscribes the owner to a query, and lets the worker count the matches of the ready image."""

    def subscribe_and_count(query: str) -> None:
        library.services.subscriptions.add(owner, parse(query))
        clock.ahead += 3600
        library.services.outbox_worker.process(owner)

    return subscribe_and_count


def alter_numbers(library: Library, owner: str, number: int = 7) -> None:
    subscriptions = library.services.subscriptions
    alerts = subscriptions.get_alerts(owner)
    counts = {key: replace(count, number=number) for key, count in alerts.counts.items()}
    subscriptions.save_alerts(owner, replace(alerts, counts=counts))


def list_numbers(library: Library, owner: str) -> list[int | None]:
    return [each.matched for each in library.services.subscriptions.list(owner)]


def test_wrong_numbers_are_reported_and_repaired(
    library: Library, owner: str, subscribe: Callable[[str], None]
) -> None:
    subscribe("dog")
    subscribe("cat")
    assert check(library).findings == []
    alter_numbers(library, owner)

    assert check(library).texts == [
        "The number of matches of the saved search dog is 7 instead of 1.",
        "The number of matches of the saved search cat is 7 instead of 0.",
    ]
    assert check(library, repair=True).progress.is_clean

    assert list_numbers(library, owner) == [1, 0]
    library.stored.check()


def test_wrong_cover_is_reported_and_repaired(
    library: Library, owner: str, ready: Image, photo: bytes, clock: Clock, subscribe: Callable[[str], None]
) -> None:
    subscribe("dog")
    newest = library.add_photo(owner, photo + b"newest")
    clock.ahead += 3600
    library.services.outbox_worker.process(owner)
    subscriptions = library.services.subscriptions
    alerts = subscriptions.get_alerts(owner)
    assert [count.cover_id for count in alerts.counts.values()] == [newest.id]
    counts = {key: replace(count, cover=ready.sort_key) for key, count in alerts.counts.items()}
    subscriptions.save_alerts(owner, replace(alerts, counts=counts))

    assert check(library).texts == ["The cover of the saved search dog is not its newest match."]
    assert check(library, repair=True).progress.is_clean

    assert [each.cover for each in subscriptions.list(owner)] == [newest.id]


def test_cover_that_the_worker_searches_for_is_not_reported(
    library: Library, owner: str, subscribe: Callable[[str], None]
) -> None:
    subscribe("dog")
    subscriptions = library.services.subscriptions
    alerts = subscriptions.get_alerts(owner)
    counts = {key: replace(count, cover=None) for key, count in alerts.counts.items()}
    subscriptions.save_alerts(owner, replace(alerts, counts=counts))

    assert check(library, repair=True).findings == []
    assert [each.cover for each in subscriptions.list(owner)] == [None]


def test_changes_that_are_not_announced_yet_do_not_count(
    library: Library, owner: str, ready: Image, subscribe: Callable[[str], None], photo: bytes
) -> None:
    subscribe("dog")
    library.services.library.retag(owner, ready.id, [TagChange("dog", None, removes=True)])
    library.add_photo(owner, photo + b"new")

    assert check(library).findings == []


def test_image_that_was_restored_and_is_not_announced_yet_does_not_count(
    library: Library, owner: str, ready: Image, subscribe: Callable[[str], None]
) -> None:
    subscribe("dog")
    library.services.library.trash(owner, ready.id)
    library.services.outbox_worker.process(owner)
    library.services.library.restore(owner, ready.id)

    assert check(library).findings == []


def test_numbers_of_images_that_always_change_are_unsettled(
    library: Library, owner: str, ready: Image, subscribe: Callable[[str], None]
) -> None:
    subscribe("dog")

    def change() -> None:
        library.services.library.retag(owner, ready.id, [TagChange("dog", 1)])

    with before_call(library.stores.row_checks, "read_images", change):
        comparison = MatchCheck(library.stores).check(owner, repair=False)

    assert comparison == Comparison(unsettled=["the numbers of matches of the subscriptions"])


def test_repair_that_the_worker_overtakes_is_repeated(
    library: Library, owner: str, subscribe: Callable[[str], None]
) -> None:
    subscribe("dog")
    alter_numbers(library, owner)
    calls: list[int] = []

    def overtake() -> None:
        calls.append(1)
        if len(calls) < MAX_READS:
            raise Unavailable

    with before_call(library.stores.subscriptions, "save_alerts", overtake):
        MatchCheck(library.stores).check(owner, repair=True)

    assert len(calls) == MAX_READS
    assert list_numbers(library, owner) == [1]
