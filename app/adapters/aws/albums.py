"""Stores albums in DynamoDB. A further row for each title prevents equal titles."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.intact_items import convert_item, convert_items
from app.adapters.aws.items import outbox_item
from app.adapters.aws.outbox_owners import OutboxOwners
from app.adapters.aws.row_keys import (
    Item,
    album_key,
    album_order_key,
    between,
    listed_tag,
    marks_between,
    partition_of,
    title_row_key,
)
from app.adapters.aws.transactions import BACKOFF_SECONDS, ConditionFailed, Transaction
from app.domain.albums import Album, AlbumOrder
from app.domain.errors import AlbumChanged, AlbumExists, AlbumNotFound
from app.domain.ids import MAX_ID, MIN_ID, is_id, pack_ids, unpack_ids
from app.domain.marks import album_mark, find_album
from app.domain.outbox import make_album_removal
from app.domain.ports import Albums

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoAlbums(DynamoTable, Albums):
    """Reads and writes albums."""

    def __init__(self, client: "DynamoDBClient", table: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, table)
        self._owners = OutboxOwners(client, table)
        self._backoff_seconds = backoff_seconds

    @override
    def list(self, owner: str) -> list[Album]:
        return [*self._read(owner)[0]]

    @override
    def list_damaged(self, owner: str) -> Sequence[str]:
        return self._read(owner)[1]

    def _read(self, owner: str) -> tuple[Sequence[Album], Sequence[str]]:
        items = self._query(between(partition_of(owner), "ALBUM#", "ALBUM$"), consistent=True)
        return convert_items("album", _to_album, items)

    @override
    def list_page(self, owner: str, limit: int, after: str = "") -> Sequence[Album]:
        rows = between(partition_of(owner), f"ALBUM#{after}!", "ALBUM$")  # no id begins with another id
        items = self._query(rows, consistent=True, Limit=limit)
        intact = (album for item in items for album in convert_items("album", _to_album, [item])[0])
        return [*islice(intact, limit)]

    @override
    def get(self, owner: str, album_id: str) -> Album:
        item = self._find(album_key(owner, album_id)) if is_id(album_id) else None
        if item is None:
            raise AlbumNotFound(album_id)
        return convert_item(f"the album {album_id}", _to_album, item)

    @override
    def find_titles(self, owner: str, keys: Collection[str]) -> dict[str, str]:
        rows = {key: title_row_key(owner, key) for key in keys}
        found = {item["sk"]: str(item["album"]) for item in self._find_all(list(rows.values()))}
        return {key: found[row["sk"]] for key, row in rows.items() if row["sk"] in found}

    @override
    def put(self, owner: str, album: Album) -> None:
        transaction = self._transaction()
        transaction.put(_to_item(owner, album))
        _claim_title(transaction, owner, album)
        try:
            transaction.commit(self._backoff_seconds)
        except ConditionFailed as error:
            raise AlbumExists from error

    @override
    def save(self, owner: str, after: Album, before: Album, placed: Sequence[str] | None = None) -> Album:
        after = replace(after, version=before.version + 1)
        transaction = self._transaction()
        is_same = "version = :read OR (title = :title AND attribute_not_exists(version))"  # 0.8.0 wrote no versions
        transaction.put(_to_item(owner, after), is_same, {":read": before.version, ":title": before.title})
        if after.key != before.key:
            _claim_title(transaction, owner, after)
            transaction.delete(title_row_key(owner, before.key))
        if placed is not None:
            transaction.put(album_order_key(owner, after.id) | {"images": pack_ids(placed)})
        try:
            transaction.commit(self._backoff_seconds)
        except ConditionFailed as error:
            raise (AlbumChanged if 0 in error.actions else AlbumExists) from error
        return after

    @override
    def list_placed(self, owner: str, album_id: str) -> Sequence[str]:
        item = self._find(album_order_key(owner, album_id))
        return unpack_ids(bytes(item["images"])) if item else []

    @override
    def delete(self, owner: str, album_id: str) -> None:
        album = self.get(owner, album_id)
        row = make_album_removal(owner, album_id)
        self._owners.touch(owner, row.due_at)
        transaction = self._transaction()
        transaction.delete(album_key(owner, album_id), "title = :title", {":title": album.title})
        transaction.delete(title_row_key(owner, album.key))
        transaction.delete(album_order_key(owner, album_id))
        transaction.put(outbox_item(row))
        try:
            transaction.commit(self._backoff_seconds)
        except ConditionFailed as error:  # another request has deleted it, or has changed its title
            raise AlbumNotFound(album_id) from error

    @override
    def count(self, owner: str, first: str = MIN_ID, last: str = MAX_ID) -> dict[str, int]:
        counts: dict[str, int] = {}
        for item in self._query(marks_between(owner, album_mark(first), album_mark(last))):
            album_id = find_album(listed_tag(item)) or ""
            counts[album_id] = counts.get(album_id, 0) + max(0, int(item.get("images", 0)))
        return counts


def _to_album(item: Item) -> Album:
    album_id = str(item["sk"]).removeprefix("ALBUM#")
    return Album(
        album_id,
        item["title"],
        datetime.fromisoformat(item["created_at"]),
        item.get("cover", ""),
        AlbumOrder(item.get("ordered_by", AlbumOrder.TAKEN)),
        int(item.get("version", 1)),
    )


def _to_item(owner: str, album: Album) -> Item:
    return {
        **album_key(owner, album.id),
        "title": album.title,
        "created_at": album.created_at.isoformat(),
        "cover": album.cover,
        "ordered_by": str(album.order),
        "version": album.version,
    }


def _claim_title(transaction: Transaction, owner: str, album: Album) -> None:
    """Write the row of the album's title. The commit fails if another album has an equal title."""
    title = title_row_key(owner, album.key) | {"album": album.id}
    transaction.put(title, "attribute_not_exists(pk) OR album = :album", {":album": album.id})
