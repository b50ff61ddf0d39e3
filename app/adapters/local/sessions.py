"""Manages sessions and their refresh tokens.

Each refresh replaces the refresh token. The successor is derived from the replaced token and a secret of this
installation. Two tabs that refresh at the same time therefore get the same successor, and so does a client that repeats
a request because it did not receive the response. The database contains only hashes of the tokens.
"""

import hashlib
import hmac
import logging
import secrets
import sqlite3
import time
from typing import Any, Final
from uuid import uuid4

from app.adapters.local.database import Database
from app.adapters.local.signing_key import SigningKey
from app.domain.accounts import Tokens
from app.domain.errors import SessionEnded

ACCESS_SECONDS: Final = 3600
SESSION_SECONDS: Final = 30 * 24 * 3600  # must match RefreshTokenValidity in infra/aws/template.yaml
GRACE_SECONDS: Final = 60  # a replaced refresh token works for this time

logger: Final = logging.getLogger(__name__)


class Sessions:
    """Starts, refreshes and ends sessions. A session ends 30 days after the sign-in."""

    def __init__(self, database: Database, key: SigningKey) -> None:
        self._database = database
        self._key = key

    def start(self, connection: sqlite3.Connection, owner: str) -> Tokens:
        """Start a session of the account within a transaction. Delete all expired sessions."""
        now = int(time.time())
        connection.execute("DELETE FROM session WHERE expires_at <= ?", (now,))
        session, refresh_token = str(uuid4()), secrets.token_urlsafe(32)
        connection.execute(
            "INSERT INTO session (id, owner, signed_in_at, expires_at) VALUES (?, ?, ?, ?)",
            (session, owner, now, now + SESSION_SECONDS),
        )
        connection.execute("UPDATE account SET last_sign_in = date(?, 'unixepoch') WHERE owner = ?", (now, owner))
        _insert_token(connection, refresh_token, session)
        return Tokens(self._sign(owner, session, now, now), ACCESS_SECONDS, refresh_token)

    def refresh(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token for an access token and a new refresh token.

        A refresh token that was replaced in the last minute gives the session's current refresh token. An older one
        may have been stolen, so it ends the session.

        Raises:
            SessionEnded: the refresh token is not valid or was replaced earlier, or the session has ended.
        """
        now = int(time.time())
        with self._database.write() as connection:
            row = _find_token(connection, refresh_token)
            current = self._find_successor(connection, refresh_token, row, now) if row else None
        if not row or not current:
            raise SessionEnded
        return Tokens(self._sign(row["owner"], row["session"], row["signed_in_at"], now), ACCESS_SECONDS, current)

    def end(self, refresh_token: str) -> None:
        """End the session of a refresh token, which may be replaced. Other tokens are ignored."""
        with self._database.write() as connection:
            if row := _find_token(connection, refresh_token):
                connection.execute("DELETE FROM session WHERE id = ?", (row["session"],))

    def is_active(self, owner: str, session: str) -> bool:
        """Return whether the owner has this session. Its access tokens are valid only as long as it is active."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT 1 FROM session WHERE id = ? AND owner = ? AND expires_at > ?",
                (session, owner, int(time.time())),
            ).fetchone()
        return row is not None

    def _find_successor(
        self, connection: sqlite3.Connection, refresh_token: str, row: sqlite3.Row, now: int
    ) -> str | None:
        """Return the refresh token that replaces this one, or None if the session has ended."""
        if row["expires_at"] <= now:
            return None
        if row["replaced_at"] is None:
            successor = self._derive_successor(refresh_token)
            connection.execute("UPDATE refresh_token SET replaced_at = ? WHERE hash = ?", (now, _hash(refresh_token)))
            _insert_token(connection, successor, row["session"])
            return successor
        if abs(now - row["replaced_at"]) <= GRACE_SECONDS:  # abs, because the clock may have been set back
            return self._find_current(connection, refresh_token)
        connection.execute("DELETE FROM session WHERE id = ?", (row["session"],))
        logger.warning("a session was ended, because a replaced refresh token was used again")
        return None

    def _find_current(self, connection: sqlite3.Connection, refresh_token: str) -> str:
        """Return the session's refresh token that has no successor."""
        current = refresh_token
        while (row := _find_token(connection, current)) and row["replaced_at"] is not None:
            current = self._derive_successor(current)
        return current

    def _derive_successor(self, refresh_token: str) -> str:
        return hmac.digest(self._key.refresh_secret.encode(), refresh_token.encode(), "sha256").hex()

    def _sign(self, owner: str, session: str, signed_in_at: int, now: int) -> str:
        """Return an access token with the claims that Cognito's access tokens have.

        Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
        """
        claims: dict[str, Any] = {
            "sub": owner,
            "username": owner,
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "auth_time": signed_in_at,
            "iat": now,
            "exp": now + ACCESS_SECONDS,
            "jti": str(uuid4()),
            "origin_jti": session,
        }
        return self._key.sign(claims)


def _find_token(connection: sqlite3.Connection, refresh_token: str) -> sqlite3.Row | None:
    """Return the refresh token's row, joined with its session's row."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT session, replaced_at, owner, signed_in_at, expires_at"
        " FROM refresh_token JOIN session ON session.id = refresh_token.session WHERE hash = ?",
        (_hash(refresh_token),),
    ).fetchone()
    return row


def _insert_token(connection: sqlite3.Connection, refresh_token: str, session: str) -> None:
    connection.execute("INSERT INTO refresh_token (hash, session) VALUES (?, ?)", (_hash(refresh_token), session))


def _hash(refresh_token: str) -> bytes:
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()
