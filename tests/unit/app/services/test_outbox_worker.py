from collections.abc import Callable

import pytest

from app.domain.errors import ImageNotFound, RedetectionNotFound
from app.domain.images import ImageState, make_tombstone
from app.domain.outbox import LEASE_SECONDS, TRASH_LIFE
from app.domain.ports import Images, Objects, Outbox, Redetections
from app.domain.redetections import Redetection
from app.services import outbox_worker as outbox_worker_module
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.outbox_worker import QUEUED_PAUSE_SECONDS, OutboxWorker
from tests.support.fakes import Clock, image
from tests.support.injected_fault import InjectedFault, fail
from tests.support.stored_data import StoredData, before_call
from tests.support.uploads import MAX_BYTES, list_keys, make_upload


def take_queued(stored: StoredData) -> list[str]:
    """Receive all messages. Return the ids of the images to redetect."""
    return sorted(message.image_id for message in stored.take_redetections())


@pytest.fixture
def filled_library(images: Images, owner: str) -> list[str]:
    """The ids of seven ready images in a library that contains other images too."""
    ids = [images.save(image(owner, dog=1)).id for _ in range(7)]
    for state in (ImageState.PENDING, ImageState.FAILED, ImageState.TRASHED):
        images.save(image(owner, state))
    images.save(image("another owner", dog=1))
    return ids


@pytest.fixture(autouse=True)
def use_small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_worker_module, "QUEUED_PAGE", 2)
    monkeypatch.setattr(outbox_worker_module, "MAX_QUEUED", 5)


def test_process_of_empty_outbox_sends_nothing(outbox_worker: OutboxWorker, ada: str, stored: StoredData) -> None:
    outbox_worker.process(ada)

    assert stored.mails(ada) == []


def test_purge_after_thirty_days_removes_the_image(
    outbox_worker: OutboxWorker, images: Images, objects: Objects, owner: str, trashed_id: str, clock: Clock
) -> None:
    clock.run_for(TRASH_LIFE.total_seconds() - 60, lambda: outbox_worker.process(owner))
    state_before = images.get_image(owner, trashed_id).state

    clock.ahead += 120
    outbox_worker.process(owner)

    assert state_before == "trashed"
    with pytest.raises(ImageNotFound):
        images.get_image(owner, trashed_id)
    assert list_keys(objects) == []


def test_purge_leaves_no_outbox_row(
    outbox_worker: OutboxWorker,
    objects: Objects,
    owner: str,
    trashed_id: str,
    clock: Clock,
    check_finished: Callable[[], None],
) -> None:
    clock.run_for(TRASH_LIFE.total_seconds() + 1, lambda: outbox_worker.process(owner))

    outbox_worker.process(owner)

    assert list_keys(objects) == []
    check_finished()


def test_purge_of_restored_image_changes_nothing(
    outbox_worker: OutboxWorker,
    images: Images,
    library: Library,
    owner: str,
    trashed_id: str,
    clock: Clock,
    check_finished: Callable[[], None],
) -> None:
    library.restore(owner, trashed_id)

    clock.run_for(TRASH_LIFE.total_seconds() + 1, lambda: outbox_worker.process(owner))

    assert images.get_image(owner, trashed_id).state == "ready"
    check_finished()


def test_purge_row_of_earlier_trash_changes_nothing(
    outbox_worker: OutboxWorker, images: Images, library: Library, owner: str, trashed_id: str, clock: Clock
) -> None:
    clock.run_for(TRASH_LIFE.total_seconds() - 60, lambda: outbox_worker.process(owner))
    clock.ahead += 120
    lease = outbox_worker.outbox.take(owner)
    assert lease
    (row,) = outbox_worker.outbox.lease(owner)
    clock.ahead -= 3_600
    outbox_worker.outbox.postpone(row, int(clock.time()))
    outbox_worker.outbox.release(lease, None)
    library.restore(owner, trashed_id)
    library.trash(owner, trashed_id)

    outbox_worker.process(owner)

    assert images.get_image(owner, trashed_id).state == "trashed"


def test_purge_row_of_duplicate_keeps_the_first_image(
    outbox_worker: OutboxWorker, images: Images, library: Library, owner: str, check_finished: Callable[[], None]
) -> None:
    first = images.save(image(owner, dog=1))
    second = images.save(image(owner, ImageState.PENDING))
    images.save(make_tombstone(second, duplicate_of=first.id), second)
    library.trash(owner, first.id)  # now both are at the same version

    outbox_worker.process(owner)

    assert images.get_image(owner, first.id).state == "trashed"


def test_purge_that_was_interrupted_is_finished(
    outbox_worker: OutboxWorker,
    library: Library,
    objects: Objects,
    owner: str,
    trashed_id: str,
    check_finished: Callable[[], None],
) -> None:
    with before_call(objects, "delete", fail):
        library.purge(owner, trashed_id)
    remaining = len(list_keys(objects))

    outbox_worker.process(owner)

    assert (remaining, list_keys(objects)) == (4, [])
    check_finished()


def test_purge_of_pending_image_removes_its_upload(
    outbox_worker: OutboxWorker,
    library: Library,
    ingest: Ingest,
    objects: Objects,
    owner: str,
    photo: bytes,
    check_finished: Callable[[], None],
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    library.trash(owner, pending.id)

    outbox_worker.process(owner)

    assert list_keys(objects) == []
    check_finished()


def test_redetection_queues_the_library_page_by_page(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    outbox: Outbox,
    owner: str,
    filled_library: list[str],
    stored: StoredData,
    clock: Clock,
) -> None:
    started = redetections.start(owner)

    outbox_worker.process(owner)
    first = redetections.get(owner)
    clock.ahead += QUEUED_PAUSE_SECONDS
    outbox_worker.process(owner)
    second = redetections.get(owner)
    for _ in range(2):
        redetections.record_done(owner, started.id)
    clock.ahead += QUEUED_PAUSE_SECONDS
    outbox_worker.process(owner)

    assert (first.queued, first.queued_all) == (6, False)
    assert second == first
    assert (redetections.get(owner).queued, redetections.get(owner).queued_all) == (7, True)
    assert take_queued(stored) == filled_library
    clock.ahead += LEASE_SECONDS + 1
    assert outbox.lease(owner) == []


def test_redetection_of_deleted_job_queues_nothing(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    outbox: Outbox,
    owner: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raise_not_found(_owner: str) -> Redetection:
        raise RedetectionNotFound

    redetections.start(owner)
    monkeypatch.setattr(redetections, "get", raise_not_found)

    outbox_worker.process(owner)

    clock.ahead += LEASE_SECONDS + 1
    assert outbox.lease(owner) == []


def test_redetection_with_crash_queues_a_page_twice_and_counts_it_once(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    owner: str,
    filled_library: list[str],
    stored: StoredData,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = redetections.start(owner)
    with monkeypatch.context() as patch:
        patch.setattr(redetections, "record_queued", lambda *_: fail())
        with pytest.raises(InjectedFault):
            outbox_worker.process(owner)
    assert redetections.get(owner) == started

    for _ in filled_library:
        clock.ahead += LEASE_SECONDS + 1
        outbox_worker.process(owner)
        redetections.record_done(owner, started.id)

    assert redetections.get(owner).queued == len(filled_library)
    assert take_queued(stored) == sorted([*filled_library, *filled_library[-2:]])
