"""A -wal file that does not belong to the database is left out, and nothing of the database is lost."""

import errno
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local import damaged_files
from app.adapters.local.clock import watch_clock
from app.adapters.local.copies import Copies
from app.adapters.local.database import Database
from app.adapters.local.folder import DataFolder
from app.adapters.local.guard import LibraryGuard
from app.adapters.local.last_write import has_foreign_wal
from app.adapters.local.recovery import Recovery
from app.adapters.local.schema import MIGRATIONS
from app.domain.errors import DatabaseUnusable, StartFailed
from tests.support.fakes import NOON

FILES = ("pixtag.db", "pixtag.db-wal")


def open_library(folder: DataFolder) -> Database:
    return Database(folder.database, LibraryGuard(folder, Copies(folder)))


def write_without_number(folder: DataFolder, name: str) -> bytes:
    """Create a library as it was before the table `last_write`, and return the -wal file of a change."""
    first = folder.path / "migrations"
    first.mkdir()
    for step in ("0001.sql", "0002.sql"):
        shutil.copy(MIGRATIONS / step, first)
    with closing(Database(folder.database, migrations=first)) as database, database.read():
        pass
    with closing(sqlite3.connect(folder.database)) as connection, connection:
        connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, name))
        connection.commit()
        return folder.database.with_name("pixtag.db-wal").read_bytes()


def put(database: Database, *names: str) -> None:
    for name in names:
        with database.write() as connection:
            connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, name))


def list_names(database: Database) -> list[str]:
    with database.read() as connection:
        rows = connection.execute("SELECT name FROM setting WHERE name != 'clock' ORDER BY name")
        return [row["name"] for row in rows]


class Library:
    """A library with changes a, b, c and so on, and copies of its files as they were after each of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = DataFolder(folder / "data")
        self.data.prepare()

    def run(self, *names: str, checkpoint_after: str = "") -> None:
        """Make changes in one session, and copy the files after each of them and after the stop."""
        with closing(open_library(self.data)) as database:
            for name in names:
                put(database, name)
                self.copy(name)
                if name == checkpoint_after:
                    with database.read() as connection:
                        connection.execute("COMMIT")
                        connection.execute("PRAGMA wal_checkpoint")
                        connection.execute("BEGIN")
                    self.copy(f"{name}*")
        self.copy(f"stop {name}")

    def kill(self, moment: str) -> None:
        """Go back to a copy of this session, as if the session had been killed at this moment."""
        for name in FILES:
            shutil.copyfile(self.folder / moment / name, self.data.path / name)

    def copy(self, moment: str) -> None:
        """Copy the files as they are now."""
        (self.folder / moment).mkdir()
        for name in FILES:
            if (self.data.path / name).exists():
                shutil.copyfile(self.data.path / name, self.folder / moment / name)

    def combine(self, database: str, wal: str) -> DataFolder:
        """Return a folder with the files of two moments."""
        folder = DataFolder(self.folder / "combined")
        folder.prepare()
        for moment, name in ((database, FILES[0]), (wal, FILES[1])):
            shutil.copyfile(self.folder / moment / name, folder.path / name)
        return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library that was killed after the change d, and used again. At c*, SQLite copied all changes to its file."""
    library = Library(tmp_path)
    library.run("a")
    library.run("b", "c", "d", "lost", checkpoint_after="c")
    library.kill("d")
    library.run("e", "f")
    library.run("g")
    return library


@pytest.mark.parametrize("wal", ["b", "c", "d", "f"])
@pytest.mark.parametrize("database", ["stop a", "b", "c*", "d", "stop f", "stop g"])
def test_files_of_different_moments_are_combined_only_if_they_belong_together(
    library: Library, database: str, wal: str
) -> None:
    """Without its -wal file, the database at b has the changes of the stop before it, and at d those of c."""
    folder = library.combine(database, wal)
    alone_at = {"stop a": "a", "b": "a", "c*": "abc", "d": "abc", "stop f": "abcdef", "stop g": "abcdefg"}
    alone = alone_at[database]
    complete = {"b": "ab", "c": "abc", "d": "abcd", "f": "abcdef"}[wal]
    base = {"b": "a", "c": "a", "d": "abc", "f": "abc"}[wal]
    belong = base <= alone <= complete

    with closing(open_library(folder)) as opened:
        opened.check()
        assert list_names(opened) == list(complete if belong else alone)
    assert len(list(folder.path.glob("damaged-*"))) == (not belong)


@pytest.mark.parametrize("place", [0.1, 0.9])
def test_damage_in_changes_that_the_database_has_does_not_undo_them(library: Library, place: float) -> None:
    """SQLite alone would write the pages of the earlier changes over those of the later ones."""
    folder = library.combine("c*", "c*")
    wal = folder.path / FILES[1]
    content = bytearray(wal.read_bytes())
    content[int(len(content) * place)] ^= 1
    wal.write_bytes(content)

    with closing(open_library(folder)) as opened:
        opened.check()
        assert list_names(opened) == list("abc")
    assert len(list(folder.path.glob("damaged-*"))) == 1


def test_foreign_wal_file_is_kept_and_named(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    folder = library.combine("stop g", "d")
    wal = (folder.path / FILES[1]).read_bytes()

    with closing(open_library(folder)) as opened:
        opened.check()

    (damaged,) = folder.path.glob("damaged-*")
    assert [file.read_bytes() for file in damaged.iterdir()] == [wal]
    (message,) = caplog.messages
    assert message == (
        "pixtag.db-wal does not belong to the current pixtag.db: a copy of the folder has replaced only one of these"
        f" two files, or the file is damaged. PixTag has moved it to the folder {damaged.name}, and does not use its"
        " changes. If you have copied the folder and something is missing, copy all of it again, to a new folder."
    )


def test_trash_waits_again_after_a_foreign_wal_file_was_moved(library: Library) -> None:
    with closing(open_library(library.data)) as opened, opened.write() as connection:
        watch_clock(connection, NOON)
    shutil.copyfile(library.folder / "d" / FILES[1], library.data.path / FILES[1])

    with closing(open_library(library.data)) as opened:
        opened.check()
        with opened.write() as connection:
            assert watch_clock(connection, NOON + 86_400) == 0


def test_command_moves_a_foreign_wal_file_too(library: Library) -> None:
    with closing(open_library(library.combine("stop g", "d"))) as opened:
        assert list_names(opened) == list("abcdefg")


def test_recovery_with_a_foreign_wal_file_says_that_the_database_is_intact(library: Library) -> None:
    folder = library.combine("stop g", "d")

    with folder.lock(""), pytest.raises(StartFailed, match="is not damaged"):
        Recovery(folder).recover()

    assert (folder.path / FILES[1]).stat().st_size == 0  # of a connection that only reads


def test_foreign_wal_file_next_to_a_damaged_database_is_refused_unchanged(library: Library) -> None:
    folder = library.combine("stop g", "d")
    with folder.database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    before = [(folder.path / name).read_bytes() for name in FILES]

    with closing(open_library(folder)) as opened, pytest.raises(DatabaseUnusable, match="is damaged"):
        opened.check()

    assert [(folder.path / name).read_bytes() for name in FILES] == before


def test_wal_file_that_another_process_has_just_opened_is_not_moved(library: Library) -> None:
    folder = library.combine("stop g", "d")
    code = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1])\n"
        "connection.execute('SELECT * FROM setting'); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, folder.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()

        assert damaged_files.move_foreign_wal(folder.database) is False

    assert list(folder.path.glob("damaged-*")) == []


def test_foreign_wal_file_that_cannot_be_moved_stops_the_start(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = library.combine("stop g", "d")

    def refuse(_folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(damaged_files, "make_folder", refuse)

    with closing(open_library(folder)) as opened, pytest.raises(DatabaseUnusable, match="folder: Permission denied"):
        opened.check()

    assert (folder.path / FILES[1]).exists()


@pytest.mark.parametrize("name", FILES)
def test_file_without_a_mark_is_not_compared(library: Library, name: str) -> None:
    folder = library.combine("stop g", "d")
    with closing(open_library(library.data)) as opened:
        with opened.write() as connection:
            connection.execute("DELETE FROM last_write")
        if name == "pixtag.db":
            opened.close()
        shutil.copyfile(library.data.path / name, folder.path / name)

    assert not has_foreign_wal(folder.database)


def test_missing_database_is_not_compared(library: Library) -> None:
    folder = library.combine("stop g", "d")
    folder.database.unlink()

    assert not has_foreign_wal(folder.database)


def test_wal_file_of_before_an_upgrade_is_left_out(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    data.prepare()
    old = write_without_number(data, "a")
    with closing(open_library(data)) as database:
        put(database, "b")
    (data.path / "pixtag.db-wal").write_bytes(old)

    with closing(open_library(data)) as database:
        names = list_names(database)

    assert names == ["a", "b"]
    assert [path.read_bytes() for path in data.path.glob("damaged-*/pixtag.db-wal")] == [old]


def test_wal_file_of_before_an_upgrade_is_used_before_the_upgrade(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    data.prepare()
    old = write_without_number(data, "a")
    with closing(sqlite3.connect(data.database)) as connection, connection:
        connection.execute("DELETE FROM setting")
    (data.path / "pixtag.db-wal").write_bytes(old)

    assert not has_foreign_wal(data.database)


def test_changes_after_a_vacuum_by_hand_are_kept(tmp_path: Path) -> None:
    """Another program moves the page of the table while PixTag runs."""
    library = Library(tmp_path)
    library.run("a")
    with closing(sqlite3.connect(library.data.database, isolation_level=None)) as connection:
        row = connection.execute("SELECT number, previous FROM last_write").fetchone()
        (create,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'last_write'").fetchone()
        connection.execute("CREATE TABLE large (value)")
        connection.executemany("INSERT INTO large VALUES (?)", [(b"\0" * 4_000,)] * 50)
        connection.execute("DROP TABLE last_write")
        connection.execute("INSERT INTO large VALUES (zeroblob(4000))")  # uses the free page
        connection.execute(create)
        connection.execute("INSERT INTO last_write (number, previous) VALUES (?, ?)", row)
        connection.execute("DROP TABLE large")
    with closing(open_library(library.data)) as database:
        list_names(database)
        with closing(sqlite3.connect(library.data.database)) as connection:
            connection.execute("VACUUM")
        put(database, "b")
        library.copy("killed")
    library.kill("killed")

    with closing(open_library(library.data)) as database:
        assert list_names(database) == ["a", "b"]
    assert list(library.data.path.glob("damaged-*")) == []
