"""Limits failed sign-ins. Attempts are counted for every address, whether or not it has an account.

The database contains hashes of the addresses, because people also enter addresses that have no account.
"""

import hashlib
import sqlite3
import time
from typing import Final

FREE_ATTEMPTS: Final = 5
MAX_WAIT_SECONDS: Final = 15 * 60
MEMORY_SECONDS: Final = 3600  # failures are forgotten when the last one is older


def count_attempt(connection: sqlite3.Connection, address: str) -> int:
    """Count a sign-in to the address as failed, or return the number of seconds to wait before the next attempt.

    An attempt is counted before its password is verified, so that concurrent attempts are limited too. After the fifth
    failure, the wait is one second. It doubles with each further failure, up to 15 minutes.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow-things-to-know.html
    """
    now = int(time.time())
    connection.execute("DELETE FROM sign_in_failure WHERE failed_at < ?", (now - MEMORY_SECONDS,))
    key = _hash(address)
    row = connection.execute(
        "SELECT failures, failed_at FROM sign_in_failure WHERE address_hash = ?", (key,)
    ).fetchone()
    failures, failed_at = row or (0, 0)
    # A failure in the future was counted before the clock was set back. It does not start a wait.
    remaining = failed_at + _wait_seconds(failures) - now if failed_at <= now else 0
    if remaining > 0:
        return remaining
    connection.execute(
        "INSERT INTO sign_in_failure (address_hash, failures, failed_at) VALUES (?, 1, ?)"
        " ON CONFLICT DO UPDATE SET failures = failures + 1, failed_at = excluded.failed_at",
        (key, now),
    )
    return 0


def forget_failures(connection: sqlite3.Connection, address: str) -> None:
    """Delete the failures of the address after a successful sign-in or a password reset."""
    connection.execute("DELETE FROM sign_in_failure WHERE address_hash = ?", (_hash(address),))


def _wait_seconds(failures: int) -> int:
    return min(2 ** (failures - FREE_ATTEMPTS), MAX_WAIT_SECONDS) if failures >= FREE_ATTEMPTS else 0


def _hash(address: str) -> bytes:
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).digest()
