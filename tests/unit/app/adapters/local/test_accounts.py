import sqlite3
from contextlib import closing
from pathlib import Path

import argon2
import pytest

from app.adapters.local.account_rows import UNCONFIRMED_SECONDS
from app.adapters.local.accounts import SqliteAccounts
from app.adapters.local.sign_in_limits import FREE_ATTEMPTS
from app.domain.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCredentials,
    InvalidToken,
    SessionEnded,
    WrongPassword,
)
from app.domain.passwords import Passwords
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import (
    EMAIL,
    NEW_PASSWORD,
    NOBODY,
    PASSWORD,
    LocalAccounts,
    find_error,
    make_accounts,
    patch_clock,
)
from tests.support.template import resource_properties

HOUR = 3600
UNCONFIRMED = "yorick@example.com"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def test_e_mail_with_code_has_the_text_of_the_template(local: LocalAccounts) -> None:
    local.register()

    template = resource_properties("UserPool")["VerificationMessageTemplate"]
    (mail,) = local.mail.list_mails()
    assert (mail.to, mail.subject) == (EMAIL.lower(), template["EmailSubject"])
    assert mail.body == template["EmailMessage"].replace("{####}", local.read_code())


@pytest.mark.parametrize(
    "email",
    [
        "<z@example.com>",
        "a,b@example.com",
        "z@example.com\0",
        "z@[example].com",
        "z@example.com,y@example.com",
        "\udcff@example.com",
    ],
)
def test_register_with_address_that_no_e_mail_can_have_raises_invalid_account(local: LocalAccounts, email: str) -> None:
    with pytest.raises(InvalidAccount, match=r"^This is not an e-mail address\."):
        local.register(email)


def test_register_deletes_accounts_that_were_not_confirmed_in_a_week(local: LocalAccounts, clock: StoppedClock) -> None:
    local.add()
    local.register(UNCONFIRMED)
    clock.ahead += UNCONFIRMED_SECONDS + 1

    local.register(NOBODY)

    assert [account.email for account in local.admin.list_accounts()] == [EMAIL.lower(), NOBODY]


@pytest.mark.parametrize("email", ["z@xn--exmple-cua.com", "z+photos@example.com", '"z q"@example.com'])
def test_register_with_unusual_address_sends_a_code(local: LocalAccounts, email: str) -> None:
    local.add(email)

    assert local.sign_in(email).expires_in == HOUR


def test_database_contains_no_password_and_no_token(zenobia: LocalAccounts, tmp_path: Path) -> None:
    tokens = zenobia.sign_in()
    zenobia.refresh(tokens)

    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert EMAIL.lower().encode() in data
    assert [each for each in (PASSWORD, tokens.refresh_token, tokens.access_token) if each.encode() in data] == []


def test_sign_in_with_outdated_hash_renews_the_hash(zenobia: LocalAccounts, tmp_path: Path) -> None:
    stronger = Passwords(argon2.Parameters(argon2.Type.ID, 19, 16, 32, 2, 16, 1))
    accounts = SqliteAccounts(zenobia.database, zenobia.mail, stronger)

    for _ in range(2):
        assert accounts.sign_in(EMAIL, PASSWORD).expires_in == HOUR

    assert read_password_hash(tmp_path).startswith("$argon2id$v=19$m=16,t=2,p=1$")


def read_password_hash(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "pixtag.db")) as connection:
        password_hash: str = connection.execute("SELECT password_hash FROM account").fetchone()[0]
        return password_hash


@pytest.mark.parametrize("is_deleted", [True, False])
def test_sign_in_while_the_account_changes_raises_invalid_credentials(
    zenobia: LocalAccounts,
    monkeypatch: pytest.MonkeyPatch,
    is_deleted: bool,  # noqa: FBT001 - a case
) -> None:
    verify = Passwords.verify

    def verify_and_change(self: Passwords, password_hash: str | None, password: str) -> bool:
        is_correct = verify(self, password_hash, password)
        if is_deleted:
            zenobia.admin.delete(zenobia.admin.find_owner(EMAIL))
        else:
            zenobia.admin.set_password(EMAIL, NEW_PASSWORD)
        return is_correct

    monkeypatch.setattr(Passwords, "verify", verify_and_change)

    with pytest.raises(InvalidCredentials):
        zenobia.sign_in()


def test_change_password_while_another_request_changes_it_raises_wrong_password(
    zenobia: LocalAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = zenobia.sign_in()
    verify = Passwords.verify

    def verify_and_change(self: Passwords, password_hash: str | None, password: str) -> bool:
        is_correct = verify(self, password_hash, password)
        zenobia.admin.set_password(EMAIL, NEW_PASSWORD)
        return is_correct

    with monkeypatch.context() as patch:
        patch.setattr(Passwords, "verify", verify_and_change)
        with pytest.raises(WrongPassword):
            zenobia.accounts.change_password(tokens.access_token, PASSWORD, "a third good password")

    assert zenobia.sign_in(EMAIL, NEW_PASSWORD).expires_in == HOUR


def test_register_again_before_confirmation_replaces_the_password_and_sends_a_new_code(local: LocalAccounts) -> None:
    local.register(EMAIL, NEW_PASSWORD)
    local.register()

    assert local.count_mails() == 2
    assert find_error(local.sign_in, EMAIL, NEW_PASSWORD) == find_error(local.sign_in, NOBODY, "wrong")
    with pytest.raises(AccountNotConfirmed):
        local.sign_in()


def test_register_with_address_of_account_sends_one_notice_per_hour(
    zenobia: LocalAccounts, clock: StoppedClock
) -> None:
    zenobia.register(EMAIL, NEW_PASSWORD)
    zenobia.register(EMAIL.upper(), NEW_PASSWORD)

    mail, _ = zenobia.mail.list_mails()
    assert (mail.to, mail.subject) == (EMAIL.lower(), "You already have a PixTag account")
    assert "Forgot your password?" in mail.body
    clock.ahead += HOUR
    zenobia.register(EMAIL, NEW_PASSWORD)
    assert zenobia.count_mails() == 3
    assert zenobia.sign_in().expires_in == HOUR


@pytest.mark.parametrize("operation", ["change_password", "end_sessions"])
def test_refresh_tokens_of_ended_sessions_are_invalid(zenobia: LocalAccounts, operation: str) -> None:
    sessions = [zenobia.sign_in(), zenobia.sign_in()]
    arguments = {"change_password": (PASSWORD, NEW_PASSWORD), "end_sessions": ()}[operation]

    getattr(zenobia.accounts, operation)(sessions[0].access_token, *arguments)

    assert {find_error(zenobia.refresh, tokens) for tokens in sessions} == {find_error(zenobia.accounts.refresh, "")}


def test_sign_in_to_unconfirmed_account_with_wrong_password_raises_invalid_credentials(local: LocalAccounts) -> None:
    local.register()

    assert find_error(local.sign_in, EMAIL, "wrong") == find_error(local.sign_in, NOBODY, "wrong")
    with pytest.raises(AccountNotConfirmed):
        local.sign_in()


def test_reset_password_ends_the_sessions_and_the_wait(zenobia: LocalAccounts) -> None:
    tokens = zenobia.sign_in()
    zenobia.accounts.request_password_reset(EMAIL)
    for _ in range(FREE_ATTEMPTS):
        find_error(zenobia.sign_in, EMAIL, "wrong")

    zenobia.accounts.reset_password(EMAIL, zenobia.read_code(), NEW_PASSWORD)

    assert zenobia.sign_in(EMAIL, NEW_PASSWORD).expires_in == HOUR
    with pytest.raises(SessionEnded):
        zenobia.refresh(tokens)
    with pytest.raises(InvalidToken):
        zenobia.accounts.get_account(tokens.access_token)


def test_get_account_with_token_of_another_installation_raises_invalid_token(
    zenobia: LocalAccounts, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = make_accounts(tmp_path / "other")
    other.add()

    with pytest.raises(InvalidToken):
        zenobia.accounts.get_account(other.sign_in().access_token)


def test_delete_account_after_sign_out_raises_invalid_token_and_deletes_nothing(zenobia: LocalAccounts) -> None:
    tokens = zenobia.sign_in()
    zenobia.accounts.revoke(tokens.refresh_token)

    with pytest.raises(InvalidToken, match="revoked"):
        zenobia.accounts.delete_account(tokens.access_token)

    assert zenobia.sign_in().expires_in == HOUR


def test_delete_account_leaves_no_trace_of_it_and_keeps_others(zenobia: LocalAccounts, tmp_path: Path) -> None:
    zenobia.add(UNCONFIRMED)
    zenobia.accounts.request_password_reset(EMAIL)
    tokens = zenobia.sign_in()

    zenobia.accounts.delete_account(tokens.access_token)

    with closing(sqlite3.connect(tmp_path / "pixtag.db")) as connection:
        text = "\n".join(connection.iterdump())
    assert EMAIL.lower() not in text
    assert zenobia.sign_in(UNCONFIRMED).expires_in == HOUR


def test_registration_after_deletion_creates_another_owner(zenobia: LocalAccounts) -> None:
    owner = zenobia.admin.find_owner(EMAIL)
    zenobia.accounts.delete_account(zenobia.sign_in().access_token)

    zenobia.add()

    assert zenobia.admin.find_owner(EMAIL) != owner


def list_administrators(local: LocalAccounts) -> list[str]:
    return [account.email for account in local.admin.list_accounts() if account.is_admin]


def test_first_confirmed_account_is_the_administrator(local: LocalAccounts) -> None:
    local.register(UNCONFIRMED)
    before = list_administrators(local)
    local.add(EMAIL)
    local.accounts.confirm(UNCONFIRMED, local.read_code(UNCONFIRMED), PASSWORD)

    assert (before, list_administrators(local)) == ([], [EMAIL.lower()])


def test_deletion_of_the_administrator_appoints_the_account_that_was_confirmed_next(
    zenobia: LocalAccounts, clock: StoppedClock
) -> None:
    for name in ("b", "a"):
        clock.ahead += 1
        zenobia.add(f"{name}@example.com")

    zenobia.accounts.delete_account(zenobia.sign_in().access_token)

    assert list_administrators(zenobia) == ["b@example.com"]
