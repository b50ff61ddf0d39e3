"""Damages single values of rows without the adapters, as a bad disk or a wrong program would."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

from app.adapters.aws.row_keys import attributes, partition_of, values
from tests.support.aws import TABLE_NAME, dynamodb_client
from tests.support.local_invariants import connect

INVALID_TEXT: Final = b"a\xff"
MISSING: Final = "missing"  # an attribute of an item

Value = str | bytes | int | None

_TEXTS: Final[tuple[Value, ...]] = ("[[1]]", INVALID_TEXT)
_NUMBERS: Final[tuple[Value, ...]] = (-1, 2**62)
_ITEM_VALUES: Final = (Decimal(-1), MISSING)


class RowDamage(Protocol):
    """Damages the rows of one kind, such as `image`, `album`, `subscription`, `account` or `preference`."""

    def list_damages(self, kind: str) -> list[tuple[str, object]]:
        """Return the fields that a row of this kind has, except its key, each with several damaged values."""

    def damage(self, kind: str, row_id: str, field: str, value: object) -> None:
        """Replace one value in the row with this id. Rows of an account and of preferences have its owner as id."""


class LocalDamage(RowDamage):
    """Damages the database in a data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(connect(self._folder)) as connection, connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            yield connection

    def list_damages(self, kind: str) -> list[tuple[str, object]]:
        with self._connect() as connection:
            columns = connection.execute(f"PRAGMA table_info({kind})").fetchall()
        return [
            (column["name"], value)
            for column in columns
            if column["name"] not in {"owner", "number"}
            for value in (_TEXTS if column["type"] == "TEXT" else _NUMBERS)
        ]

    def damage(self, kind: str, row_id: str, field: str, value: object) -> None:
        key = {"image": "id", "album": "id", "subscription": "id", "album_order": "album"}.get(kind, "owner")
        with self._connect() as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            is_text = isinstance(value, bytes) and kind != "album_order"  # its field contains bytes
            expression = "CAST(? AS TEXT)" if is_text else "?"
            connection.execute(f"UPDATE {kind} SET {field} = {expression} WHERE {key} = ?", (value, row_id))  # noqa: S608 - our names


class ItemDamage(RowDamage):
    """Damages items of the DynamoDB table of moto."""

    _KEYS: Final = {"image": "IMAGE#{}", "album": "ALBUM#{}", "subscription": "SUB#{}", "album_order": "ALBUM-ORDER#{}"}
    _OWNER_KEYS: Final = {"preference": "PREFERENCES", "profile": "PROFILE"}

    def __init__(self, find_owner: Callable[[], str]) -> None:
        self._find_owner = find_owner

    def list_damages(self, kind: str) -> list[tuple[str, object]]:
        table = dynamodb_client().describe_table(TableName=TABLE_NAME)["Table"]
        keys = {definition["AttributeName"] for definition in table["AttributeDefinitions"]}
        items = map(values, dynamodb_client().scan(TableName=TABLE_NAME)["Items"])
        item = next(each for each in items if each["sk"].startswith(self._KEYS[kind].format("")))
        return [(name, value) for name in item if name not in keys for value in _ITEM_VALUES]

    def damage(self, kind: str, row_id: str, field: str, value: object) -> None:
        owner, sort_key = self._find_owner(), self._KEYS.get(kind, self._OWNER_KEYS.get(kind, "")).format(row_id)
        key = attributes({"pk": partition_of(owner), "sk": sort_key})
        item = values(dynamodb_client().get_item(TableName=TABLE_NAME, Key=key)["Item"])
        del item[field]
        new = {} if value == MISSING else {field: value}
        dynamodb_client().put_item(TableName=TABLE_NAME, Item=attributes(item | new))
