"""Compares the rows of titles and orders of albums in DynamoDB with the albums, and repairs them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.adapters.aws.albums import DynamoAlbums
from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.row_keys import album_key, album_order_key, between, partition_of, title_row_key
from app.adapters.aws.transactions import BACKOFF_SECONDS, ConditionFailed, Transaction
from app.domain.albums import Album, find_free_title
from app.domain.checks import RowDifference, describe_lost_order, describe_title
from app.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_READS: Final = 3

_MISSING: Final = "attribute_not_exists(pk)"
_SAME_TITLE: Final = "title = :title"


@dataclass(frozen=True, slots=True)
class _Fault:
    """A wrong row, and the transaction that repairs it unless the rows have changed since."""

    difference: RowDifference
    repair: Transaction


class AlbumChecks(DynamoTable):
    """Compares and repairs the rows of an owner's albums."""

    def __init__(self, client: "DynamoDBClient", table: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, table)
        self._albums = DynamoAlbums(client, table)
        self._backoff_seconds = backoff_seconds

    def compare(self, owner: str) -> list[RowDifference] | None:
        """Return the differences, or None if the albums changed again and again."""
        faults = self._find_faults(owner)
        return None if faults is None else [fault.difference for fault in faults]

    def repair(self, owner: str) -> None:
        """Write what is wrong. Skip rows that have changed since."""
        for fault in self._find_faults(owner) or []:
            with suppress(ConditionFailed, Unavailable):
                fault.repair.commit(self._backoff_seconds)

    def _find_faults(self, owner: str) -> list[_Fault] | None:
        """Return what is wrong. Titles and orders change only together with the version of their album."""
        for _ in range(MAX_READS):
            albums = self._albums.list(owner)
            rows = between(partition_of(owner), "ALBUM-TITLE#", "ALBUM-TITLE$")
            titles = {str(item["sk"]): str(item["album"]) for item in self._query(rows, consistent=True)}
            rows = between(partition_of(owner), "ALBUM-ORDER#", "ALBUM-ORDER$")
            orders = self._query(rows, consistent=True, ProjectionExpression="sk")
            ordered = {str(item["sk"]).partition("#")[2] for item in orders}
            if self._albums.list(owner) == albums:
                by_id = {album.id: album for album in albums}
                return [
                    *self._check_titles(owner, by_id, titles),
                    *self._check_title_rows(owner, by_id, titles),
                    *(self._delete_order(owner, album_id) for album_id in sorted(ordered - by_id.keys())),
                ]
        return None

    def _check_titles(self, owner: str, albums: dict[str, Album], titles: dict[str, str]) -> Iterator[_Fault]:
        """Yield the albums whose title row is missing or names another album."""
        keys = {album.key for album in albums.values()}
        for album in albums.values():
            named = titles.get(title_row_key(owner, album.key)["sk"])
            if named == album.id:
                continue
            transaction = self._transaction()
            namesake = albums.get(named or "")
            if namesake and namesake.key == album.key:
                title = find_free_title(album.title, keys)
                renamed = Album(album.id, title, album.created_at)
                keys.add(renamed.key)
                transaction.update(
                    album_key(owner, album.id), "SET title = :new", _SAME_TITLE, {":new": title, ":title": album.title}
                )
                transaction.put(title_row_key(owner, renamed.key) | {"album": album.id}, _MISSING)
            else:
                transaction.require(album_key(owner, album.id), _SAME_TITLE, {":title": album.title})
                condition = ("album = :named", {":named": named}) if named else (_MISSING, None)
                transaction.put(title_row_key(owner, album.key) | {"album": album.id}, *condition)
            yield _Fault(describe_title(album), transaction)

    def _check_title_rows(self, owner: str, albums: dict[str, Album], titles: dict[str, str]) -> Iterator[_Fault]:
        """Yield the title rows of titles that no album has."""
        for key in sorted(titles.keys() - {title_row_key(owner, album.key)["sk"] for album in albums.values()}):
            album = albums.get(titles[key])
            transaction = self._transaction()
            transaction.delete({"pk": partition_of(owner), "sk": key}, "album = :named", {":named": titles[key]})
            condition = (_SAME_TITLE, {":title": album.title}) if album else (_MISSING, None)
            transaction.require(album_key(owner, titles[key]), *condition)
            text = (
                f"A stored title names the album {titles[key]}, which {'has another title' if album else 'is missing'}."
            )
            yield _Fault(RowDifference(f"title {key}", text), transaction)

    def _delete_order(self, owner: str, album_id: str) -> _Fault:
        transaction = self._transaction()
        transaction.delete(album_order_key(owner, album_id))
        transaction.require(album_key(owner, album_id), _MISSING)
        return _Fault(describe_lost_order(album_id), transaction)
