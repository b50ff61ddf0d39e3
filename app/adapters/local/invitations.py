"""Stores invitations in SQLite."""

import time

from typing_extensions import override

from app.adapters.local.account_limits import write_counted
from app.adapters.local.account_rows import normalize_address
from app.adapters.local.database import Database
from app.domain.ports import Invitations
from app.domain.registration import Invitation, hash_secret


class SqliteInvitations(Invitations):
    """Adds, finds and removes invitations. Expired ones are deleted when another one is added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def add(self, invitation: Invitation) -> None:
        row = (
            hash_secret(normalize_address(invitation.email)),
            hash_secret(invitation.token),
            int(invitation.expires_at.timestamp()),
        )
        with self._database.write() as connection:
            connection.execute("DELETE FROM invitation WHERE expires_at <= ?", (int(time.time()),))
            connection.execute("INSERT INTO invitation (address_hash, token_hash, expires_at) VALUES (?, ?, ?)", row)

    @override
    def contains(self, email: str, token: str) -> bool:
        key = (hash_secret(email.lower()), hash_secret(token), int(time.time()))
        with write_counted(self._database) as connection:
            row = connection.execute(
                "SELECT 1 FROM invitation WHERE address_hash = ? AND token_hash = ? AND expires_at > ?", key
            ).fetchone()
        return row is not None

    @override
    def remove(self, email: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM invitation WHERE address_hash = ?", (hash_secret(email.lower()),))
