"""No response, amount of work or log line reveals whether an address has an account."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import argon2
import pytest

from app.adapters.local import account_limits
from app.adapters.local.accounts import SqliteAccounts
from app.adapters.local.codes import MAX_CODES
from app.domain.errors import PixTagError, TooManyRequests
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import (
    EMAIL,
    NAMES,
    NEW_PASSWORD,
    NOBODY,
    PASSWORD,
    LocalAccounts,
    find_error,
    patch_clock,
)

UNCONFIRMED = "yorick@example.com"
Operation = Callable[[SqliteAccounts, str], object]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def request_address(accounts: SqliteAccounts, email: str) -> None:
    accounts.request_address(accounts.sign_in(EMAIL, PASSWORD).access_token, email, PASSWORD)


OPERATIONS: dict[str, tuple[int, Operation]] = {  # the number of hashes, and a call of the operation
    "register": (1, lambda accounts, email: accounts.register(email, PASSWORD, **NAMES)),
    "confirm": (1, lambda accounts, email: accounts.confirm(email, "000000", PASSWORD)),
    "resend_code": (0, lambda accounts, email: accounts.resend_code(email)),
    "request_password_reset": (0, lambda accounts, email: accounts.request_password_reset(email)),
    "reset_password": (1, lambda accounts, email: accounts.reset_password(email, "000000", NEW_PASSWORD)),
    "request_address": (2, request_address),
    "sign_in": (1, lambda accounts, email: accounts.sign_in(email, "wrong")),
}
EMAILS = [UNCONFIRMED, EMAIL, NOBODY]


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("email", EMAILS)
def test_operation_hashes_as_often_for_known_as_for_unknown_addresses(
    zenobia: LocalAccounts, monkeypatch: pytest.MonkeyPatch, name: str, email: str
) -> None:
    zenobia.register(UNCONFIRMED)
    number, operate = OPERATIONS[name]
    calls: list[str] = []
    note_calls(monkeypatch, "hash", calls)
    note_calls(monkeypatch, "verify", calls)

    with suppress(PixTagError):
        operate(zenobia.accounts, email)

    assert len(calls) == number


def note_calls(monkeypatch: pytest.MonkeyPatch, name: str, calls: list[str]) -> None:
    """Add the name to the list for each call of this method of argon2."""
    method = getattr(argon2.PasswordHasher, name)

    def call(*args: object) -> object:
        calls.append(name)
        return method(*args)

    monkeypatch.setattr(argon2.PasswordHasher, name, call)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("email", EMAILS)
def test_operation_writes_to_the_disk_for_known_and_unknown_addresses(
    zenobia: LocalAccounts, tmp_path: Path, name: str, email: str
) -> None:
    zenobia.register(UNCONFIRMED)
    with closing(sqlite3.connect(tmp_path / "pixtag.db")) as observer:
        before = observer.execute("PRAGMA data_version").fetchone()

        with suppress(PixTagError):
            OPERATIONS[name][1](zenobia.accounts, email)

        assert observer.execute("PRAGMA data_version").fetchone() != before


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_has_the_same_result_for_known_and_unknown_addresses(zenobia: LocalAccounts, name: str) -> None:
    zenobia.register(UNCONFIRMED)

    results = {find_error(OPERATIONS[name][1], zenobia.accounts, email) for email in EMAILS}

    assert len(results) == 1


def test_log_of_all_operations_contains_nothing_personal(
    zenobia: LocalAccounts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = zenobia.sign_in()
    for _ in range(MAX_CODES + 2):
        for email in EMAILS:
            for _, operate in OPERATIONS.values():
                find_error(operate, zenobia.accounts, email)
    zenobia.refresh(tokens)
    zenobia.accounts.delete_account(tokens.access_token)

    assert "a code was not sent, because its account has reached the limit of codes per hour" in caplog.messages
    text = caplog.text.lower()
    planted = (*EMAILS, PASSWORD, NEW_PASSWORD, *NAMES.values(), tokens.access_token, tokens.refresh_token, "zenobia")
    assert [each for each in planted if each.lower() in text] == []


def test_requests_of_all_people_above_the_limit_raise_too_many_requests(
    zenobia: LocalAccounts, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_limits, "MAX_REQUESTS_PER_MINUTE", 2)
    clock.ahead = 70 - int(clock.time()) % 60  # the tenth second of the next minute

    def request() -> list[tuple[type[PixTagError], str] | None]:
        errors = [find_error(zenobia.accounts.resend_code, email) for email in (EMAIL, NOBODY)]
        with pytest.raises(TooManyRequests) as error:
            zenobia.accounts.resend_code(EMAIL)
        assert error.value.retry_after == 50
        return errors

    first = request()
    clock.ahead += 60

    assert first == request() == [None, None]
