from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import pytest

from app.domain.errors import ImageChanged, OperationEnded, OperationNotFound
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.domain.operations import MAX_DURATION, ROW_LIFE, UNDO_DURATION, UNDO_LIFE, UndoRow
from app.domain.ports import Images, Operations
from app.domain.undo_values import make_undo_row
from tests.support.fakes import Clock, image

ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
LIFE, UNDOING = (int(duration.total_seconds()) for duration in (UNDO_LIFE, UNDO_DURATION))


@pytest.fixture
def clock(backend: str, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of operations."""
    clock = Clock()
    monkeypatch.setattr(import_module(f"app.adapters.{backend}.operations"), "time", clock)
    return clock


@pytest.fixture
def change(images: Images, operations: Operations, owner: str) -> Callable[..., Image]:
    """A function that renames a photo as a part of an operation, which leaves an undo row without values."""

    def change(before: Image, operation_id: str = ID) -> Image:
        after = replace(before, name=f"{before.name}!")
        row = make_undo_row(operations.proceed(owner, operation_id), before, after)
        return images.save(after, before, undo=row)

    return change


def list_rows(operations: Operations, owner: str, operation_id: str = ID) -> list[UndoRow]:
    return list(operations.list_rows(operations.get(owner, operation_id), 10))


def test_proceed_begins_an_operation_and_continues_it(operations: Operations, owner: str, clock: Clock) -> None:
    first = operations.proceed(owner, ID)
    clock.ahead += 5

    second = operations.proceed(owner, ID)

    assert operations.get(owner, ID) == second
    assert second.started_at == first.started_at == first.continued_at
    assert second.continued_at - first.continued_at in {5, 6}
    assert second.expires_at == first.expires_at


def test_get_of_unknown_operation_or_of_another_owner_raises_operation_not_found(
    operations: Operations, owner: str
) -> None:
    operations.proceed(owner, ID)

    for stranger, operation_id in (("another owner", ID), (owner, new_id())):
        with pytest.raises(OperationNotFound, match="for an hour"):
            operations.get(stranger, operation_id)


def test_operation_can_be_undone_for_an_hour_after_its_latest_request(
    operations: Operations, owner: str, clock: Clock
) -> None:
    operations.proceed(owner, ID)
    clock.ahead += LIFE - 60
    latest = operations.proceed(owner, ID)
    clock.ahead += LIFE - 60

    assert operations.get(owner, ID) == latest
    clock.ahead += 60
    with pytest.raises(OperationNotFound):
        operations.get(owner, ID)
    assert operations.get(owner, ID, has_begun=True) == latest
    clock.ahead += UNDOING
    with pytest.raises(OperationNotFound):
        operations.get(owner, ID, has_begun=True)


def test_proceed_with_ended_operation_is_refused_until_its_rows_have_expired(
    operations: Operations, images: Images, change: Callable[..., Image], owner: str, clock: Clock
) -> None:
    before = images.save(image(owner))
    after = change(before)
    clock.ahead += LIFE
    with pytest.raises(OperationEnded):
        operations.proceed(owner, ID)

    clock.ahead += int(ROW_LIFE.total_seconds()) - LIFE
    operation = operations.proceed(owner, ID)

    assert [operation.includes(row) for row in operations.list_rows(operation, 10)] == [False]
    again = change(after)
    assert [row.version for row in list_rows(operations, owner)] == [again.version]


def test_proceed_two_hours_after_the_first_request_is_refused(operations: Operations, owner: str, clock: Clock) -> None:
    operations.proceed(owner, ID)
    for _ in range(4):
        clock.ahead += int(MAX_DURATION.total_seconds()) // 4 - 1
        operations.proceed(owner, ID)
    clock.ahead += 4

    with pytest.raises(OperationEnded):
        operations.proceed(owner, ID)


def test_save_with_undo_row_stores_it(
    images: Images, operations: Operations, change: Callable[..., Image], owner: str
) -> None:
    after = change(images.save(image(owner)))

    row = UndoRow(owner, ID, after.id, after.version, 1, "{}", operations.get(owner, ID).expires_at)
    assert list_rows(operations, owner) == [row]
    assert operations.find_row(row) == row
    assert operations.find_row(replace(row, image_id=new_id())) is None


def test_list_rows_returns_pages_of_one_operation_by_image_id(
    images: Images, operations: Operations, change: Callable[..., Image], owner: str
) -> None:
    ids = [change(images.save(image(owner))).id for _ in range(5)]
    change(images.save(image(owner)), new_id())
    operation = operations.get(owner, ID)

    pages = [operations.list_rows(operation, 2, after) for after in ("", ids[1], ids[3], ids[4])]

    assert [[row.image_id for row in page] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]


def test_second_change_of_an_operation_keeps_each_first_value(
    images: Images, operations: Operations, owner: str
) -> None:
    before = images.save(image(owner))
    row = UndoRow(owner, ID, before.id, 2, 1, '{"taken":null}', operations.proceed(owner, ID).expires_at)
    after = images.save(before, before, undo=row)

    images.save(after, after, undo=replace(row, version=3, values='{"edits":{},"taken":"2019"}'))

    assert list_rows(operations, owner) == [replace(row, version=3, values='{"edits":{},"taken":null}')]


def test_second_change_after_a_change_by_another_request_leaves_the_row(
    images: Images, operations: Operations, change: Callable[..., Image], owner: str
) -> None:
    first = change(images.save(image(owner)))
    other = images.save(replace(first, name="other"), first)

    change(other)

    assert [row.version for row in list_rows(operations, owner)] == [first.version]


def test_change_after_an_undo_replaces_the_row(
    images: Images, operations: Operations, change: Callable[..., Image], owner: str
) -> None:
    first = change(images.save(image(owner)))
    [row] = list_rows(operations, owner)
    undone = images.save(first, first, undo=replace(row, version=row.version + 1, undone=True))
    rows = list_rows(operations, owner)

    last = change(undone)

    assert [(row.version, row.undone) for row in rows] == [(undone.version, True)]
    assert [(row.version, row.undone) for row in list_rows(operations, owner)] == [(last.version, False)]


def test_save_of_outdated_image_writes_no_undo_row(
    images: Images, operations: Operations, change: Callable[..., Image], owner: str
) -> None:
    before = images.save(image(owner))
    images.save(replace(before, name="other"), before)

    with pytest.raises(ImageChanged):
        change(before)

    assert list_rows(operations, owner) == []


def test_save_with_existing_undo_row_keeps_the_counters(
    images: Images, operations: Operations, check_rows: Callable[[], None], owner: str
) -> None:
    first = images.save(image(owner, dog=1))
    operation = operations.proceed(owner, ID)
    for after in (
        replace(first, detections=()),
        replace(first, detections=image(owner, cat=2).detections),
        replace(first, state=ImageState.TRASHED, trashed_at=None),
    ):
        before = images.get_image(owner, first.id)
        images.save(after, before, undo=make_undo_row(operation, before, after))

        check_rows()


def test_delete_rows_deletes_operations_and_undo_rows(
    images: Images, operations: Operations, change: Callable[..., Image], owner: str
) -> None:
    for _ in range(2):
        change(images.save(image(owner)))
    [row, _] = list_rows(operations, owner)
    images.delete_images(owner, 10)

    while images.delete_rows(owner, 1):
        pass

    assert operations.find_row(row) is None
    with pytest.raises(OperationNotFound):
        operations.get(owner, ID)
