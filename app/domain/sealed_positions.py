"""Encrypts the positions in the pages of a share, because they contain capture times, and ids of other photos."""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAX_SEALED: Final = 600  # characters
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins.

    Attributes:
        cursor: The cursor of the page before it. It is None for the first page.
        shown: The number of photos on the pages before it.
    """

    cursor: str | None = None
    shown: int = 0


def seal(position: Position, secret: bytes) -> str:
    """Return a text for URLs that only `unseal` with the same secret can read."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    data = json.dumps([position.cursor, position.shown]).encode()
    return urlsafe_b64encode(nonce + _cipher(secret).encrypt(nonce, data, None)).rstrip(b"=").decode()


def unseal(text: str, secret: bytes) -> Position | None:
    """Return the position in a text, or None if it was altered or is of another share."""
    if len(text) > MAX_SEALED:
        return None
    try:
        data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        nonce, encrypted = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        return Position(*json.loads(_cipher(secret).decrypt(nonce, encrypted, None)))
    except (InvalidTag, ValueError):
        return None


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(hmac.digest(secret, b"share-positions", "sha256"))
