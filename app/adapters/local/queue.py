"""Stores the worker's messages in the database.

One worker process receives the messages, one at a time. A message that has been received `MAX_RECEIVES` times becomes a
dead letter, as in SQS.
"""

import time
from collections.abc import Sequence
from sqlite3 import Connection
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.domain.messages import Delivery
from app.domain.ports import Queue

MAX_RECEIVES: Final = 5  # maxReceiveCount in infra/aws/template.yaml
MAX_INTERRUPTIONS: Final = 10
INTERRUPTED: Final = "interrupted_message"  # a row of the table `setting`
LEASE_SECONDS: Final = 360  # VisibilityTimeout in infra/aws/template.yaml

# The message that has been visible for the longest time. SQLite reads one row per part of the union from the index.
# A message further ahead than a lease can be is visible too, because the clock must have been set back.
_FIND_NEXT: Final = """
    SELECT id, visible_at FROM message WHERE dead = 0 AND visible_at <= :now UNION ALL
    SELECT id, visible_at FROM message WHERE dead = 0 AND visible_at > :now + :lease
    ORDER BY visible_at, id LIMIT 1
"""
_RECEIVE_NEXT: Final = f"""
    UPDATE message SET
        receives = min(receives + 1, :receives), dead = receives >= :receives, leased = receives < :receives,
        visible_at = :now + :lease
    WHERE id = (SELECT id FROM ({_FIND_NEXT})) RETURNING id, body, receives, dead
"""  # noqa: S608 - constants


class SqliteQueue(Queue):
    """The queue from which the worker process receives messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def send(self, bodies: Sequence[str]) -> None:
        now = int(time.time())
        with self._database.write() as connection:
            connection.executemany(
                "INSERT INTO message (body, sent_at, visible_at) VALUES (?, ?, ?)",
                [(body, now, now) for body in bodies],
            )

    def lease(self) -> Delivery | None:
        """Receive the message that has been visible for the longest time, and hide it for `LEASE_SECONDS`.

        Unless `complete` deletes the message in time, it is received again. Return None if no message is visible.
        """
        if not self._has_visible():  # does not lock the database
            return None
        with self._database.write(durable=False) as connection:  # a lost lease is harmless: the worker repeats work
            while row := connection.execute(_RECEIVE_NEXT, self._parameters()).fetchone():
                if not row["dead"]:  # otherwise, its last receive was interrupted
                    return Delivery(row["id"], row["body"], row["receives"])
        return None

    def _has_visible(self) -> bool:
        with self._database.read() as connection:
            return connection.execute(_FIND_NEXT, self._parameters()).fetchone() is not None

    def _parameters(self) -> dict[str, int]:
        return {"now": int(time.time()), "lease": LEASE_SECONDS, "receives": MAX_RECEIVES}

    def complete(self, delivery: Delivery) -> None:
        """Delete a message whose work is done. After a power failure, it may be received again."""
        with self._database.write(durable=False) as connection:
            connection.execute("DELETE FROM message WHERE id = ?", (delivery.id,))

    def fail(self, delivery: Delivery) -> None:
        """Keep a message whose work failed. It is received again when its lease ends.

        After its last receive, it becomes a dead letter.
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE message SET leased = 0, dead = receives >= ? WHERE id = ?", (MAX_RECEIVES, delivery.id)
            )

    def release(self, delivery: Delivery) -> None:
        """Make a message visible again, and do not count this receive."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE message SET leased = 0, receives = receives - 1, visible_at = ? WHERE id = ?",
                (int(time.time()), delivery.id),
            )

    def release_all(self, *, counts: bool) -> None:
        """Make the message visible that a worker had received when it ended.

        It becomes the last of the visible messages, so that a message that kills workers does not delay the others.

        Args:
            counts: Whether its receive counts, because the worker ended by itself and the message may be the cause.
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE message SET leased = 0, receives = receives - ?, visible_at = ? WHERE leased",
                (not counts, int(time.time())),
            )

    def release_interrupted(self) -> None:
        """Make the message visible that the worker had received when all processes were killed.

        Its receive does not count, because somebody has killed PixTag, or the power failed. But a message that is
        interrupted `MAX_INTERRUPTIONS` times in a row may be the cause, for example of a lack of memory. Its next
        receive is the last. Call this at the start, before the first lease.
        """
        with self._database.write() as connection:
            row = connection.execute("SELECT id FROM message WHERE leased ORDER BY visible_at DESC LIMIT 1").fetchone()
            if row and _count_interruption(connection, row["id"]) >= MAX_INTERRUPTIONS:
                connection.execute("UPDATE message SET receives = ? WHERE id = ?", (MAX_RECEIVES, row["id"]))
            self.release_all(counts=False)

    def redrive(self) -> int:
        """Move all dead letters back to the queue, where they get `MAX_RECEIVES` receives. Return their number."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM setting WHERE name = ?", (INTERRUPTED,))
            return connection.execute(
                "UPDATE message SET dead = 0, leased = 0, receives = 0, visible_at = ? WHERE dead", (int(time.time()),)
            ).rowcount

    def count_dead(self) -> int:
        """Return the number of dead letters."""
        with self._database.read() as connection:
            count: int = connection.execute("SELECT count(*) FROM message WHERE dead").fetchone()[0]
            return count

    def count(self) -> int:
        """Return the number of messages that wait or are being processed, without dead letters."""
        with self._database.read() as connection:
            count: int = connection.execute("SELECT count(*) FROM message WHERE NOT dead").fetchone()[0]
            return count


def _count_interruption(connection: Connection, message_id: int) -> int:
    """Count the interruptions of a message in a row, and return their number. Another message starts with 1."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (INTERRUPTED,)).fetchone()
    last_id, count = map(int, row["value"].split()) if row else (message_id, 0)
    count = count + 1 if last_id == message_id else 1
    connection.execute(
        "INSERT INTO setting (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value",
        {"name": INTERRUPTED, "value": f"{message_id} {count}"},
    )
    return count
