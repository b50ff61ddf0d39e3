import httpx
import pytest

from app.client import tagging
from app.client.connection import Connection, Waits
from app.client.errors import RequestRefused
from app.client.import_albums import ImportAlbums
from app.client.index import FAVOURITES, UploadIndex
from app.client.tagging import IN_TRASH, UNPROCESSED
from tests.support import fake_server
from tests.support.fake_library import FakeLibrary
from tests.support.fake_server import JPEG, KEY, URL, problem


@pytest.fixture
def server() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def albums(server: FakeLibrary, index: UploadIndex, waits: fake_server.Waits, told: list[str]) -> ImportAlbums:
    connection = Connection(URL, KEY, Waits(60, waits), transport=server.transport)
    return ImportAlbums(connection, index, waits, told.append)


def test_photos_join_existing_and_new_albums_and_favourites(
    albums: ImportAlbums, server: FakeLibrary, index: UploadIndex, told: list[str]
) -> None:
    server.images = {"image0": JPEG, "image1": JPEG}
    server.pending = {"image1"}
    server.titles = {"One": "a1", "Two": "a2", "Sea Trip": "a3"}
    index.add_albums("image0", ["sea trip", FAVOURITES])
    index.add_albums("image1", ["sea trip", "New"])

    assert albums.apply() == []

    assert server.albums == {"Sea Trip": ["image0", "image1"], "New": ["image1"], "": ["image0"]}
    assert index.list_albums() == {}
    assert told == ["Waiting until the server has processed 2 photos. Processed: 1."]


def test_without_albums_nothing_is_sent(albums: ImportAlbums, server: FakeLibrary) -> None:
    assert albums.apply() == []
    assert server.requests == []


def test_many_photos_are_added_in_batches_and_failures_are_named(
    albums: ImportAlbums, server: FakeLibrary, index: UploadIndex
) -> None:
    server.images = {f"image{number}": JPEG for number in range(170)}
    for image in server.images:
        index.add_albums(image, ["Party"])

    problems = albums.apply()

    assert (len(server.albums["Party"]), len(problems)) == (100, 70)
    assert problems[0][1] == "Too many tags."
    assert index.list_albums() == {}


def test_photos_that_cannot_be_added_are_named(
    albums: ImportAlbums, server: FakeLibrary, index: UploadIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagging, "MAX_POLLS", 0)
    server.images = {"image0": JPEG}
    index.add_albums("image0", ["Party"])

    assert albums.apply() == [("image0", UNPROCESSED)]
    assert index.list_albums() == {"image0": ["Party"]}

    monkeypatch.setattr(tagging, "MAX_POLLS", 1)
    server.trashed = {"image0"}
    index.add_albums("missing", ["Party"])
    assert albums.apply() == [("image0", IN_TRASH), ("missing", "There is no such image in your library.")]
    assert index.list_albums() == {}


def test_album_that_cannot_be_created_is_named(albums: ImportAlbums, server: FakeLibrary, index: UploadIndex) -> None:
    server.images = {"image0": JPEG}
    index.add_albums("image0", ["A very long title", "Party"])

    assert albums.apply() == [("Album A very long title", "This title is too long.")]
    assert (server.albums, index.list_albums()) == ({"Party": ["image0"]}, {})


def test_album_whose_creation_got_no_response_is_used(
    albums: ImportAlbums, server: FakeLibrary, index: UploadIndex
) -> None:
    def create(line: str) -> None:
        if line == "POST /albums":
            server.titles["Party"] = "a1"

    server.images = {"image0": JPEG}
    server.on_request = create
    server.answers = [("POST /albums", problem(409, "You already have an album with this title."))]
    index.add_albums("image0", ["party"])

    assert albums.apply() == []
    assert (server.albums, index.list_albums()) == ({"Party": ["image0"]}, {})


def test_photos_wait_for_the_next_run_if_there_are_too_many_albums(
    albums: ImportAlbums, server: FakeLibrary, index: UploadIndex
) -> None:
    server.images = {"image0": JPEG}
    server.answers = [("POST /albums", problem(409, "You can have at most 1,000 albums."))]
    index.add_albums("image0", ["Party"])

    assert albums.apply() == [("Album Party", "You can have at most 1,000 albums.")]
    assert index.list_albums() == {"image0": ["Party"]}


def test_both_uploads_of_a_photo_join_its_albums(albums: ImportAlbums, server: FakeLibrary, index: UploadIndex) -> None:
    photo = {"id": "image0", "state": "ready", "reason": ""}
    server.answers = [(f"GET /images/{image}", httpx.Response(200, json=photo)) for image in ("image0", "image1")]
    index.add_albums("image0", ["Party"])
    index.add_albums("image1", ["Party"])

    assert albums.apply() == []
    assert (server.albums, index.list_albums()) == ({"Party": ["image0"]}, {})


@pytest.mark.parametrize("request_line", ["GET /images/image0", "POST /albums"])
def test_key_without_the_scope_keeps_the_albums_for_the_next_run(
    albums: ImportAlbums, server: FakeLibrary, index: UploadIndex, request_line: str
) -> None:
    server.images = {"image0": JPEG}
    index.add_albums("image0", ["Party"])
    refusal = problem(403, "This key lacks the scope edit.")
    server.answers = [(request_line, refusal)]

    with pytest.raises(RequestRefused, match="scope edit"):
        albums.apply()

    assert index.list_albums() == {"image0": ["Party"]}
