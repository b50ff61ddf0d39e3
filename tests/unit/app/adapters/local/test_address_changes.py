import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local.codes import LIFE_SECONDS, MAX_CODES, Purpose
from app.domain.errors import InvalidAccount, InvalidCode, InvalidCredentials
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

OTHER = "yorick@example.com"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def request(local: LocalAccounts, email: str = NOBODY) -> str:
    """Request a change of the address. Return the access token."""
    token = local.sign_in().access_token
    local.accounts.request_address(token, email, PASSWORD)
    return token


def read_addresses(folder: Path) -> list[str]:
    """Return the new addresses that the database contains."""
    with closing(sqlite3.connect(folder / "pixtag.db")) as connection:
        return [row[0] for row in connection.execute("SELECT address FROM code WHERE address > ''")]


def test_change_keeps_the_sessions_and_the_code_works_once(zenobia: LocalAccounts) -> None:
    token = request(zenobia)
    code = zenobia.read_code(NOBODY)

    zenobia.accounts.change_address(token, code)

    assert zenobia.accounts.get_account(token).email == NOBODY
    with pytest.raises(InvalidCode):
        zenobia.accounts.change_address(token, code)


def test_request_of_an_address_without_valid_form_raises_invalid_account(zenobia: LocalAccounts) -> None:
    with pytest.raises(InvalidAccount, match="This is not an e-mail address"):
        request(zenobia, "no address")


def test_second_request_replaces_the_first(zenobia: LocalAccounts) -> None:
    token = request(zenobia)
    first = zenobia.read_code(NOBODY)
    request(zenobia, OTHER)
    second = zenobia.read_code(OTHER)

    assert (first == second) or find_error(zenobia.accounts.change_address, token, first)
    zenobia.accounts.change_address(token, second)

    assert zenobia.accounts.get_account(token).email == OTHER


def test_change_after_a_day_raises_invalid_code_and_the_next_request_forgets_the_address(
    zenobia: LocalAccounts, clock: StoppedClock, tmp_path: Path
) -> None:
    zenobia.add(OTHER)
    token = request(zenobia)
    clock.ahead = LIFE_SECONDS[Purpose.ADDRESS] + 1

    with pytest.raises(InvalidCode):
        zenobia.accounts.change_address(token, zenobia.read_code(NOBODY))

    other = zenobia.sign_in(OTHER).access_token
    zenobia.accounts.request_address(other, "new@example.com", PASSWORD)
    assert read_addresses(tmp_path) == ["new@example.com"]


@pytest.mark.parametrize("way", ["change", "reset", "admin"])
def test_new_password_ends_the_change(zenobia: LocalAccounts, way: str, tmp_path: Path) -> None:
    token = request(zenobia)
    code = zenobia.read_code(NOBODY)

    if way == "change":
        zenobia.accounts.change_password(token, PASSWORD, NEW_PASSWORD)
    elif way == "reset":
        zenobia.accounts.request_password_reset(EMAIL)
        zenobia.accounts.reset_password(EMAIL, zenobia.read_code(), NEW_PASSWORD)
    else:
        zenobia.admin.set_password(EMAIL, NEW_PASSWORD)

    token = zenobia.sign_in(EMAIL, NEW_PASSWORD).access_token
    with pytest.raises(InvalidCode):
        zenobia.accounts.change_address(token, code)
    assert read_addresses(tmp_path) == []


def test_change_ends_the_codes_that_the_old_address_received(zenobia: LocalAccounts) -> None:
    token = request(zenobia)
    zenobia.accounts.request_password_reset(EMAIL)
    reset = zenobia.read_code()

    zenobia.accounts.change_address(token, zenobia.read_code(NOBODY))

    with pytest.raises(InvalidCode):
        zenobia.accounts.reset_password(NOBODY, reset, NEW_PASSWORD)


def test_address_of_another_account_gets_a_notice_without_code_once_per_hour(
    zenobia: LocalAccounts, clock: StoppedClock
) -> None:
    zenobia.add(OTHER)
    before = zenobia.count_mails(OTHER)

    for _ in range(2):
        request(zenobia, OTHER)

    assert zenobia.count_mails(OTHER) == before + 1
    assert zenobia.mail.list_mails(OTHER)[0].subject == "You already have a PixTag account"


def test_change_to_an_address_that_was_registered_meanwhile_raises_invalid_code(zenobia: LocalAccounts) -> None:
    token = request(zenobia)
    code = zenobia.read_code(NOBODY)
    zenobia.add(NOBODY)

    with pytest.raises(InvalidCode):
        zenobia.accounts.change_address(token, code)

    assert zenobia.accounts.get_account(token).email == EMAIL.lower()
    assert zenobia.sign_in(NOBODY).expires_in == 3600


def test_change_replaces_an_unconfirmed_account_with_the_address(zenobia: LocalAccounts) -> None:
    zenobia.accounts.register(NOBODY, NEW_PASSWORD, **NAMES)
    token = request(zenobia)

    zenobia.accounts.change_address(token, zenobia.read_code(NOBODY))

    assert [account.email for account in zenobia.admin.list_accounts()] == [NOBODY]
    with pytest.raises(InvalidCredentials):
        zenobia.sign_in(NOBODY, NEW_PASSWORD)


def test_sixth_request_in_an_hour_sends_no_code_and_the_fifth_stays_valid(
    zenobia: LocalAccounts, clock: StoppedClock
) -> None:
    for _ in range(MAX_CODES):
        request(zenobia)
    code = zenobia.read_code(NOBODY)
    token = request(zenobia, OTHER)

    assert zenobia.count_mails(OTHER) == 0
    zenobia.accounts.change_address(token, code)
    assert zenobia.accounts.get_account(token).email == NOBODY


def test_deletion_of_the_account_deletes_the_e_mails_to_all_its_addresses(zenobia: LocalAccounts) -> None:
    token = request(zenobia)
    zenobia.accounts.change_address(token, zenobia.read_code(NOBODY))
    zenobia.accounts.request_address(token, OTHER, PASSWORD)

    zenobia.accounts.delete_account(token)

    assert zenobia.mail.list_mails() == []
