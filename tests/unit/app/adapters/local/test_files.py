import contextlib
import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.adapters.local.files import UNREADABLE, UnfinishedFile, open_file, translate_errors
from app.cli.main import is_not_raised
from app.domain.errors import StorageFull, Unavailable

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


def make_socket(path: Path) -> None:
    """Bind in the folder itself: the path of a socket has at most 107 bytes."""
    with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


@pytest.mark.parametrize("make", [os.mkfifo, make_socket, Path.mkdir])
def test_file_that_is_not_a_regular_file_is_not_opened(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "file"
    make(path)

    with pytest.raises(OSError, match=r"regular file|No such device|Is a directory") as error:
        open_file(path)
    assert error.value.errno in UNREADABLE
    assert error.value.filename == str(path)

    with UnfinishedFile.create(tmp_path) as file, pytest.raises(OSError, match=r"regular|device|directory"):
        file.append(path)
    assert UnfinishedFile.link(tmp_path, path, b"") is None
    assert list(tmp_path.iterdir()) == [path]


def test_log_record_of_an_error_says_that_it_is_raised_too(caplog: pytest.LogCaptureFixture) -> None:
    for number in (errno.ENOSPC, errno.EIO):
        with pytest.raises((StorageFull, Unavailable)), translate_errors():
            raise OSError(number, os.strerror(number))

    assert [is_not_raised(record) for record in caplog.records] == [False, False]
