import errno
import os
from types import SimpleNamespace

import pytest

from app.adapters.local.files import translate_errors
from app.domain.errors import StorageFull

NO_SPACE = "No space left on device"
NO_INODES = "the disk has space, but it can have no more files"


@pytest.mark.parametrize(
    ("filename", "free_inodes", "free_blocks", "reason"),
    [
        ("/photos/file", 0, 100, NO_INODES),
        ("/photos/file", 0, 0, NO_SPACE),
        ("/photos/file", 1, 100, NO_SPACE),
        (None, 0, 100, NO_SPACE),
        ("/missing/file", 0, 100, NO_SPACE),
    ],
)
def test_full_disk_without_free_inodes_is_named(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    filename: str | None,
    free_inodes: int,
    free_blocks: int,
    reason: str,
) -> None:
    def read_status(folder: os.PathLike[str]) -> SimpleNamespace:
        if str(folder) == "/missing":
            raise FileNotFoundError
        return SimpleNamespace(f_files=1_000, f_favail=free_inodes, f_bavail=free_blocks)

    monkeypatch.setattr(os, "statvfs", read_status)

    with pytest.raises(StorageFull), translate_errors():
        raise OSError(errno.ENOSPC, NO_SPACE, filename)

    assert caplog.messages == [f"cannot write a file: {reason}"]
