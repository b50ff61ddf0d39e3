from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import pytest

from app.domain.accounts import Account, Tokens
from app.domain.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCode,
    InvalidCredentials,
    InvalidToken,
    SessionEnded,
    WrongPassword,
)
from app.domain.ports import Accounts
from tests.support.local_accounts import EMAIL, NAMES, NEW_PASSWORD, NOBODY, PASSWORD, make_accounts
from tests.support.user_pool import make_user_pool

NEW_ADDRESS = "Quill@Example.org"
RULES = r"^A password has at least 12 characters and no space at either end\.$"


@dataclass(frozen=True)
class Store:
    """The accounts, a function that ends a session, and functions that return the last code and a wrong code."""

    accounts: Accounts
    sign_out: Callable[[Tokens], object]
    read_code: Callable[..., str]
    make_wrong_code: Callable[[], str]

    def register(self, password: str = PASSWORD) -> None:
        self.accounts.register(EMAIL, password, **NAMES)

    def sign_in(self, password: str = PASSWORD) -> Tokens:
        return self.accounts.sign_in(EMAIL, password)


@pytest.fixture
def store(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if backend == "local":
        local = make_accounts(tmp_path)
        sign_out = local.accounts.revoke
        return Store(
            local.accounts, lambda tokens: sign_out(tokens.refresh_token), local.read_code, local.make_wrong_code
        )
    request.getfixturevalue("aws")
    cognito = boto3.client("cognito-idp")
    return Store(
        make_user_pool(cognito),
        lambda tokens: cognito.global_sign_out(AccessToken=tokens.access_token),
        lambda _email="": "123456",
        lambda: "moto-confirmation-code:wrong",
    )


@pytest.fixture
def confirmed(store: Store) -> Store:
    """The store with a confirmed account."""
    store.register()
    store.accounts.confirm(EMAIL, store.read_code(), PASSWORD)
    return store


def test_password_policy_contains_the_rules_of_the_template(store: Store) -> None:
    assert str(store.accounts.password_policy) == RULES.strip("^$").replace("\\", "")


def test_sign_in_with_upper_case_address_returns_tokens(confirmed: Store) -> None:
    tokens = confirmed.accounts.sign_in(EMAIL.upper(), PASSWORD)

    assert tokens.expires_in == 3600
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)


def test_sign_in_to_unconfirmed_account_raises_account_not_confirmed(store: Store) -> None:
    store.register()

    with pytest.raises(AccountNotConfirmed):
        store.sign_in()


@pytest.mark.parametrize(("email", "password"), [(NOBODY, PASSWORD), (EMAIL, "wrong")])
def test_sign_in_with_unknown_address_or_wrong_password_raises_the_same_error(
    confirmed: Store, email: str, password: str
) -> None:
    with pytest.raises(InvalidCredentials, match=r"^The e-mail address or the password is wrong\.$"):
        confirmed.accounts.sign_in(email, password)


def test_register_of_known_address_changes_nothing(confirmed: Store) -> None:
    confirmed.register(NEW_PASSWORD)

    with pytest.raises(InvalidCredentials):
        confirmed.sign_in(NEW_PASSWORD)
    assert confirmed.sign_in().expires_in == 3600


@pytest.mark.parametrize("email", [EMAIL, NOBODY])
def test_weak_password_raises_the_same_error_for_every_address(confirmed: Store, email: str) -> None:
    with pytest.raises(InvalidAccount, match=RULES):
        confirmed.accounts.register(email, "x" * 11, **NAMES)
    with pytest.raises(InvalidAccount, match=RULES):
        confirmed.accounts.reset_password(email, "123456", "x" * 12 + " ")


def test_reset_password_with_code_changes_the_password(confirmed: Store) -> None:
    confirmed.accounts.request_password_reset(EMAIL)
    confirmed.accounts.reset_password(EMAIL, confirmed.read_code(), NEW_PASSWORD)

    assert confirmed.sign_in(NEW_PASSWORD).expires_in == 3600
    with pytest.raises(InvalidCredentials):
        confirmed.sign_in()


def test_confirm_replaces_the_password_and_names_of_a_stranger(store: Store) -> None:
    store.accounts.register(EMAIL, NEW_PASSWORD, given_name="Mallory", family_name="M")
    store.register()
    store.accounts.register(EMAIL, NEW_PASSWORD, given_name="Mallory", family_name="M")

    store.accounts.confirm(EMAIL, store.read_code(), PASSWORD, **NAMES)

    account = store.accounts.get_account(store.sign_in().access_token)
    assert (account.given_name, account.family_name) == tuple(NAMES.values())
    with pytest.raises(InvalidCredentials):
        store.sign_in(NEW_PASSWORD)


def test_confirm_without_names_keeps_those_of_the_registration(store: Store) -> None:
    store.register(NEW_PASSWORD)

    store.accounts.confirm(EMAIL, store.read_code(), PASSWORD)

    account = store.accounts.get_account(store.sign_in().access_token)
    assert (account.given_name, account.family_name) == tuple(NAMES.values())


def test_confirm_with_weak_password_leaves_the_code_valid(store: Store) -> None:
    store.register()

    with pytest.raises(InvalidAccount, match=RULES):
        store.accounts.confirm(EMAIL, store.read_code(), "weak")

    store.accounts.confirm(EMAIL, store.read_code(), PASSWORD)
    assert store.sign_in().expires_in == 3600


def assert_ended(store: Store, *sessions: Tokens) -> None:
    """Assert that all tokens of the sessions are revoked."""
    for tokens in sessions:
        with pytest.raises(SessionEnded):
            store.accounts.refresh(tokens.refresh_token)
        with pytest.raises(InvalidToken, match="revoked"):
            store.accounts.get_account(tokens.access_token)


def test_reset_password_ends_all_sessions(confirmed: Store) -> None:
    sessions = [confirmed.sign_in(), confirmed.sign_in()]
    confirmed.accounts.request_password_reset(EMAIL)

    confirmed.accounts.reset_password(EMAIL, confirmed.read_code(), NEW_PASSWORD)

    assert_ended(confirmed, *sessions)


def test_change_password_replaces_it_and_ends_all_sessions(confirmed: Store) -> None:
    sessions = [confirmed.sign_in(), confirmed.sign_in()]

    confirmed.accounts.change_password(sessions[0].access_token, PASSWORD, NEW_PASSWORD)

    assert_ended(confirmed, *sessions)
    with pytest.raises(InvalidCredentials):
        confirmed.sign_in()
    assert confirmed.sign_in(NEW_PASSWORD).expires_in == 3600


@pytest.mark.parametrize(
    ("old", "new", "error"), [("wrong", NEW_PASSWORD, WrongPassword), (PASSWORD, "weak", InvalidAccount)]
)
def test_change_password_with_wrong_or_weak_password_changes_nothing(
    confirmed: Store, old: str, new: str, error: type[Exception]
) -> None:
    tokens = confirmed.sign_in()

    with pytest.raises(error):
        confirmed.accounts.change_password(tokens.access_token, old, new)

    assert confirmed.accounts.get_account(tokens.access_token).email == EMAIL.lower()
    assert confirmed.sign_in().expires_in == 3600


def test_end_sessions_ends_all_sessions(confirmed: Store) -> None:
    sessions = [confirmed.sign_in(), confirmed.sign_in()]

    confirmed.accounts.end_sessions(sessions[0].access_token)

    assert_ended(confirmed, *sessions)
    assert confirmed.accounts.get_account(confirmed.sign_in().access_token).email == EMAIL.lower()


def test_change_password_and_end_sessions_after_sign_out_raise_invalid_token(confirmed: Store) -> None:
    tokens = confirmed.sign_in()
    confirmed.sign_out(tokens)

    with pytest.raises(InvalidToken, match="revoked"):
        confirmed.accounts.change_password(tokens.access_token, PASSWORD, NEW_PASSWORD)
    with pytest.raises(InvalidToken, match="revoked"):
        confirmed.accounts.end_sessions(tokens.access_token)
    assert confirmed.sign_in().expires_in == 3600


def test_change_names_replaces_only_the_given_names(confirmed: Store) -> None:
    tokens = confirmed.sign_in()

    confirmed.accounts.change_names(tokens.access_token, given_name="Grace")
    confirmed.accounts.change_names(tokens.access_token, family_name="Hopper")

    account = confirmed.accounts.get_account(tokens.access_token)
    assert (account.given_name, account.family_name, account.email) == ("Grace", "Hopper", EMAIL.lower())


def test_change_address_with_code_replaces_the_address(confirmed: Store) -> None:
    tokens = confirmed.sign_in()
    confirmed.accounts.request_address(tokens.access_token, NEW_ADDRESS, PASSWORD)
    assert confirmed.sign_in().expires_in == 3600

    confirmed.accounts.change_address(tokens.access_token, confirmed.read_code(NEW_ADDRESS))

    tokens = confirmed.accounts.sign_in(NEW_ADDRESS, PASSWORD)
    assert confirmed.accounts.get_account(tokens.access_token).email == NEW_ADDRESS.lower()
    with pytest.raises(InvalidCredentials):
        confirmed.sign_in()


def test_request_address_with_wrong_password_changes_nothing(confirmed: Store) -> None:
    tokens = confirmed.sign_in()

    with pytest.raises(WrongPassword):
        confirmed.accounts.request_address(tokens.access_token, NEW_ADDRESS, "wrong")
    with pytest.raises(InvalidCode):
        confirmed.accounts.change_address(tokens.access_token, "123456")

    assert confirmed.accounts.get_account(tokens.access_token).email == EMAIL.lower()


def test_request_address_of_another_account_says_nothing_and_changes_nothing(confirmed: Store) -> None:
    confirmed.accounts.register(NEW_ADDRESS, PASSWORD, **NAMES)
    confirmed.accounts.confirm(NEW_ADDRESS, confirmed.read_code(NEW_ADDRESS), PASSWORD)
    tokens = confirmed.sign_in()

    confirmed.accounts.request_address(tokens.access_token, NEW_ADDRESS, PASSWORD)

    with pytest.raises(InvalidCode):
        confirmed.accounts.change_address(tokens.access_token, "123456")
    assert confirmed.accounts.sign_in(NEW_ADDRESS, PASSWORD).expires_in == 3600


def test_changes_of_the_account_after_sign_out_raise_invalid_token(confirmed: Store) -> None:
    tokens = confirmed.sign_in()
    confirmed.sign_out(tokens)

    with pytest.raises(InvalidToken, match="revoked"):
        confirmed.accounts.change_names(tokens.access_token, given_name="Grace")
    with pytest.raises(InvalidToken, match="revoked"):
        confirmed.accounts.request_address(tokens.access_token, NEW_ADDRESS, PASSWORD)
    with pytest.raises(InvalidToken, match="revoked"):
        confirmed.accounts.change_address(tokens.access_token, "123456")


def test_reset_password_with_wrong_code_changes_nothing(confirmed: Store) -> None:
    confirmed.accounts.request_password_reset(EMAIL)

    with pytest.raises(InvalidCode):
        confirmed.accounts.reset_password(EMAIL, confirmed.make_wrong_code(), NEW_PASSWORD)

    assert confirmed.sign_in().expires_in == 3600


def test_refresh_returns_another_access_token(confirmed: Store) -> None:
    tokens = confirmed.sign_in()

    access_tokens = [confirmed.accounts.refresh(tokens.refresh_token) for _ in range(2)]

    assert len({tokens.access_token, *(each.access_token for each in access_tokens)}) == 3
    assert [each.expires_in for each in access_tokens] == [3600, 3600]
    assert access_tokens[0].access_token not in repr(access_tokens)


@pytest.mark.parametrize("token", ["", "x", "no such token"])
def test_refresh_with_invalid_token_raises_session_ended(confirmed: Store, token: str) -> None:
    with pytest.raises(SessionEnded):
        confirmed.accounts.refresh(token)


def test_get_account_returns_the_account_of_the_access_token(confirmed: Store) -> None:
    account = confirmed.accounts.get_account(confirmed.sign_in().access_token)

    # moto does not verify the address of a confirmed account. On one machine, the first person is the administrator.
    assert replace(account, email_verified=True, is_admin=False) == Account(
        EMAIL.lower(), NAMES["given_name"], NAMES["family_name"], email_verified=True
    )
    assert EMAIL.lower() not in repr(account)


def test_get_account_after_sign_out_raises_invalid_token(confirmed: Store) -> None:
    tokens = confirmed.sign_in()
    confirmed.sign_out(tokens)

    with pytest.raises(InvalidToken, match="revoked"):
        confirmed.accounts.get_account(tokens.access_token)


def test_delete_account_twice_succeeds_and_prevents_sign_in(confirmed: Store) -> None:
    tokens = confirmed.sign_in()

    for _ in range(2):
        confirmed.accounts.delete_account(tokens.access_token)

    with pytest.raises(InvalidCredentials):
        confirmed.sign_in()
    with pytest.raises(InvalidToken, match="revoked"):
        confirmed.accounts.get_account(tokens.access_token)
