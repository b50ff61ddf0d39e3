"""Makes and parses secret texts that name a row of an owner: API keys, and the tokens in links of shares.

A token contains a prefix, the UUID of the owner in base 62, the id of the row, 190 random bits and a checksum. The
owner and the id only name the row, which contains the hash of the whole token.
"""

import re
import secrets
import string
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple
from uuid import UUID

from app.domain.ids import ID

_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_OWNER_CHARACTERS: Final = 22  # the 128 bits of a UUID
_SECRET_CHARACTERS: Final = 32  # 190 random bits
_CHECKSUM_CHARACTERS: Final = 6  # 32 bits


class RowAddress(NamedTuple):
    """The owner and the id in a token."""

    owner: str
    id: str


@dataclass(frozen=True)
class TokenForm:
    """The form of a kind of tokens. Different kinds have different prefixes."""

    prefix: str

    def make(self, owner: str, row_id: str) -> str:
        """Return a new token of a row."""
        secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_CHARACTERS))
        text = f"{self.prefix}{_encode(UUID(owner).int, _OWNER_CHARACTERS)}{row_id}_{secret}"
        return text + _sum_up(text)

    def parse(self, token: str) -> RowAddress | None:
        """Return the address of the row that a token seems to belong to. Return None if no token has this form."""
        match = self._pattern.fullmatch(token)
        if not match or match[4] != _sum_up(match[1]):
            return None
        number = _decode(match[2])
        return RowAddress(str(UUID(int=number)), match[3]) if number < 2**128 else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(
            rf"({self.prefix}([0-9A-Za-z]{{{_OWNER_CHARACTERS}}})({ID})_[0-9A-Za-z]{{{_SECRET_CHARACTERS}}})"
            rf"([0-9A-Za-z]{{{_CHECKSUM_CHARACTERS}}})",
            re.ASCII,
        )


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
