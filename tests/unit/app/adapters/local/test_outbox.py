"""How the embedded outbox finds due rows. `../test_outbox.py` has the contract."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.adapters.local import outbox as outbox_module
from app.adapters.local.database import Database
from app.adapters.local.deletion_markers import DeletionMarkers
from app.adapters.local.outbox import SqliteOutbox, insert_outbox_row
from app.domain.errors import StorageFull, Unavailable
from app.domain.outbox import LEASE_SECONDS, TRASH_LIFE, DueOwner, OutboxKind, OutboxRow, outbox_id
from tests.support.fakes import Clock
from tests.support.new_database import open_database

LONG_AGO = 1_700_000_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path) as database:
        yield database


@pytest.fixture
def outbox(database: Database, tmp_path: Path) -> SqliteOutbox:
    return SqliteOutbox(database, DeletionMarkers(tmp_path))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(outbox_module, "time", clock)
    return clock


def add_purge(database: Database, owner: str, number: int, due_at: int) -> None:
    row = OutboxRow(owner, outbox_id(due_at, f"{number:026}"), OutboxKind.PURGE, str(number), 1, due_at)
    with database.write() as connection:
        insert_outbox_row(connection, row)


def add_account(database: Database, owner: str) -> None:
    with database.write() as connection:
        connection.execute(
            "INSERT INTO account (owner, address, given_name, family_name, password_hash, created_at)"
            " VALUES (?, 'ada@example.com', 'Ada', '', '', 0)",
            (owner,),
        )


def test_list_due_returns_each_owner_once_longest_wait_first(database: Database, outbox: SqliteOutbox) -> None:
    for number in range(3):
        add_purge(database, "emptied the trash", number, LONG_AGO + number)
    add_purge(database, "other", 3, LONG_AGO - 1)
    add_purge(database, "later", 4, int(time.time()) + 3_600)

    assert outbox.list_due() == [DueOwner("other", LONG_AGO - 1), DueOwner("emptied the trash", LONG_AGO)]
    assert outbox.list_due(limit=1) == [DueOwner("other", LONG_AGO - 1)]


def test_list_due_reads_one_entry_for_each_owner(database: Database, outbox: SqliteOutbox) -> None:
    for number in range(1_000):
        add_purge(database, "emptied the trash", number, LONG_AGO)
    add_purge(database, "other", 1_001, LONG_AGO)
    steps: list[int] = []
    with database.read() as connection:
        connection.set_progress_handler(lambda: steps.append(1), 100)

        outbox.list_due()

        connection.set_progress_handler(None, 0)
    assert len(steps) < 10  # a thousand instructions of SQLite; the rows alone would need more


YEAR = 365 * 86_400


def list_owners(outbox: SqliteOutbox) -> list[str]:
    return [row.owner for row in outbox.list_due()]


def test_work_from_a_time_when_the_clock_was_ahead_is_due(
    database: Database, outbox: SqliteOutbox, clock: Clock
) -> None:
    add_purge(database, "leased", 1, LONG_AGO)
    clock.ahead = YEAR
    outbox.put_account_deletion("deleted")
    outbox.lease("leased")

    clock.ahead = 0

    assert sorted(list_owners(outbox)) == ["deleted", "leased"]
    assert [row.kind for row in outbox.lease("deleted")] == [OutboxKind.DELETE_ACCOUNT]
    assert [row.image_id for row in outbox.lease("leased")] == ["1"]
    assert list_owners(outbox) == []
    clock.ahead = LEASE_SECONDS + 1
    assert sorted(list_owners(outbox)) == ["deleted", "leased"]


@pytest.mark.parametrize("back", [0, YEAR])
def test_photos_stay_in_the_trash_when_the_clock_is_set_back(
    database: Database, outbox: SqliteOutbox, clock: Clock, back: int
) -> None:
    add_purge(database, "owner", 1, int(time.time() + TRASH_LIFE.total_seconds()))

    clock.ahead = -back

    assert outbox.list_due() == []
    assert outbox.lease("owner") == []


def test_account_deletion_that_an_older_database_does_not_know_begins_again(
    outbox: SqliteOutbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.put_account_deletion("ada")
    outbox.repeat_lost_deletions()
    assert len(outbox.lease("ada")) == 1
    assert caplog.messages == []
    copy = Database(tmp_path / "copy.db")
    older = SqliteOutbox(copy, DeletionMarkers(tmp_path))

    older.repeat_lost_deletions()

    assert older.has_account_deletion("ada")
    assert caplog.messages[0].startswith(
        "The database does not know that the account ada was deleted, so it is deleted"
    )
    copy.close()


def test_damaged_row_is_removed_and_does_not_block_the_others(
    database: Database, outbox: SqliteOutbox, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(2):
        add_purge(database, "owner", number, LONG_AGO + number)
    with database.write() as connection:
        connection.execute("UPDATE outbox SET kind = 'purgf' WHERE image = '0'")

    assert [row.image_id for row in outbox.lease("owner")] == ["1"]
    outbox.delete(*outbox.lease("owner"))

    (message,) = caplog.messages
    assert "is damaged, and PixTag has removed it: owner owner, kind 'purgf', image 0. If it was" in message
    with database.read() as connection:
        assert len(connection.execute("SELECT * FROM outbox").fetchall()) == 1  # the lease of the other one


def test_account_deletion_whose_row_is_damaged_begins_again_at_the_next_start(
    database: Database, outbox: SqliteOutbox
) -> None:
    outbox.put_account_deletion("ada")
    with database.write() as connection:
        connection.execute("UPDATE outbox SET kind = 'delete-accounu'")
    assert outbox.lease("ada") == []

    outbox.repeat_lost_deletions()

    assert [row.kind for row in outbox.lease("ada")] == ["delete-account"]


def list_accounts(database: Database) -> list[str]:
    with database.read() as connection:
        return [row["owner"] for row in connection.execute("SELECT owner FROM account")]


def test_account_deletion_whose_marker_cannot_be_written_deletes_nothing(
    outbox: SqliteOutbox, database: Database, tmp_path: Path
) -> None:
    add_account(database, "ada")
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "deleted").write_text("a file in the place of the folder")

    with pytest.raises(Unavailable, match="Nothing was lost"):
        outbox.put_account_deletion("ada")

    assert (list_owners(outbox), list_accounts(database)) == ([], ["ada"])


@pytest.mark.parametrize("has_begun", [False, True])
def test_account_deletion_whose_commit_fails_does_not_begin_after_a_start(
    outbox: SqliteOutbox, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_begun: bool
) -> None:
    markers = DeletionMarkers(tmp_path)
    if has_begun:
        markers.add("ada")
    add_account(database, "ada")
    write = Database.write

    @contextmanager
    def write_on_a_full_disk(database: Database) -> Iterator[sqlite3.Connection]:
        with write(database) as connection:
            yield connection
            raise StorageFull

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", write_on_a_full_disk)
        with pytest.raises(StorageFull):
            outbox.put_account_deletion("ada")

    assert (list_owners(outbox), list_accounts(database)) == ([], ["ada"])
    assert markers.contains("ada") is has_begun


def test_account_deletion_deletes_the_account_too(outbox: SqliteOutbox, database: Database) -> None:
    """Otherwise, an error before the deletion of the account would leave an account without photos."""
    add_account(database, "ada")

    outbox.put_account_deletion("ada")

    assert (list_owners(outbox), list_accounts(database)) == (["ada"], [])


def test_account_deletion_that_is_complete_does_not_begin_again(outbox: SqliteOutbox, database: Database) -> None:
    outbox.put_account_deletion("ada")
    outbox.put_account_deletion("bob")
    add_purge(database, "bob", 1, LONG_AGO)
    (ada,) = outbox.lease("ada")
    purge = next(row for row in outbox.lease("bob") if row.kind is OutboxKind.PURGE)

    for row in (ada, ada, purge):
        outbox.delete(row)
    with database.write() as connection:
        connection.execute("DELETE FROM outbox")
    outbox.repeat_lost_deletions()

    assert list_owners(outbox) == ["bob"]
