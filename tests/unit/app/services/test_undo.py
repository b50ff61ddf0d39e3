"""Undo of operations on both stores: values, counters, views and alerts return, and later changes stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from app.domain.albums import MAX_JOINED, Album
from app.domain.boxes import change_box, draw
from app.domain.dates import parse_date, set_date
from app.domain.edits import TagChange
from app.domain.errors import ChangedSinceOperation, ImageNotFound, Unavailable
from app.domain.ids import new_id
from app.domain.images import Image, ImageState, RequestId, move_to_trash
from app.domain.operations import Operation, UndoRow
from app.domain.outbox import TRASH_LIFE
from app.domain.ports import Albums, Images, Operations, Subscriptions
from app.domain.tags import MAX_TAGS
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker
from app.services.undo import Undo
from detector import BoundingBox
from tests.support.fakes import Clock, FakeDetector
from tests.support.fakes import image as picture
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


@dataclass(frozen=True)
class UndoCase:
    """A ready image with a dog and two persons, and an operation that changes it."""

    library: Library
    images: Images
    operations: Operations
    undo: Undo
    image: Image
    operation: Operation

    @property
    def owner(self) -> str:
        """The owner of the image."""
        return self.image.owner

    def apply(self, change: "Change") -> None:
        """Change the image as a part of the operation."""
        change(self.library, self.image, self.operation)

    def find_image(self) -> Image:
        """Return the current image."""
        return self.images.get_image(self.owner, self.image.id)

    def find_row(self) -> UndoRow:
        """Return the only row of the operation."""
        [row] = self.operations.list_rows(self.operation, 2)
        return row

    def undo_row(self) -> bool:
        """Undo the only row of the operation, as a request does."""
        row = self.find_row()
        return Undo(self.images, self.operations, [row]).undo(row)


@pytest.fixture
def case(
    library: Library, images: Images, operations: Operations, undo: Undo, ready: Image, operation: Operation
) -> UndoCase:
    return UndoCase(library, images, operations, undo, ready, operation)


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
    case: UndoCase, check_consistency: Callable[[], None], change: Change, first: Change | None
) -> None:
    if first:
        first(case.library, case.image, None)
    before = case.find_image()
    case.apply(change)
    changed = case.find_image()

    assert case.undo_row()

    assert changed != before
    undone = replace(before, version=changed.version + 1, undone_to=before.version)
    assert case.find_image() == undone
    check_consistency()


def test_undo_of_several_changes_restores_what_was_before_the_first(
    case: UndoCase, check_consistency: Callable[[], None]
) -> None:
    case.library.retag(case.owner, case.image.id, [TagChange("bird", 3)], operation=case.operation)
    for change in (merge_tags, edit):
        case.apply(change)

    case.undo_row()

    undone = case.find_image()
    assert (undone.tags, undone.edits) == (case.image.tags, case.image.edits)
    check_consistency()


def test_operations_are_undone_one_after_the_other_latest_first(
    case: UndoCase, check_consistency: Callable[[], None]
) -> None:
    states, cases = [], []
    for change in (merge_tags, change_date, trash):
        states.append(case.find_image())
        cases.append(replace(case, operation=case.operations.proceed(case.owner, new_id())))
        cases[-1].apply(change)

    for later in reversed(cases):
        assert later.undo_row()

        undone, before = case.find_image(), states.pop()
        assert undone == replace(before, version=undone.version, undone_to=before.version)
        check_consistency()


def test_change_after_an_undo_prevents_the_undo_of_earlier_operations(case: UndoCase) -> None:
    later = replace(case, operation=case.operations.proceed(case.owner, new_id()))
    case.apply(edit)
    later.apply(change_date)
    later.undo_row()
    case.library.retag(case.owner, case.image.id, [TagChange("bird", 1)])

    with pytest.raises(ChangedSinceOperation):
        case.undo_row()

    assert case.find_image().tags["bird"] == 1


def test_undo_of_a_restore_moves_the_image_to_the_trash_for_the_whole_time(
    case: UndoCase, outbox_worker: OutboxWorker, clock: Clock, check_consistency: Callable[[], None]
) -> None:
    trashed = replace(move_to_trash(case.image, datetime.now(UTC)), trashed_at=datetime.now(UTC) - TRASH_LIFE)
    case.images.save(trashed, case.image)
    case.library.restore(case.owner, case.image.id, operation=case.operation)

    case.undo_row()

    clock.run_for((TRASH_LIFE - timedelta(days=1)).total_seconds(), lambda: outbox_worker.process(case.owner))
    assert case.find_image().state is ImageState.TRASHED
    check_consistency()


def test_undo_of_a_trash_cancels_the_purge(case: UndoCase, outbox_worker: OutboxWorker, clock: Clock) -> None:
    case.apply(trash)
    case.undo_row()

    clock.run_for(2 * TRASH_LIFE.total_seconds(), lambda: outbox_worker.process(case.owner))

    assert case.find_image().state is ImageState.READY
    assert search(case.images, case.owner, "dog") == [case.image.id]


def test_second_undo_changes_nothing(case: UndoCase) -> None:
    case.apply(edit)
    row = case.find_row()
    case.undo.undo(row)
    undone = case.find_image()

    assert [case.undo_row(), case.undo.undo(row)] == [False, False]  # the second read its row before the first undo

    assert case.find_image() == undone


def redetect(ingest: Ingest, library: Library, image: Image) -> None:
    ingest.redetect(image.owner, image.id)


def edit_again(ingest: Ingest, library: Library, image: Image) -> None:
    library.retag(image.owner, image.id, [TagChange("bird", 1)])


def trash_and_restore(ingest: Ingest, library: Library, image: Image) -> None:
    library.trash(image.owner, image.id)
    library.restore(image.owner, image.id)


@pytest.mark.parametrize("later", [redetect, edit_again, trash_and_restore])
def test_undo_of_image_that_changed_since_leaves_it(
    case: UndoCase, ingest: Ingest, detector: FakeDetector, later: Callable[[Ingest, Library, Image], None]
) -> None:
    case.apply(edit)
    detector.sees = {"dog": 1, "person": 3}
    later(ingest, case.library, case.image)
    changed = case.find_image()

    with pytest.raises(ChangedSinceOperation, match="changed afterwards"):
        case.undo_row()

    assert case.find_image() == changed


def test_undo_while_another_request_changes_the_image_leaves_that_change(case: UndoCase) -> None:
    case.apply(edit)
    row, rivals = case.find_row(), [lambda: case.library.retag(case.owner, case.image.id, [TagChange("bird", 1)])]

    with before_call(case.images, "save", lambda: rivals and rivals.pop()()), pytest.raises(ChangedSinceOperation):
        case.undo.undo(row)

    assert case.find_image().tags["bird"] == 1


def test_undo_at_the_same_time_as_another_undo_counts_once(case: UndoCase) -> None:
    case.apply(edit)
    row = case.find_row()
    rivals = [lambda: case.undo.undo(row)]

    with before_call(case.images, "save", lambda: rivals and rivals.pop()()):
        assert not case.undo.undo(row)

    assert case.find_image().tags == case.image.tags


@pytest.fixture
def leaves_many_albums(case: UndoCase, albums: Albums) -> Change:
    """A change with which the image leaves 21 albums, and which changes its tags."""
    ids = [new_id() for _ in range(MAX_TAGS - 1)]
    for album_id in ids:
        albums.put(case.owner, Album(album_id, f"Album {album_id}", datetime.now(UTC)))
    detected = case.images.save(replace(case.image, detections=case.image.detections[:1]), case.image)
    case.images.save(replace(detected, albums=tuple(ids)), detected)

    def leave(library: Library, image: Image, operation: Operation | None) -> None:
        library.change(image.owner, image.id, lambda image: replace(image, albums=()), operation=operation)
        library.retag(image.owner, image.id, [TagChange("cat", 2)], operation=operation)

    return leave


def test_undo_returns_image_to_many_albums(
    case: UndoCase, leaves_many_albums: Change, check_consistency: Callable[[], None]
) -> None:
    before = case.find_image()
    case.apply(leaves_many_albums)
    changed = case.find_image()

    assert case.undo_row()

    assert case.find_image() == replace(before, version=changed.version + 2, undone_to=before.version)
    assert not case.undo_row()
    check_consistency()


def test_interrupted_undo_with_many_albums_can_be_repeated(
    case: UndoCase, leaves_many_albums: Change, check_consistency: Callable[[], None]
) -> None:
    before = case.find_image()
    case.apply(leaves_many_albums)
    later = case.operations.proceed(case.owner, new_id())
    trash(case.library, case.image, later)
    [row] = case.operations.list_rows(later, 2)
    assert case.undo.undo(row)
    failures = [lambda: None, fail]

    with before_call(case.images, "save", lambda: failures and failures.pop(0)()), pytest.raises(Unavailable):
        case.undo_row()
    assert len(case.find_image().albums) == MAX_JOINED
    assert case.undo_row()

    assert case.find_image().albums == before.albums
    assert case.find_image().tags == before.tags
    check_consistency()


def test_undo_does_not_return_image_to_deleted_albums_of_many(
    case: UndoCase, albums: Albums, leaves_many_albums: Change, check_consistency: Callable[[], None]
) -> None:
    before = case.find_image()
    case.apply(leaves_many_albums)
    deleted = [*before.albums[:MAX_JOINED], before.albums[-1]]
    for album_id in deleted:
        albums.delete(case.owner, album_id)

    assert case.undo_row()

    assert case.find_image().albums == before.albums[MAX_JOINED:-1]
    check_consistency()


def fail() -> None:
    raise Unavailable


def test_undo_of_purged_or_deleted_image_raises_image_not_found(case: UndoCase) -> None:
    case.apply(trash)
    row = case.find_row()
    case.library.purge(case.owner, case.image.id)

    for _ in range(2):
        with pytest.raises(ImageNotFound):
            case.undo.undo(row)
        case.images.delete_images(case.owner, 10)


def test_trash_of_failed_image_leaves_no_undo_row(
    library: Library, ingest: Ingest, operations: Operations, owner: str, operation: Operation
) -> None:
    pending, _ = ingest.offer(owner, name="a.png", media_type="image/png", size=1)

    assert library.trash(owner, pending.id, operation=operation)

    assert operations.list_rows(operation, 1) == []


def test_repeated_request_after_an_undo_changes_nothing(case: UndoCase) -> None:
    request = RequestId("key", "body")
    case.library.retag(case.owner, case.image.id, CAT, request, operation=case.operation)
    case.undo_row()

    assert case.library.retag(case.owner, case.image.id, CAT, request, operation=case.operation)

    assert case.find_image().tags == case.image.tags


def test_change_that_changes_nothing_leaves_no_undo_row(case: UndoCase) -> None:
    case.library.rename_tag(case.owner, case.image.id, "zebra", "horse", operation=case.operation)

    assert case.operations.list_rows(case.operation, 1) == []


def test_undo_is_announced_like_any_change(
    ada: str,
    case: UndoCase,
    subscriptions: Subscriptions,
    outbox_worker: OutboxWorker,
    clock: Clock,
    check_consistency: Callable[[], None],
) -> None:
    clock.ahead += 3600
    outbox_worker.process(ada)
    case.apply(edit)
    clock.ahead += 3600
    outbox_worker.process(ada)
    counts = [subscriptions.get_alerts(ada).counts]

    case.undo_row()
    [announcement] = subscriptions.list_announcements(ada)
    clock.ahead += 3600
    outbox_worker.process(ada)

    counts.append(subscriptions.get_alerts(ada).counts)
    assert announcement.after
    assert announcement.after.tags == case.image.tags
    assert [[match.number for match in each.values()] for each in counts] == [[0], [1]]
    check_consistency()


@pytest.fixture
def rows(
    library: Library, images: Images, operations: Operations, ready: Image, operation: Operation
) -> Sequence[UndoRow]:
    """The rows of three ready images that an operation has changed."""
    saved = [ready, *(images.save(picture(ready.owner, dog=1, person=2)) for _ in range(2))]
    for each in saved:
        edit(library, each, operation)
    return operations.list_rows(operation, 10)


def count_calls(images: Images, method: str, act: Callable[[], object]) -> int:
    calls: list[None] = []
    with before_call(images, method, lambda: calls.append(None)):
        act()
    return len(calls)


def test_undo_of_many_images_reads_and_writes_them_together(
    images: Images, operations: Operations, rows: Sequence[UndoRow], check_rows: Callable[[], None]
) -> None:
    undo, results = Undo(images, operations, rows), list[bool]()

    def act() -> None:
        results.extend(map(undo.undo, rows))

    singly = count_calls(images, "save", lambda: count_calls(images, "find_image", act))

    assert (singly, results) == (0, [True] * 3)
    assert [images.get_image(row.owner, row.image_id).tags for row in rows] == [{"dog": 1, "person": 2}] * 3
    assert all(row.undone for row in map(operations.find_row, rows) if row)
    assert not any(map(undo.undo, rows))  # the second undo reads the rows that were not yet undone
    check_rows()


def test_undo_of_many_images_is_that_of_each(
    case: UndoCase, rows: Sequence[UndoRow], check_rows: Callable[[], None]
) -> None:
    changed, purged, unchanged = rows
    case.library.retag(case.owner, changed.image_id, [TagChange("bird", 1)])
    case.library.trash(case.owner, purged.image_id)
    case.library.purge(case.owner, purged.image_id)
    undo = Undo(case.images, case.operations, rows)

    with pytest.raises(ChangedSinceOperation):
        undo.undo(changed)
    with pytest.raises(ImageNotFound):
        undo.undo(purged)
    assert undo.undo(unchanged)
    check_rows()


def test_undo_of_an_image_that_another_request_undoes_first_counts_once(
    case: UndoCase, rows: Sequence[UndoRow]
) -> None:
    undo = Undo(case.images, case.operations, rows)

    with before_call(case.images, "save_all", lambda: case.undo.undo(rows[0])):
        assert [undo.undo(row) for row in rows] == [False, True, True]

    assert [case.images.get_image(case.owner, row.image_id).tags["dog"] for row in rows] == [1] * 3


def test_undo_whose_outcome_is_unknown_raises_the_error_of_the_store(
    case: UndoCase, rows: Sequence[UndoRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = rows[0], rows[1]
    undo = Undo(case.images, case.operations, rows)
    with monkeypatch.context() as patch:
        patch.setattr(case.images, "save_all", lambda _: {first.image_id: Unavailable()})
        with pytest.raises(Unavailable):
            undo.undo(first)

    assert undo.undo(second)
    assert case.undo.undo(first)


def test_failed_read_of_all_images_fails_the_first_undo_only(case: UndoCase, rows: Sequence[UndoRow]) -> None:
    undo = Undo(case.images, case.operations, rows)
    with before_call(case.images, "find_images", fail), pytest.raises(Unavailable):
        undo.undo(rows[0])

    assert [undo.undo(row) for row in rows] == [True] * 3


def test_undo_of_many_images_does_not_return_them_to_a_deleted_album(
    case: UndoCase, albums: Albums, check_rows: Callable[[], None]
) -> None:
    album = Album(new_id(), "Summer", datetime.now(UTC))
    albums.put(case.owner, album)
    saved = [case.image, case.images.save(picture(case.owner, dog=1))]
    for each in saved:
        case.library.change_album(case.owner, each.id, album.id)
        case.library.change_album(case.owner, each.id, album.id, removes=True, operation=case.operation)
    albums.delete(case.owner, album.id)
    rows = case.operations.list_rows(case.operation, 10)
    undo = Undo(case.images, case.operations, rows)

    assert [undo.undo(row) for row in rows] == [True, True]
    assert [case.images.get_image(case.owner, each.id).albums for each in saved] == [(), ()]
    check_rows()
