"""A recovery and an upgrade of the database are killed at each change to a file. They lose nothing when repeated."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from app.adapters.local.copies import Copies, is_intact, read_version
from app.adapters.local.folder import DataFolder
from tests.robustness.torture import cases
from tests.support.local_accounts import EMAIL, make_accounts
from tests.support.migrations import LATEST, STEPS, make_migrations
from tests.support.sampling import rounds

STEP: Final = rounds(7, 1)  # between two kills
MAX_CHANGES: Final = 100


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The data folder of a library with an account and a copy of its database."""
    folder = DataFolder(tmp_path / "library")
    folder.prepare()
    accounts = make_accounts(folder.path)
    accounts.add()
    (folder.path / "objects" / "originals").mkdir(parents=True)
    Copies(folder).make_nightly(accounts.database)
    accounts.database.close()
    return folder.path


def run(number: int, migrations: Path | None, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command, and kill it at its change with this number."""
    program = [sys.executable, "-m", "tests.robustness.kills.file_operations", str(number), str(migrations or "")]
    return subprocess.run([*program, *command], check=False, capture_output=True, text=True)


def kill_at_each_change(
    library: Path, check: Callable[[Path], None], *command: str, migrations: Path | None = None
) -> None:
    """Kill a command at its changes, each time in a copy of the library. Then repeat it and check the result."""
    for number in range(1, MAX_CHANGES, STEP):
        data = library.with_name(f"data-{number}")
        shutil.copytree(library, data)
        killed = run(number, migrations, *command, "--data", str(data))
        if killed.returncode == 0:
            check(data)
            cases.append(number // STEP)
            assert number > 10
            return
        assert killed.returncode == -9, killed.stderr
        repeated = run(0, migrations, *command, "--data", str(data))
        assert repeated.returncode == 0 or "is not damaged" in repeated.stderr, (number, repeated.stderr)
        check(data)
        shutil.rmtree(data)
    pytest.fail("The command does not end.")


def read_column(database: Path, statement: str) -> list[object]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute(statement)]


def test_killed_recovery_is_completed_by_the_next_one(library: Path) -> None:
    database = library / "pixtag.db"
    contents = database.read_bytes()
    database.write_bytes(contents[:4096] + b"\xff" * 8192 + contents[12288:])
    damaged = database.read_bytes()

    def check(data: Path) -> None:
        assert read_column(data / "pixtag.db", "SELECT address FROM account") == [EMAIL.lower()]
        assert [path.read_bytes() for path in data.glob("damaged-*/pixtag.db")] == [damaged]
        names = {path.name for path in data.iterdir() if not path.name.startswith("damaged-")}
        assert {name for name in names if not name.endswith(("-wal", "-shm"))} <= {
            *("copies", "objects", "pixtag.db", "pixtag.lock")
        }
        assert len(list((data / "copies").iterdir())) == 1

    kill_at_each_change(library, check, "recover")


def test_killed_upgrade_is_completed_by_the_next_one(library: Path, tmp_path: Path) -> None:
    migrations = make_migrations(tmp_path / "migrations")

    def check(data: Path) -> None:
        assert read_column(data / "pixtag.db", "PRAGMA user_version") == [LATEST + len(STEPS)]
        assert read_column(data / "pixtag.db", "SELECT name FROM shelf WHERE created_at = 1") == [EMAIL.lower()]
        (copy,) = data.glob("copies/*-before-upgrade-to-*.db")
        assert is_intact(copy)
        assert read_version(copy) == LATEST
        assert read_column(copy, "SELECT address FROM account") == [EMAIL.lower()]

    kill_at_each_change(library, check, "user", "list", migrations=migrations)
