"""Manages accounts, passwords and sessions in the database.

No response reveals whether an address has an account. Each operation hashes as many passwords for unknown addresses as
for known ones, and also writes to the database for both. The worker sends the e-mails, so they take no time here.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Final

from typing_extensions import override

from app.adapters.local import codes
from app.adapters.local.account_rows import (
    POLICY,
    confirm_account,
    delete_account,
    find_account,
    insert_account,
    normalize_address,
    set_password,
)
from app.adapters.local.codes import Purpose
from app.adapters.local.database import Database
from app.adapters.local.mail import SqliteMail
from app.adapters.local.passwords import Passwords
from app.adapters.local.sessions import Sessions
from app.adapters.local.sign_in_limits import count_attempt, forget_failures
from app.adapters.local.signing_key import SigningKey
from app.domain.accounts import AccessToken, Account, PasswordPolicy, TokenIssuer, Tokens
from app.domain.errors import (
    AccountNotConfirmed,
    InvalidCode,
    InvalidCredentials,
    InvalidToken,
    TooManyRequests,
)
from app.domain.ports import Accounts

REVOKED: Final = "The access token was revoked."
MAX_REQUESTS_PER_MINUTE: Final = 600  # about codes and passwords, from all people together
SUBJECT: Final = "Your PixTag code"
BODY: Final = (
    "{code} is your PixTag code. Enter it in PixTag to confirm your address or to set a new password. If you did not"
    " request a code, someone else entered your address. They cannot do anything without the code, so you can ignore"
    " this e-mail."
)  # must match VerificationMessageTemplate in infra/aws/template.yaml

logger: Final = logging.getLogger(__name__)


class SqliteAccounts(Accounts):
    """Manages PixTag's accounts. E-mail addresses are lower-cased. An owner is the `sub` claim of an access token.

    Every operation with a password, and every operation that sends or takes a code, raises TooManyRequests when there
    are too many such requests.
    """

    def __init__(self, database: Database, mail: SqliteMail, passwords: Passwords | None = None) -> None:
        self._database = database
        self._mail = mail
        self._passwords = passwords or Passwords()

    @property
    def token_issuer(self) -> TokenIssuer:
        """The issuer of the access tokens."""
        return self._key.issuer

    @property
    @override
    def password_policy(self) -> PasswordPolicy:
        return POLICY

    @override
    def register(self, email: str, password: str, *, given_name: str, family_name: str) -> None:
        POLICY.require(password)
        address = normalize_address(email)
        password_hash = self._passwords.hash(password)
        with self._write_counted() as connection:
            if owner := insert_account(connection, address, password_hash, given_name, family_name):
                self._send_code(connection, owner, address, Purpose.CONFIRM)

    @override
    def confirm(self, email: str, code: str) -> None:
        with self._write_counted() as connection:
            if owner := _redeem_code(connection, email, Purpose.CONFIRM, code):
                confirm_account(connection, owner)
        if not owner:
            raise InvalidCode

    @override
    def resend_code(self, email: str) -> None:
        with self._write_counted() as connection:
            row = find_account(connection, email)
            if row and row["confirmed_at"] is None:
                self._send_code(connection, row["owner"], row["address"], Purpose.CONFIRM)

    @override
    def request_password_reset(self, email: str) -> None:
        with self._write_counted() as connection:
            row = find_account(connection, email)
            if row and row["confirmed_at"] is not None:
                self._send_code(connection, row["owner"], row["address"], Purpose.RESET)

    @override
    def reset_password(self, email: str, code: str, password: str) -> None:
        POLICY.require(password)
        password_hash = self._passwords.hash(password)
        with self._write_counted() as connection:
            if owner := _redeem_code(connection, email, Purpose.RESET, code):
                set_password(connection, owner, password_hash)
                forget_failures(connection, email.lower())
        if not owner:
            raise InvalidCode

    @override
    def sign_in(self, email: str, password: str) -> Tokens:
        with self._database.write(durable=False) as connection:
            seconds = count_attempt(connection, email.lower())
            row = find_account(connection, email)
        if seconds:
            raise TooManyRequests("There were too many failed sign-ins.", seconds)
        if not self._passwords.verify(row["password_hash"] if row else None, password) or not row:
            raise InvalidCredentials
        return self._start_session(row, password)

    @override
    def refresh(self, refresh_token: str) -> AccessToken:
        return self._sessions.refresh(refresh_token)

    @override
    def revoke(self, refresh_token: str) -> None:
        self._sessions.end(refresh_token)

    @override
    def get_account(self, access_token: str) -> Account:
        claims = self._key.verify(access_token)
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT address, given_name, family_name, confirmed_at FROM account JOIN session USING (owner)"
                " WHERE owner = ? AND id = ?",
                (claims["sub"], claims["origin_jti"]),
            ).fetchone()
        if not row:
            raise InvalidToken(REVOKED)
        return Account(
            row["address"], row["given_name"], row["family_name"], email_verified=row["confirmed_at"] is not None
        )

    @override
    def delete_account(self, access_token: str) -> None:
        claims = self._key.verify(access_token)
        with self._database.write() as connection:
            sessions = [
                row[0]
                for row in connection.execute(
                    "SELECT id FROM account LEFT JOIN session USING (owner) WHERE owner = ?", (claims["sub"],)
                )
            ]
            if sessions and claims["origin_jti"] not in sessions:
                raise InvalidToken(REVOKED)
            delete_account(connection, claims["sub"])

    @cached_property
    def _key(self) -> SigningKey:
        return SigningKey.load(self._database)

    @cached_property
    def _sessions(self) -> Sessions:
        return Sessions(self._database, self._key)

    @contextmanager
    def _write_counted(self) -> Iterator[sqlite3.Connection]:
        """Begin a transaction and count the request.

        The counter limits all people together. It also makes requests for unknown addresses write to the disk.

        Raises:
            TooManyRequests: there were too many such requests in this minute.
        """
        minute, second = divmod(int(time.time()), 60)
        with self._database.write() as connection:
            (used,) = connection.execute(
                "INSERT INTO rate (owner, rate, minute, used) VALUES ('', 'accounts', ?, 1)"
                " ON CONFLICT DO UPDATE SET used = iif(minute = excluded.minute, used + 1, 1), minute = excluded.minute"
                " RETURNING used",
                (minute,),
            ).fetchone()
            if used > MAX_REQUESTS_PER_MINUTE:
                raise TooManyRequests(retry_after=60 - second)
            yield connection

    def _send_code(self, connection: sqlite3.Connection, owner: str, address: str, purpose: Purpose) -> None:
        if code := codes.issue(connection, owner, purpose):
            self._mail.send(address, SUBJECT, BODY.format(code=code))
        else:
            logger.warning("a code was not sent, because its account has reached the limit of codes per hour")

    def _start_session(self, row: sqlite3.Row, password: str) -> Tokens:
        """Start a session after the password has been verified. Renew the password's hash if its parameters are old."""
        password_hash = row["password_hash"]
        sessions = self._sessions
        new_hash = self._passwords.hash(password) if self._passwords.is_outdated(password_hash) else password_hash
        with self._database.write() as connection:
            forget_failures(connection, row["address"])
            # The password may have been changed and the account may have been deleted since they were read.
            account = connection.execute(
                "UPDATE account SET password_hash = ? WHERE owner = ? AND password_hash = ? RETURNING confirmed_at",
                (new_hash, row["owner"], password_hash),
            ).fetchone()
            tokens = sessions.start(connection, row["owner"]) if account and account["confirmed_at"] else None
        if not account:
            raise InvalidCredentials
        if not tokens:
            raise AccountNotConfirmed
        return tokens


def _redeem_code(connection: sqlite3.Connection, email: str, purpose: Purpose, code: str) -> str | None:
    """Return the owner of the account if this is its code, or None."""
    row = find_account(connection, email)
    return row["owner"] if row and codes.redeem(connection, row["owner"], purpose, code) else None
