"""PixTag notices that somebody damages the files of its database while it runs, and says what is lost."""

import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local.database import Database
from app.adapters.local.disk import LocalDisk
from app.adapters.local.files import OBJECT_FOLDERS, OBJECTS
from app.adapters.local.open_files import Files
from app.domain.disk import DiskState
from app.domain.errors import Unavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    for name in OBJECT_FOLDERS:
        (tmp_path / OBJECTS / name).mkdir(parents=True)
    return tmp_path / "pixtag.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(path)) as database:
        put(database, "a", "x" * 50_000)
        yield database


def put(database: Database, name: str, value: str = "") -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, value))


def read_value(database: Database) -> str:
    with database.read() as connection:
        value: str = connection.execute("SELECT value FROM setting WHERE name = 'a'").fetchone()[0]
        return value


def find_state(database: Database, path: Path) -> DiskState:
    return LocalDisk(path.parent, database).state


@pytest.mark.parametrize("left", [0, 4_200])
def test_wal_file_that_was_cut_is_logged_and_nothing_more_is_stored(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture, left: int
) -> None:
    put(database, "b")
    os.truncate(f"{path}-wal", left)

    for _ in range(2):
        with pytest.raises(Unavailable, match=r"was cut while PixTag ran\. Its last changes may be lost, and nothing"):
            put(database, "c")

    assert find_state(database, path) is DiskState.READ_ONLY
    (message,) = caplog.messages
    assert message.startswith("The file pixtag.db-wal was cut while PixTag runs, so its last changes may be lost.")


def test_change_that_is_read_from_a_cut_wal_file_is_not_called_safe(database: Database, path: Path) -> None:
    with closing(Database(path)) as other:
        with other.read():
            pass
        os.truncate(f"{path}-wal", 4_200)

        with pytest.raises(Unavailable) as failure:
            read_value(other)

    assert "Nothing was lost" not in str(failure.value)


def test_wal_file_that_grows_during_the_comparison_is_not_called_cut(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    find = Files.find

    def find_and_let_others_write(path: Path) -> Files:
        found = find(path)
        monkeypatch.setattr(Files, "find", find)
        with ThreadPoolExecutor(1) as executor:
            for name in "bc":
                executor.submit(put, database, name).result()
        return found

    monkeypatch.setattr(Files, "find", find_and_let_others_write)

    put(database, "d")

    assert caplog.messages == []


def test_wal_file_whose_changes_another_program_has_copied_may_be_cut(database: Database, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert Path(f"{path}-wal").stat().st_size == 0

    put(database, "b")

    assert find_state(database, path) is DiskState.OK


def test_database_whose_shared_memory_was_cut_is_not_used(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its use would end the process with SIGBUS."""
    shared_memory = path.with_name("pixtag.db-shm")
    size = shared_memory.stat().st_size
    os.truncate(shared_memory, 0)

    for _ in range(2):
        with pytest.raises(Unavailable, match=r"-shm file .* was cut while PixTag ran.* Nothing was lost\. Restart"):
            read_value(database)
    with pytest.raises(Unavailable, match="-shm file"):
        find_state(database, path)
    os.truncate(shared_memory, size)  # SQLite fills it again

    assert len(read_value(database)) == 50_000
    assert find_state(database, path) is DiskState.OK
    (message,) = caplog.messages
    assert message.startswith("The file pixtag.db-shm was cut while PixTag runs.")


def test_database_that_is_overwritten_while_it_is_used_is_reported_once(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database.close()
    with database.read():
        pass
    path.write_bytes(b"\xff" * path.stat().st_size)

    for _ in range(2):
        with pytest.raises(Unavailable, match=r"^pixtag\.db is damaged\. Move it"):
            read_value(database)
    with pytest.raises(Unavailable, match="is damaged"):
        find_state(database, path)
    (message,) = caplog.messages
    assert message.startswith("pixtag.db is damaged. ")
