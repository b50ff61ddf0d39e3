import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.adapters.local import copies as copies_module
from app.adapters.local import folder as folder_module
from app.adapters.local.copies import (
    DAY_SECONDS,
    RETRY_SECONDS,
    Copies,
    copy_database,
    describe_age,
    is_intact,
    read_version,
)
from app.adapters.local.database import Database
from app.adapters.local.disk import UPLOAD_RESERVE_BYTES
from app.adapters.local.folder import DataFolder
from app.domain.errors import DatabaseUnusable, StorageFull, Unavailable
from tests.support.fakes import StoppedClock


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder


@pytest.fixture
def database(folder: DataFolder) -> Iterator[Database]:
    with closing(Database(folder.database)) as database:
        put(database, "a")
        confirm_account(database, "ada", 0)
        yield database


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    clock = StoppedClock()
    monkeypatch.setattr(copies_module, "time", clock)
    monkeypatch.setattr(folder_module, "time", clock)
    return clock


@pytest.fixture
def copies(folder: DataFolder) -> Copies:
    return Copies(folder)


def put(database: Database, name: str, value: str = "") -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, value))


def confirm_account(database: Database, owner: str, confirmed_at: float | None) -> None:
    """Store an account that was confirmed at this time, or that is not confirmed."""
    with database.write() as connection:
        connection.execute(
            "INSERT INTO account (owner, address, given_name, family_name, password_hash, created_at, confirmed_at)"
            " VALUES (:owner, :owner, '', '', '', 0, :time)"
            " ON CONFLICT (owner) DO UPDATE SET confirmed_at = :time",
            {"owner": owner, "time": confirmed_at and int(confirmed_at)},
        )


def read_names(path: Path) -> list[str]:
    with closing(Database(path)) as database, database.read() as connection:
        return [row["name"] for row in connection.execute("SELECT name FROM setting ORDER BY name")]


def list_names(folder: DataFolder) -> list[str]:
    return sorted(path.name for path in (folder.path / "copies").iterdir())


def set_free_bytes(monkeypatch: pytest.MonkeyPatch, *free_bytes: int) -> None:
    """Let the disk have this much space, and at the end the last of the values."""
    values = list(free_bytes)
    usage = lambda _: SimpleNamespace(free=values.pop(0) if len(values) > 1 else values[0])  # noqa: E731
    monkeypatch.setattr(copies_module, "shutil", SimpleNamespace(disk_usage=usage))


def test_nightly_copy_contains_the_state_of_the_database(
    copies: Copies, database: Database, folder: DataFolder
) -> None:
    assert copies.make_nightly(database)
    put(database, "b")

    (copy,) = folder.list_copies()
    assert is_intact(copy)
    assert (copy.stat().st_mode & 0o777, copy.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list_names(folder) == [copy.name]
    assert read_names(copy) == ["a"]


def make_nightly(copies: Copies, database: Database, clock: StoppedClock) -> bool:
    """Make the nightly copy, and date it with the test's clock."""
    made = copies.make_nightly(database)
    if made:
        newest = max(copies_of(copies), key=lambda path: path.stat().st_ctime_ns)  # this clock is real
        os.utime(newest, (clock.time(), clock.time()))
    return made


def copies_of(copies: Copies) -> list[Path]:
    return copies._data.list_copies()  # noqa: SLF001 - the folder that the copies belong to


def test_nightly_copy_is_made_once_a_day_and_kept_for_seven_days(
    copies: Copies, database: Database, clock: StoppedClock
) -> None:
    days = []
    for hour in range(24 * 9):
        clock.ahead = hour * 3_600
        if make_nightly(copies, database, clock):
            days.append(hour / 24)

    assert days == list(range(9))
    assert len(copies_of(copies)) == 7


def test_first_copy_is_made_when_an_account_is_confirmed_and_the_others_of_its_first_day_every_hour(
    copies: Copies, database: Database, folder: DataFolder, clock: StoppedClock
) -> None:
    confirm_account(database, "ada", None)
    assert not make_nightly(copies, database, clock)
    assert not folder.contains_library()
    confirm_account(database, "ada", clock.time())

    hours = [hour for hour in range(48) if make_nightly_after(hour, copies, database, clock)]
    assert hours == [*range(24), 47]

    put(database, "photo")
    confirm_account(database, "bob", clock.time())
    assert make_nightly_after(48, copies, database, clock)
    assert read_names(copies_of(copies)[0]) == ["a", "photo"]


def make_nightly_after(hour: int, copies: Copies, database: Database, clock: StoppedClock) -> bool:
    clock.ahead = hour * 3_600
    return make_nightly(copies, database, clock)


def test_seven_newest_copies_are_kept_however_long_pixtag_was_stopped(
    copies: Copies, database: Database, clock: StoppedClock
) -> None:
    for day in range(9):
        make_nightly_after(day * 24, copies, database, clock)
    old = copies_of(copies)

    make_nightly_after(30 * 24, copies, database, clock)

    assert len(old) == 7
    assert copies_of(copies)[1:] == old[:6]


def test_more_than_seven_copies_of_the_last_days_are_kept(
    copies: Copies, database: Database, folder: DataFolder, clock: StoppedClock
) -> None:
    for day in range(7):
        make_nightly_after(day * 24, copies, database, clock)
    with database.read() as connection:
        first = copies.make_before_upgrade(connection, 1, 2, lambda _done, _all: None)

    make_nightly_after(6 * 24 + 23, copies, database, clock)
    copies._delete_old()  # noqa: SLF001 - as before the next copy

    assert len(folder.list_copies()) == 8
    assert first in folder.list_copies()


def test_clock_that_was_ahead_neither_deletes_copies_nor_leaves_one_that_is_preferred(
    copies: Copies, database: Database, clock: StoppedClock
) -> None:
    make_nightly_after(0, copies, database, clock)
    make_nightly_after(24, copies, database, clock)
    old = copies_of(copies)

    make_nightly_after(400 * 24, copies, database, clock)
    (future,) = set(copies_of(copies)) - {*old}
    clock.ahead = 25 * 3_600

    assert copies_of(copies) == [*old, future]
    for day in range(2, 8):
        make_nightly_after(day * 24, copies, database, clock)
    assert len(copies_of(copies)) == 7
    assert future not in copies_of(copies)


def test_copy_from_the_future_does_not_prevent_a_copy(copies: Copies, database: Database, clock: StoppedClock) -> None:
    clock.ahead = 365 * DAY_SECONDS
    make_nightly(copies, database, clock)
    clock.ahead = 0

    assert make_nightly(copies, database, clock)
    assert not make_nightly(copies, database, clock)


def test_nightly_copy_on_a_full_disk_is_skipped_for_an_hour_with_one_line(
    copies: Copies,
    database: Database,
    folder: DataFolder,
    clock: StoppedClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as patch:
        set_free_bytes(patch, UPLOAD_RESERVE_BYTES)
        assert not copies.make_nightly(database)
        assert not copies.make_nightly(database)
    assert caplog.messages == ["The nightly copy of the database was skipped, because the disk has too little space."]
    assert not copies.make_nightly(database)
    assert list_names(folder) == []

    clock.ahead = RETRY_SECONDS
    assert copies.make_nightly(database)


def test_copy_that_would_take_the_reserve_ends_in_the_middle(
    database: Database, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, "large", "x" * 2**21)
    monkeypatch.setattr(copies_module, "STEP_PAGES", 100)
    set_free_bytes(monkeypatch, 2**30, 2**30, UPLOAD_RESERVE_BYTES - 1)

    with pytest.raises(StorageFull), database.read() as connection:
        copy_database(connection, folder.path / "copies" / "a.db")

    assert list_names(folder) == []


def test_copy_by_killed_process_leaves_no_file_with_a_final_name(
    database: Database, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder.path / "copies" / "2026-01-31.db"
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda path, missing_ok=False: None)  # as if the process was killed
        patch.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt), database.read() as connection:
            copy_database(connection, target)
    assert list_names(folder) == ["unfinished.tmp"]

    with database.read() as connection:
        copy_database(connection, target.with_name("2026-02-01.db"))

    assert list_names(folder) == ["2026-02-01.db"]


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_copy_while_others_write_contains_one_moment(
    database: Database, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step of the copy is followed by a write, which does not wait and is not copied."""
    put(database, "large", "x" * 2**21)
    monkeypatch.setattr(copies_module, "STEP_PAGES", 50)
    target = folder.path / "copies" / "a.db"
    steps: list[int] = []

    def write(done: int, _total: int) -> None:
        thread = threading.Thread(target=put, args=(database, f"later {done}", "y" * 10_000))
        thread.start()
        thread.join()
        steps.append(done)

    with database.read() as connection:
        copy_database(connection, target, report=write)

    assert len(steps) > 5
    assert read_names(target) == ["a", "large"]


def damage(database: Database, path: Path) -> None:
    """Overwrite a page in the middle of the database."""
    put(database, "large", "x" * 100_000)
    database.close()
    contents = path.read_bytes()
    path.write_bytes(contents[:-4096] + b"\xff" * 4096)


def test_copy_of_damaged_database_is_not_kept(copies: Copies, database: Database, folder: DataFolder) -> None:
    damage(database, folder.database)

    with pytest.raises(DatabaseUnusable, match="is damaged"):
        copies.make_nightly(database)

    assert list_names(folder) == []
    assert not copies.make_nightly(database)  # for an hour


def test_nightly_copy_into_a_folder_that_cannot_be_read_says_so(
    copies: Copies, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: DataFolder) -> list[Path]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(DataFolder, "list_copies", refuse)

    with pytest.raises(Unavailable, match="data folder: Permission denied"):
        copies.make_nightly(database)


def test_copy_in_place_of_another_program_is_not_intact(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE note (text)")
    (tmp_path / "text.db").write_text("These are my photos. " * 1_000)

    assert [is_intact(tmp_path / name) for name in ("other.db", "text.db", "missing.db")] == [False] * 3
    assert [read_version(tmp_path / name) for name in ("text.db", "missing.db")] == [0, 0]


def test_copy_whose_last_page_is_cut_is_not_intact(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    database.close()
    shutil.copyfile(tmp_path / "data" / "pixtag.db", path)
    os.truncate(path, path.stat().st_size - 100)

    assert not is_intact(path)


def test_copy_without_a_version_is_not_intact(database: Database, folder: DataFolder) -> None:
    database.close()
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.execute("PRAGMA user_version = 0")

    assert not is_intact(folder.database)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (600, "10 minutes ago"),
        (5 * 3_600, "5 hours ago"),
        (3 * DAY_SECONDS, "3 days ago"),
        (-DAY_SECONDS, "when the clock was ahead"),
    ],
)
def test_age_of_a_copy_is_described(tmp_path: Path, clock: StoppedClock, age: int, expected: str) -> None:
    clock.start = 1_800_000_000
    for name, more in (("a.db", DAY_SECONDS), ("a.db-wal", 0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, clock.time() - age - more))

    date, text = describe_age(tmp_path / "a.db").split(" UTC, ")

    assert datetime.strptime(date + " +0000", "from %Y-%m-%d %H:%M %z").timestamp() == 1_800_000_000 - age
    assert text == expected


def test_copy_with_a_question_mark_in_its_path_is_intact(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "What? 100 %#1.db"
    database.close()
    shutil.copyfile(tmp_path / "data" / "pixtag.db", path)

    assert is_intact(path)


def test_copies_that_are_no_files_are_ignored(folder: DataFolder, database: Database, copies: Copies) -> None:
    assert copies.make_nightly(database)
    expected = folder.list_copies()
    (folder.path / "copies" / "2026-01-01.db").symlink_to("missing")
    os.mkfifo(folder.path / "copies" / "2026-01-02.db")
    (folder.path / "copies" / "2026-01-03.db").mkdir()

    assert folder.list_copies() == expected
    assert not is_intact(folder.path / "copies" / "2026-01-02.db", is_in_use=True)
