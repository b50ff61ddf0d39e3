"""Defines API keys, with which programs use a library without signing in."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.domain.owner_tokens import TokenForm

MAX_KEYS: Final = 50  # of an owner
PREFIX: Final = "pixtag_"  # programs that search texts for secrets recognize it
TOKENS: Final = TokenForm(PREFIX)


class Scope(StrEnum):
    """What a key allows. No scope includes another one."""

    READ = "read"
    UPLOAD = "upload"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a store knows about a key, except the hash of its token.

    Attributes:
        id: A ULID.
        name: What the owner calls the key.
        scopes: What the key allows, without duplicates and in the order of `Scope`.
        created_at: When it was created.
        expires_at: When it ends. None if it does not end by itself.
        last_used: The day (UTC) of the last request with the key. None if there was none.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used: date | None = None


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key, and the hash of its token."""

    key: ApiKey
    token_hash: str = field(repr=False)
