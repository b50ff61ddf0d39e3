from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.domain.albums import Album
from app.domain.errors import ImageNotFound
from app.domain.ids import new_id
from app.domain.images import Image
from app.domain.marks import title_key
from app.services.doctor.album_check import AlbumCheck
from tests.support.aws import before
from tests.support.breakage import Breaker, MotoBreaker
from tests.support.doctor import check
from tests.support.fakes import Clock
from tests.support.libraries import Library
from tests.support.stored_data import ON_AWS, before_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.domain.ports import Albums

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def albums(library: Library) -> "Albums":
    return library.services.albums


@pytest.fixture
def album(albums: "Albums", owner: str, ready: Image, library: Library) -> Album:
    """An album with the ready image, which a person has placed."""
    made = Album(new_id(), "Summer", NOON)
    albums.put(owner, made)
    library.services.library.change_album(owner, ready.id, made.id)
    return albums.save(owner, made, made, placed=[ready.id])


def test_intact_albums_are_not_reported(library: Library, album: Album) -> None:
    assert check(library).findings == []


def test_lost_title_is_reported_and_repaired(
    library: Library, owner: str, albums: "Albums", album: Album, breaker: Breaker
) -> None:
    assert breaker.lose_title(0)

    text = f'The title "Summer" of the album {album.id} is not in the list of titles, or belongs to another album.'
    assert check(library).texts == [text]
    assert check(library, repair=True).progress.is_clean

    assert albums.find_titles(owner, ["summer"]) == {"summer": album.id}
    assert check(library).findings == []


def test_equal_titles_are_repaired_with_a_number(
    library: Library, owner: str, albums: "Albums", album: Album, breaker: Breaker
) -> None:
    breaker.lose_title(0)
    others = [Album(new_id(), title, NOON) for title in ("SUMMER", "Summer (2)")]
    for other in others:
        albums.put(owner, other)

    assert check(library, repair=True).progress.is_clean

    assert [each.title for each in albums.list(owner)] == ["Summer (3)", "SUMMER", "Summer (2)"]
    keys = [title_key(each.title) for each in albums.list(owner)]
    assert albums.find_titles(owner, keys) == dict(zip(keys, [album.id, *(other.id for other in others)], strict=True))
    assert check(library).findings == []


def test_lost_album_is_reported_and_its_images_leave_it(
    library: Library, owner: str, ready: Image, albums: "Albums", album: Album, breaker: Breaker, backend: str
) -> None:
    breaker.lose_album(0)
    texts = [
        f"An order is stored for the album {album.id}, which does not exist.",
        f"The photo beach.jpg ({ready.id}) is in an album that does not exist.",
    ]
    if backend == "aws":
        texts.insert(0, f"A stored title names the album {album.id}, which is missing.")

    assert sorted(check(library).texts) == sorted(texts)
    assert check(library, repair=True).progress.is_clean

    assert library.services.images.get_image(owner, ready.id).albums == ()
    assert list(albums.list_placed(owner, album.id)) == []
    albums.put(owner, Album(new_id(), "Summer", NOON))
    assert check(library).findings == []
    library.stored.check()


def test_deleted_album_that_the_worker_will_empty_is_not_reported(
    library: Library, owner: str, ready: Image, albums: "Albums", album: Album, clock: Clock
) -> None:
    albums.delete(owner, album.id)

    assert check(library, repair=True).findings == []
    assert library.services.images.get_image(owner, ready.id).albums == (album.id,)
    clock.ahead += 60
    library.services.outbox_worker.process(owner)
    assert library.services.images.get_image(owner, ready.id).albums == ()


def test_image_in_the_trash_may_be_in_a_deleted_album(
    library: Library, owner: str, ready: Image, albums: "Albums", album: Album, clock: Clock
) -> None:
    library.services.library.trash(owner, ready.id)
    albums.delete(owner, album.id)
    clock.ahead += 60
    library.services.outbox_worker.process(owner)

    assert check(library).findings == []


def test_images_that_leave_a_lost_album_meanwhile_are_not_reported(
    library: Library, owner: str, ready: Image, album: Album, breaker: Breaker
) -> None:
    breaker.lose_album(0)
    stores = library.stores

    def leave() -> None:
        library.services.library.change_album(owner, ready.id, album.id, removes=True)

    with before_call(stores.row_checks, "list_busy", leave):
        assert AlbumCheck(stores).check(owner, repair=False).differences == []


def test_image_of_a_lost_album_that_is_purged_meanwhile_is_skipped(
    library: Library, owner: str, ready: Image, album: Album, breaker: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaker.lose_album(0)
    album_check = AlbumCheck(library.stores)

    def fail(*_: object, **__: object) -> None:
        raise ImageNotFound

    monkeypatch.setattr(vars(album_check)["_library"], "change_album", fail)

    assert len(album_check.check(owner, repair=True).differences) == 1


@ON_AWS
def test_stale_title_of_an_album_is_deleted(
    library: Library, owner: str, albums: "Albums", album: Album, breaker: MotoBreaker
) -> None:
    renamed = albums.save(owner, replace(album, title="Winter"), album)
    breaker.add_title(owner, "summer", renamed.id)

    assert check(library).texts == [f"A stored title names the album {album.id}, which has another title."]
    assert check(library, repair=True).progress.is_clean

    assert albums.find_titles(owner, ["summer", "winter"]) == {"winter": album.id}


@ON_AWS
def test_title_that_names_a_lost_album_is_given_to_the_existing_one(
    library: Library, owner: str, albums: "Albums", album: Album, breaker: MotoBreaker
) -> None:
    breaker.add_title(owner, "summer", new_id())

    assert check(library, repair=True).progress.is_clean

    assert albums.find_titles(owner, ["summer"]) == {"summer": album.id}


@ON_AWS
def test_albums_that_always_change_are_unsettled(
    library: Library, owner: str, albums: "Albums", album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename() -> None:
        current = albums.get(owner, album.id)
        albums.save(owner, replace(current, title=f"Summer {current.version}"), current)

    album_checks = vars(library.stores.row_checks)["_albums"]
    with before_call(vars(album_checks)["_albums"], "list", rename):
        findings = check(library, repair=True).findings

    assert [finding.text for finding in findings] == [
        "PixTag could not compare the titles of albums, because it changed all the time."
    ]


@ON_AWS
def test_repair_of_a_title_that_changed_meanwhile_is_skipped(
    library: Library, owner: str, albums: "Albums", album: Album, breaker: Breaker
) -> None:
    breaker.lose_title(0)
    album_checks = vars(library.stores.row_checks)["_albums"]
    calls: list[Callable[[], object]] = [lambda: albums.save(owner, replace(album, title="Winter"), album)]

    with before(vars(album_checks)["_client"], "dynamodb.TransactWriteItems", lambda: calls and calls.pop()()):
        album_checks.repair(owner)

    assert albums.find_titles(owner, ["summer", "winter"]) == {"winter": album.id}
