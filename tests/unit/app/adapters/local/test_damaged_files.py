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
from app.adapters.local.wal_file import is_closed
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
        DatabaseUnusable, match=r"another folder: No space left on device\. Nothing was changed\. Free 1 MB"
    ):
        open_library(crashed).check()

    assert (read_files(crashed.path), list_damaged(crashed)) == (before, [])


def raise_error(error: OSError) -> Callable[[Path], bool]:
    def refuse(path: Path) -> bool:
        raise error

    return refuse


def test_wal_file_that_cannot_be_read_is_left_to_sqlite(crashed: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damaged_files, "has_lost_commit", raise_error(PermissionError()))

    assert damaged_files.keep_damaged_wal(crashed.database) is False


@pytest.fixture
def copied_twice(tmp_path: Path) -> DataFolder:
    """A copy of a library after a crash, replaced with a copy after a stop. The old -wal file stayed."""
    folder, copy = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "copy")
    folder.prepare()
    with closing(open_library(folder)) as database:
        put(database, "a")
        copy_killed(folder, copy)
        put(database, "b")
    shutil.copyfile(folder.database, copy.database)
    return copy


def test_start_with_a_wal_file_of_an_older_copy_keeps_the_later_changes(
    copied_twice: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    wal = (copied_twice.path / "pixtag.db-wal").read_bytes()

    for _ in range(2):
        with closing(open_library(copied_twice)) as database:
            database.check()
            assert list_names(database) == ["a", "b"]

    (damaged,) = list_damaged(copied_twice)
    assert [(path.name, path.read_bytes()) for path in damaged.iterdir()] == [("pixtag.db-wal", wal)]
    (message,) = caplog.messages
    assert message == (
        "pixtag.db-wal was left from an earlier state of pixtag.db, for example because a copy of the folder replaced"
        f" an older one. It is now in the folder {damaged.name}. Nothing was lost."
    )


def test_command_with_a_wal_file_of_an_older_copy_keeps_the_later_changes(copied_twice: DataFolder) -> None:
    with closing(open_library(copied_twice)) as database:
        assert list_names(database) == ["a", "b"]


def test_wal_file_of_an_older_copy_that_cannot_be_moved_is_refused_and_changes_nothing(
    copied_twice: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_files(copied_twice.path)
    monkeypatch.setattr(damaged_files, "make_folder", raise_error(OSError(errno.ENOSPC, "No space left on device")))

    with pytest.raises(DatabaseUnusable, match=r"cannot move it away: No space left .* Nothing was changed"):
        open_library(copied_twice).check()

    assert (read_files(copied_twice.path), list_damaged(copied_twice)) == (before, [])


def test_wal_file_of_a_database_that_cannot_be_read_is_left_to_sqlite(
    copied_twice: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(damaged_files, "is_closed", raise_error(PermissionError()))

    damaged_files.move_old_wal(copied_twice.database)

    assert list_damaged(copied_twice) == []


def test_check_of_an_open_database_does_not_look_for_an_old_wal_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing the file would release the locks of SQLite."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    with closing(open_library(folder)) as database:
        put(database, "a")
        monkeypatch.delattr(damaged_files, "is_closed")
        database.check()


def test_database_whose_files_were_replaced_is_not_marked_as_closed(tmp_path: Path) -> None:
    folder, other = DataFolder(tmp_path / "data"), tmp_path / "other.db"
    folder.prepare()
    with closing(open_library(folder)) as database:
        put(database, "a")
        folder.database.rename(other)

    assert not is_closed(other)
