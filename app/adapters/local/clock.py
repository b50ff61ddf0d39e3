"""Protects what is deleted after some time from a clock that was wrong.

PixTag keeps the last time at which it ran. If the current time differs from it by more than a week, the clock was or is
wrong, or PixTag did not run. PixTag does not know which, so the trash starts its 30 days again.
"""

import logging
from sqlite3 import Connection
from typing import Final

from app.domain.outbox import TRASH_LIFE, OutboxKind

JUMP_SECONDS: Final = 7 * 86_400
STORE_SECONDS: Final = 3_600  # between two writes of the last time

_CLOCK: Final = "clock"  # a row of the table `setting`: the last time, and the time since which the clock is steady

_KEEP_TRASH: Final = """
    UPDATE outbox SET due_at = :due_at, id = printf('%010d', :due_at) || substr(id, instr(id, '-'))
    WHERE kind = :kind AND EXISTS (
        SELECT 1 FROM image WHERE image.owner = outbox.owner AND image.id = outbox.image AND state = 'trashed'
    )
"""

logger: Final = logging.getLogger(__name__)


def watch_clock(connection: Connection, now: int) -> int:
    """Return for how many seconds the clock has been steady. If it has jumped, let all trashed photos wait again.

    Call this in each write transaction that deletes something because of its age. Delete nothing whose life is longer
    than the result. The first call in a new, restored or recovered database counts as a jump.

    Args:
        connection: A connection in a write transaction.
        now: The current time in Unix time (seconds).
    """
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (_CLOCK,)).fetchone()
    seen_at, steady_since = map(int, row["value"].split()) if row else (None, now)
    if seen_at is None or abs(now - seen_at) > JUMP_SECONDS:
        steady_since = now
        _keep_trash(connection, now, 0 if seen_at is None else now - seen_at)
    elif abs(now - seen_at) < STORE_SECONDS:
        return now - steady_since
    connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (_CLOCK, f"{now} {steady_since}"))
    return now - steady_since


def forget_clock(connection: Connection) -> None:
    """Let the next call of `watch_clock` count as a jump.

    Call this when an earlier database becomes the current one. Photos that are in its trash may have been restored
    since then, and they must not be lost before people see that they are in the trash again.

    Args:
        connection: A connection in a write transaction.
    """
    connection.execute("DELETE FROM setting WHERE name = ?", (_CLOCK,))


def _keep_trash(connection: Connection, now: int, jump: int) -> None:
    due_at = now + int(TRASH_LIFE.total_seconds())
    count = connection.execute(_KEEP_TRASH, {"due_at": due_at, "kind": OutboxKind.PURGE}).rowcount
    if jump and count:
        logger.warning(
            "The clock differs by %.0f days from the last time at which PixTag ran. The photos in the trash (%d)"
            " stay there for 30 more days.",
            jump / 86_400,
            count,
        )
