"""API keys, from their creation to the revocation, on AWS and on one machine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.domain import quotas
from app.domain.api_keys import TOKENS
from app.main import app
from app.services import api_keys as service
from tests.support.fakes import FakeDetector
from tests.support.user_pool import EMAIL
from tests.support.wired_app import WiredApp, wire_app


@pytest.fixture(autouse=True)
def run_on_aws() -> None:
    """Let `wire_app` choose the settings."""


@pytest.fixture
def backend() -> str:
    return "local"


ON_BOTH = pytest.mark.parametrize("backend", ["aws", "local"])


@pytest.fixture
def pixtag(backend: str, tmp_path: Path) -> Iterator[WiredApp]:
    with wire_app(backend, tmp_path, FakeDetector()) as pixtag:
        yield pixtag


@pytest.fixture
def client(pixtag: WiredApp) -> TestClient:
    """The client of Ada, who is signed in."""
    return make_client(pixtag, pixtag.signer.sign(pixtag.add_person(EMAIL)))


def make_client(pixtag: WiredApp, token: str) -> TestClient:
    headers = {"Authorization": f"Bearer {token}"}
    return TestClient(app, pixtag.url, headers=headers, raise_server_exceptions=False, follow_redirects=False)


def create(client: TestClient, *scopes: str, **members: Any) -> dict[str, Any]:
    response = client.post("/keys", json={"name": "Phone", "scopes": scopes or ["read"], **members})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


@ON_BOTH
def test_key_is_shown_once_and_used_until_it_is_revoked(pixtag: WiredApp, client: TestClient) -> None:
    end = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    created = create(client, "upload", "read", "read", name="  My\u200b  phone ", expires_at=end.isoformat())
    program = make_client(pixtag, created["key"])

    used = program.get("/images")
    listed = client.get("/keys").json()["keys"]
    revoked = client.delete(f"/keys/{created['id']}")
    rejected = program.get("/images")

    today = datetime.now(UTC).date().isoformat()
    assert (used.status_code, revoked.status_code, rejected.status_code) == (200, 204, 401)
    assert (created["name"], created["scopes"], created["last_used"]) == ("My phone", ["read", "upload"], None)
    assert datetime.fromisoformat(created["expires_at"]) == end
    assert listed == [{name: value for name, value in created.items() if name != "key"} | {"last_used": today}]
    assert rejected.json()["type"] == "urn:pixtag:invalid-token"
    assert "API key" in rejected.json()["detail"]
    assert 'error="invalid_token"' in rejected.headers["WWW-Authenticate"]
    assert client.delete(f"/keys/{created['id']}").json()["type"] == "urn:pixtag:key-not-found"
    assert created["key"].rpartition("_")[2] not in str(pixtag.list_rows())


def test_token_that_differs_from_the_stored_one_is_rejected(pixtag: WiredApp, client: TestClient) -> None:
    grace = pixtag.add_person("grace@example.com")["sub"]
    created = create(client)
    address = TOKENS.parse(created["key"])
    assert address
    tokens = [
        TOKENS.make(address.owner, created["id"]),
        TOKENS.make(grace, created["id"]),
        created["key"][:-1],
        "pixtag_",
    ]

    statuses = [make_client(pixtag, token).get("/images").status_code for token in tokens]

    assert statuses == [401] * 4


def test_expired_key_is_rejected_and_stays_in_the_list(
    pixtag: WiredApp, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = create(client, expires_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    later = datetime.now(UTC) + timedelta(hours=2)

    monkeypatch.setattr(service, "datetime", SimpleNamespace(now=lambda _: later))

    assert make_client(pixtag, created["key"]).get("/images").status_code == 401
    assert [key["last_used"] for key in client.get("/keys").json()["keys"]] == [None]


def test_key_without_the_scope_gets_403_with_its_name(pixtag: WiredApp, client: TestClient) -> None:
    reader = make_client(pixtag, create(client, "read")["key"])

    refused = reader.post("/images/trash", json={"images": {"ids": []}})
    forbidden = reader.get("/keys")

    assert (refused.status_code, forbidden.status_code) == (403, 403)
    assert (refused.json()["type"], refused.json()["scope"]) == ("urn:pixtag:insufficient-scope", "edit")
    assert refused.headers["WWW-Authenticate"] == (
        'Bearer realm="PixTag", error="insufficient_scope", error_description="This API key lacks the scope `edit`.'
        ' Create a key with this scope.", scope="edit"'
    )
    assert forbidden.json()["type"] == "urn:pixtag:key-not-allowed"
    assert forbidden.headers["WWW-Authenticate"].startswith('Bearer realm="PixTag", error="insufficient_scope", ')
    assert "scope=" not in forbidden.headers["WWW-Authenticate"]


def test_invalid_key_returns_422(client: TestClient) -> None:
    faults: list[tuple[dict[str, Any], str]] = [
        ({"name": "\u200b"}, "body/name"),
        ({"name": "x" * 101}, "body/name"),
        ({"scopes": []}, "body/scopes"),
        ({"scopes": ["admin"]}, "body/scopes/0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "body/expires_at"),
        ({"expires_at": "2090-01-01"}, "body/expires_at"),
    ]
    valid = {"name": "Phone", "scopes": ["read"]}

    responses = [client.post("/keys", json=valid | body) for body, _ in faults]

    assert {response.status_code for response in responses} == {422}
    assert [response.json()["errors"][0]["pointer"] for response in responses] == [pointer for _, pointer in faults]
    assert client.get("/keys").json() == {"keys": []}


def test_number_of_keys_is_limited(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_KEYS", 1)
    create(client)

    response = client.post("/keys", json={"name": "Phone", "scopes": ["read"]})

    assert (response.status_code, response.json()["type"]) == (409, "urn:pixtag:too-many-keys")


@ON_BOTH
def test_requests_of_a_key_have_their_own_limit(pixtag: WiredApp, client: TestClient) -> None:
    wiring.quotas().limits = quotas.Limits(key_requests_per_minute=2)
    programs = [make_client(pixtag, create(client)["key"]) for _ in range(2)]

    statuses = [programs[number].get("/usage").status_code for number in (0, 0, 0, 1)]

    assert (statuses, client.get("/usage").status_code) == ([200, 200, 429, 200], 200)


@ON_BOTH
def test_deleted_account_ends_its_keys(pixtag: WiredApp, client: TestClient) -> None:
    program = make_client(pixtag, create(client)["key"])

    deleted = client.delete("/auth/me", params={"confirm": EMAIL})

    assert (deleted.status_code, program.get("/images").status_code) == (202, 401)
