import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local.database import Database
from app.adapters.local.folder import DataFolder
from app.domain.errors import StartFailed


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A library whose originals can be moved to another disk."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    with closing(Database(folder.database)) as database, database.read():
        pass
    for name in ("originals", "deleted"):
        (folder.path / "objects" / name).mkdir(parents=True)
    return folder


def link(path: Path, target: Path) -> None:
    """Move a file or folder, and leave a symbolic link."""
    path.rename(target)
    path.symlink_to(target)


def copy(folder: DataFolder) -> DataFolder:
    shutil.copytree(folder.path, folder.path.with_name("copy"), symlinks=True)
    return DataFolder(folder.path.with_name("copy"))


@pytest.mark.parametrize("name", ["pixtag.db", "pixtag.db-wal"])
def test_database_that_is_a_symbolic_link_is_refused(folder: DataFolder, tmp_path: Path, name: str) -> None:
    (folder.path / name).touch()
    link(folder.path / name, tmp_path / "elsewhere.db")

    for require in (folder.prepare, folder.require_library):
        with pytest.raises(StartFailed, match=rf"{name} is a link\. Move its target, and the -wal file of the target"):
            require()


@pytest.mark.parametrize("linked", ["objects", "objects/originals", "objects/deleted"])
def test_copy_that_shares_its_photos_with_another_library_is_refused(
    folder: DataFolder, tmp_path: Path, linked: str
) -> None:
    link(folder.path / linked, tmp_path / "disk")
    folder.prepare()
    other = copy(folder)

    for require in (other.prepare, other.require_library, other.prepare_recovery):
        with pytest.raises(StartFailed, match=rf"belong to the library {folder.path}\. Two libraries would delete"):
            require()

    folder.prepare()
    shutil.rmtree(folder.path)
    other.prepare()


def test_copy_with_its_own_photos_is_accepted(folder: DataFolder) -> None:
    folder.prepare()
    other = copy(folder)

    other.prepare()
    folder.prepare()

    assert (folder.path / "objects" / "library").read_text() == str(folder.path)
    assert (other.path / "objects" / "library").read_text() == str(other.path)


def test_folder_with_another_name_keeps_its_photos(folder: DataFolder, tmp_path: Path) -> None:
    folder.prepare()
    (tmp_path / "name").symlink_to(folder.path)
    DataFolder(tmp_path / "name").prepare()
    link(folder.path, tmp_path / "moved")

    DataFolder(tmp_path / "moved").prepare()

    assert (tmp_path / "moved" / "objects" / "library").read_text() == str(tmp_path / "moved")


def test_photos_whose_library_cannot_be_stored_are_accepted(folder: DataFolder) -> None:
    (folder.path / "objects" / "library").mkdir()

    folder.prepare()


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [make_fifo, make_loop])
def test_file_of_another_kind_in_the_place_of_the_library_is_ignored(
    folder: DataFolder, make: Callable[[Path], None]
) -> None:
    make(folder.path / "objects" / "library")

    folder.prepare()
    folder.require_library()

    assert not (folder.path / "objects" / "library").is_file()


@pytest.mark.parametrize(
    "damaged",
    [b"", b"x" * 300, b"x" * 10_000, b"\0" * 100, b"/a\0b", b"\xff\xfe", b"x/" * 3_000, b"/proc/1/root", b"pixtag\n"],
    ids=["empty", "long-name", "very-long-name", "zeros", "zero", "no-text", "deep", "foreign", "newline"],
)
def test_damaged_path_of_the_library_is_replaced(folder: DataFolder, damaged: bytes) -> None:
    file = folder.path / "objects" / "library"
    file.write_bytes(damaged)

    folder.prepare()

    assert file.read_bytes() == os.fsencode(folder.path)


def test_library_that_this_user_may_not_read_is_ignored(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder.path / "objects" / "library").write_text("/srv/photos")

    def refuse(_path: Path, _other: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "samefile", refuse)

    folder.require_library()
