"""A file or folder of a library that cannot be used is named in one sentence, which says what to do."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.adapters.local.folder import DataFolder
from app.domain.errors import StartFailed

FILES = (
    "pixtag.db",
    "pixtag.db-wal",
    "pixtag.db-shm",
    "pixtag.db-journal",
    "pixtag.lock",
    "recovered.db",
    "recovered.tmp",
)
FOLDERS = ("copies", "objects", "objects/originals", "objects/tmp", "objects/deleted")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A library with a database and a photo."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    folder.database.write_bytes(b"database")
    (folder.path / "objects").mkdir()
    return folder


def start(folder: DataFolder) -> None:
    folder.prepare()


def run_command(folder: DataFolder) -> None:
    folder.require_library()


def recover(folder: DataFolder) -> None:
    folder.prepare_recovery()


@pytest.mark.parametrize("use", [start, run_command, recover])
@pytest.mark.parametrize("name", [*FILES, *FOLDERS])
def test_wrong_kind_of_file_is_named_and_kept(folder: DataFolder, name: str, use: Callable[[DataFolder], None]) -> None:
    path = folder.path / name
    kind = "file" if name in FILES else "folder"
    if kind == "file":
        path.unlink(missing_ok=True)
        path.mkdir()
    else:
        shutil.rmtree(path, ignore_errors=True)
        path.touch()

    with pytest.raises(StartFailed) as failure:
        use(folder)

    assert str(failure.value) == (
        f"{path} is not a {kind}, but PixTag needs a {kind} with this name. Move it to another place, then try again."
        " Nothing was changed."
    )
    assert path.is_dir() == (kind == "file")


@pytest.mark.parametrize("use", [start, run_command, recover])
@pytest.mark.parametrize("name", ["pixtag.db-wal", "objects", "copies"])
def test_file_without_permission_is_named_with_its_owner(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, name: str, use: Callable[[DataFolder], None]
) -> None:
    path = folder.path / name
    kind = "file" if name == "pixtag.db-wal" else "folder"
    if kind == "file":
        path.touch()
    else:
        path.mkdir(exist_ok=True)
    path.chmod(0o400)

    def access(file: Path, mode: int, *, effective_ids: bool) -> bool:
        return file != path or not mode & os.W_OK

    monkeypatch.setattr(os, "access", access)

    with pytest.raises(StartFailed) as failure:
        use(folder)

    assert str(failure.value) == (
        f"PixTag cannot use the {kind} {path}: Permission denied. {path} has the mode 0400. Correct it with chmod."
    )


def test_disk_that_is_mounted_read_only_can_be_read(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Status:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda _: Status)
    monkeypatch.setattr(os, "access", lambda _path, mode, **_: not mode & os.W_OK)

    folder.require_library()


# pragma: allowlist nextline secret - the first bytes of a journal
@pytest.mark.parametrize("content", [b"", b"\0" * 512, bytes.fromhex("d9d505f920a163d7") + b"\0" * 504])
def test_journal_that_sqlite_ignores_or_uses_is_kept(folder: DataFolder, content: bytes) -> None:
    (folder.path / "pixtag.db-journal").write_bytes(content)

    folder.prepare()


def test_journal_of_something_else_is_named(folder: DataFolder) -> None:
    path = folder.path / "pixtag.db-journal"
    path.write_bytes(b"noise" * 100)

    with pytest.raises(StartFailed) as failure:
        folder.prepare()

    assert str(failure.value) == (
        f"{path} does not belong to the database, which cannot be opened next to it. Move it to another place, then try"
        " again. Nothing was changed."
    )


@pytest.mark.parametrize("use", [start, run_command, recover])
def test_broken_disk_is_named(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, use: Callable[[DataFolder], None]
) -> None:
    def fail(_path: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "statvfs", fail)

    with pytest.raises(StartFailed, match=f"PixTag cannot use the folder {folder.path}: Input/output error"):
        use(folder)


@pytest.mark.parametrize("use", [start, run_command, recover])
def test_file_on_a_broken_disk_is_named(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, use: Callable[[DataFolder], None]
) -> None:
    def fail(path: Path) -> None:
        raise OSError(errno.EIO, "Input/output error", str(path))

    (folder.path / "copies").mkdir()
    statvfs = os.statvfs
    monkeypatch.setattr(os, "statvfs", lambda path: fail(path) if path.name == "copies" else statvfs(path))

    with pytest.raises(StartFailed) as failure:
        use(folder)

    assert str(failure.value) == (
        f"PixTag cannot use {folder.path}/copies: Input/output error. Check its disk. To use the library now, copy the"
        " folder to another disk, and name it with --data."
    )
