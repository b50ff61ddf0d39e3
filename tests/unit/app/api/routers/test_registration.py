"""Closed registration, invitations and the end of sessions over HTTP, on one machine."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.local import signing_key
from app.adapters.local.stores import LocalStores
from app.api.dependencies import provide
from app.main import app
from app.settings import LocalSettings
from tests.support.local_accounts import EMAIL, NAMES, NEW_PASSWORD, NOBODY, PASSWORD, patch_clock
from tests.support.tokens import private_key

ZENOBIA = {"email": EMAIL, "password": PASSWORD, **NAMES}
GUEST = {"email": NOBODY, "password": PASSWORD, **NAMES}


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStores:
    """The stores of a PixTag with closed registration."""
    monkeypatch.setattr(signing_key, "_generate_key", private_key)  # generating a key takes longer than the tests
    stores = LocalStores(LocalSettings(data=tmp_path, registration="closed"))
    stores.account_admin.add(EMAIL, PASSWORD, **NAMES)
    return stores


@pytest.fixture
def client(stores: LocalStores, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(wiring, "stores", lambda: stores)
    app.dependency_overrides[provide(wiring.settings)] = lambda: stores.settings
    yield TestClient(app, headers={"X-PixTag": "1"})
    app.dependency_overrides.clear()


def sign_in(client: TestClient, email: str = EMAIL, password: str = PASSWORD) -> dict[str, str]:
    """Sign in. Return the header with the access token."""
    response = client.post("/auth/session", json={"email": email, "password": password}).raise_for_status()
    return {"Authorization": f"Bearer {response.json()['access_token']}"}


@pytest.fixture
def zenobia(client: TestClient) -> TestClient:
    """The client of Zenobia, the administrator."""
    client.headers |= sign_in(client)
    return client


def invite(zenobia: TestClient) -> str:
    """Invite the guest, and return the token of the invitation."""
    body = zenobia.post("/auth/me/invitations", json={"email": NOBODY}).raise_for_status().json()
    fields = parse_qs(urlsplit(body["link"]).fragment)
    assert (body["link"].partition("#")[0], fields["email"]) == ("http://testserver/register", [NOBODY])
    return str(fields["invitation"][0])


def test_closed_registration_is_refused_and_announced(client: TestClient) -> None:
    response = client.post("/auth/register", json=GUEST)

    problem = response.json()
    assert (response.status_code, problem["type"]) == (403, "urn:pixtag:registration-closed")
    assert problem["detail"].startswith("Registration is closed.")
    assert client.get("/health").json()["registration"] == "closed"


def test_invited_guest_registers_and_cannot_invite(zenobia: TestClient, stores: LocalStores) -> None:
    token = invite(zenobia)
    wrong = zenobia.post("/auth/register", json=GUEST | {"invitation": "wrong"})
    registered = zenobia.post("/auth/register", json=GUEST | {"invitation": token})
    code = stores.mail.list_mails(NOBODY)[0].body.partition(" ")[0]
    zenobia.post("/auth/confirm", json={"email": NOBODY, "code": code, "password": PASSWORD}).raise_for_status()
    used = zenobia.post("/auth/register", json=GUEST | {"invitation": token})

    assert (wrong.status_code, registered.status_code, used.status_code) == (403, 202, 403)
    assert wrong.json() == used.json()
    assert wrong.json()["type"] == "urn:pixtag:invalid-invitation"
    assert zenobia.get("/auth/me").json()["can_invite"] is True
    guest = sign_in(zenobia, NOBODY)
    assert zenobia.get("/auth/me", headers=guest).json()["can_invite"] is False
    refused = zenobia.post("/auth/me/invitations", json={"email": EMAIL}, headers=guest)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:pixtag:not-administrator")


def test_administrator_of_an_open_pixtag_needs_no_invitations(zenobia: TestClient, stores: LocalStores) -> None:
    stores.settings = LocalSettings(data=stores.settings.data)

    assert zenobia.get("/auth/me").json()["can_invite"] is False
    assert zenobia.get("/health").json()["registration"] == "open"


def test_link_of_an_invitation_has_the_public_address(zenobia: TestClient, stores: LocalStores) -> None:
    stores.settings = LocalSettings(data=stores.settings.data, url="https://photos.example.com")

    response = zenobia.post("/auth/me/invitations", json={"email": NOBODY}, headers={"Host": "photos.example.com"})

    assert response.json()["link"].startswith("https://photos.example.com/register#")


def count_accepted(client: TestClient, *headers: dict[str, str]) -> int:
    """Return how many of the access tokens a route without the account accepts."""
    return [client.get("/images", headers=header).status_code for header in headers].count(200)


def test_new_password_ends_all_sessions_at_once(client: TestClient) -> None:
    first, second = sign_in(client), sign_in(client)
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    before = count_accepted(client, first, second)

    wrong = client.put("/auth/me/password", json=body | {"old_password": "wrong"}, headers=first)
    still = count_accepted(client, first, second)
    changed = client.put("/auth/me/password", json=body, headers=first)

    assert (wrong.status_code, wrong.json()["type"]) == (403, "urn:pixtag:wrong-password")
    assert (changed.status_code, before, still, count_accepted(client, first, second)) == (204, 2, 2, 0)
    assert "session" not in client.cookies
    assert count_accepted(client, sign_in(client, password=NEW_PASSWORD)) == 1


def test_sign_out_everywhere_ends_all_sessions_at_once(client: TestClient) -> None:
    first, second = sign_in(client), sign_in(client)
    stolen = client.cookies["session"]

    response = client.delete("/auth/me/sessions", headers=first)

    assert (response.status_code, count_accepted(client, first, second)) == (204, 0)
    assert "session" not in client.cookies
    assert client.post("/auth/session/refresh", headers={"Cookie": f"session={stolen}"}).status_code == 401
    assert count_accepted(client, sign_in(client)) == 1


def test_sign_out_ends_only_its_own_session_at_once(client: TestClient) -> None:
    first, second = sign_in(client), sign_in(client)

    client.delete("/auth/session")

    assert [count_accepted(client, header) for header in (first, second)] == [1, 0]


def test_attempts_to_guess_the_current_password_are_limited(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch_clock(monkeypatch)  # the first wait is one second
    header, body = sign_in(client), {"old_password": "wrong", "new_password": NEW_PASSWORD}

    statuses = [client.put("/auth/me/password", json=body, headers=header).status_code for _ in range(6)]

    assert statuses == [403] * 5 + [429]
