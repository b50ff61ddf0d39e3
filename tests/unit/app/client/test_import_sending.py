import hashlib
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.client.connection import Connection, Waits
from app.client.import_sending import ImportSender, dump_metadata, make_found
from app.client.imports.entries import ImportEntry
from app.client.imports.files import SourceFiles
from app.client.imports.folder import Folder
from app.client.index import UploadIndex
from app.client.sending import CHANGED, Outcome, Result
from app.domain.images import MAX_UPLOAD_BYTES
from detector.metadata.values import CaptureTime, Metadata, Position, TimeSource
from tests.support import fake_server
from tests.support.fake_library import FakeLibrary
from tests.support.fake_server import JPEG, KEY, URL, is_done
from tests.support.import_trees import write_tree, write_zip

PHOTO = JPEG + b"a"
METADATA = Metadata(
    taken=CaptureTime(datetime(2019, 7, 28, 1, 3), TimeSource.SIDECAR, timedelta(hours=9)),  # noqa: DTZ001 - a local time
    title="Tower",
    description="At night",
    keywords=("Ann",),
    rating=0,
    position=Position(35.5, 139.0),
)
REQUEST = {
    "taken_at": "2019-07-28T01:03:00+09:00",
    "title": "Tower",
    "description": "At night",
    "keywords": ["Ann"],
    "rating": 0,
    "position": {"latitude": 35.5, "longitude": 139.0, "altitude": None},
}

Send = Callable[[ImportEntry], Outcome]


@pytest.fixture
def server() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def send(server: FakeLibrary, index: UploadIndex) -> Send:
    """A function that sends an entry, and checks the progress."""
    connection = Connection(URL, KEY, Waits(60, fake_server.Waits()), transport=server.transport)

    def send(entry: ImportEntry) -> Outcome:
        file = make_found(entry)
        sizes: list[int] = []
        outcome = ImportSender(connection, index, {file.path: entry}).send(file, sizes.append)
        assert sum(sizes) == entry.file.size
        return outcome

    return send


def make_entry(path: str, metadata: Metadata = METADATA, **values: Any) -> ImportEntry:
    (file,) = SourceFiles([path])
    return ImportEntry(file, metadata, **values)


def test_photo_is_sent_with_its_metadata_and_waits_for_its_albums(
    send: Send, server: FakeLibrary, index: UploadIndex, tmp_path: Path
) -> None:
    path = write_tree(tmp_path, {"a.jpg": PHOTO}) + "/a.jpg"

    outcome = send(make_entry(path, albums=("Party",), favourite=True))

    assert outcome.result is Result.SENT
    assert server.images == {"image0": PHOTO}
    upload = server.uploads["image0"]
    assert (upload["name"], upload["metadata"]) == ("a.jpg", REQUEST)
    assert datetime.fromisoformat(upload["last_modified"]).timestamp() == int(Path(path).stat().st_mtime)
    assert index.list_albums() == {"image0": ["", "Party"]}


@pytest.mark.parametrize("size", [1, 1_000])
def test_member_of_a_zip_file_is_sent(send: Send, server: FakeLibrary, tmp_path: Path, size: int) -> None:
    data = JPEG + bytes(size)
    path = write_zip(tmp_path / "a.zip", {"Düne/a.jpg": data})

    assert send(make_entry(path)).result is Result.SENT

    assert server.images == {"image0": data}
    upload = server.uploads["image0"]
    assert upload == {
        "name": "a.jpg",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "metadata": REQUEST,
    }


def test_copies_with_the_same_metadata_are_sent_once(
    send: Send, server: FakeLibrary, index: UploadIndex, tmp_path: Path
) -> None:
    first, second, third = (write_zip(tmp_path / f"{n}.zip", {f"{n}.jpg": PHOTO}) for n in range(3))
    send(make_entry(first))
    server.requests.clear()

    copy = send(make_entry(second, albums=("Party",)))
    assert (copy.result, server.requests, index.list_albums()) == (Result.KNOWN, [], {"image0": ["Party"]})

    other = send(make_entry(third, Metadata(title="Sea")))
    assert (other.result, server.requests) == (Result.KNOWN, ["POST /uploads"])
    assert server.uploads["image0"]["metadata"] == {"title": "Sea"}


def test_index_knows_photos_until_the_photo_or_its_metadata_changes(
    send: Send, index: UploadIndex, tmp_path: Path
) -> None:
    path = write_tree(tmp_path, {"a.jpg": PHOTO}) + "/a.jpg"
    send(make_entry(path))

    assert is_done(index, make_found(make_entry(path)))
    assert not is_done(index, make_found(make_entry(path, Metadata())))
    assert not is_done(index, make_found(make_entry(path, albums=("Party",))))
    assert not is_done(index, make_found(make_entry(path, favourite=True)))
    write_tree(tmp_path, {"a.jpg": PHOTO + b"!"})
    assert not is_done(index, make_found(make_entry(path)))


def test_interrupted_upload_continues(send: Send, server: FakeLibrary, tmp_path: Path) -> None:
    data = JPEG + bytes(200)
    path = write_zip(tmp_path / "a.zip", {"a.jpg": data})
    server.answers = [("POST /uploads/image0/complete", httpx.Response(403, json={"detail": "Stop"}))]
    with pytest.raises(Exception, match="Stop"):
        send(make_entry(path))

    assert send(make_entry(path)).result is Result.SENT

    assert server.images == {"image0": data}
    assert server.requests.count("POST /uploads") == 1


def test_interrupted_upload_begins_again_if_its_metadata_has_changed(
    send: Send, server: FakeLibrary, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jpg": JPEG + bytes(200)})
    server.answers = [("POST /uploads/image0/complete", httpx.Response(403, json={"detail": "Stop"}))]
    with pytest.raises(Exception, match="Stop"):
        send(make_entry(path))

    assert send(make_entry(path, Metadata(title="Sea"))).result is Result.SENT

    assert (list(server.images), server.removed) == (["image1"], ["image0"])
    assert server.uploads["image1"]["metadata"] == {"title": "Sea"}


def test_file_that_changes_after_the_scan_is_named(send: Send, server: FakeLibrary, tmp_path: Path) -> None:
    path = write_tree(tmp_path, {"a.jpg": PHOTO}) + "/a.jpg"
    entry = make_entry(path)
    write_tree(tmp_path, {"a.jpg": PHOTO.replace(b"a", b"b") + b"b"})

    outcome = send(entry)

    assert (outcome.result, outcome.reason, server.images) == (Result.FAILED, CHANGED, {})


def test_damaged_member_is_named(send: Send, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", JPEG + bytes(10_000) + b"0123456789")
    path.write_bytes(path.read_bytes().replace(b"0123", b"0124"))
    (entry,) = Folder([str(path)])

    outcome = send(entry)

    assert (outcome.result, outcome.reason) == (
        Result.FAILED,
        "This part of the zip file is damaged. Download it again.",
    )


def test_missing_zip_file_is_named(send: Send, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jpg": PHOTO})
    entry = make_entry(path)
    failing = ImportEntry(
        entry.file.__class__("z", "a.jpg", 4, "", lambda: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    )

    assert send(failing).reason == "Input/output error."


def test_member_that_is_too_large_is_named_and_not_extracted(send: Send, tmp_path: Path) -> None:
    (file,) = SourceFiles([write_zip(tmp_path / "a.zip", {"a.jpg": PHOTO})])
    large = ImportEntry(file.__class__(file.source, file.name, MAX_UPLOAD_BYTES + 1, "", file.open))

    assert send(large).reason == "The file has more than 200 MiB."


def test_dump_metadata_of_nothing_is_empty() -> None:
    assert dump_metadata(Metadata()) == {}
    assert dump_metadata(Metadata(position=Position(0, 1, 0))) == {
        "position": {"latitude": 0, "longitude": 1, "altitude": 0}
    }
