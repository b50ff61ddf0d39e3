"""Reads an image together with its index rows and hash rows in one DynamoDB transaction, and repairs these rows."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.image_items import to_image
from app.adapters.aws.items import Item, attributes, hash_key, image_key, index_key, summary_item, values
from app.adapters.aws.transactions import (
    BACKOFF_SECONDS,
    MAX_ATTEMPTS,
    ConditionFailed,
    Transaction,
    back_off,
)
from app.domain.checks import RowDifference, compare_index, compare_tags, find_searchable_tags, name_photo
from app.domain.errors import ImageDamaged, Unavailable
from app.domain.images import STORED, Image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactGetItemTypeDef

MAX_TOGETHER: Final = 24  # rows besides the image; AWS allows 100 items per transaction, and moto 25 reads
NEW: Final = "attribute_not_exists(pk)"

Key = tuple[str, str]
"""The pk and sk of a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """An index row or a hash row of an image.

    Attributes:
        key: The key.
        expected: The item that the image requires, or None.
        stored: The stored item, or None.
    """

    key: Item
    expected: Item | None
    stored: Item | None

    @property
    def tag(self) -> str:
        """The tag of an index row. It is empty for a hash row."""
        return str(self.key["pk"]).partition("#TAG#")[2]

    def names(self, image_id: str) -> bool:
        """Return whether a hash row names this image."""
        return self.stored is not None and self.stored["image"] == image_id


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An image, and some of its rows, at one moment."""

    item: Item | None
    image: Image | None
    rows: list[Row]


def expect_rows(image: Image | None) -> dict[Key, Item]:
    """Return the index rows and the hash row that an image requires, by key."""
    if image is None:
        return {}
    items = [index_key(image, tag) | summary_item(image) for tag in find_searchable_tags(image)]
    if image.state in STORED:
        items.append(hash_key(image.owner, image.sha256) | {"image": image.id})
    return {(item["pk"], item["sk"]): item for item in items}


class RowSnapshots(DynamoTable):
    """Compares and repairs the rows of single images."""

    def __init__(self, client: "DynamoDBClient", table: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, table)
        self._backoff_seconds = backoff_seconds

    def compare(self, owner: str, image_id: str, keys: Sequence[Key]) -> Iterator[RowDifference]:
        """Yield the differences of an image and those of its rows that have these keys."""
        for start in range(0, max(1, len(keys)), MAX_TOGETHER):
            yield from self._list_differences(image_id, self._read(owner, image_id, keys[start : start + MAX_TOGETHER]))

    def repair(self, owner: str, image_id: str, keys: Sequence[Key]) -> None:
        """Write the tags of an image and those of its rows that have these keys. Skip an image that always changes."""
        for start in range(0, max(1, len(keys)), MAX_TOGETHER):
            for _ in range(MAX_ATTEMPTS):
                with suppress(ConditionFailed, ImageDamaged, Unavailable):
                    self._write(owner, image_id, self._read(owner, image_id, keys[start : start + MAX_TOGETHER]))
                    break

    def _read(self, owner: str, image_id: str, keys: Sequence[Key]) -> Snapshot:
        """Read an image and rows in one transaction.

        Raises:
            Unavailable: other transactions prevented every attempt.
        """
        row_keys = [{"pk": pk, "sk": sk} for pk, sk in keys]
        item, *stored = self._read_together([image_key(owner, image_id), *row_keys])
        image = to_image(owner, item) if item else None
        expected = expect_rows(image)
        return Snapshot(
            item,
            image,
            [Row(key, expected.get((key["pk"], key["sk"])), row) for key, row in zip(row_keys, stored, strict=True)],
        )

    def _read_together(self, keys: Sequence[Item]) -> list[Item | None]:
        reads: list[TransactGetItemTypeDef] = [
            {"Get": {"TableName": self._table, "Key": attributes(key)}} for key in keys
        ]
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                back_off(attempt, self._backoff_seconds)
            with suppress(self._client.exceptions.TransactionCanceledException):  # because of another transaction
                response = self._client.transact_get_items(TransactItems=reads)
                return [values(each["Item"]) if "Item" in each else None for each in response["Responses"]]
        raise Unavailable

    def _list_differences(self, image_id: str, snapshot: Snapshot) -> Iterator[RowDifference]:
        image, item = snapshot.image, snapshot.item
        index = [row for row in snapshot.rows if row.tag]
        expected = {row.tag: row.expected for row in index if row.expected}
        stored = {row.tag: row.stored for row in index if row.stored}
        if difference := compare_index(image_id, image, expected, stored):
            yield difference
        if image and item and (difference := compare_tags(image, item.get("tags"))):
            yield difference
        for row in snapshot.rows:
            if not row.tag and (text := self._describe_hash(image_id, image, row)):
                yield RowDifference(f"{row.key['sk']} of {image_id}", text, image_id)

    def _describe_hash(self, image_id: str, image: Image | None, row: Row) -> str:
        """Return the fault of a hash row, or an empty text. A row can belong to another image."""
        photo = name_photo(image_id, image)
        if not row.expected:
            return f"A hash row wrongly names {photo}." if row.names(image_id) else ""
        if row.stored == row.expected:
            return ""
        if twin := self._find_twin(row):
            return f"Its bytes are those of {photo} and of {name_photo(twin.id, twin)}. Delete one of them."
        return f"The hash row of {photo} {'names another photo' if row.stored else 'is missing'}."

    def _find_twin(self, row: Row) -> Image | None:
        """Return another image with the same bytes, if the hash row names it."""
        if not row.stored:
            return None
        owner = str(row.key["pk"]).removeprefix("U#")
        item = self._find(image_key(owner, row.stored["image"]))
        twin = to_image(owner, item) if item else None
        return twin if (row.key["pk"], row.key["sk"]) in expect_rows(twin) else None

    def _write(self, owner: str, image_id: str, snapshot: Snapshot) -> None:
        """Write the rows of a snapshot that are wrong, if its image still has the same version.

        Raises:
            ConditionFailed: the image or a hash row has changed.
            Unavailable: other transactions prevented every attempt.
        """
        transaction = self._transaction()
        key = image_key(owner, image_id)
        if snapshot.item and snapshot.image:
            item = snapshot.item | {"tags": dict(snapshot.image.tags)}
            transaction.put(item, "version = :read", {":read": snapshot.image.version})
        else:
            transaction.delete(key, NEW)  # deletes nothing
        for row in snapshot.rows:
            if self._is_wrong(image_id, row):
                write_row(transaction, row)
        transaction.commit(self._backoff_seconds)

    def _is_wrong(self, image_id: str, row: Row) -> bool:
        """Return whether a row has to be written. The hash row of another image with the same bytes stays."""
        if row.stored == row.expected:
            return False
        return bool(row.tag) or (self._find_twin(row) is None if row.expected else row.names(image_id))


def write_row(transaction: Transaction, row: Row) -> None:
    """Add the write of a row to a transaction. The version of the image protects an index row, but no hash row."""
    condition: tuple[str, Item | None] = ("", None)
    if not row.tag:
        condition = ("image = :image", {":image": row.stored["image"]}) if row.stored else (NEW, None)
    if row.expected:
        transaction.put(row.expected, *condition)
    else:
        transaction.delete(row.key, *condition)
