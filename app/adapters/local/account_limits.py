"""Limits the requests about accounts that need no access token, and the e-mails about registrations."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from app.adapters.local.database import Database
from app.domain.errors import TooManyRequests

MAX_REQUESTS_PER_MINUTE: Final = 600  # about codes, passwords and invitations


@contextmanager
def write_counted(database: Database) -> Iterator[sqlite3.Connection]:
    """Begin a transaction and count the request.

    The counter limits all people together. It also makes requests for unknown addresses write to the disk.

    Raises:
        TooManyRequests: there were too many such requests in this minute.
    """
    minute, second = divmod(int(time.time()), 60)
    with database.write() as connection:
        (used,) = connection.execute(
            "INSERT INTO rate (owner, rate, minute, used) VALUES ('', 'accounts', ?, 1)"
            " ON CONFLICT DO UPDATE SET used = iif(minute = excluded.minute, used + 1, 1), minute = excluded.minute"
            " RETURNING used",
            (minute,),
        ).fetchone()
        if used > MAX_REQUESTS_PER_MINUTE:
            raise TooManyRequests(retry_after=60 - second)
        yield connection


def count_notice(connection: sqlite3.Connection, owner: str) -> bool:
    """Return whether an account gets another e-mail about a registration of its address, and count it: one per hour."""
    hour = int(time.time()) // 3600
    counted = connection.execute(
        "INSERT INTO rate (owner, rate, minute, used) VALUES (?, 'notices', ?, 1)"
        " ON CONFLICT DO UPDATE SET minute = excluded.minute WHERE minute <> excluded.minute",
        (owner, hour * 60),
    )
    return counted.rowcount > 0
