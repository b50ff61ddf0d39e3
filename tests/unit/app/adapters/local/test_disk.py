import shutil
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.adapters.local.disk import EDIT_RESERVE_BYTES, UPLOAD_RESERVE_BYTES, LocalDisk
from app.domain.disk import DiskState
from app.domain.errors import StorageFull, Unavailable


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_bytes: int, state: DiskState
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free_bytes))
    disk = LocalDisk(tmp_path)

    assert disk.state is state
    with pytest.raises(StorageFull) if state is DiskState.FULL else nullcontext():
        disk.require_space_for_edit()


def test_disk_that_is_gone_raises_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        _ = LocalDisk(tmp_path / "gone").state
