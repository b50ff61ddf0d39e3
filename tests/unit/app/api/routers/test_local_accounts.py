"""Accounts on one machine, from the registration to the deletion."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.local.accounts import SqliteAccounts
from app.adapters.local.stores import LocalStores
from app.api.dependencies import provide
from app.domain.errors import Unavailable
from app.domain.mail import EmailState
from app.main import app
from app.settings import LocalSettings
from tests.support.local_accounts import EMAIL, NAMES, NEW_PASSWORD, NOBODY, PASSWORD

ADDRESS = EMAIL.lower()
ZENOBIA = {"email": EMAIL, "password": PASSWORD, **NAMES}


@pytest.fixture
def stores(tmp_path: Path) -> LocalStores:
    return LocalStores(LocalSettings(data=tmp_path))


@pytest.fixture
def client(stores: LocalStores, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(wiring, "stores", lambda: stores)
    app.dependency_overrides[provide(wiring.settings)] = lambda: stores.settings
    yield TestClient(app, headers={"X-PixTag": "1"}, raise_server_exceptions=False)
    app.dependency_overrides.clear()


def read_code(stores: LocalStores) -> str:
    return stores.mail.list_mails(ADDRESS)[0].body.partition(" ")[0]


def sign_in(client: TestClient, password: str = PASSWORD) -> int:
    """Sign in and send the access token from now on. Return the status."""
    response = client.post("/auth/session", json={"email": EMAIL, "password": password})
    if response.status_code == 200:
        client.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
    return response.status_code


@pytest.fixture
def zenobia(client: TestClient, stores: LocalStores) -> TestClient:
    """The client of Zenobia, who is signed in."""
    client.post("/auth/register", json=ZENOBIA)
    client.post("/auth/confirm", json={"email": EMAIL, "code": read_code(stores), "password": PASSWORD})
    assert sign_in(client) == 200
    return client


def test_sign_in_after_registration_requires_the_code_of_the_e_mail(client: TestClient, stores: LocalStores) -> None:
    registered = client.post("/auth/register", json=ZENOBIA)
    early = sign_in(client)
    wrong = client.post("/auth/confirm", json={"email": EMAIL, "code": "x", "password": PASSWORD})
    confirmed = client.post("/auth/confirm", json={"email": EMAIL, "code": read_code(stores), "password": PASSWORD})

    statuses = (registered.status_code, early, wrong.status_code, confirmed.status_code, sign_in(client))
    assert statuses == (202, 403, 400, 204, 200)
    assert client.get("/auth/me").json()["email_verified"] is True


@pytest.mark.parametrize("path", ["register", "resend", "forgot"])
def test_known_and_unknown_address_get_the_same_response(zenobia: TestClient, path: str) -> None:
    body = ZENOBIA if path == "register" else {}

    known, unknown = (zenobia.post(f"/auth/{path}", json={**body, "email": email}) for email in (EMAIL, NOBODY))

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.status_code == 202


def test_reset_with_code_replaces_the_forgotten_password(zenobia: TestClient, stores: LocalStores) -> None:
    zenobia.post("/auth/forgot", json={"email": EMAIL})
    new = {"email": EMAIL, "code": read_code(stores), "password": NEW_PASSWORD}
    weak = zenobia.post("/auth/reset", json=new | {"password": "weak"})
    reset = zenobia.post("/auth/reset", json=new)

    assert (weak.status_code, reset.status_code) == (422, 204)
    assert zenobia.get("/auth/me").status_code == 401
    assert [sign_in(zenobia, password) for password in (PASSWORD, NEW_PASSWORD)] == [401, 200]


def test_subscription_needs_no_confirmation(zenobia: TestClient) -> None:
    assert zenobia.post("/subscriptions", json={"query": "dog"}).status_code == 201

    body = zenobia.get("/subscriptions").json()
    assert (body["email"], body["mailbox"]) == ("confirmed", "http://testserver/mailbox")


def test_delete_me_removes_the_account_and_leaves_the_library_to_the_worker(
    zenobia: TestClient, stores: LocalStores
) -> None:
    zenobia.post("/subscriptions", json={"query": "dog"})
    owner = zenobia.get("/auth/me").json()["id"]

    responses = [zenobia.delete("/auth/me", params={"confirm": EMAIL.swapcase()}) for _ in range(2)]

    assert [response.status_code for response in responses] == [202, 401]
    assert "session" not in zenobia.cookies
    assert sign_in(zenobia) == 401
    assert stores.outbox.has_account_deletion(owner)
    assert stores.mail.state(owner) is EmailState.NONE
    assert stores.mail.list_mails(ADDRESS) == []


def test_delete_me_without_the_address_deletes_nothing(zenobia: TestClient) -> None:
    response = zenobia.delete("/auth/me", params={"confirm": NOBODY})

    assert response.status_code == 422
    assert sign_in(zenobia) == 200


def test_delete_me_that_fails_at_the_end_has_deleted_the_account(
    zenobia: TestClient, stores: LocalStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = zenobia.get("/auth/me").json()["id"]

    def fail(_self: SqliteAccounts, _token: str) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(SqliteAccounts, "delete_account", fail)
        failed = zenobia.delete("/auth/me", params={"confirm": EMAIL})

    assert (failed.status_code, stores.outbox.has_account_deletion(owner)) == (503, True)
    assert zenobia.delete("/auth/me", params={"confirm": EMAIL}).status_code == 401
    assert sign_in(zenobia) == 401
