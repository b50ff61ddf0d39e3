"""Stores subscriptions, the announcements for them and each owner's alerts in SQLite."""

import re
import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.adapters.local.intact_rows import read_rows
from app.adapters.local.rows import to_announcement
from app.adapters.local.secrets import load_secrets
from app.domain.alerts import Alerts, with_numbers
from app.domain.announcements import MAX_BATCH, Announcement
from app.domain.errors import SubscriptionNotFound, Unavailable
from app.domain.ids import MAX_ID
from app.domain.mail_links import SECRET_BYTES
from app.domain.ports import Subscriptions
from app.domain.query import Query
from app.domain.stored_queries import read_stored
from app.domain.subscriptions import DEFAULT_CHOICES, ChoiceChanges, Choices, Frequency, Subscription, subscribe

LINK_SECRET: Final = "mail-link-secret"  # noqa: S105 - the name of the setting

_HEX: Final = re.compile(f"[0-9a-f]{{{2 * SECRET_BYTES}}}")


class SqliteSubscriptions(Subscriptions):
    """Reads and writes subscriptions, announcements and alerts."""

    settle_seconds = 0  # a change and the look-up of subscriptions are one transaction

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def list(self, owner: str) -> list[Subscription]:
        with self._database.read():
            alerts = self.get_alerts(owner)
            return [with_numbers(each, alerts) for each in self._read(owner)[0]]

    @override
    def list_damaged(self, owner: str) -> Sequence[str]:
        return self._read(owner)[1]

    def _read(self, owner: str) -> tuple[Sequence[Subscription], Sequence[str]]:
        with self._database.read() as connection:
            return read_rows(connection, "subscription", "created_at", owner, _to_subscription)

    @override
    def get(self, owner: str, subscription_id: str) -> Subscription:
        for subscription in self.list(owner):
            if subscription.id == subscription_id:
                return subscription
        raise SubscriptionNotFound

    @override
    def add(self, owner: str, query: Query, choices: Choices = DEFAULT_CHOICES) -> Subscription:
        with self._database.write() as connection:
            subscription, is_new = subscribe(self.list(owner), query, choices)
            if is_new:
                _insert(connection, owner, subscription)
        return subscription

    @override
    def put(self, owner: str, subscription: Subscription) -> None:
        with self._database.write() as connection:
            _insert(connection, owner, subscription)

    @override
    def change(self, owner: str, subscription_id: str, changes: ChoiceChanges) -> Subscription:
        with self._database.write() as connection:
            before = self.get(owner, subscription_id)
            after = replace(before, choices=replace(before.choices, **changes))
            if after != before:
                _insert(connection, owner, after)
        return after

    @override
    def remove(self, owner: str, subscription_id: str) -> None:
        with self._database.write() as connection:
            deleted = connection.execute(
                "DELETE FROM subscription WHERE owner = ? AND id = ?", (owner, subscription_id)
            )
            if not deleted.rowcount:
                raise SubscriptionNotFound

    @override
    def get_link_secret(self) -> bytes:
        return self._link_secret

    @cached_property
    def _link_secret(self) -> bytes:
        """The secret. If it is damaged, all links end."""
        values = load_secrets(
            self._database,
            (LINK_SECRET,),
            lambda: (secrets.token_hex(SECRET_BYTES),),
            lambda stored: bool(_HEX.fullmatch(stored[LINK_SECRET])),
        )
        return bytes.fromhex(values[LINK_SECRET])

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

    @override
    def list_announcements(
        self, owner: str, limit: int = MAX_BATCH, first: str = "", last: str = MAX_ID
    ) -> Sequence[Announcement]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM announcement WHERE owner = ? AND id BETWEEN ? AND ? ORDER BY id LIMIT ?",
                (owner, first, last, limit),
            )
            return [to_announcement(row) for row in rows]

    @override
    def get_alerts(self, owner: str) -> Alerts:
        with self._database.read() as connection:
            row = connection.execute(  # invalid UTF-8 would prevent the read
                "SELECT revision, CAST(alerts AS BLOB) AS alerts FROM profile WHERE owner = ?", (owner,)
            ).fetchone()
        return Alerts.parse(row["alerts"], row["revision"]) if row and row["alerts"] else Alerts()

    @override
    def save_alerts(self, owner: str, alerts: Alerts, announcements: Sequence[Announcement] = ()) -> set[str]:
        with self._database.write() as connection:
            if self.get_alerts(owner).revision != alerts.revision:
                raise Unavailable
            if changed := {each.id for each in announcements if not _is_current(connection, each)}:
                return changed
            connection.execute(
                """
                INSERT INTO profile (owner, last_digest, revision, alerts) VALUES (:owner, 0, :revision, :alerts)
                ON CONFLICT (owner) DO UPDATE SET revision = :revision, alerts = :alerts
                """,
                {"owner": owner, "revision": alerts.revision + 1, "alerts": alerts.to_json()},
            )
            connection.executemany(
                "DELETE FROM announcement WHERE owner = ? AND id = ?", [(owner, each.id) for each in announcements]
            )
        return set()


def _is_current(connection: sqlite3.Connection, announcement: Announcement) -> bool:
    """Return whether no further change has been added to the announcement."""
    rows = connection.execute(
        "SELECT 1 FROM announcement WHERE owner = ? AND id = ? AND version = ?",
        (announcement.owner, announcement.id, announcement.version),
    )
    return rows.fetchone() is not None


def _insert(connection: sqlite3.Connection, owner: str, subscription: Subscription) -> None:
    connection.execute(
        """
        INSERT OR REPLACE INTO subscription (owner, id, query, created_at, title, pinned, email, paused, digest)
        VALUES (:owner, :id, :query, :created_at, :title, :pinned, :email, :paused, :digest)
        """,
        {
            "owner": owner,
            "id": subscription.id,
            "query": subscription.text,
            "created_at": subscription.created_at.isoformat(),
            **asdict(subscription.choices),
        },
    )
    connection.execute(  # the worker counts the matches, and news may be due earlier
        """
        INSERT INTO profile (owner, last_digest, alerts_at) VALUES (:owner, 0, :now)
        ON CONFLICT (owner) DO UPDATE SET alerts_at = :now
        """,
        {"owner": owner, "now": int(time.time())},
    )


def _to_subscription(row: sqlite3.Row) -> Subscription:
    query, fault = read_stored(row["query"])
    choices = Choices(
        row["title"], bool(row["pinned"]), bool(row["email"]), bool(row["paused"]), Frequency(row["digest"])
    )
    return Subscription(
        row["id"],
        query,
        datetime.fromisoformat(row["created_at"]),
        choices=choices,
        invalid_text="" if query else row["query"],
        fault=fault,
    )
