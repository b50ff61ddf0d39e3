"""Accounts in a database of the test, with a person to register. Passwords are hashed with the cheapest parameters."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.adapters.local import account_limits, account_rows, codes, invitations, mail, sessions, sign_in_limits
from app.adapters.local.account_admin import AccountAdmin
from app.adapters.local.accounts import SqliteAccounts
from app.adapters.local.database import Database
from app.adapters.local.mail import SqliteMail
from app.domain.accounts import Tokens
from app.domain.errors import PixTagError
from app.domain.passwords import Passwords
from tests.support import fast_hashes, fast_keys
from tests.support.fakes import StoppedClock
from tests.support.new_database import add_database

fast_hashes.speed_up()
fast_keys.speed_up()

EMAIL, PASSWORD = "Zenobia.Quill@Example.com", "correct horse battery staple"
NAMES = {"given_name": "Zenobia", "family_name": "Quill"}
NOBODY = "nobody@example.com"
NEW_PASSWORD = "another good password"


@dataclass(frozen=True)
class LocalAccounts:
    """The accounts, the e-mails and the database that contains both."""

    database: Database
    mail: SqliteMail
    accounts: SqliteAccounts
    admin: AccountAdmin

    def register(self, email: str = EMAIL, password: str = PASSWORD) -> None:
        self.accounts.register(email, password, **NAMES)

    def add(self, email: str = EMAIL) -> None:
        """Register and confirm an account."""
        self.register(email)
        self.accounts.confirm(email, self.read_code(email), PASSWORD)

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> Tokens:
        return self.accounts.sign_in(email, password)

    def refresh(self, tokens: Tokens) -> Tokens:
        refreshed = self.accounts.refresh(tokens.refresh_token)
        assert isinstance(refreshed, Tokens)
        return refreshed

    def read_code(self, email: str = EMAIL) -> str:
        """Return the code in the newest e-mail to the address."""
        return self.mail.list_mails(email)[0].body.partition(" ")[0]

    def make_wrong_code(self, email: str = EMAIL) -> str:
        """Return a code that differs from the one in the newest e-mail."""
        return f"{(int(self.read_code(email)) + 1 + secrets.randbelow(10)) % 10**6:06}"

    def count_mails(self, email: str = EMAIL) -> int:
        return len(self.mail.list_mails(email))


def make_accounts(folder: Path) -> LocalAccounts:
    """Return the accounts in the folder's database, which is created if necessary."""
    add_database(folder)
    database, passwords = Database(folder / "pixtag.db"), Passwords()
    mail = SqliteMail(database)
    return LocalAccounts(database, mail, SqliteAccounts(database, mail, passwords), AccountAdmin(database, passwords))


def patch_clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    """Stop the clock of the accounts and the e-mails."""
    clock = StoppedClock()
    for module in (account_limits, account_rows, codes, invitations, mail, sessions, sign_in_limits):
        monkeypatch.setattr(module, "time", clock)
    return clock


def find_error(operate: Callable[..., object], *arguments: object) -> tuple[type[PixTagError], str] | None:
    """Return the type and the message of the error that a call raises, or None."""
    try:
        operate(*arguments)
    except PixTagError as error:
        return type(error), str(error)
    return None
