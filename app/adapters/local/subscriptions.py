"""Stores subscriptions and the time of each owner's last digest in SQLite."""

import sqlite3
from datetime import datetime

from typing_extensions import override

from app.adapters.local.database import Database
from app.domain.errors import SubscriptionNotFound
from app.domain.ports import Subscriptions
from app.domain.query import Query, parse
from app.domain.subscriptions import Subscription, subscribe


class SqliteSubscriptions(Subscriptions):
    """Reads and writes subscriptions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def list(self, owner: str) -> list[Subscription]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM subscription WHERE owner = ? ORDER BY created_at", (owner,))
            return [_to_subscription(row) for row in rows]

    @override
    def get(self, owner: str, subscription_id: str) -> Subscription:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM subscription WHERE owner = ? AND id = ?", (owner, subscription_id))
            if row := rows.fetchone():
                return _to_subscription(row)
        raise SubscriptionNotFound

    @override
    def add(self, owner: str, query: Query) -> Subscription:
        with self._database.write() as connection:
            subscription, is_new = subscribe(self.list(owner), query)
            if is_new:
                _insert(connection, owner, subscription)
        return subscription

    @override
    def put(self, owner: str, subscription: Subscription) -> None:
        with self._database.write() as connection:
            _insert(connection, owner, subscription)

    @override
    def remove(self, owner: str, subscription_id: str) -> None:
        with self._database.write() as connection:
            deleted = connection.execute(
                "DELETE FROM subscription WHERE owner = ? AND id = ?", (owner, subscription_id)
            )
            if not deleted.rowcount:
                raise SubscriptionNotFound

    @override
    def claim_digest(self, owner: str, now: int, cooldown: int) -> int:
        with self._database.write() as connection:
            granted = connection.execute(
                """
                INSERT INTO profile (owner, last_digest) VALUES (:owner, :now)
                ON CONFLICT (owner) DO UPDATE SET last_digest = :now
                WHERE last_digest <= :latest OR last_digest > :now -- the clock was ahead
                """,
                {"owner": owner, "now": now, "latest": now - cooldown},
            )
            return now if granted.rowcount else now + cooldown


def _insert(connection: sqlite3.Connection, owner: str, subscription: Subscription) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO subscription (owner, id, query, created_at) VALUES (?, ?, ?, ?)",
        (owner, subscription.id, str(subscription.query), subscription.created_at.isoformat()),
    )


def _to_subscription(row: sqlite3.Row) -> Subscription:
    return Subscription(row["id"], parse(row["query"]), datetime.fromisoformat(row["created_at"]))
