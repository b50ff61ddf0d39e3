"""Defines the content of a backup besides images and subscriptions, and the port that backups and restores need."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from app.domain.albums import Album

FORMAT: Final = 6  # since 0.9.0


class BackupError(Exception):
    """A backup or a restore failed. The message says why, then what to do."""


class Source(StrEnum):
    """Where the library of a backup was stored."""

    LOCAL = "local"
    AWS = "aws"


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """Describes a backup.

    Attributes:
        format: The version of the format. This version of PixTag reads `FORMAT` and earlier ones.
        id: A unique id. An interrupted restore continues only with the same backup.
        pixtag: The version of PixTag that wrote the backup.
        source: Where the library was stored.
        created_at: When the backup began.
    """

    format: int
    id: str
    pixtag: str
    source: Source
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BackupAccount:
    """A confirmed account.

    Attributes:
        owner: The owner of the account's library.
        email: The address in lower case. A restore finds the account by it.
        given_name: The person's given name.
        family_name: The person's family name.
        created_at: When the account was created.
        is_admin: Whether the account is the administrator.
        has_alerts: Whether the person gets e-mails about subscriptions.
        remove_positions: Whether images do not contain where their photos were taken.
        password_hash: The argon2id hash of the password. It is empty in a backup from AWS.
        albums: The albums of the library.
    """

    owner: str
    email: str = field(repr=False)
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    created_at: datetime
    is_admin: bool = False
    has_alerts: bool = False
    remove_positions: bool = False
    password_hash: str = field(default="", repr=False)
    albums: tuple[Album, ...] = ()


class Backups(Protocol):
    """Reads all accounts for a backup, and records the state of a restore."""

    @property
    def source(self) -> Source:
        """Where this library is stored."""

    @property
    def folder(self) -> Path | None:
        """The folder that contains the library, or None if it is not on this machine."""

    def read_consistently(self) -> AbstractContextManager[None]:
        """Let all reads of rows in the block see the same state, if the store can do so."""

    def list_accounts(self) -> list[BackupAccount]:
        """Return all confirmed accounts, oldest first. `has_alerts` and `remove_positions` are false."""

    def find_restore(self) -> str | None:
        """Return the id of the backup whose restore into this library is not finished, or None."""

    def find_finished_restore(self) -> str | None:
        """Return the id of the backup that was completely restored into this library last, or None."""

    def begin_restore(self, backup_id: str) -> None:
        """Record that the restore of a backup has begun. Repeated calls have no further effect."""

    def put_account(self, account: BackupAccount) -> str:
        """Return the owner of the account with this address. Create the account if it does not exist.

        An unconfirmed account with this address is replaced, because anybody can have registered it.
        """

    def write_together(self) -> AbstractContextManager[None]:
        """Write all rows of the block in one transaction, if the store can do so."""

    def finish_restore(self) -> None:
        """Record that the restore is complete."""
