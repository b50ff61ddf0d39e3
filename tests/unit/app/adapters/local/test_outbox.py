"""How the embedded outbox finds due rows. `../test_outbox.py` has the contract."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.local.database import Database
from app.adapters.local.outbox import SqliteOutbox, insert_outbox_row
from app.domain.outbox import OutboxKind, OutboxRow, outbox_id

LONG_AGO = 1_700_000_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "pixtag.db")
    yield database
    database.close()


def add_purge(database: Database, owner: str, number: int, due_at: int) -> None:
    row = OutboxRow(owner, outbox_id(due_at, f"{number:026}"), OutboxKind.PURGE, str(number), 1, None, {}, due_at)
    with database.write() as connection:
        insert_outbox_row(connection, row)


def test_list_due_returns_only_the_first_due_row_of_each_owner(database: Database) -> None:
    for number in range(3):
        add_purge(database, "emptied the trash", number, LONG_AGO + number)
    add_purge(database, "other", 3, LONG_AGO - 1)
    add_purge(database, "later", 4, int(time.time()) + 3_600)

    rows = SqliteOutbox(database).list_due()

    assert [(row.owner, row.image_id) for row in rows] == [("other", "3"), ("emptied the trash", "0")]
