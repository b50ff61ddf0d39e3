"""Defines API keys, with which programs use a library without signing in."""

import re
import secrets
import string
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from app.domain.ids import ID

MAX_KEYS: Final = 50  # of an owner
PREFIX: Final = "pixtag_"

_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_OWNER_CHARACTERS: Final = 22  # the 128 bits of a UUID
_SECRET_CHARACTERS: Final = 32  # 190 random bits
_CHECKSUM_CHARACTERS: Final = 6  # 32 bits
_TOKEN: Final = re.compile(
    rf"({PREFIX}([0-9A-Za-z]{{{_OWNER_CHARACTERS}}})({ID})_[0-9A-Za-z]{{{_SECRET_CHARACTERS}}})"
    rf"([0-9A-Za-z]{{{_CHECKSUM_CHARACTERS}}})",
    re.ASCII,
)


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


class KeyAddress(NamedTuple):
    """The owner and the id in a token. They only name the stored key, whose hash covers the whole token."""

    owner: str
    key_id: str


def make_token(owner: str, key_id: str) -> str:
    """Return a new token of a key: a prefix, the owner, the id, 190 random bits and a checksum.

    Programs that search texts for secrets recognize the prefix, and the checksum lets them ignore other texts.
    """
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_CHARACTERS))
    text = f"{PREFIX}{_encode(UUID(owner).int, _OWNER_CHARACTERS)}{key_id}_{secret}"
    return text + _sum_up(text)


def parse_token(token: str) -> KeyAddress | None:
    """Return the address of the key that a token seems to belong to. Return None if no token has this form."""
    match = _TOKEN.fullmatch(token)
    if not match or match[4] != _sum_up(match[1]):
        return None
    number = _decode(match[2])
    return KeyAddress(str(UUID(int=number)), match[3]) if number < 2**128 else None


def _sum_up(text: str) -> str:
    return _encode(zlib.crc32(text.encode()), _CHECKSUM_CHARACTERS)


def _encode(number: int, length: int) -> str:
    """Return a number in base 62, with leading zeros."""
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def _decode(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * len(_ALPHABET) + _ALPHABET.index(digit)
    return number
