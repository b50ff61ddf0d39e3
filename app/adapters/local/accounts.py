"""Manages accounts, passwords and sessions in the database.

No response reveals whether an address has an account. Each operation hashes as many passwords for unknown addresses as
for known ones, and also writes to the database for both. The worker sends the e-mails, so they take no time here.
"""

import logging
import sqlite3
from dataclasses import replace
from functools import cached_property
from typing import Final

from typing_extensions import override

from app.adapters.local import codes
from app.adapters.local.account_limits import count_notice, write_counted
from app.adapters.local.account_rows import (
    POLICY,
    confirm_account,
    delete_account,
    end_sessions,
    find_account,
    normalize_address,
    register_account,
    replace_hash,
    set_names,
    set_password,
)
from app.adapters.local.address_changes import make_change, request_change
from app.adapters.local.codes import Purpose
from app.adapters.local.database import Database
from app.adapters.local.mail import SqliteMail
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
    WrongPassword,
)
from app.domain.passwords import Passwords
from app.domain.ports import Accounts

REVOKED: Final = "The access token was revoked."
SUBJECT: Final = "Your PixTag code"
BODY: Final = (
    "{code} is your PixTag code. Enter it in PixTag to confirm your address or to set a new password. If you did not"
    " request a code, someone else entered your address. They cannot do anything without the code, so you can ignore"
    " this e-mail."
)  # must match VerificationMessageTemplate in infra/aws/template.yaml

KNOWN_SUBJECT: Final = "You already have a PixTag account"
KNOWN_BODY: Final = (
    "Someone tried to register at PixTag with your e-mail address. You already have an account, and it has not changed."
    " If this was you, sign in with your password. If you have forgotten it, choose “Forgot your password?” on the"
    " sign-in page to set a new one. If this was not you, you can ignore this e-mail."
)

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

    @cached_property
    def token_issuer(self) -> TokenIssuer:
        """The issuer of the access tokens. A token is valid only during its session."""
        return replace(self._key.issuer, is_active=self._sessions.is_active)

    @property
    @override
    def password_policy(self) -> PasswordPolicy:
        return POLICY

    @override
    def register(self, email: str, password: str, *, given_name: str, family_name: str, invitation: str = "") -> None:
        POLICY.require(password)
        address = normalize_address(email)
        password_hash = self._passwords.hash(password)
        with write_counted(self._database) as connection:
            if owner := register_account(connection, address, password_hash, given_name, family_name):
                self._send_code(connection, owner, address, Purpose.CONFIRM)
            elif (known := find_account(connection, address)) and count_notice(connection, known["owner"]):
                self._mail.send(address, KNOWN_SUBJECT, KNOWN_BODY, known["owner"])

    @override
    def confirm(self, email: str, code: str, password: str, *, given_name: str = "", family_name: str = "") -> None:
        POLICY.require(password)
        password_hash = self._passwords.hash(password)
        with write_counted(self._database) as connection:
            if owner := _redeem_code(connection, email, Purpose.CONFIRM, code):
                set_password(connection, owner, password_hash)
                set_names(connection, owner, given_name, family_name)
                confirm_account(connection, owner)
                forget_failures(connection, email.lower())
        if not owner:
            raise InvalidCode

    @override
    def resend_code(self, email: str) -> None:
        with write_counted(self._database) as connection:
            row = find_account(connection, email)
            if row and row["confirmed_at"] is None:
                self._send_code(connection, row["owner"], row["address"], Purpose.CONFIRM)

    @override
    def request_password_reset(self, email: str) -> None:
        with write_counted(self._database) as connection:
            row = find_account(connection, email)
            if row and row["confirmed_at"] is not None:
                self._send_code(connection, row["owner"], row["address"], Purpose.RESET)

    @override
    def reset_password(self, email: str, code: str, password: str) -> None:
        POLICY.require(password)
        password_hash = self._passwords.hash(password)
        with write_counted(self._database) as connection:
            if owner := _redeem_code(connection, email, Purpose.RESET, code):
                set_password(connection, owner, password_hash)
                forget_failures(connection, email.lower())
        if not owner:
            raise InvalidCode

    @override
    def sign_in(self, email: str, password: str) -> Tokens:
        row = self._find_verified(email, password)
        if not row:
            raise InvalidCredentials
        return self._start_session(row, password)

    @override
    def refresh(self, refresh_token: str) -> AccessToken:
        return self._sessions.refresh(refresh_token)

    @override
    def revoke(self, refresh_token: str) -> None:
        self._sessions.end(refresh_token)

    @override
    def change_password(self, access_token: str, old: str, new: str) -> None:
        POLICY.require(new)
        email = self.get_account(access_token).email
        row = self._find_verified(email, old)
        if not row:
            raise WrongPassword
        new_hash = self._passwords.hash(new)
        with self._database.write() as connection:
            is_unchanged = replace_hash(connection, row, new_hash) is not None
            if is_unchanged:
                codes.cancel(connection, row["owner"])
                end_sessions(connection, row["owner"])
                forget_failures(connection, email)
        if not is_unchanged:
            raise WrongPassword

    @override
    def change_names(self, access_token: str, *, given_name: str = "", family_name: str = "") -> None:
        with self._database.write() as connection:
            set_names(connection, self._require_owner(access_token), given_name, family_name)

    @override
    def request_address(self, access_token: str, email: str, password: str) -> None:
        address = normalize_address(email)
        current = self.get_account(access_token).email
        row = self._find_verified(current, password)
        if not row:
            raise WrongPassword
        with write_counted(self._database) as connection:
            forget_failures(connection, current)
            request_change(connection, self._mail, self._require_owner(access_token), address)

    @override
    def change_address(self, access_token: str, code: str) -> None:
        with write_counted(self._database) as connection:
            address = make_change(connection, self._require_owner(access_token), code)
            if address:
                forget_failures(connection, address)
        if not address:
            raise InvalidCode

    @override
    def end_sessions(self, access_token: str) -> None:
        with self._database.write() as connection:
            end_sessions(connection, self._require_owner(access_token))

    @override
    def get_account(self, access_token: str) -> Account:
        claims = self._key.verify(access_token)
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT address, given_name, family_name, confirmed_at, admin FROM account JOIN session USING (owner)"
                " WHERE owner = ? AND id = ?",
                (claims["sub"], claims["origin_jti"]),
            ).fetchone()
        if not row:
            raise InvalidToken(REVOKED)
        return Account(
            row["address"],
            row["given_name"],
            row["family_name"],
            email_verified=row["confirmed_at"] is not None,
            is_admin=bool(row["admin"]),
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

    def _require_owner(self, access_token: str) -> str:
        """Return the owner of the account, within a transaction.

        Raises:
            InvalidToken: the access token was revoked.
        """
        claims = self._key.verify(access_token)
        owner: str = claims["sub"]
        if not self._sessions.is_active(owner, claims["origin_jti"]):
            raise InvalidToken(REVOKED)
        return owner

    def _find_verified(self, email: str, password: str) -> sqlite3.Row | None:
        """Return the row of the account with this address and password, or None. Count the attempt.

        Raises:
            TooManyRequests: there were too many failed attempts.
        """
        with self._database.write(durable=False) as connection:
            seconds = count_attempt(connection, email.lower())
            row = find_account(connection, email)
        if seconds:
            raise TooManyRequests("There were too many failed sign-ins.", seconds)
        return row if self._passwords.verify(row["password_hash"] if row else None, password) else None

    def _send_code(self, connection: sqlite3.Connection, owner: str, address: str, purpose: Purpose) -> None:
        if code := codes.issue(connection, owner, purpose):
            self._mail.send(address, SUBJECT, BODY.format(code=code), owner)
        else:
            logger.warning("a code was not sent, because its account has reached the limit of codes per hour")

    def _start_session(self, row: sqlite3.Row, password: str) -> Tokens:
        """Start a session after the password has been verified. Renew the password's hash if its parameters are old."""
        password_hash = row["password_hash"]
        sessions = self._sessions
        new_hash = self._passwords.hash(password) if self._passwords.is_outdated(password_hash) else password_hash
        with self._database.write() as connection:
            forget_failures(connection, row["address"])
            account = replace_hash(connection, row, new_hash)
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
