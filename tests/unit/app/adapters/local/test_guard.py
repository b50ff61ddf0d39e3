import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.adapters.local import copies as copies_module
from app.adapters.local.copies import Copies, is_intact, read_version
from app.adapters.local.database import Database
from app.adapters.local.folder import DataFolder
from app.adapters.local.guard import LibraryGuard
from app.adapters.local.progress import Lines
from app.domain.errors import DatabaseUnusable, StartFailed
from tests.support.migrations import LATEST, STEPS, make_migrations

NEW = LATEST + len(STEPS)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder with a database of this version, which contains one account."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    with closing(Database(folder.database)) as database, database.write() as connection:
        connection.execute(
            "INSERT INTO account (owner, address, given_name, family_name, password_hash, created_at)"
            " VALUES ('a', 'ada@example.com', 'Ada', '', '', 0)"
        )
    return folder


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    return make_migrations(tmp_path / "migrations")


def upgrade(folder: DataFolder, migrations: Path) -> None:
    """Open the database with a later version of PixTag."""
    with closing(Database(folder.database, LibraryGuard(folder, Copies(folder)), migrations)) as database:
        database.check()


def read(path: Path, statement: str) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(statement)]


def list_copies(folder: DataFolder) -> list[tuple[str, int, bool]]:
    """Return the name without its date, the version and the state of each copy."""
    return [(path.name[10:], read_version(path), is_intact(path)) for path in folder.list_copies()]


def test_upgrade_makes_a_copy_and_runs_each_step(
    folder: DataFolder, migrations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upgrade(folder, migrations)

    assert read(folder.database, "PRAGMA user_version") == [NEW]
    assert read(folder.database, "SELECT name FROM shelf WHERE created_at = 1") == ["ada@example.com"]
    assert list_copies(folder) == [(f"-before-upgrade-to-{NEW}.db", LATEST, True)]
    assert capsys.readouterr().err == "Copying the database before the upgrade.\n" + "".join(
        f"Upgraded the database to version {number} of {NEW}.\n" for number in range(LATEST + 1, NEW + 1)
    )
    upgrade(folder, migrations)
    assert capsys.readouterr().err == ""


def test_upgrade_in_a_terminal_shows_a_bar(
    folder: DataFolder, migrations: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    upgrade(folder, migrations)

    output = capsys.readouterr().err
    assert "Copying the database" in output
    assert "Upgrading the database" in output
    assert "100%" in output


@pytest.mark.parametrize("completed", range(1, len(STEPS)))
def test_upgrade_that_was_interrupted_after_a_step_continues(
    folder: DataFolder, migrations: Path, monkeypatch: pytest.MonkeyPatch, completed: int
) -> None:
    def interrupt(_lines: Lines, number: int) -> None:
        if number == LATEST + completed:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Lines, "show_step", interrupt)
        with pytest.raises(KeyboardInterrupt):
            upgrade(folder, migrations)
    assert read(folder.database, "PRAGMA user_version") == [LATEST + completed]

    upgrade(folder, migrations)

    assert read(folder.database, "SELECT name FROM shelf WHERE created_at = 1") == ["ada@example.com"]
    assert list_copies(folder) == [(f"-before-upgrade-to-{NEW}.db", LATEST, True)]


def test_upgrade_after_a_recovery_replaces_the_copy(folder: DataFolder, migrations: Path) -> None:
    upgrade(folder, migrations)
    (copy,) = folder.list_copies()
    copy.rename(folder.database)
    folder.database.with_name("pixtag.db-wal").unlink(missing_ok=True)
    with closing(Database(folder.database)) as database, database.write() as connection:
        connection.execute("UPDATE account SET given_name = 'Augusta'")
    copy.write_bytes(folder.database.read_bytes())
    with closing(Database(folder.database)) as database, database.write() as connection:
        connection.execute("UPDATE account SET given_name = 'Ada Augusta'")

    upgrade(folder, migrations)

    assert read(copy, "SELECT given_name FROM account") == ["Ada Augusta"]


def test_step_that_fails_changes_nothing(folder: DataFolder, tmp_path: Path) -> None:
    migrations = make_migrations(
        tmp_path / "broken", [STEPS[0], "CREATE TABLE shelf (name);\nINSERT INTO missing VALUES (1);\n"]
    )

    with pytest.raises(sqlite3.OperationalError, match="no such table: missing"):
        upgrade(folder, migrations)

    assert read(folder.database, "PRAGMA user_version") == [LATEST + 1]
    assert read(folder.database, "SELECT name FROM sqlite_schema WHERE name = 'shelf'") == []
    upgrade(folder, make_migrations(tmp_path / "mended"))


FULL = "must be upgraded, but the disk has too little space for a copy of it and for the upgrade. Nothing was lost."


def test_upgrade_without_space_for_the_copy_changes_nothing(
    folder: DataFolder, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(copies_module, "shutil", SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=2**20)))
        with pytest.raises(DatabaseUnusable, match=FULL):
            upgrade(folder, migrations)
    assert (read(folder.database, "PRAGMA user_version"), list_copies(folder)) == ([LATEST], [])

    upgrade(folder, migrations)


def test_upgrade_on_a_disk_that_becomes_full_can_be_repeated(folder: DataFolder, tmp_path: Path) -> None:
    full = "PRAGMA max_page_count = 1;\nCREATE TABLE shelf (name);\nINSERT INTO shelf VALUES (zeroblob(1000000));\n"

    with pytest.raises(DatabaseUnusable, match=FULL):
        upgrade(folder, make_migrations(tmp_path / "full", [STEPS[0], full]))
    assert read(folder.database, "PRAGMA user_version") == [LATEST + 1]

    upgrade(folder, make_migrations(tmp_path / "space"))
    assert read(folder.database, "SELECT name FROM shelf") == ["ada@example.com"]


def test_upgrade_of_damaged_database_is_refused(folder: DataFolder, migrations: Path) -> None:
    with folder.database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    before = folder.database.read_bytes()

    with closing(open_library(folder, migrations)) as database, pytest.raises(DatabaseUnusable, match="is damaged"):
        database.check()

    assert folder.database.read_bytes() == before
    assert list_copies(folder) == []


def open_library(folder: DataFolder, migrations: Path) -> Database:
    return Database(folder.database, LibraryGuard(folder, Copies(folder)), migrations)


@contextmanager
def another_process(folder: DataFolder) -> Iterator[int]:
    """Lock the folder in another process, like an older PixTag that runs. Yield its id."""
    code = (
        "import sys; from pathlib import Path; from app.adapters.local.folder import DataFolder\n"
        "with DataFolder(Path(sys.argv[1])).lock('http://127.0.0.1:8000'): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, folder.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield process.pid


def test_upgrade_while_an_older_version_runs_is_refused(folder: DataFolder, migrations: Path) -> None:
    with another_process(folder) as pid, pytest.raises(StartFailed, match=f"already running, process {pid} at http://"):
        upgrade(folder, migrations)

    assert (read(folder.database, "PRAGMA user_version"), list_copies(folder)) == ([LATEST], [])


def test_upgrade_by_the_process_that_has_the_lock_succeeds(folder: DataFolder, migrations: Path) -> None:
    with folder.lock("http://127.0.0.1:8000"):
        upgrade(folder, migrations)

        with pytest.raises(StartFailed, match=f"process {os.getpid()}"):
            folder.require_unlocked()


def test_database_that_another_process_has_just_upgraded_is_not_copied(folder: DataFolder, migrations: Path) -> None:
    upgrade(folder, migrations)
    (copy,) = folder.list_copies()
    copy.unlink()
    guard = LibraryGuard(folder, Copies(folder))

    with closing(sqlite3.connect(folder.database)) as connection, guard.upgrade(connection, LATEST, NEW):
        pass

    assert list_copies(folder) == []


def test_error_of_the_disk_during_an_upgrade_is_not_hidden(folder: DataFolder, migrations: Path) -> None:
    guard = LibraryGuard(folder, Copies(folder))

    with (
        closing(sqlite3.connect(folder.database)) as connection,
        pytest.raises(sqlite3.OperationalError, match="no such table"),
        guard.upgrade(connection, LATEST, NEW),
    ):
        connection.execute("SELECT * FROM missing")


def test_file_of_another_program_in_an_empty_folder_is_not_called_a_library(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.path.mkdir()
    folder.database.write_text("These are my photos, not a database. " * 100)

    with pytest.raises(DatabaseUnusable, match=r"is damaged, or it is not a PixTag database\. Move it away"):
        upgrade(folder, make_migrations(tmp_path / "migrations"))
