"""Changes of many images together, on both stores."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from app.domain.albums import Album, add_to_album
from app.domain.edits import TagChange, retag
from app.domain.ids import new_id
from app.domain.images import Image, ImageState, make_tombstone, move_to_trash
from app.domain.operations import ImageChange
from app.domain.outbox import OutboxKind
from app.domain.ports import Albums, Images, Operations, Outbox
from app.domain.tags import TagTotal
from app.domain.undo_values import make_undo_row
from tests.support.fakes import image
from tests.support.picture_hashes import make_hash

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
OPERATION = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def add_tag(before: Image, tag: str) -> ImageChange:
    return ImageChange(before, retag(before, [TagChange(tag, 2)], NOON))


def test_save_all_of_no_changes_does_nothing(images: Images) -> None:
    assert images.save_all([]) == {}


def test_save_all_writes_each_change_with_its_undo_row(
    images: Images, operations: Operations, owner: str, check_rows: Callable[[], None]
) -> None:
    saved = [images.save(image(owner, dog=1)) for _ in range(30)]
    operation = operations.proceed(owner, OPERATION)
    changes = [add_tag(each, "kyoto") for each in saved]
    undo = {change.before.id: make_undo_row(operation, change.before, change.after) for change in changes}

    results = images.save_all([replace(change, undo=undo[change.before.id]) for change in changes])

    assert results == {each.after.id: replace(each.after, version=2) for each in changes}
    assert {each.id: each for each in images.find_images(owner, [*results])} == results
    assert images.count_tags(owner) == [TagTotal("dog", 30, 30), TagTotal("kyoto", 30, 60)]
    assert {row.image_id: row for row in operations.list_rows(operation, 100)} == undo
    check_rows()


def test_save_all_leaves_out_an_image_that_has_changed(
    images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    outdated, current = images.save(image(owner, dog=1)), images.save(image(owner, dog=1))
    newer = images.save(replace(outdated, name="newer.jpg"), outdated)

    results = images.save_all([add_tag(outdated, "kyoto"), add_tag(current, "kyoto")])

    assert [*results] == [current.id]
    assert images.get_image(owner, outdated.id) == newer
    assert images.count_tag(owner, "kyoto") == TagTotal("kyoto", 1, 2)
    check_rows()


def test_save_all_into_a_deleted_album_leaves_the_images_out(
    images: Images, albums: Albums, owner: str, check_rows: Callable[[], None]
) -> None:
    albums.put(owner, album := Album(new_id(), "Summer", NOON))
    saved = [images.save(image(owner)), images.save(image(owner))]
    changes = [ImageChange(each, add_to_album(each, album.id)) for each in saved]
    albums.delete(owner, album.id)

    assert images.save_all(changes) == {}
    assert [images.get_image(owner, each.id) for each in saved] == saved
    check_rows()


def test_save_all_into_an_album_adds_all_images(images: Images, albums: Albums, owner: str) -> None:
    albums.put(owner, album := Album(new_id(), "Summer", NOON))
    saved = [images.save(image(owner)), images.save(image(owner))]

    results = images.save_all([ImageChange(each, add_to_album(each, album.id)) for each in saved])

    assert (len(results), albums.count(owner)) == (2, {album.id: 2})


def test_save_all_moves_images_to_the_trash_and_deletes_the_counters(
    images: Images, outbox: Outbox, owner: str, check_rows: Callable[[], None]
) -> None:
    saved = [images.save(image(owner, dog=1, kyoto=1)) for _ in range(20)]
    pending = images.save(image(owner, ImageState.PENDING))
    changes = [ImageChange(each, move_to_trash(each, datetime.now(UTC))) for each in saved]

    results = images.save_all([*changes, ImageChange(pending, make_tombstone(pending))])

    assert {each.state for each in images.find_images(owner, [*results])} == {ImageState.TRASHED, ImageState.GONE}
    assert images.count_tags(owner) == []
    outbox.take(owner)
    assert [(row.kind, row.image_id) for row in outbox.lease(owner)] == [(OutboxKind.PURGE, pending.id)]
    check_rows()


def test_save_all_puts_restored_copies_into_a_group(images: Images, owner: str, check_rows: Callable[[], None]) -> None:
    copies = [images.save(replace(image(owner), picture_hash=make_hash(1))) for _ in range(2)]
    trashed = [images.save(move_to_trash(each, NOON), each) for each in copies]

    images.save_all([ImageChange(each, replace(each, state=ImageState.READY, trashed_at=None)) for each in trashed])

    grouped = images.similar.list_grouped(owner, "~", 10)
    assert {each.id for each in grouped} == {each.id for each in copies}
    check_rows()
