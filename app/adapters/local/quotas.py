"""Stores quotas in SQLite: each owner's requests per minute and library size."""

import time
from sqlite3 import Connection
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.domain.ports import Quotas
from app.domain.quotas import DAY_SECONDS, MINUTE_SECONDS, Day, Limits, Minute, MinuteCounter, Quarter, Rate, Usage

_BYTES: Final = "bytes"  # the rate of the bytes of a day. Its `minute` is the first one of the day
_ATTEMPTS: Final = "passwords "  # and the id of a share: the rate of its wrong passwords. Its `minute` is a quarter
_NO_LIMIT: Final = 2**62


class SqliteQuotas(Quotas):
    """Counts requests and checks quotas. Triggers of the database count images and bytes.

    `Rate.REQUESTS` is counted in memory, because only the process of the API counts it. Otherwise, each request that
    reads would wait for the writers of the database.
    """

    def __init__(self, database: Database, limits: Limits | None = None) -> None:
        self._database = database
        self._requests = MinuteCounter()
        self.limits = limits or Limits()

    @override
    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        limit, minute = self.limits.per_minute(rate), Minute.at(time.time())
        if rate is Rate.REQUESTS:
            self._requests.count(owner, rate, minute, limit)
            return
        with self._database.write(durable=False) as connection:  # a power failure may undo the count
            if not _add(connection, owner, rate, minute.number, number, limit):
                raise minute.make_error(rate, limit)

    @override
    def count_key(self, owner: str, key_id: str) -> None:
        rate = Rate.KEY_REQUESTS
        self._requests.count(f"{owner} {key_id}", rate, Minute.at(time.time()), self.limits.per_minute(rate))

    @override
    def count_attempt(self, owner: str, share_id: str) -> None:
        quarter, limit = Quarter.at(time.time()), self.limits.wrong_passwords
        with self._database.write(durable=False) as connection:  # a power failure may undo the count
            if not _add(connection, owner, _ATTEMPTS + share_id, quarter.number, 1, limit):
                raise quarter.make_error()

    @override
    def forgive_attempt(self, owner: str, share_id: str) -> None:
        with self._database.write(durable=False) as connection:
            connection.execute(
                "UPDATE rate SET used = used - 1 WHERE owner = ? AND rate = ? AND minute = ? AND used > 0",
                (owner, _ATTEMPTS + share_id, Quarter.at(time.time()).number),
            )

    @override
    def usage(self, owner: str) -> Usage:
        with self._database.read() as connection:
            row = connection.execute("SELECT images, bytes FROM usage WHERE owner = ?", (owner,)).fetchone()
            return Usage(*row) if row else Usage(0, 0)

    @override
    def require_room(self, owner: str) -> None:
        self.limits.require_room(self.usage(owner))

    @override
    def receive(self, owner: str, size: int) -> None:
        day, limit = Day.at(time.time()), self.limits.bytes_per_day
        with self._database.write(durable=False) as connection:  # a power failure may undo the count
            if not _receive(connection, owner, size, day, limit):
                raise day.make_error(limit)

    @override
    def receive_again(self, owner: str, size: int) -> None:
        with self._database.write(durable=False) as connection:
            receive_again(connection, owner, size)

    @override
    def received(self, owner: str) -> int:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT used FROM rate WHERE owner = ? AND rate = ? AND minute = ?",
                (owner, _BYTES, _first_minute(Day.at(time.time()))),
            ).fetchone()
            return int(row["used"]) if row else 0


def receive_again(connection: Connection, owner: str, size: int) -> None:
    """Add another post of an upload form to the bytes of today, as part of a transaction."""
    _receive(connection, owner, size, Day.at(time.time()), _NO_LIMIT)


def _receive(connection: Connection, owner: str, size: int, day: Day, limit: int) -> bool:
    return _add(connection, owner, _BYTES, _first_minute(day), size, limit)


def _add(connection: Connection, owner: str, rate: str, minute: int, number: int, limit: int) -> bool:  # noqa: PLR0913, PLR0917 - a row and what to add
    """Add to the count of a rate in this minute. Return False if it had already reached the limit."""
    counted = connection.execute(
        """
        INSERT INTO rate (owner, rate, minute, used) VALUES (:owner, :rate, :minute, :number)
        ON CONFLICT (owner, rate) DO UPDATE
        SET minute = :minute, used = iif(minute = :minute, used, 0) + :number
        WHERE minute <> :minute OR used < :limit
        """,
        {"owner": owner, "rate": rate, "minute": minute, "number": number, "limit": limit},
    )
    return bool(counted.rowcount)


def _first_minute(day: Day) -> int:
    return day.number * DAY_SECONDS // MINUTE_SECONDS
