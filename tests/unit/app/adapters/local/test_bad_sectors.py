"""If the disk cannot read the database, PixTag names the file and the way out. A recovery uses the copies."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.adapters.local import database as database_module
from app.adapters.local.database import Database
from app.domain.errors import DatabaseUnusable, StartFailed, Unavailable
from tests.support.bad_sectors import break_sector
from tests.support.fakes import FakeDetector
from tests.support.local_stores import use_local_stores

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores

COPY = "2026-01-01.db"
ADVICE = (
    " cannot be read, because its disk reports errors. PixTag has not changed it. Copy the data folder to another disk"
    " with `cp -a`, and name the copy with --data. If the database of the copy is damaged, replace it. These are its"
    f" copies, newest first: {COPY}. `pixtag recover` uses the newest intact copy, and `pixtag recover COPY` uses"
    " another one."
)


@pytest.fixture
def stores(tmp_path: Path, detector: FakeDetector) -> Iterator["LocalStores"]:
    """A library with a copy of its database."""
    with use_local_stores(tmp_path / "data", detector) as stores:
        stores.folder.prepare()
        stores.account_admin.add("ada@example.com", "a laptop holds no secrets", given_name="A", family_name="L")
        stores.database.close()
        (stores.folder.path / "objects" / "originals").mkdir(parents=True)
        (stores.folder.path / "copies").mkdir()
        shutil.copyfile(stores.folder.database, stores.folder.path / "copies" / COPY)
        yield stores


def leave_wal(stores: "LocalStores") -> Path:
    """Leave a -wal file with a transaction, as a kill does. Return its path."""
    wal = stores.folder.path / "pixtag.db-wal"
    with closing(Database(stores.folder.database)) as database:
        with database.write() as connection:
            connection.execute("INSERT INTO setting (name, value) VALUES ('a', '')")
        contents = [(path, path.read_bytes()) for path in (wal, stores.folder.database)]
    for path, content in contents:
        path.write_bytes(content)
    return wal


def test_database_that_cannot_be_read_is_named_and_recovered(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch
) -> None:
    break_sector(monkeypatch, stores.folder.database)

    for use in (stores.database.check, stores.database.read().__enter__):
        with pytest.raises(DatabaseUnusable) as error:
            use()
        assert str(error.value) == f"{stores.folder.database}{ADVICE}"

    recovered = stores.recovery.recover()

    assert recovered.copy
    assert recovered.copy.name == COPY
    assert (recovered.damaged / "pixtag.db").exists()
    assert [account.email for account in stores.account_admin.list_accounts()] == ["ada@example.com"]


def test_wal_file_that_cannot_be_read_is_named_and_not_given_up(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch
) -> None:
    wal = leave_wal(stores)
    break_sector(monkeypatch, wal)

    with pytest.raises(DatabaseUnusable) as error:
        stores.database.check()
    assert str(error.value) == f"{wal}{ADVICE}"
    with pytest.raises(StartFailed) as refusal:
        stores.recovery.recover()
    assert str(refusal.value) == (
        f"{wal} cannot be read, because its disk reports errors. Copy the data folder to another disk with `cp -a`, and"
        " start PixTag with the copy. It uses the changes that could be copied. To go back to a copy of the database"
        f" nevertheless, name it with `pixtag recover COPY`. Copies, newest first: {COPY}."
    )
    assert wal.exists()

    assert (stores.recovery.recover(COPY).damaged / wal.name).exists()


def test_damaged_database_whose_wal_file_cannot_be_read_is_recovered(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch
) -> None:
    break_sector(monkeypatch, leave_wal(stores))
    stores.folder.database.write_bytes(b"damaged" * 1_000)

    assert stores.recovery.recover().copy


def test_copy_that_cannot_be_read_is_not_the_default(stores: "LocalStores", monkeypatch: pytest.MonkeyPatch) -> None:
    newer = stores.folder.path / "copies" / "2026-01-02.db"
    shutil.copyfile(stores.folder.database, newer)
    break_sector(monkeypatch, newer)
    stores.folder.database.unlink()

    recovered = stores.recovery.recover()

    assert recovered.copy
    assert recovered.copy.name == COPY


@pytest.mark.parametrize(
    ("number", "expected", "message"),
    [
        (errno.EIO, StartFailed, f"copies/{COPY} cannot be copied: Input/output error. Nothing was changed. Check the"),
        (errno.EROFS, Unavailable, "cannot write to its data folder: Read-only file system"),
    ],
)
def test_copy_that_cannot_be_copied_is_named(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception], message: str
) -> None:
    def fail(_source: Path, _target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(shutil, "copyfile", fail)

    with pytest.raises(expected, match=message):
        stores.recovery.recover(COPY)
    assert sorted(path.name for path in stores.folder.path.iterdir()) == [
        "copies",
        "objects",
        "pixtag.db",
        "pixtag.lock",
    ]


def test_read_that_fails_while_pixtag_runs_names_the_file_without_its_path(
    stores: "LocalStores", caplog: pytest.LogCaptureFixture
) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ

    with pytest.raises(Unavailable) as failure, stores.database.read():
        raise error

    assert str(failure.value) == f"pixtag.db{ADVICE}"
    assert caplog.messages == [f"pixtag.db{ADVICE}"]


def test_read_that_failed_only_once_names_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pixtag.db"
    path.write_bytes(b"database")
    break_sector(monkeypatch, path)
    monkeypatch.setattr(database_module, "find_unreadable", lambda _: None)

    with pytest.raises(DatabaseUnusable) as error, closing(Database(path)) as database:
        database.check()

    assert str(error.value) == (f"{path} cannot be read, because its disk reports errors. PixTag has not changed it.")
