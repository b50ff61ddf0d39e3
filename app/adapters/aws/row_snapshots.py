"""Reads an image with its rows in views and its hash row in one DynamoDB transaction, and repairs these rows."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.image_items import to_image
from app.adapters.aws.row_keys import (
    HASH_MARK,
    TAG_MARK,
    VIEW_MARK,
    Item,
    attributes,
    hash_key,
    image_key,
    review_key,
    state_key,
    values,
)
from app.adapters.aws.transactions import (
    BACKOFF_SECONDS,
    MAX_ATTEMPTS,
    ConditionFailed,
    Transaction,
    back_off,
)
from app.adapters.aws.views import Key, leave_out_group, list_view_keys, make_view_rows
from app.domain.checks import RowDifference, compare_index, compare_order, compare_tags, compare_views, name_photo
from app.domain.errors import ImageDamaged, Unavailable
from app.domain.images import STORED, Image
from app.domain.tag_counts import dump_counts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactGetItemTypeDef

MAX_TOGETHER: Final = 24  # rows besides the image; AWS allows 100 items per transaction, and moto 25 reads
NEW: Final = "attribute_not_exists(pk)"
PLACE: Final = ("state_view", "state_key", "listed")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an image in a view, or its hash row.

    Attributes:
        key: The key.
        expected: The item that the image requires, or None.
        stored: The stored item, or None.
    """

    key: Item
    expected: Item | None
    stored: Item | None

    @property
    def is_hash(self) -> bool:
        """Whether this is a hash row."""
        return str(self.key["sk"]).startswith(HASH_MARK)

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
    """Return the rows in views and the hash row that an image requires, by key."""
    rows = make_view_rows(image)
    if image and image.state in STORED:
        row = hash_key(image.owner, image.sha256) | {"image": image.id}
        rows[row["pk"], row["sk"]] = row
    return rows


def has_derived_attributes(image: Image, item: Item) -> bool:
    """Return whether the row of an image has the tags and the places in indexes that follow from the image."""
    return item.get("tags") == dump_counts(image.indexed_tags, image.certain) and _place_of(item) == expect_place(image)


def expect_place(image: Image) -> Item:
    """Return the attributes that put the row of an image into indexes."""
    return state_key(image) | review_key(image)


def _place_of(item: Item) -> Item:
    return {name: value for name, value in item.items() if name in PLACE}


def _name_place(item: Item) -> str:
    """Return the list and the key of an image's row in the index `state`, and that in `listed`, for a sentence."""
    place = f"{str(item.get('state_view', '')).rpartition('#')[2]} {item.get('state_key', '')}".strip()
    review = str(item.get("listed", ""))
    return " and ".join(filter(None, [place, review])) or "nowhere"


class RowSnapshots(DynamoTable):
    """Compares and repairs the rows of single images."""

    def __init__(self, client: "DynamoDBClient", table: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, table)
        self._backoff_seconds = backoff_seconds

    def compare(self, owner: str, image_id: str, keys: Collection[Key]) -> Iterator[RowDifference]:
        """Yield the differences of an image, the rows that it requires, and the rows that have these keys.

        Raises:
            ImageDamaged: the row of the image is damaged.
            Unavailable: other transactions prevented every attempt.
        """
        subjects = set[str]()
        for part in self._split_keys(owner, image_id, keys):
            for difference in self._list_differences(image_id, self._read(owner, image_id, part)):
                if difference.subject not in subjects:
                    subjects.add(difference.subject)
                    yield difference

    def repair(self, owner: str, image_id: str, keys: Collection[Key]) -> None:
        """Write what `compare` compares and is wrong. Skip an image that is damaged or changes again and again."""
        with suppress(ImageDamaged):
            for part in self._split_keys(owner, image_id, keys):
                for _ in range(MAX_ATTEMPTS):
                    with suppress(ConditionFailed, Unavailable):
                        self._write(owner, image_id, self._read(owner, image_id, part))
                        break

    def _split_keys(self, owner: str, image_id: str, keys: Collection[Key]) -> Iterator[list[Key]]:
        """Yield these keys and those of the rows that the image requires in views, in parts that are read together."""
        item = self._find(image_key(owner, image_id))
        all_keys = sorted({*keys, *list_view_keys(to_image(owner, item) if item else None)})
        for start in range(0, max(1, len(all_keys)), MAX_TOGETHER):
            yield all_keys[start : start + MAX_TOGETHER]

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
            [
                Row(key, expected.get((key["pk"], key["sk"])), leave_out_group(row) if row else None)
                for key, row in zip(row_keys, stored, strict=True)
            ],
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
        differences = [
            compare_index(image_id, image, *_group_rows(snapshot.rows, TAG_MARK)),
            compare_views(image_id, image, *_group_rows(snapshot.rows, VIEW_MARK)),
        ]
        if image and item:
            differences.append(compare_tags(image, item.get("tags"), dump_counts(image.indexed_tags, image.certain)))
            differences.append(compare_order(image, _name_place(item), _name_place(expect_place(image))))
        yield from filter(None, differences)
        for row in snapshot.rows:
            if row.is_hash and (text := self._describe_hash(image_id, image, row)):
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
            others = {name: value for name, value in snapshot.item.items() if name not in PLACE}
            tags = dump_counts(snapshot.image.indexed_tags, snapshot.image.certain)
            item = others | {"tags": tags} | expect_place(snapshot.image)
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
        return not row.is_hash or (self._find_twin(row) is None if row.expected else row.names(image_id))


def _group_rows(rows: Sequence[Row], mark: str) -> tuple[dict[str, Item], dict[str, Item]]:
    """Return the expected and the stored rows of tags or views: by the name of the partition, then by sort key."""
    expected: dict[str, Item] = {}
    stored: dict[str, Item] = {}
    for row in rows:
        _, is_marked, name = str(row.key["pk"]).partition(mark)
        if is_marked and row.expected:
            expected.setdefault(name, {})[row.key["sk"]] = row.expected
        if is_marked and row.stored:
            stored.setdefault(name, {})[row.key["sk"]] = row.stored
    return expected, stored


def write_row(transaction: Transaction, row: Row) -> None:
    """Add the write of a row to a transaction. The version of the image protects a row in a view, but no hash row."""
    condition: tuple[str, Item | None] = ("", None)
    if row.is_hash:
        condition = ("image = :image", {":image": row.stored["image"]}) if row.stored else (NEW, None)
    if row.expected:
        transaction.put(row.expected, *condition)
    else:
        transaction.delete(row.key, *condition)
