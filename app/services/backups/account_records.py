"""Converts between an account with its albums and its line in a backup."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from app.domain.albums import MAX_ALBUMS, Album, clean_title
from app.domain.backups import BackupAccount, BackupError
from app.domain.errors import PixTagError
from app.domain.ids import ID
from app.services.backups.lines import Owner, Record, Text, dump_line, parse_line
from app.services.backups.members import DAMAGED


class AlbumRecord(Record):
    """An album of an account."""

    id: Annotated[str, Field(pattern=f"^{ID}$")]
    title: Text
    created_at: AwareDatetime


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


def dump_account(account: BackupAccount) -> bytes:
    """Return an account as a line."""
    return dump_line(AccountRecord.model_validate(account, from_attributes=True))


def load_account(line: bytes) -> BackupAccount:
    """Return the account in a line."""
    record = parse_line(AccountRecord, line)
    try:
        albums = tuple(Album(each.id, clean_title(each.title), each.created_at) for each in record.albums)
    except PixTagError as error:
        raise BackupError(DAMAGED) from error
    return BackupAccount(**record.model_dump() | {"albums": albums})
