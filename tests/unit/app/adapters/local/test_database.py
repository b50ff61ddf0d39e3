import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.adapters.local import database as database_module
from app.adapters.local import database_files, schema
from app.adapters.local.database import Database
from app.domain.errors import DatabaseUnusable, StorageFull, Unavailable
from tests.support.small_disk import MIB, small_disk

VERSION = len([*schema.MIGRATIONS.glob("*.sql")])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pixtag.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(path)) as database:
        yield database


def put(database: Database, name: str, value: str = "") -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, value))


def list_names(database: Database) -> list[str]:
    with database.read() as connection:
        return [row["name"] for row in connection.execute("SELECT name FROM setting ORDER BY name")]


def read_pragma(database: Database, name: str) -> int | str:
    with database.write() as connection:
        value: int | str = connection.execute(f"PRAGMA {name}").fetchone()[0]
        return value


def test_write_is_seen_by_other_connections_and_after_a_restart(database: Database, path: Path) -> None:
    put(database, "a")
    with closing(Database(path)) as other:
        assert list_names(other) == ["a"]
    database.close()

    assert list_names(database) == ["a"]


@pytest.mark.parametrize("name", [b"not \xff UTF-8", "ü 日本".encode(), b"?mode=ro&a#b%41"])
def test_folder_can_have_any_name(tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    with closing(Database(folder / "pixtag.db")) as database:
        put(database, "a")
        database.check()

        assert list_names(database) == ["a"]


def test_write_waits_for_the_disk_unless_it_need_not_be_durable(database: Database) -> None:
    with database.write(durable=False) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 1  # NORMAL

    assert read_pragma(database, "synchronous") == 2  # FULL


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("foreign_keys", 1),
        ("application_id", schema.APPLICATION_ID),
        ("user_version", VERSION),
    ],
)
def test_connection_has_the_settings_of_pixtag(database: Database, pragma: str, value: int | str) -> None:
    assert read_pragma(database, pragma) == value


def test_tables_are_strict(database: Database) -> None:
    with (
        pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"),
        database.write() as connection,
    ):
        connection.execute("INSERT INTO usage (owner, images, bytes) VALUES ('a', 'many', 1)")


def test_file_is_readable_only_by_its_owner(database: Database, path: Path) -> None:
    put(database, "a")

    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_exception_in_write_rolls_back(database: Database) -> None:
    def fail() -> None:
        with database.write():
            put(database, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert list_names(database) == []


def test_reads_in_one_block_see_the_same_state(database: Database) -> None:
    put(database, "a")
    with database.read():
        before = list_names(database)
        thread = threading.Thread(target=put, args=(database, "b"))
        thread.start()
        thread.join()
        inside = list_names(database)

    assert (before, inside, list_names(database)) == (["a"], ["a"], ["a", "b"])


def test_read_in_write_sees_its_changes(database: Database) -> None:
    with database.write():
        put(database, "a")

        assert list_names(database) == ["a"]


def test_write_in_read_is_rejected(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="inside a transaction"), database.read():
        put(database, "a")


def test_connection_whose_rollback_failed_is_not_used_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def begin_only(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
        connection.execute(begin)
        yield
        raise ZeroDivisionError

    with database.read():
        pass
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "transaction", begin_only)
        with pytest.raises(ZeroDivisionError):
            put(database, "a")

    put(database, "b")
    assert list_names(database) == ["b"]


def test_idle_connections_are_few(database: Database) -> None:
    barrier = threading.Barrier(database_module.MAX_IDLE + 3)

    def read() -> None:
        with database.read():
            barrier.wait()

    threads = [threading.Thread(target=read) for _ in range(barrier.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(database._idle) == database_module.MAX_IDLE  # noqa: SLF001 - each idle connection takes memory


def test_write_while_another_process_writes_waits(database: Database, path: Path) -> None:
    put(database, "a")
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.1, other.execute, ["COMMIT"])
        timer.start()
        start = time.monotonic()
        put(database, "b")
        duration = time.monotonic() - start
        timer.join()

    assert duration >= 0.05
    assert list_names(database) == ["a", "b"]


def test_write_while_another_process_never_ends_raises_unavailable(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
    put(database, "a")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            put(database, "b")

    assert caplog.messages == ["the database failed: SQLITE_BUSY: database is locked"]
    assert list_names(database) == ["a"]


def test_write_to_a_disk_that_became_read_only_says_so(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0)
    monkeypatch.setattr(
        database_module, "find_failure", lambda folder: OSError(errno.EROFS, "Read-only file system", f"{folder}/file")
    )
    put(database, "a")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"^PixTag cannot write to its data folder: Read-only file system"):
            put(database, "b")

    assert caplog.messages == ["the database failed: SQLITE_BUSY: Read-only file system"]


def test_open_on_a_read_only_disk_raises_database_unusable(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4 * MIB) as disk:
        database = Database(disk / "pixtag.db")
        put(database, "a")
        database.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        with pytest.raises(DatabaseUnusable, match=r"pixtag\.db cannot be opened or written: Read-only file system\."):
            list_names(database)


def test_write_while_another_thread_never_ends_raises_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
    failures: list[Exception] = []

    def write() -> None:
        with pytest.raises(Unavailable) as failure:
            put(database, "b")
        failures.append(failure.value)

    with database.write():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    assert len(failures) == 1
    assert list_names(database) == []


def test_write_beyond_the_largest_size_raises_storage_full(database: Database) -> None:
    put(database, "a")
    with database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite uses the current size

    with pytest.raises(StorageFull):
        put(database, "b", "x" * 100_000)

    assert list_names(database) == ["a"]


def test_failure_on_a_disk_without_space_raises_storage_full(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
    put(database, "a")
    monkeypatch.setattr(database_module, "shutil", SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=0)))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageFull):
            put(database, "b")


def test_full_disk_at_the_first_start_raises_storage_full(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(database_module, "os", SimpleNamespace(**(vars(os) | {"open": fail})))

    with pytest.raises(StorageFull):
        list_names(database)


def test_two_processes_create_the_tables_once(database: Database, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = schema.transaction

    def create_first(connection: sqlite3.Connection, begin: str) -> AbstractContextManager[None]:
        monkeypatch.setattr(schema, "transaction", original)
        with closing(Database(path)) as other:
            put(other, "a")
        return original(connection, begin)

    monkeypatch.setattr(schema, "transaction", create_first)

    assert list_names(database) == ["a"]


def test_check_of_sound_database_passes(database: Database) -> None:
    put(database, "a")

    database.check()


def test_check_of_damaged_table_raises_database_unusable(database: Database, path: Path) -> None:
    put(database, "a", "x" * 100_000)
    database.close()
    contents = path.read_bytes()
    path.write_bytes(contents[:-4096] + b"\xff" * 4096)

    with pytest.raises(DatabaseUnusable, match="is damaged"):
        database.check()


@pytest.mark.parametrize("lost_bytes", [1, 100, 4095, 4096, 5000])
def test_check_of_a_database_whose_end_is_missing_raises_database_unusable(
    database: Database, path: Path, lost_bytes: int
) -> None:
    put(database, "a", "x" * 100_000)
    database.close()
    os.truncate(path, path.stat().st_size - lost_bytes)

    with pytest.raises(DatabaseUnusable, match="is damaged"):
        database.check()


@pytest.fixture
def crashed(database: Database, path: Path, tmp_path: Path) -> Path:
    """A database whose process was killed after SQLite had copied some changes from the -wal file."""
    put(database, "a", "x" * 100_000)
    database.close()
    with database.read() as connection:  # prevents that SQLite writes the -wal file from its start
        connection.execute("SELECT count(*) FROM setting").fetchone()
        put_elsewhere(path, "b", "x" * 100_000)
        folder = tmp_path / "crashed"
        folder.mkdir()
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{path}{suffix}", folder / f"{path.name}{suffix}")
    return folder / path.name


def put_elsewhere(path: Path, name: str, value: str) -> None:
    with closing(Database(path)) as other:
        put(other, name, value)


def test_check_of_a_database_whose_last_pages_are_in_its_wal_file_passes(crashed: Path) -> None:
    with crashed.open("ab") as file:
        file.write(b"x" * 100)  # the start of a page that SQLite was about to copy

    with closing(Database(crashed)) as database:
        database.check()

        assert list_names(database) == ["a", "b"]


@pytest.mark.parametrize("lost_bytes", [100, 5000])
def test_check_of_a_database_whose_end_is_not_in_its_wal_file_raises_database_unusable(
    crashed: Path, lost_bytes: int
) -> None:
    os.truncate(crashed, crashed.stat().st_size - lost_bytes)

    with pytest.raises(DatabaseUnusable, match="is damaged"):
        Database(crashed).check()


def remove_wal(path: Path) -> None:
    path.with_name("pixtag.db-wal").unlink()


def replace_wal(path: Path) -> None:
    remove_wal(path)
    path.with_name("pixtag.db-wal").touch()


def remove_shared_memory(path: Path) -> None:
    path.with_name("pixtag.db-shm").unlink()


def replace_database(path: Path) -> None:
    shutil.copyfile(path, path.with_name("copy.db"))
    path.with_name("copy.db").rename(path)


@pytest.mark.parametrize("damage", [Path.unlink, replace_database, remove_wal, replace_wal, remove_shared_memory])
def test_write_after_the_files_were_removed_or_replaced_is_refused_and_logged_once(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    put(database, "a")
    damage(path)

    for name in "bc":
        with pytest.raises(Unavailable, match=r"were removed or replaced while PixTag ran.* Restart PixTag\.$"):
            put(database, name)

    assert list_names(database) == ["a"]
    (message,) = caplog.messages
    assert message.startswith("pixtag.db, its -wal file or its -shm file was removed or replaced")


def test_changes_before_the_removal_of_the_wal_file_are_kept_after_a_stop(database: Database, path: Path) -> None:
    put(database, "a")
    remove_wal(path)
    with pytest.raises(Unavailable):
        put(database, "b")
    database.close()

    put(database, "c")

    assert list_names(database) == ["a", "c"]


def copy_file(path: Path) -> Database:
    """Return the database as a kill of all processes leaves it if its -wal file was removed."""
    shutil.copyfile(path, path.with_name("killed.db"))
    return Database(path.with_name("killed.db"))


@pytest.mark.parametrize("removals", [[remove_wal], [remove_wal, remove_shared_memory]], ids=["wal", "wal-and-shm"])
def test_changes_before_the_removal_of_the_wal_file_are_kept_after_a_kill(
    database: Database, path: Path, removals: list[Callable[[Path], None]]
) -> None:
    put(database, "a")
    for remove in removals:
        remove(path)
    list_names(database)

    with closing(copy_file(path)) as killed:
        assert list_names(killed) == ["a"]


def test_changes_that_a_reader_keeps_in_a_removed_wal_file_are_copied_afterwards(
    database: Database, path: Path
) -> None:
    put(database, "a")
    with closing(Database(path)) as other, other.read() as connection:
        connection.execute("SELECT count(*) FROM setting").fetchone()
        put(database, "b")
        remove_wal(path)
        list_names(database)
    list_names(database)

    with closing(copy_file(path)) as killed:
        assert list_names(killed) == ["a", "b"]


def test_removed_wal_file_is_not_used_after_another_one_took_its_place(database: Database, path: Path) -> None:
    put(database, "a")
    before = path.read_bytes()
    replace_wal(path)
    list_names(database)

    assert path.read_bytes() == before


def test_changes_of_a_removed_wal_file_that_cannot_be_copied_can_still_be_read(database: Database, path: Path) -> None:
    def refuse_copy(action: int, name: str | None, *_: object) -> int:
        return sqlite3.SQLITE_DENY if name == "wal_checkpoint" else sqlite3.SQLITE_OK

    put(database, "a")
    with database.read() as connection:
        connection.set_authorizer(refuse_copy)
    remove_wal(path)

    assert list_names(database) == ["a"]


def list_open_shared_memory(path: Path) -> int:
    """Return how often this process has the -shm file open."""
    number = 0
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # another thread has closed it
            number += str(link.readlink()).startswith(f"{path.resolve()}-shm")
    return number


def test_shared_memory_is_allocated_if_blocks_are_small_and_stays_open_until_the_end(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If its descriptor was closed earlier, SQLite would lose its locks."""
    monkeypatch.setattr(database_files, "SHM_PAGE_BYTES", 2**30)
    monkeypatch.setattr(database_module, "MAX_IDLE", 1)
    with database.read(), ThreadPoolExecutor(1) as executor:
        executor.submit(list_names, database).result()

    assert path.with_name("pixtag.db-shm").stat().st_blocks * 512 >= database_files.SHM_BYTES
    assert list_open_shared_memory(path) == 2
    with closing(Database(path)) as other:
        list_names(other)  # nothing is left to allocate
    database.close()
    assert list_open_shared_memory(path) == 0


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.EROFS, nullcontext()), (errno.EIO, pytest.raises(OSError, match="Input/output"))]
)
def test_shared_memory_on_a_disk_that_became_read_only_is_not_allocated(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: AbstractContextManager[object]
) -> None:
    """A backup can still read the database."""

    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    path.touch()
    monkeypatch.setattr(database_files, "SHM_PAGE_BYTES", 2**30)
    monkeypatch.setattr(os, "open", refuse)

    with expected:
        assert database_files.allocate_shared_memory(path) is None


def test_open_on_a_full_disk_with_small_blocks_raises_storage_full(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, start: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(database_files, "SHM_PAGE_BYTES", 2**30)
    monkeypatch.setattr(os, "posix_fallocate", refuse)

    with pytest.raises(StorageFull):
        list_names(database)
    assert list_open_shared_memory(path) == 0


def test_write_after_the_files_were_moved_back_succeeds(database: Database, path: Path) -> None:
    put(database, "a")
    path.rename(path.with_name("moved.db"))
    with pytest.raises(Unavailable):
        put(database, "b")
    path.with_name("moved.db").rename(path)

    put(database, "c")

    assert list_names(database) == ["a", "c"]


def test_new_connection_to_a_replaced_database_is_refused(database: Database, path: Path) -> None:
    put(database, "a")
    replace_database(path)

    with database.read(), ThreadPoolExecutor(1) as executor, pytest.raises(Unavailable):
        executor.submit(list_names, database).result()


def test_database_on_a_disk_without_shared_memory_raises_database_unusable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "JOURNAL_MODE", "memory")

    with pytest.raises(DatabaseUnusable, match="is on a network disk"):
        list_names(database)


def test_creation_waits_for_another_process_that_creates_the_database(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.touch()
    with closing(sqlite3.connect(path, isolation_level=None)) as other, closing(sqlite3.connect(path)) as connection:
        waits: list[float] = []

        def end_after_three_waits(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                other.execute("COMMIT")

        monkeypatch.setattr(time, "sleep", end_after_three_waits)
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")

        schema.prepare(connection, path, schema.MIGRATIONS, schema.NoGuard())

        assert len(waits) == 3


def test_creation_does_not_wait_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "BUSY_SECONDS", -1)
    path.touch()
    with closing(sqlite3.connect(path, isolation_level=None)) as other, closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            schema.prepare(connection, path, schema.MIGRATIONS, schema.NoGuard())


def write_text(path: Path) -> None:
    path.write_text("These are my photos, not a database. " * 100)


def write_other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE note (text)")


def write_later_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 999")


def write_damaged_database(path: Path) -> None:
    with closing(Database(path)) as database:
        put(database, "a", "x" * 100_000)
    contents = bytearray(path.read_bytes())
    contents[100:4096] = b"\xff" * 3996
    path.write_bytes(contents)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (write_text, "is damaged. Move it and its -wal file to another folder, then restore a backup."),
        (write_other_database, "belongs to another program. Move it away, or set PIXTAG_DATA to another folder."),
        (write_later_version, "was written by a later version of PixTag. Install that version or a later one."),
        (write_damaged_database, "is damaged. Move it and its -wal file to another folder, then restore a backup."),
        (
            Path.mkdir,
            "cannot be opened or written. Check the disk, and the owner and permissions of the file and its folder.",
        ),
    ],
)
def test_unusable_file_raises_database_unusable_and_stays_as_it_was(
    database: Database, path: Path, make: Callable[[Path], None], message: str
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else b""

    with pytest.raises(DatabaseUnusable) as failure:
        list_names(database)

    assert str(failure.value) == f"{path} {message}"
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_database_in_a_missing_folder_raises_database_unusable(path: Path) -> None:
    database = Database(path.parent / "missing" / "pixtag.db")

    with pytest.raises(DatabaseUnusable, match=r"cannot be opened or written: No such file or directory\. Check"):
        list_names(database)


def test_database_whose_wal_file_cannot_be_opened_raises_database_unusable(database: Database, path: Path) -> None:
    put(database, "a")
    database.close()
    path.with_name("pixtag.db-wal").mkdir()

    with pytest.raises(DatabaseUnusable, match=r"cannot be opened or written\. Check the disk"):
        database.check()


def test_open_with_an_old_version_of_sqlite_says_what_is_needed(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))  # of Red Hat Enterprise Linux 9
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")

    with pytest.raises(DatabaseUnusable, match=r"needs SQLite 3\.37 or newer, but this Python has SQLite 3\.34\.1"):
        list_names(database)

    assert path.stat().st_size == 0


def test_other_process_that_ends_keeps_the_wal_file_of_this_one(database: Database, path: Path) -> None:
    """If this process opened and closed the file itself, it would lose SQLite's lock, and with it later changes."""
    barrier = threading.Barrier(3)

    def read() -> None:
        with database.read():
            barrier.wait()

    put(database, "a")
    threads = [threading.Thread(target=read) for _ in range(barrier.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    code = (
        "import sys; from pathlib import Path; from app.adapters.local.database import Database\n"
        "database = Database(Path(sys.argv[1]))\n"
        "with database.read() as connection:\n"
        "    print([row['name'] for row in connection.execute('SELECT name FROM setting ORDER BY name')])\n"
        "database.close()"
    )

    outputs = []
    for name in ("b", "c"):
        command = [sys.executable, "-c", code, str(path)]
        outputs.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
        put(database, name)

    assert outputs == ["['a']", "['a', 'b']"]
    with closing(sqlite3.connect(path)) as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM setting ORDER BY name")] == ["a", "b", "c"]
