import errno
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local import damaged_files
from app.adapters.local.clock import watch_clock
from app.adapters.local.copies import Copies
from app.adapters.local.database import Database
from app.adapters.local.folder import DataFolder
from app.adapters.local.guard import LibraryGuard
from app.domain.errors import DatabaseUnusable
from tests.support.fakes import NOON

FILES = ("pixtag.db", "pixtag.db-wal")


def open_library(folder: DataFolder) -> Database:
    return Database(folder.database, LibraryGuard(folder, Copies(folder)))


def put(database: Database, *names: str) -> None:
    for name in names:
        with database.write() as connection:
            connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, name))


def list_names(database: Database) -> list[str]:
    with database.read() as connection:
        return [row["name"] for row in connection.execute("SELECT name FROM setting ORDER BY name")]


def copy_killed(folder: DataFolder, target: DataFolder) -> None:
    """Copy the files of an open database, as a kill of all processes leaves them."""
    target.prepare()
    for name in FILES:
        shutil.copyfile(folder.path / name, target.path / name)


@pytest.fixture
def crashed(tmp_path: Path) -> DataFolder:
    """The library of a killed instance. A byte of its -wal file has changed on the disk."""
    folder, crashed = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "crashed")
    folder.prepare()
    with closing(open_library(folder)) as database:
        with database.write() as connection:
            watch_clock(connection, NOON)
        put(database, "a")
        size = (folder.path / "pixtag.db-wal").stat().st_size
        put(database, *"bcde")
        copy_killed(folder, crashed)
    with (crashed.path / "pixtag.db-wal").open("r+b") as file:
        file.seek(size + 100)
        file.write(b"damage")
    return crashed


def read_files(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in FILES]


def list_damaged(folder: DataFolder) -> list[Path]:
    return list(folder.path.glob("damaged-*"))


def test_start_with_a_damaged_wal_file_keeps_the_files_and_says_so_once(
    crashed: DataFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before, killed = read_files(crashed.path), DataFolder(tmp_path / "killed")
    with closing(open_library(crashed)) as database:
        database.check()
        assert list_names(database) == ["a"]
        put(database, "f")
        copy_killed(crashed, killed)
    with closing(open_library(killed)) as database:
        assert list_names(database) == ["a", "f"]

    (damaged,) = list_damaged(crashed)
    assert read_files(damaged) == before
    assert [file.stat().st_mode & 0o777 for file in (damaged, *damaged.iterdir())] == [0o700, 0o600, 0o600]
    (message,) = caplog.messages
    assert message == (
        "pixtag.db-wal was damaged, or the power failed while PixTag wrote to it. Its last changes may be lost. The"
        f" files as they were are in the folder {damaged.name}."
    )
    assert list_damaged(killed) == []


def test_start_with_a_damaged_wal_file_lets_the_trash_wait_again(crashed: DataFolder) -> None:
    with closing(open_library(crashed)) as database, database.write() as connection:
        assert watch_clock(connection, NOON + 86_400) == 0


def test_command_while_another_process_uses_the_wal_file_copies_nothing(crashed: DataFolder) -> None:
    (crashed.path / "pixtag.db-shm").touch()
    with DataFolder(crashed.path).lock("http://127.0.0.1:8000"), closing(open_library(crashed)) as database:
        list_names(database)

    assert list_damaged(crashed) == []


def test_start_with_an_intact_wal_file_copies_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder, killed = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "killed")
    folder.prepare()
    with closing(open_library(folder)) as database:
        put(database, "a")
        copy_killed(folder, killed)
    with closing(open_library(killed)) as database:
        assert list_names(database) == ["a"]

    assert (list_damaged(killed), caplog.messages) == ([], [])


def test_start_with_a_damaged_wal_file_on_a_full_disk_is_refused_and_changes_nothing(
    crashed: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_files(crashed.path)
    monkeypatch.setattr(damaged_files, "sync_file", raise_error(OSError(errno.ENOSPC, "No space left on device")))

    with pytest.raises(
        DatabaseUnusable, match=r"folder: No space left on device\. Nothing was changed\. Free 1 MB .* Or copy the"
    ):
        open_library(crashed).check()

    assert (read_files(crashed.path), list_damaged(crashed)) == (before, [])


def raise_error(error: OSError) -> Callable[[Path], bool]:
    def refuse(path: Path) -> bool:
        raise error

    return refuse


def test_start_with_a_damaged_wal_file_on_a_broken_disk_advises_another_disk(
    crashed: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(damaged_files, "sync_file", raise_error(OSError(errno.EIO, "Input/output error")))

    with (
        pytest.raises(DatabaseUnusable, match=r"Input/output error\. Nothing was changed\. Copy the folder .* to"),
        closing(open_library(crashed)) as database,
    ):
        list_names(database)


def test_wal_file_that_cannot_be_read_is_left_to_sqlite(crashed: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damaged_files, "has_lost_commit", raise_error(PermissionError()))

    assert damaged_files.keep_damaged_wal(crashed.database) is False
