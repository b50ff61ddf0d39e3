"""Issues and checks the codes that PixTag sends by e-mail.

The database contains hashes of the codes. A code expires, and it has a limited number of attempts. An account gets a
limited number of codes per hour, so that more codes do not give more attempts.
"""

import hashlib
import hmac
import secrets
import sqlite3
import time
from enum import StrEnum
from typing import Final

MAX_ATTEMPTS: Final = 5  # per code
MAX_CODES: Final = 5  # per account, purpose and hour
HOUR: Final = 3600


class Purpose(StrEnum):
    """The purpose of a code."""

    CONFIRM = "confirm"
    RESET = "reset"
    ADDRESS = "address"


LIFE_SECONDS: Final = {Purpose.CONFIRM: 24 * HOUR, Purpose.RESET: HOUR, Purpose.ADDRESS: 24 * HOUR}


def issue(connection: sqlite3.Connection, owner: str, purpose: Purpose, address: str = "") -> str | None:
    """Return a new code for the account, which replaces an earlier one. Return None at the limit of codes per hour.

    `address` is the new address that `Purpose.ADDRESS` confirms.
    """
    now = int(time.time())
    row = connection.execute(
        "SELECT issued, first_issued_at FROM code WHERE owner = ? AND purpose = ?", (owner, purpose)
    ).fetchone()
    issued, first_issued_at = row if row and 0 <= now - row[1] < HOUR else (0, now)
    if issued >= MAX_CODES:
        return None
    code = f"{secrets.randbelow(10**6):06}"
    connection.execute(
        "INSERT INTO code (owner, purpose, hash, expires_at, attempts, issued, first_issued_at, address)"
        " VALUES (?, ?, ?, ?, 0, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at, attempts = 0,"
        " issued = excluded.issued, first_issued_at = excluded.first_issued_at, address = excluded.address",
        (
            owner,
            purpose,
            _hash(owner, purpose, code),
            now + LIFE_SECONDS[purpose],
            issued + 1,
            first_issued_at,
            address,
        ),
    )
    return code


def redeem(connection: sqlite3.Connection, owner: str, purpose: Purpose, code: str) -> bool:
    """Return whether this is the account's code. It can be redeemed once. A wrong code counts as an attempt."""
    row = connection.execute(
        "UPDATE code SET attempts = attempts + 1"
        " WHERE owner = ? AND purpose = ? AND expires_at > ? AND attempts < ? RETURNING hash",
        (owner, purpose, int(time.time()), MAX_ATTEMPTS),
    ).fetchone()
    if not row or not hmac.compare_digest(row[0], _hash(owner, purpose, code)):
        return False
    connection.execute("UPDATE code SET attempts = ? WHERE owner = ? AND purpose = ?", (MAX_ATTEMPTS, owner, purpose))
    return True


def cancel(connection: sqlite3.Connection, owner: str) -> None:
    """End all codes of the account. The codes that were issued still count for the limit per hour."""
    connection.execute("UPDATE code SET attempts = ?, address = '' WHERE owner = ?", (MAX_ATTEMPTS, owner))


def forget_addresses(connection: sqlite3.Connection) -> None:
    """Delete the addresses of changes that were not confirmed in time."""
    connection.execute("UPDATE code SET address = '' WHERE address > '' AND expires_at <= ?", (int(time.time()),))


def _hash(owner: str, purpose: Purpose, code: str) -> bytes:
    return hashlib.sha256(f"{owner} {purpose} {code}".encode("utf-8", "surrogatepass")).digest()
