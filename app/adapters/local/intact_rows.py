"""Reads the rows of an owner one by one if some of them are damaged, so that the others are still found."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final, TypeVar

from app.adapters.local.rows import name_damage
from app.domain.errors import RowDamaged

Row = TypeVar("Row")

_SELECT: Final = "SELECT * FROM {} WHERE owner = :owner"
_SELECT_IDS: Final = "SELECT CAST(id AS BLOB) FROM {} WHERE owner = :owner ORDER BY {}"


@contextmanager
def replace_invalid(connection: sqlite3.Connection) -> Iterator[None]:
    """Replace invalid UTF-8 in texts that are read. Otherwise, it would prevent the read of other rows."""
    connection.text_factory = lambda text: text.decode(errors="replace")
    try:
        yield
    finally:
        connection.text_factory = str


def read_rows(
    connection: sqlite3.Connection, table: str, order: str, owner: str, convert: Callable[[sqlite3.Row], Row]
) -> tuple[list[Row], list[str]]:
    """Return the rows of an owner in the order of a column, and the ids of the damaged rows, which are logged.

    Args:
        connection: A connection in a transaction.
        table: A table with the columns `owner` and `id`.
        order: The column that orders the rows.
        owner: The owner.
        convert: Converts a row. It raises one of `DAMAGE` if the row is damaged.
    """
    select = _SELECT.format(table)
    try:
        with (
            name_damage("", RowDamaged),
            closing(connection.execute(f"{select} ORDER BY {order}", {"owner": owner})) as rows,
        ):
            return [convert(row) for row in rows], []
    except RowDamaged:
        intact, damaged = list[Row](), list[str]()
    for (key,) in connection.execute(_SELECT_IDS.format(table, order), {"owner": owner}).fetchall():
        name = key.decode(errors="replace")
        parameters = {"owner": owner, "key": key}
        try:
            with (
                name_damage(f"the {table} {name}", RowDamaged),
                closing(connection.execute(f"{select} AND CAST(id AS BLOB) = :key", parameters)) as rows,
            ):
                intact += map(convert, rows)
        except RowDamaged:
            damaged.append(name)
    return intact, damaged
