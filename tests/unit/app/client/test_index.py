import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.client import index as index_module
from app.client.errors import IndexUnusable
from app.client.index import UploadIndex, index_path
from app.client.walk import FoundFile
from tests.support.fake_server import URL, is_done

FILE = FoundFile("/photos/beach.jpg", 5, 1_000_000_007, 42)
HASH = "0" * 64


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the index."""
    return tmp_path / "state" / "uploads.db"


def test_path_is_in_the_state_folder_of_the_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert index_path() == tmp_path / "pixtag" / "uploads.db"


def test_sent_file_is_done_until_it_changes(index: UploadIndex) -> None:
    index.add(FILE, HASH, "image1")

    assert is_done(index, FILE)
    changed = [replace(FILE, path="/b"), replace(FILE, size=6), replace(FILE, mtime_ns=1), replace(FILE, inode=1)]
    assert not any(is_done(index, file) for file in changed)
    assert (index.find_image(HASH), index.count_sent()) == ("image1", 1)


def test_many_files_are_compared_in_their_order(index: UploadIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "CHUNK", 2)
    files = [replace(FILE, path=f"/{number}") for number in range(5)]
    for file in files[1:4]:
        index.add(file, HASH, "image1")

    assert list(index.compare(iter(files))) == [(file, file in {files[0], files[4]}) for file in files]


def test_file_that_is_no_photo_is_done_until_the_next_version(
    index: UploadIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(FILE, None, None)

    assert is_done(index, FILE)
    assert (index.find_image(HASH), index.count_sent()) == (None, 0)
    monkeypatch.setattr(index_module, "__version__", "99")
    assert not is_done(index, FILE)


def test_pending_upload_is_found_by_path_and_bytes_until_it_ends(index: UploadIndex) -> None:
    index.begin(FILE.path, HASH, "image1", "metadata")

    assert (index.find_pending(FILE.path, HASH), index.count_pending()) == (("image1", "metadata"), 1)
    index.begin(FILE.path, HASH, "image2")
    assert (index.find_pending(FILE.path, HASH), index.count_pending()) == (("image2", ""), 1)
    assert index.find_pending(FILE.path, "1" * 64) is None
    index.add(FILE, HASH, "image1")
    assert index.count_pending() == 0
    index.begin(FILE.path, HASH, "image2")
    index.cancel(FILE.path)
    assert index.count_pending() == 0


def test_tags_wait_in_the_order_of_uploads(index: UploadIndex) -> None:
    index.add_tags("image2", ["beach"])
    index.add_tags("image1", ["sea", "beach"])

    assert index.list_tags() == {"image1": ["beach", "sea"], "image2": ["beach"]}
    index.remove_tags("image1")
    assert index.list_tags() == {"image2": ["beach"]}


def test_accounts_and_servers_share_no_rows(index: UploadIndex, path: Path) -> None:
    index.add(FILE, HASH, "image1")
    index.begin("/b", HASH, "image2")
    index.add_tags("image1", ["beach"])

    for url, owner in ((URL, "grace"), ("https://b.example.com", "ada")):
        with UploadIndex(path, url, owner) as other:
            assert not is_done(other, FILE)
            assert (other.find_image(HASH), other.count_pending(), other.list_tags()) == (None, 0, {})
    with UploadIndex(path, URL, "ada") as again:
        assert is_done(again, FILE)


def test_name_that_is_no_text_is_kept(index: UploadIndex) -> None:
    file = replace(FILE, path=os.fsdecode(b"/photos/\xff.jpg"))
    index.add(file, HASH, "image1")

    assert is_done(index, file)


def test_damaged_index_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1_000)

    with pytest.raises(IndexUnusable, match=r"uploads.db is damaged. Delete it. The server recognizes"):
        UploadIndex(path, URL, "ada")


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(IndexUnusable, match=r"uploads.db cannot be used: .*Not a directory|File exists"):
        UploadIndex(tmp_path / "file" / "uploads.db", URL, "ada")


def test_full_disk_is_named_and_earlier_rows_remain(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect: Any = sqlite3.connect

    def connect_on_small_disk(*values: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*values, **options)
        connection.execute("PRAGMA max_page_count = 12")
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_on_small_disk)
    with UploadIndex(path, URL, "ada") as index:
        index.add(FILE, HASH, "image1")

        with pytest.raises(IndexUnusable, match=r"The disk of the upload index .* is full. Free some space"):
            index.add(replace(FILE, path="/" + "b" * 100_000), HASH, "image2")

        assert is_done(index, FILE)
