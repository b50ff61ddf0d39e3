import errno
import os
import shutil
import subprocess
import tempfile
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.adapters.local.disk import EDIT_RESERVE_BYTES, UPLOAD_RESERVE_BYTES, LocalDisk
from app.adapters.local.files import OBJECT_FOLDERS, OBJECTS
from app.domain.disk import DiskState
from app.domain.errors import StorageFull, Unavailable
from tests.support.small_disk import MIB, small_disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder, as a start of PixTag leaves it."""
    for name in OBJECT_FOLDERS:
        (tmp_path / OBJECTS / name).mkdir(parents=True)
    return tmp_path


def test_free_bytes_are_those_of_the_folder(tmp_path: Path) -> None:
    assert LocalDisk(tmp_path).free_bytes == pytest.approx(shutil.disk_usage(tmp_path).free, abs=2**28)


@pytest.mark.parametrize(
    ("free_bytes", "state"),
    [
        (UPLOAD_RESERVE_BYTES, DiskState.OK),
        (UPLOAD_RESERVE_BYTES - 1, DiskState.LOW),
        (EDIT_RESERVE_BYTES, DiskState.LOW),
        (EDIT_RESERVE_BYTES - 1, DiskState.FULL),
        (0, DiskState.FULL),
    ],
)
def test_edits_end_after_uploads(
    folder: Path, monkeypatch: pytest.MonkeyPatch, free_bytes: int, state: DiskState
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free_bytes))
    disk = LocalDisk(folder)

    assert disk.state is state
    with pytest.raises(StorageFull) if state is DiskState.FULL else nullcontext():
        disk.require_space_for_edit()


def test_full_disk_of_photos_that_are_elsewhere_refuses_uploads_but_not_edits(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {folder: 5 * UPLOAD_RESERVE_BYTES, folder / OBJECTS: 0}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free[path]))
    disk = LocalDisk(folder)

    disk.require_space_for_edit()

    assert (disk.free_bytes, disk.state) == (0, DiskState.LOW)


@pytest.mark.parametrize("name", [".", "objects/originals", "objects/tmp"])
def test_disk_with_a_folder_that_cannot_be_written_is_read_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    failing = folder / name

    def create(*, dir: Path) -> BytesIO:  # noqa: A002 - the name of the standard library
        if dir == failing:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return BytesIO()

    monkeypatch.setattr(tempfile, "TemporaryFile", create)

    assert LocalDisk(folder).state is DiskState.READ_ONLY


def test_disk_that_can_have_no_more_files_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(*, dir: Path) -> BytesIO:  # noqa: A002 - the name of the standard library
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", create)

    assert LocalDisk(folder).state is DiskState.FULL


def test_disk_without_the_folder_of_objects_is_read_only(tmp_path: Path) -> None:
    assert LocalDisk(tmp_path).state is DiskState.READ_ONLY


def test_disk_that_is_mounted_read_only_is_read_only(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64 * MIB) as disk:
        for name in OBJECT_FOLDERS:
            (disk / OBJECTS / name).mkdir(parents=True)
        before = LocalDisk(disk).state
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        assert (before, LocalDisk(disk).state) == (DiskState.OK, DiskState.READ_ONLY)


def test_disk_that_is_gone_raises_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        _ = LocalDisk(tmp_path / "gone").state
