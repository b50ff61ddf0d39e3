"""Albums on both stores."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.albums import MAX_PLACED, Album, AlbumOrder, add_to_album, remove_from_album
from app.domain.errors import AlbumChanged, AlbumExists, AlbumNotFound, ImageChanged, RowDamaged
from app.domain.ids import new_id
from app.domain.images import Image, ImageState, move_to_trash
from app.domain.outbox import OutboxKind
from app.domain.ports import Albums, Images, Outbox
from app.domain.query import parse
from app.domain.tags import TagTotal
from tests.support.breakage import OLD_SECONDS
from tests.support.damaged_values import RowDamage
from tests.support.fakes import OTHER_OWNER, Clock, image

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def album(albums: Albums, owner: str) -> Album:
    made = Album(new_id(), "Summer 2019", NOON)
    albums.put(owner, made)
    return made


@pytest.fixture
def saved(images: Images, owner: str, album: Album) -> list[Image]:
    """A photo with dogs in the album, one without tags in it, and one that is not in it."""
    made = [images.save(image(owner, dog=2)), images.save(image(owner)), images.save(image(owner, dog=1))]
    return [images.save(add_to_album(each, album.id), each) for each in made[:2]] + made[2:]


def find(images: Images, owner: str, text: str) -> list[str]:
    return [each.id for each in images.search(owner, parse(text), 10).images]


def test_put_writes_albums_in_the_order_of_their_ids(albums: Albums, owner: str, album: Album) -> None:
    other = Album(new_id(), "winter", NOON)
    albums.put(owner, other)

    assert albums.list(owner) == [album, other]
    assert albums.get(owner, album.id) == album
    assert albums.find_titles(owner, ["summer 2019", "autumn", "winter"]) == {
        "summer 2019": album.id,
        "winter": other.id,
    }
    assert albums.list(OTHER_OWNER) == []


def test_damaged_album_is_left_out_of_the_list_and_raises_row_damaged(
    albums: Albums, owner: str, album: Album, damage: RowDamage, caplog: pytest.LogCaptureFixture
) -> None:
    albums.put(owner, other := Album(new_id(), "winter", NOON))
    damage.damage("album", album.id, "created_at", "?")

    assert (albums.list(owner), albums.list_damaged(owner)) == ([other], [album.id])
    assert [*albums.list_page(owner, 1)] == [*albums.list_page(owner, 1, album.id)] == [other]
    with pytest.raises(RowDamaged, match=f"the album {album.id} is damaged"):
        albums.get(owner, album.id)
    assert {album.id in message for message in caplog.messages} == {True}


def test_put_of_equal_title_raises_album_exists(albums: Albums, owner: str, album: Album) -> None:
    with pytest.raises(AlbumExists):
        albums.put(owner, Album(new_id(), "SUMMER 2019", NOON))
    albums.put(OTHER_OWNER, Album(new_id(), "Summer 2019", NOON))

    assert albums.list(owner) == [album]


@pytest.mark.parametrize("title", ["SUMMER 2019", "Winter"])
def test_save_changes_the_album(albums: Albums, owner: str, album: Album, title: str) -> None:
    changed = replace(album, title=title, cover=new_id(), order=AlbumOrder.HAND)

    saved = albums.save(owner, changed, album)

    assert saved == replace(changed, version=2)
    assert albums.list(owner) == [saved]
    assert albums.find_titles(owner, {changed.key, album.key}) == {changed.key: album.id}


def test_save_of_another_version_raises_album_changed(albums: Albums, owner: str, album: Album) -> None:
    saved = albums.save(owner, replace(album, title="Winter"), album)

    with pytest.raises(AlbumChanged):
        albums.save(owner, replace(album, title="Autumn"), album, placed=[new_id()])

    assert albums.list(owner) == [saved]
    assert list(albums.list_placed(owner, album.id)) == []


def test_save_of_deleted_album_raises_album_changed(albums: Albums, owner: str, album: Album) -> None:
    albums.delete(owner, album.id)

    with pytest.raises(AlbumChanged):
        albums.save(owner, replace(album, title="Winter"), album)

    assert albums.list(owner) == []


def test_save_of_equal_title_raises_album_exists(albums: Albums, owner: str, album: Album) -> None:
    other = Album(new_id(), "Winter", NOON)
    albums.put(owner, other)

    with pytest.raises(AlbumExists):
        albums.save(owner, replace(other, title="SUMMER 2019"), other, placed=[new_id()])

    assert albums.list(owner) == [album, other]
    assert list(albums.list_placed(owner, other.id)) == []


def test_placed_images_are_those_of_the_last_save(albums: Albums, owner: str, album: Album) -> None:
    ids = [new_id() for _ in range(MAX_PLACED)]

    saved = albums.save(owner, album, album, placed=ids)
    assert albums.list_placed(owner, album.id) == ids
    saved = albums.save(owner, saved, saved, placed=ids[:2])
    albums.save(owner, replace(saved, title="Winter"), saved)

    assert albums.list_placed(owner, album.id) == ids[:2]
    assert list(albums.list_placed(OTHER_OWNER, album.id)) == []


def test_deleted_album_has_no_placed_images(albums: Albums, owner: str, album: Album) -> None:
    albums.save(owner, album, album, placed=[new_id()])

    albums.delete(owner, album.id)

    assert list(albums.list_placed(owner, album.id)) == []


def test_deletion_of_all_rows_deletes_albums_and_their_orders(
    images: Images, albums: Albums, owner: str, album: Album
) -> None:
    albums.save(owner, album, album, placed=[new_id()])

    while images.delete_rows(owner, 1):
        pass

    assert list(albums.list(owner)) == []
    assert list(albums.list_placed(owner, album.id)) == []


def test_list_page_continues_after_an_id(albums: Albums, owner: str, album: Album) -> None:
    others = [Album(new_id(), title, NOON) for title in ("a", "b")]
    for each in others:
        albums.put(owner, each)

    assert albums.list_page(owner, 2) == [album, others[0]]
    assert albums.list_page(owner, 2, others[0].id) == [others[1]]
    assert list(albums.list_page(owner, 2, others[1].id)) == []


def test_count_of_a_range_leaves_out_other_albums(
    images: Images, albums: Albums, owner: str, album: Album, saved: list[Image]
) -> None:
    other = Album(new_id(), "Winter", NOON)
    albums.put(owner, other)
    images.save(add_to_album(saved[0], other.id), saved[0])

    assert albums.count(owner) == {album.id: 2, other.id: 1}
    assert albums.count(owner, other.id, other.id) == {other.id: 1}
    assert albums.count(owner, album.id, album.id) == {album.id: 2}


@pytest.mark.parametrize("album_id", ["", "x", "0" * 26, "01jd8xk3v5m0z8q4n2c7r9t1wy"])
def test_unknown_album_raises_album_not_found(albums: Albums, owner: str, album_id: str) -> None:
    with pytest.raises(AlbumNotFound):
        albums.get(owner, album_id)
    with pytest.raises(AlbumNotFound):
        albums.delete(owner, album_id)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ('album:"summer  2019"', [1, 0]),
        ("album:{id}, dog", [0]),
        ("album:Summer 2019, untagged", [1]),
        ("!album:Summer 2019", [2]),
        ("album:Winter", []),
        ("!album:Winter, dog>=2", [0]),
        ("album:Winter|dog=1", [2]),
    ],
)
def test_search_finds_images_of_an_album(
    images: Images, owner: str, album: Album, saved: list[Image], text: str, numbers: list[int]
) -> None:
    assert find(images, owner, text.replace("{id}", album.id)) == [saved[number].id for number in numbers]


def test_albums_are_no_tags(
    images: Images, albums: Albums, owner: str, album: Album, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    assert images.count_tags(owner) == [TagTotal("dog", 2, 3)]
    assert albums.count(owner) == {album.id: 2}
    assert images.find_image(owner, saved[0].id) == saved[0]
    check_rows()


def test_images_leave_the_album_in_the_trash_and_by_hand(
    images: Images, albums: Albums, owner: str, album: Album, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    images.save(move_to_trash(saved[0], NOON), saved[0])
    images.save(remove_from_album(saved[1], album.id), saved[1])

    assert find(images, owner, "album:Summer 2019") == []
    assert albums.count(owner) == {}
    assert [each.id for each in images.search_trash(owner, parse("album:Summer 2019"), 10).images] == [saved[0].id]
    check_rows()


def test_image_cannot_join_a_deleted_album(
    images: Images, albums: Albums, owner: str, album: Album, saved: list[Image], check_rows: Callable[[], None]
) -> None:
    trashed = images.save(move_to_trash(saved[0], NOON), saved[0])
    albums.delete(owner, album.id)

    with pytest.raises(AlbumNotFound):
        images.save(add_to_album(saved[2], album.id), saved[2])
    with pytest.raises(AlbumNotFound):
        images.save(replace(trashed, state=ImageState.READY, trashed_at=None), trashed)
    with pytest.raises(ImageChanged):
        images.save(add_to_album(saved[0], album.id), saved[0])
    assert albums.list(owner) == []
    check_rows()


def test_all_deleted_albums_are_named_at_once(
    images: Images, albums: Albums, owner: str, album: Album, saved: list[Image]
) -> None:
    others = [Album(new_id(), title, NOON) for title in ("Autumn", "Winter")]
    joined = saved[0]
    for each in others:
        albums.put(owner, each)
        joined = images.save(add_to_album(joined, each.id), joined)
    trashed = images.save(move_to_trash(joined, NOON), joined)
    for each in others:
        albums.delete(owner, each.id)

    with pytest.raises(AlbumNotFound) as failure:
        images.save(replace(trashed, state=ImageState.READY, trashed_at=None), trashed)

    assert failure.value.album_ids == tuple(sorted(each.id for each in others))


def test_delete_schedules_the_removal_of_the_images(
    albums: Albums, outbox: Outbox, owner: str, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    albums.delete(owner, album.id)

    clock = Clock(OLD_SECONDS)
    for module in ("app.adapters.aws.outbox.time", "app.adapters.local.outbox.time"):
        monkeypatch.setattr(module, clock)
    (row,) = outbox.lease(owner)
    assert (row.kind, row.image_id) == (OutboxKind.EMPTY_ALBUM, album.id)
    assert albums.find_titles(owner, [album.key]) == {}


def test_delete_of_album_that_another_request_deletes_raises_album_not_found(
    albums: Albums, owner: str, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    albums.delete(owner, album.id)
    monkeypatch.setattr(albums, "get", lambda owner, album_id: album)

    with pytest.raises(AlbumNotFound):
        albums.delete(owner, album.id)
