import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.client.connection import Connection, Waits
from app.client.downloads import NAMES_FILE, Downloads, Names, PhotoFailed
from app.client.errors import ClientError, RequestRefused, ServerUnreachable
from tests.support import fake_server
from tests.support.fake_server import KEY, STORE, URL, problem

DATA = bytes(range(200))
UNIQUE_NAMES = Path(__file__).parents[4] / "static" / "src" / "download" / "unique-names.json"


class Body(httpx.SyncByteStream):
    """A body whose connection is lost after some bytes."""

    def __init__(self, data: bytes, lost_after: int) -> None:
        self._data, self._lost_after = data, lost_after

    def __iter__(self) -> Iterator[bytes]:
        yield self._data[: self._lost_after]
        if self._lost_after < len(self._data):
            raise httpx.ReadError("reset")


class Store:
    """A server with images, whose originals are sent in answer to links.

    Attributes:
        images: The details of images by id.
        originals: The bytes of originals by id.
        lost_after: After how many bytes each connection is lost.
        takes_ranges: Whether links accept ranges.
        answers: Responses in place of the next ones, by the path.
    """

    def __init__(self) -> None:
        self.images: dict[str, dict[str, Any]] = {}
        self.originals: dict[str, bytes] = {}
        self.lost_after = 10**9
        self.takes_ranges = True
        self.answers: dict[str, list[httpx.Response]] = {}
        self.ranges: list[str] = []

    def add(self, image: str, name: str, data: bytes = DATA, **more: Any) -> dict[str, Any]:
        self.originals[image] = data
        metadata = {"title": "", "description": "", "rating": None, "position": None}
        details = {"id": image, "name": name, "type": "image/jpeg", "size": len(data), "tags": [{"tag": "sea"}]}
        details |= {"taken_at": None, "taken_source": "exif", "metadata": metadata, "original": f"{STORE}/{image}"}
        self.images[image] = details | more
        return self.images[image]

    def answer(self, request: httpx.Request) -> httpx.Response:
        if answers := self.answers.get(request.url.path):
            return answers.pop(0)
        if request.url.path.startswith("/images/"):
            image = request.url.path.removeprefix("/images/")
            return httpx.Response(200, json=self.images[image]) if image in self.images else problem(404, "No image.")
        assert request.headers["accept-encoding"] == "identity"
        self.ranges.append(request.headers["range"])
        start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
        data = self.originals[request.url.path[1:]]
        if not self.takes_ranges:
            return httpx.Response(200, stream=Body(data, self.lost_after))
        return httpx.Response(206, stream=Body(data[start:], self.lost_after))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def waits() -> fake_server.Waits:
    return fake_server.Waits()


@pytest.fixture
def connection(store: Store, waits: fake_server.Waits) -> Connection:
    return Connection(URL, KEY, Waits(60, waits), transport=httpx.MockTransport(store.answer))


def fetch(downloads: Downloads, image: dict[str, Any]) -> bool:
    """Download a photo, and check that the progress adds up to its size."""
    sizes: list[int] = []
    try:
        return downloads.fetch(image["id"], image["size"], sizes.append)
    finally:
        assert sum(sizes) == image["size"]


def list_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != NAMES_FILE)


def test_photo_is_written_with_its_sidecar_and_a_second_run_changes_nothing(
    store: Store, connection: Connection, folder: Path
) -> None:
    image = store.add("image1", "beach.jpg")

    assert fetch(Downloads(connection, folder), image)

    assert list_files(folder) == ["beach.jpg", "beach.jpg.xmp"]
    assert (folder / "beach.jpg").read_bytes() == DATA
    assert "<rdf:li>sea</rdf:li>" in (folder / "beach.jpg.xmp").read_text()
    assert not fetch(Downloads(connection, folder), image)
    assert store.ranges == ["bytes=0-"]


def test_names_are_unique_without_regard_to_case_and_stay_the_same(
    store: Store, connection: Connection, folder: Path
) -> None:
    folder.mkdir()
    (folder / "beach (2).jpg").write_text("of a person")
    images = [store.add(f"image{number}", name) for number, name in enumerate(["beach.jpg", "BEACH.jpg", "beach.jpg"])]

    for _ in range(2):
        downloads = Downloads(connection, folder)
        for image in reversed(images):
            fetch(downloads, image)

    photos = [name for name in list_files(folder) if not name.endswith(".xmp")]
    assert photos == ["BEACH (3).jpg", "beach (2).jpg", "beach (4).jpg", "beach.jpg"]
    assert (folder / "beach (2).jpg").read_text() == "of a person"


@pytest.mark.parametrize("row", json.loads(UNIQUE_NAMES.read_text()), ids=lambda row: row["names"][0])
def test_names_are_those_of_the_web_ui(tmp_path: Path, row: dict[str, list[str]]) -> None:
    names = Names(tmp_path)

    assert [names.choose(str(number), name) for number, name in enumerate(row["names"])] == row["unique"]


def test_name_is_safe_and_not_too_long(store: Store, connection: Connection, folder: Path) -> None:
    fetch(Downloads(connection, folder), store.add("image1", "ä" * 120 + "/../x:y.html"))
    fetch(Downloads(connection, folder), store.add("image2", "ä" * 120 + ".jpg"))

    assert list_files(folder) == ["x_y.html.jpg", "x_y.html.jpg.xmp", "ä" * 118 + ".jpg", "ä" * 118 + ".jpg.xmp"]


def test_list_of_names_that_was_cut_off_is_used(store: Store, connection: Connection, folder: Path) -> None:
    fetch(Downloads(connection, folder), store.add("image1", "beach.jpg"))
    with (folder / NAMES_FILE).open("a") as file:
        file.write('\n{"id": "image2", "na')

    downloads = Downloads(connection, folder)

    assert not fetch(downloads, store.images["image1"])
    assert fetch(downloads, store.add("image2", "sea.jpg"))
    assert not fetch(Downloads(connection, folder), store.images["image2"])


@pytest.mark.parametrize(
    ("takes_ranges", "lost_after", "ranges"),
    [(True, 80, ["bytes=0-", "bytes=80-", "bytes=160-"]), (False, 10**9, ["bytes=50-"])],
)
def test_download_continues_after_the_bytes_that_it_has(
    store: Store, connection: Connection, folder: Path, *, takes_ranges: bool, lost_after: int, ranges: list[str]
) -> None:
    store.lost_after, store.takes_ranges = lost_after, takes_ranges
    if not takes_ranges:
        folder.mkdir()
        (folder / ".image1.part").write_bytes(DATA[:50])

    fetch(Downloads(connection, folder), store.add("image1", "beach.jpg"))

    assert (folder / "beach.jpg").read_bytes() == DATA
    assert store.ranges == ranges


def test_connection_that_sends_nothing_is_given_up(
    store: Store, connection: Connection, folder: Path, waits: fake_server.Waits
) -> None:
    store.lost_after = 0

    with pytest.raises(ServerUnreachable, match=r"The connection was lost: reset."):
        fetch(Downloads(connection, folder), store.add("image1", "beach.jpg"))
    assert sum(waits.seconds) >= 60

    store.lost_after = 10**9
    store.originals["image1"] = b""
    with pytest.raises(ServerUnreachable, match=r"The server sent no bytes."):
        fetch(Downloads(connection, folder), store.images["image1"])


def test_link_that_expires_is_renewed(store: Store, connection: Connection, folder: Path) -> None:
    store.answers = {"/image1": [problem(403, "The link has expired.")]}

    assert fetch(Downloads(connection, folder), store.add("image1", "beach.jpg"))


def test_photos_that_cannot_be_downloaded_are_named(store: Store, connection: Connection, folder: Path) -> None:
    downloads = Downloads(connection, folder)
    store.answers = {"/image1": [problem(403, "The link has expired.") for _ in range(3)]}
    faults = {
        "The link has expired.": store.add("image1", "a.jpg"),
        "The server does not have the original of this photo.": store.add("image2", "b.jpg", original=None),
        "No image.": {"id": "image3", "size": 1},
        "The server sent other bytes than it has announced. Run the command again.": store.add("c", "c.jpg", size=150),
    }

    for message, image in faults.items():
        with pytest.raises(PhotoFailed) as error:
            fetch(downloads, image)
        assert str(error.value) == message
    assert list_files(folder) == []


def test_key_without_the_scope_ends_the_command(store: Store, connection: Connection, folder: Path) -> None:
    store.answers = {"/images/image1": [problem(403, "This API key lacks the scope `read`.")]}

    with pytest.raises(RequestRefused, match="lacks the scope `read`"):
        fetch(Downloads(connection, folder), store.add("image1", "a.jpg"))


def test_photo_and_sidecar_that_a_person_changed_are_kept(store: Store, connection: Connection, folder: Path) -> None:
    image = store.add("image1", "beach.jpg")
    fetch(Downloads(connection, folder), image)
    sidecar = folder / "beach.jpg.xmp"
    edited = sidecar.read_text().replace("PixTag", "XMP Core 4.4.0-Exiv2")
    sidecar.write_text(edited)

    fetch(Downloads(connection, folder), image)
    assert sidecar.read_text() == edited

    (folder / "beach.jpg").write_bytes(b"cropped")
    with pytest.raises(PhotoFailed, match=r"beach.jpg has changed. Move it away"):
        fetch(Downloads(connection, folder), image)
    assert (folder / "beach.jpg").read_bytes() == b"cropped"


def test_sidecar_follows_the_tags(store: Store, connection: Connection, folder: Path) -> None:
    fetch(Downloads(connection, folder), store.add("image1", "beach.jpg"))

    fetch(Downloads(connection, folder), store.add("image1", "beach.jpg", tags=[{"tag": "dog"}]))

    assert "<rdf:li>dog</rdf:li>" in (folder / "beach.jpg.xmp").read_text()


@pytest.mark.parametrize(
    ("number", "message"), [(errno.ENOSPC, "The disk of .* is full"), (errno.EROFS, "cannot be written: Read-only")]
)
def test_disk_that_takes_no_bytes_is_named_and_the_photo_continues_later(
    store: Store, connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    image = store.add("image1", "beach.jpg")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(ClientError, match=message):
            fetch(Downloads(connection, folder), image)

    assert fetch(Downloads(connection, folder), image)
    assert list_files(folder) == ["beach.jpg", "beach.jpg.xmp"]
