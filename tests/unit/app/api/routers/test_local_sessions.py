"""Sessions on one machine, where each refresh replaces the refresh token."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.local.api_keys import SqliteApiKeys
from app.adapters.local.quotas import SqliteQuotas
from app.adapters.local.sessions import GRACE_SECONDS
from app.adapters.local.shares import SqliteShares
from app.api import auth
from app.api.dependencies import provide
from app.main import app
from app.settings import LocalSettings
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import EMAIL, NAMES, PASSWORD, LocalAccounts, make_accounts, patch_clock

LOGIN = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}
HEADERS = {"X-PixTag": "1"}


@pytest.fixture
def local(tmp_path: Path) -> LocalAccounts:
    local = make_accounts(tmp_path)
    local.add()
    return local


@pytest.fixture
def client(local: LocalAccounts) -> Iterator[TestClient]:
    quotas, api_keys = SqliteQuotas(local.database), SqliteApiKeys(local.database)
    shares = SqliteShares(local.database)
    app.dependency_overrides |= {
        provide(wiring.settings): LocalSettings,
        provide(wiring.accounts): lambda: local.accounts,
        provide(wiring.invitations): lambda: None,
        provide(wiring.token_issuer): lambda: local.accounts.token_issuer,
        provide(wiring.quotas): lambda: quotas,
        provide(wiring.api_keys): lambda: api_keys,
        provide(wiring.shares): lambda: shares,
    }
    yield TestClient(app, headers=HEADERS)
    app.dependency_overrides.clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def renew(client: TestClient, refresh_token: str) -> dict[str, object]:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    body: dict[str, object] = client.post("/auth/token", data=form).json()
    return body


def test_token_response_contains_the_new_refresh_token(client: TestClient) -> None:
    tokens = client.post("/auth/token", data=LOGIN).json()

    renewed = renew(client, tokens["refresh_token"])

    assert renewed.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert "access_token" in renew(client, str(renewed["refresh_token"]))


def test_session_refresh_sets_the_cookie_again_with_its_protection(client: TestClient) -> None:
    first = client.post("/auth/session", json=CREDENTIALS)

    refreshed = client.post("/auth/session/refresh")

    name, *attributes = refreshed.headers["Set-Cookie"].split("; ")
    assert name == f"session={refreshed.cookies['session']}"
    assert refreshed.cookies["session"] not in {"", first.cookies["session"]}
    assert set(attributes) == {"HttpOnly", "Max-Age=2592000", "Path=/auth/session", "SameSite=strict"}
    assert refreshed.json().keys() == {"access_token", "token_type", "expires_in"}
    assert refreshed.cookies["session"] not in refreshed.text


@pytest.mark.parametrize(("url", "is_secure"), [("https://photos.example.com", True), ("http://photos.lan", False)])
def test_cookie_is_secure_if_the_public_address_is_https(
    client: TestClient,
    url: str,
    is_secure: bool,  # noqa: FBT001 - a case
) -> None:
    app.dependency_overrides[provide(wiring.settings)] = lambda: LocalSettings(url=url)

    first = client.post("/auth/session", json=CREDENTIALS)
    refreshed = client.post("/auth/session/refresh", headers={"Cookie": f"session={first.cookies['session']}"})

    cookies = [response.headers["Set-Cookie"] for response in (first, refreshed)]
    assert ["; Secure" in cookie for cookie in cookies] == [is_secure] * 2


def refresh_with(client: TestClient, cookie: str) -> tuple[int, str | None]:
    """Return the status and the cookie of a refresh with this cookie."""
    response = TestClient(app, headers=HEADERS | {"Cookie": f"session={cookie}"}).post("/auth/session/refresh")
    return response.status_code, response.cookies.get("session")


def test_two_tabs_that_refresh_at_the_same_time_get_the_same_cookie(client: TestClient) -> None:
    cookie = client.post("/auth/session", json=CREDENTIALS).cookies["session"]

    with ThreadPoolExecutor(2) as executor:
        first, second = executor.map(lambda _: refresh_with(client, cookie), range(2))

    assert first == second
    assert first[0] == 200


def test_stolen_cookie_ends_the_session(client: TestClient, clock: StoppedClock) -> None:
    stolen = client.post("/auth/session", json=CREDENTIALS).cookies["session"]
    _, current = refresh_with(client, stolen)
    clock.ahead = GRACE_SECONDS + 2

    thief = TestClient(app, headers=HEADERS | {"Cookie": f"session={stolen}"})
    response = thief.post("/auth/session/refresh")

    assert (response.status_code, response.json()["type"]) == (401, "urn:pixtag:session-ended")
    assert response.headers["Set-Cookie"].startswith('session=""; ')
    assert refresh_with(client, current or "")[0] == 401


def test_sign_out_ends_the_session_and_get_me_rejects_its_token(client: TestClient) -> None:
    token = client.post("/auth/session", json=CREDENTIALS).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"

    before = client.get("/auth/me")
    signed_out = client.delete("/auth/session")
    after = client.get("/auth/me")

    expected = {"email": EMAIL.lower(), **NAMES, "email_verified": True, "is_admin": True, "can_invite": False}
    assert before.json() == {"id": before.json()["id"]} | expected
    assert (signed_out.status_code, after.status_code) == (204, 401)


def test_sign_in_after_too_many_failures_returns_429_for_every_address(client: TestClient, clock: StoppedClock) -> None:
    def fail(email: str) -> list[int]:
        return [client.post("/auth/session", json={"email": email, "password": "wrong"}).status_code for _ in range(6)]

    expected = [*[401] * 5, 429]
    assert fail(EMAIL) == fail("nobody@example.com") == expected
    response = client.post("/auth/token", data=LOGIN)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "1"


def test_key_set_of_the_issuer_is_shared_between_requests(client: TestClient, local: LocalAccounts) -> None:
    issuer = local.accounts.token_issuer

    assert auth.key_set(issuer) is auth.key_set(local.accounts.token_issuer)
