import errno
import fcntl
import os
import resource
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.cli.output_file import create_file
from app.domain.backups import BackupError
from tests.support.injected_fault import InjectedFault, fail


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.backup"


def test_file_has_its_name_only_when_it_is_complete(path: Path) -> None:
    with create_file(path) as file:
        file.write(b"data")
        assert not path.exists()

    assert path.read_bytes() == b"data"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_file_that_exists_is_not_changed(path: Path) -> None:
    path.write_text("old")

    with pytest.raises(BackupError, match="already exists"), ExitStack() as stack:
        stack.enter_context(create_file(path))

    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_file_that_appears_meanwhile_is_not_changed(path: Path) -> None:
    with pytest.raises(BackupError, match="already exists"), create_file(path):
        path.write_text("old")

    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_link_to_nothing_is_not_followed(path: Path) -> None:
    path.symlink_to(path.parent / "other")
    path.with_name("library.backup.part").symlink_to(path.parent / "other")

    with pytest.raises(BackupError, match="cannot be written"), ExitStack() as stack:
        stack.enter_context(create_file(path))

    assert not (path.parent / "other").exists()


def test_file_is_deleted_after_an_error(path: Path) -> None:
    with pytest.raises(InjectedFault), create_file(path):
        fail()

    assert list(path.parent.iterdir()) == []


def test_file_of_a_killed_process_is_overwritten(path: Path) -> None:
    part = path.with_name("library.backup.part")
    part.write_bytes(bytes(100))
    part.chmod(0o644)

    with create_file(path) as file:
        file.write(b"data")

    assert path.read_bytes() == b"data"
    assert path.stat().st_mode & 0o777 == 0o600


def test_file_that_another_process_is_writing_is_not_changed(path: Path) -> None:
    with path.with_name("library.backup.part").open("wb") as other:
        other.write(b"other")
        other.flush()
        fcntl.flock(other, fcntl.LOCK_EX)

        with pytest.raises(BackupError, match="Another process is writing"), ExitStack() as stack:
            stack.enter_context(create_file(path))

    assert path.with_name("library.backup.part").read_bytes() == b"other"


@pytest.mark.parametrize(
    ("number", "message"), [(errno.ENOSPC, "There is no space left"), (errno.EIO, "cannot be written")]
)
@pytest.mark.parametrize("function", ["fsync", "fchmod"])
def test_file_on_a_broken_disk_is_deleted(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str, function: str
) -> None:
    def fail_with_error(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, function, fail_with_error)

    with pytest.raises(BackupError, match=message), create_file(path) as file:
        file.write(b"data")

    assert list(path.parent.iterdir()) == []


def test_file_whose_disk_is_full_is_deleted(path: Path) -> None:
    """Test with a limit on the size of files, whose effect is the same."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(BackupError, match="There is no space left"), create_file(path) as file:
            file.write(bytes(2_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list(path.parent.iterdir()) == []


def test_file_in_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written: No such file or directory"), ExitStack() as stack:
        stack.enter_context(create_file(tmp_path / "missing" / "backup"))
