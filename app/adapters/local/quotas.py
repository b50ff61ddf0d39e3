"""Stores quotas in SQLite: each owner's requests per minute and library size."""

import time
from sqlite3 import Connection
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.domain.ports import Quotas
from app.domain.quotas import DAY_SECONDS, MINUTE_SECONDS, Day, Limits, Minute, MinuteCounter, Rate, Usage

_BYTES: Final = "bytes"  # the rate of the bytes of a day. Its `minute` is the first one of the day
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
            counted = connection.execute(
                """
                INSERT INTO rate (owner, rate, minute, used) VALUES (:owner, :rate, :minute, :number)
                ON CONFLICT (owner, rate) DO UPDATE
                SET minute = :minute, used = iif(minute = :minute, used, 0) + :number
                WHERE minute <> :minute OR used < :limit
                """,
                {"owner": owner, "rate": rate, "minute": minute.number, "number": number, "limit": limit},
            )
            if not counted.rowcount:
                raise minute.make_error(rate, limit)

    @override
    def count_key(self, owner: str, key_id: str) -> None:
        rate = Rate.KEY_REQUESTS
        self._requests.count(f"{owner} {key_id}", rate, Minute.at(time.time()), self.limits.per_minute(rate))

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
    counted = connection.execute(
        """
        INSERT INTO rate (owner, rate, minute, used) VALUES (:owner, :rate, :minute, :size)
        ON CONFLICT (owner, rate) DO UPDATE
        SET minute = :minute, used = iif(minute = :minute, used, 0) + :size
        WHERE minute <> :minute OR used < :limit
        """,
        {"owner": owner, "rate": _BYTES, "minute": _first_minute(day), "size": size, "limit": limit},
    )
    return bool(counted.rowcount)


def _first_minute(day: Day) -> int:
    return day.number * DAY_SECONDS // MINUTE_SECONDS
