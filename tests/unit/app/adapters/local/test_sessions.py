import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from jose import jwt

from app.adapters.local.sessions import GRACE_SECONDS, SESSION_SECONDS
from app.api.routers import sessions as sessions_router
from app.domain.accounts import Tokens
from app.domain.errors import SessionEnded
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import EMAIL, LocalAccounts, make_accounts, patch_clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def has_ended(local: LocalAccounts, tokens: Tokens) -> bool:
    try:
        local.refresh(tokens)
    except SessionEnded:
        return True
    return False


def test_access_token_has_the_claims_of_cognito(zenobia: LocalAccounts) -> None:
    tokens = zenobia.sign_in()

    claims = jwt.get_unverified_claims(tokens.access_token)

    owner, issuer = zenobia.admin.find_owner(EMAIL), zenobia.accounts.token_issuer
    assert claims == {
        "sub": owner,
        "username": owner,
        "iss": issuer.issuer,
        "client_id": issuer.client_id,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "auth_time": claims["iat"],
        "iat": claims["exp"] - 3600,
        "exp": claims["exp"],
        "jti": claims["jti"],
        "origin_jti": claims["origin_jti"],
    }
    assert claims["jti"] != claims["origin_jti"]


def test_refresh_replaces_the_refresh_token_and_keeps_the_session(zenobia: LocalAccounts, clock: StoppedClock) -> None:
    first = zenobia.sign_in()
    clock.ahead = 100

    second = zenobia.refresh(first)

    before, after = (jwt.get_unverified_claims(tokens.access_token) for tokens in (first, second))
    assert first.refresh_token != second.refresh_token
    assert {name for name in before if before[name] != after[name]} == {"iat", "exp", "jti"}


def test_concurrent_refreshes_return_the_same_refresh_token(zenobia: LocalAccounts) -> None:
    tokens = zenobia.sign_in()

    with ThreadPoolExecutor(8) as executor:
        refreshed = list(executor.map(lambda _: zenobia.refresh(tokens), range(8)))

    assert len({each.refresh_token for each in refreshed}) == 1
    assert len({each.access_token for each in refreshed}) == 8
    assert not has_ended(zenobia, refreshed[0])


@pytest.mark.parametrize("seconds", [-GRACE_SECONDS + 1, 0, GRACE_SECONDS - 1])
def test_refresh_with_token_that_was_just_replaced_returns_the_current_one(
    zenobia: LocalAccounts, clock: StoppedClock, seconds: int
) -> None:
    first = zenobia.sign_in()
    current = zenobia.refresh(zenobia.refresh(first))
    clock.ahead = seconds

    assert zenobia.refresh(first).refresh_token == current.refresh_token
    assert not has_ended(zenobia, current)


@pytest.mark.parametrize("seconds", [GRACE_SECONDS + 2, -GRACE_SECONDS - 2])
def test_refresh_with_token_that_was_replaced_earlier_ends_the_session(
    zenobia: LocalAccounts, clock: StoppedClock, caplog: pytest.LogCaptureFixture, seconds: int
) -> None:
    stolen, other = zenobia.sign_in(), zenobia.sign_in()
    current = zenobia.refresh(stolen)
    clock.ahead = seconds

    results = [has_ended(zenobia, tokens) for tokens in (stolen, current, stolen, other)]

    assert results == [True, True, True, False]
    assert caplog.messages == ["a session was ended, because a replaced refresh token was used again"]


def test_session_ends_30_days_after_the_sign_in(zenobia: LocalAccounts, clock: StoppedClock) -> None:
    tokens = zenobia.sign_in()
    clock.ahead = SESSION_SECONDS - 5
    tokens = zenobia.refresh(tokens)
    clock.ahead = SESSION_SECONDS

    assert has_ended(zenobia, tokens)
    assert sessions_router.SESSION_SECONDS == SESSION_SECONDS


@pytest.mark.parametrize("pick", [lambda first, second: first, lambda first, second: second])
def test_revoke_with_any_refresh_token_of_a_session_ends_only_this_session(
    zenobia: LocalAccounts, pick: Callable[[Tokens, Tokens], Tokens]
) -> None:
    first, other = zenobia.sign_in(), zenobia.sign_in()
    second = zenobia.refresh(first)

    for _ in range(2):
        zenobia.accounts.revoke(pick(first, second).refresh_token)

    assert [has_ended(zenobia, tokens) for tokens in (first, second, other)] == [True, True, False]


@pytest.mark.parametrize("token", ["", "x", "\ud800", "é"])
def test_revoke_and_refresh_with_invalid_token_change_nothing(zenobia: LocalAccounts, token: str) -> None:
    tokens = zenobia.sign_in()

    zenobia.accounts.revoke(token)
    assert has_ended(zenobia, Tokens("", 0, token))

    assert not has_ended(zenobia, tokens)


def test_sign_in_deletes_expired_sessions(zenobia: LocalAccounts, clock: StoppedClock, tmp_path: Path) -> None:
    for _ in range(3):
        zenobia.refresh(zenobia.sign_in())
    clock.ahead = SESSION_SECONDS

    zenobia.sign_in()

    with closing(sqlite3.connect(tmp_path / "pixtag.db")) as connection:
        counts = connection.execute("SELECT (SELECT count(*) FROM session), count(*) FROM refresh_token").fetchone()
    assert counts == (1, 1)


def test_tokens_of_other_processes_and_after_a_restart_are_accepted(zenobia: LocalAccounts, tmp_path: Path) -> None:
    tokens = zenobia.sign_in()

    restarted = make_accounts(tmp_path)

    assert restarted.accounts.get_account(tokens.access_token).email == EMAIL.lower()
    assert restarted.refresh(tokens).refresh_token == zenobia.refresh(tokens).refresh_token


def test_refresh_and_revoke_log_no_token(zenobia: LocalAccounts, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = zenobia.sign_in()
    refreshed = zenobia.refresh(tokens)
    zenobia.accounts.revoke(refreshed.refresh_token)
    has_ended(zenobia, tokens)

    secrets = (tokens.access_token, tokens.refresh_token, refreshed.refresh_token)
    assert [secret for secret in secrets if secret in caplog.text] == []
