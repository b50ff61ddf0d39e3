"""Converts between an account with its albums and its line in a backup, and the same for the orders of albums."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from app.domain.albums import MAX_ALBUMS, MAX_PLACED, Album, AlbumOrder, clean_title
from app.domain.backups import BackupAccount, BackupError
from app.domain.errors import PixTagError
from app.domain.ids import ID
from app.services.backups.lines import Owner, Record, Text, dump_line, parse_line
from app.services.backups.members import DAMAGED

ORDERS_SINCE: Final = 6  # the first format with orders of albums

Id = Annotated[str, Field(pattern=f"^{ID}$")]


class AlbumRecord(Record):
    """An album of an account."""

    id: Id
    title: Text
    created_at: AwareDatetime
    cover: Id | None = None  # since format 6, as the next one
    order: AlbumOrder = AlbumOrder.TAKEN


class AccountRecord(Record):
    """An account: a line of `accounts.jsonl`."""

    owner: Owner
    email: Annotated[str, Field(min_length=3, max_length=320)]
    given_name: Text
    family_name: Text
    created_at: AwareDatetime
    is_admin: bool
    has_alerts: bool
    remove_positions: bool = False  # since format 2
    password_hash: Text
    albums: Annotated[tuple[AlbumRecord, ...], Field(max_length=MAX_ALBUMS)] = ()  # since format 5


class PlacedRecord(Record):
    """The images that a person placed in an album: a line of `album-orders.jsonl`."""

    owner: Owner
    album: Id
    images: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MAX_PLACED)]


def dump_account(account: BackupAccount) -> bytes:
    """Return an account as a line."""
    albums = tuple(map(_make_album_record, account.albums))
    names = AccountRecord.model_fields.keys() - {"albums"}
    return dump_line(AccountRecord(**{name: getattr(account, name) for name in names}, albums=albums))


def load_account(line: bytes) -> BackupAccount:
    """Return the account in a line."""
    record = parse_line(AccountRecord, line)
    albums = tuple(map(_load_album, record.albums))
    return BackupAccount(**record.model_dump() | {"albums": albums})


def copy_album(album: Album) -> Album:
    """Return an album as a restore reads it.

    Raises:
        BackupError: a restore would reject its title.
        ValueError: it would reject another value.
    """
    return _load_album(_make_album_record(album))


def _make_album_record(album: Album) -> AlbumRecord:
    return AlbumRecord(
        id=album.id, title=album.title, created_at=album.created_at, cover=album.cover or None, order=album.order
    )


def _load_album(record: AlbumRecord) -> Album:
    try:
        return Album(record.id, clean_title(record.title), record.created_at, record.cover or "", record.order)
    except PixTagError as error:
        raise BackupError(DAMAGED) from error


def dump_placed(owner: str, album_id: str, placed: Sequence[str]) -> bytes:
    """Return the images that a person placed in an album as a line."""
    return dump_line(PlacedRecord(owner=owner, album=album_id, images=tuple(placed)))


def load_placed(line: bytes) -> tuple[str, str, Sequence[str]]:
    """Return the owner, the id of the album and the ids of the placed images in a line."""
    record = parse_line(PlacedRecord, line)
    if len(set(record.images)) < len(record.images):
        raise BackupError(DAMAGED)
    return record.owner, record.album, record.images
