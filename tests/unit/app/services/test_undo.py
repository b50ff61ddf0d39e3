"""Undo of operations on both stores: values, counters, views and alerts return, and later changes stay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from app.domain.boxes import change_box, draw
from app.domain.dates import parse_date, set_date
from app.domain.edits import TagChange
from app.domain.errors import ChangedSinceOperation, ImageNotFound
from app.domain.ids import new_id
from app.domain.images import Image, ImageState, RequestId
from app.domain.operations import Operation, UndoRow
from app.domain.outbox import TRASH_LIFE
from app.domain.ports import Images, Operations, Subscriptions
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker
from app.services.undo import Undo
from detector import BoundingBox
from tests.support.fakes import Clock, FakeDetector
from tests.support.stored_data import before_call
from tests.support.uploads import search

CAT = [TagChange("cat", 2), TagChange("dog", None, removes=True)]


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def operation(operations: Operations, owner: str) -> Operation:
    return operations.proceed(owner, new_id())


@pytest.fixture
def find_row(operations: Operations, operation: Operation) -> Callable[[], UndoRow]:
    """A function that returns the only row of the operation."""

    def find() -> UndoRow:
        [row] = operations.list_rows(operation, 2)
        return row

    return find


def edit(library: Library, image: Image, operation: Operation | None) -> None:
    library.retag(image.owner, image.id, CAT, operation=operation)


def merge_tags(library: Library, image: Image, operation: Operation | None) -> None:
    library.rename_tag(image.owner, image.id, "dog", "person", operation=operation)


def change_date(library: Library, image: Image, operation: Operation | None) -> None:
    change = partial(set_date, time=parse_date("2019-07-28T01:03"), now=datetime.now(UTC))
    library.change_date(image.owner, image.id, change, operation=operation)


def trash(library: Library, image: Image, operation: Operation | None) -> None:
    library.trash(image.owner, image.id, operation=operation)


def edit_everything(library: Library, image: Image, operation: Operation | None) -> None:
    """Edit a count, correct a detection, draw a box, reject a tag and set a date."""
    library.retag(image.owner, image.id, [TagChange("bird", 3), TagChange("dog", 4)], operation=operation)
    relabel = partial(change_box, box_id=image.corrected_detections[-1].id, at=datetime.now(UTC), label="dog")
    library.change_boxes(image.owner, image.id, relabel)
    library.change_boxes(
        image.owner, image.id, partial(draw, label="dog", box=BoundingBox(0, 0, 10, 10), at=datetime.now(UTC))
    )
    library.change_date(image.owner, image.id, partial(set_date, time=parse_date("2018-12-31"), now=datetime.now(UTC)))


CHANGES = [edit, merge_tags, change_date, trash]
Change = Callable[[Library, Image, Operation | None], None]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("first", [None, edit_everything])
def test_undo_restores_what_the_image_was_before(
    undo: Undo,
    library: Library,
    images: Images,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
    check_consistency: Callable[[], None],
    change: Change,
    first: Change | None,
) -> None:
    if first:
        first(library, ready, None)
    before = images.get_image(owner, ready.id)
    change(library, ready, operation)
    changed = images.get_image(owner, ready.id)

    assert undo.undo(find_row())

    assert changed != before
    undone = replace(before, version=changed.version + 1, undone_to=before.version)
    assert images.get_image(owner, ready.id) == undone
    check_consistency()


def test_undo_of_several_changes_restores_what_was_before_the_first(
    undo: Undo,
    library: Library,
    images: Images,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
    check_consistency: Callable[[], None],
) -> None:
    library.retag(owner, ready.id, [TagChange("bird", 3)], operation=operation)
    for change in (merge_tags, edit):
        change(library, ready, operation)

    undo.undo(find_row())

    undone = images.get_image(owner, ready.id)
    assert (undone.tags, undone.edits) == (ready.tags, ready.edits)
    check_consistency()


def test_operations_are_undone_one_after_the_other_latest_first(
    undo: Undo,
    library: Library,
    images: Images,
    operations: Operations,
    owner: str,
    ready: Image,
    check_consistency: Callable[[], None],
) -> None:
    states, later = [], []
    for change in (merge_tags, change_date, trash):
        states.append(images.get_image(owner, ready.id))
        later.append(operations.proceed(owner, new_id()))
        change(library, ready, later[-1])

    for operation in reversed(later):
        [row] = operations.list_rows(operation, 2)
        assert undo.undo(row)

        undone, before = images.get_image(owner, ready.id), states.pop()
        assert undone == replace(before, version=undone.version, undone_to=before.version)
        check_consistency()


def test_change_after_an_undo_prevents_the_undo_of_earlier_operations(
    undo: Undo, library: Library, images: Images, operations: Operations, owner: str, ready: Image
) -> None:
    first, second = operations.proceed(owner, new_id()), operations.proceed(owner, new_id())
    edit(library, ready, first)
    change_date(library, ready, second)
    [row] = operations.list_rows(second, 2)
    undo.undo(row)
    library.retag(owner, ready.id, [TagChange("bird", 1)])
    [row] = operations.list_rows(first, 2)

    with pytest.raises(ChangedSinceOperation):
        undo.undo(row)

    assert images.get_image(owner, ready.id).tags["bird"] == 1


def test_undo_of_a_restore_moves_the_image_to_the_trash_for_the_whole_time(
    undo: Undo,
    library: Library,
    images: Images,
    outbox_worker: OutboxWorker,
    owner: str,
    trashed_id: str,
    operation: Operation,
    find_row: Callable[[], UndoRow],
    clock: Clock,
    check_consistency: Callable[[], None],
) -> None:
    trashed = images.get_image(owner, trashed_id)
    images.save(replace(trashed, trashed_at=datetime.now(UTC) - TRASH_LIFE), trashed)
    library.restore(owner, trashed_id, operation=operation)

    undo.undo(find_row())

    clock.run_for((TRASH_LIFE - timedelta(days=1)).total_seconds(), lambda: outbox_worker.process(owner))
    assert images.get_image(owner, trashed_id).state is ImageState.TRASHED
    check_consistency()


def test_undo_of_a_trash_cancels_the_purge(
    undo: Undo,
    library: Library,
    images: Images,
    outbox_worker: OutboxWorker,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
    clock: Clock,
) -> None:
    trash(library, ready, operation)
    undo.undo(find_row())

    clock.run_for(2 * TRASH_LIFE.total_seconds(), lambda: outbox_worker.process(owner))

    assert images.get_image(owner, ready.id).state is ImageState.READY
    assert search(images, owner, "dog") == [ready.id]


def test_second_undo_changes_nothing(
    undo: Undo,
    library: Library,
    images: Images,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
) -> None:
    edit(library, ready, operation)
    row = find_row()
    undo.undo(row)
    undone = images.get_image(owner, ready.id)

    assert [undo.undo(find_row()), undo.undo(row)] == [False, False]  # the second read its row before the first undo

    assert images.get_image(owner, ready.id) == undone


def redetect(ingest: Ingest, library: Library, image: Image) -> None:
    ingest.redetect(image.owner, image.id)


def edit_again(ingest: Ingest, library: Library, image: Image) -> None:
    library.retag(image.owner, image.id, [TagChange("bird", 1)])


def trash_and_restore(ingest: Ingest, library: Library, image: Image) -> None:
    library.trash(image.owner, image.id)
    library.restore(image.owner, image.id)


@pytest.mark.parametrize("later", [redetect, edit_again, trash_and_restore])
def test_undo_of_image_that_changed_since_leaves_it(
    undo: Undo,
    library: Library,
    ingest: Ingest,
    detector: FakeDetector,
    images: Images,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
    later: Callable[[Ingest, Library, Image], None],
) -> None:
    edit(library, ready, operation)
    detector.sees = {"dog": 1, "person": 3}
    later(ingest, library, ready)
    changed = images.get_image(owner, ready.id)

    with pytest.raises(ChangedSinceOperation, match="changed afterwards"):
        undo.undo(find_row())

    assert images.get_image(owner, ready.id) == changed


def test_undo_while_another_request_changes_the_image_leaves_that_change(
    undo: Undo,
    library: Library,
    images: Images,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
) -> None:
    edit(library, ready, operation)
    row, rivals = find_row(), [lambda: library.retag(owner, ready.id, [TagChange("bird", 1)])]

    with before_call(images, "save", lambda: rivals and rivals.pop()()), pytest.raises(ChangedSinceOperation):
        undo.undo(row)

    assert images.get_image(owner, ready.id).tags["bird"] == 1


def test_undo_at_the_same_time_as_another_undo_counts_once(
    undo: Undo,
    library: Library,
    images: Images,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
) -> None:
    edit(library, ready, operation)
    row = find_row()
    rivals = [lambda: undo.undo(row)]

    with before_call(images, "save", lambda: rivals and rivals.pop()()):
        assert not undo.undo(row)

    assert images.get_image(owner, ready.id).tags == ready.tags


def test_undo_of_purged_or_deleted_image_raises_image_not_found(
    undo: Undo,
    library: Library,
    images: Images,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
) -> None:
    trash(library, ready, operation)
    row = find_row()
    library.purge(owner, ready.id)

    for _ in range(2):
        with pytest.raises(ImageNotFound):
            undo.undo(row)
        images.delete_images(owner, 10)


def test_trash_of_failed_image_leaves_no_undo_row(
    library: Library, ingest: Ingest, operations: Operations, owner: str, operation: Operation
) -> None:
    pending, _ = ingest.offer(owner, name="a.png", media_type="image/png", size=1)

    assert library.trash(owner, pending.id, operation=operation)

    assert operations.list_rows(operation, 1) == []


def test_repeated_request_after_an_undo_changes_nothing(
    undo: Undo,
    library: Library,
    images: Images,
    owner: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
) -> None:
    request = RequestId("key", "body")
    library.retag(owner, ready.id, CAT, request, operation=operation)
    undo.undo(find_row())

    assert library.retag(owner, ready.id, CAT, request, operation=operation)

    assert images.get_image(owner, ready.id).tags == ready.tags


def test_change_that_changes_nothing_leaves_no_undo_row(
    library: Library, operations: Operations, owner: str, ready: Image, operation: Operation
) -> None:
    library.rename_tag(owner, ready.id, "zebra", "horse", operation=operation)

    assert operations.list_rows(operation, 1) == []


def test_undo_is_announced_like_any_change(
    undo: Undo,
    library: Library,
    subscriptions: Subscriptions,
    outbox_worker: OutboxWorker,
    ada: str,
    ready: Image,
    operation: Operation,
    find_row: Callable[[], UndoRow],
    clock: Clock,
    check_consistency: Callable[[], None],
) -> None:
    clock.ahead += 3600
    outbox_worker.process(ada)
    edit(library, ready, operation)
    clock.ahead += 3600
    outbox_worker.process(ada)
    counts = [subscriptions.get_alerts(ada).counts]

    undo.undo(find_row())
    [announcement] = subscriptions.list_announcements(ada)
    clock.ahead += 3600
    outbox_worker.process(ada)

    counts.append(subscriptions.get_alerts(ada).counts)
    assert announcement.after
    assert announcement.after.tags == ready.tags
    assert [[match.number for match in each.values()] for each in counts] == [[0], [1]]
    check_consistency()
