"""Shares, from their creation to the deletion, on AWS and on one machine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.domain.albums import Album
from app.domain.ids import new_id
from app.domain.query import parse
from app.domain.shares import TOKENS
from app.domain.subscriptions import Choices, Subscription
from app.main import app
from app.services import shares as service
from tests.support.fakes import FakeDetector
from tests.support.user_pool import EMAIL
from tests.support.wired_app import WiredApp, wire_app

PASSWORD = "three blue boats"
NEVER = new_id()


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
def ada(pixtag: WiredApp) -> dict[str, Any]:
    """The claims of Ada."""
    return pixtag.add_person(EMAIL)


@pytest.fixture
def client(pixtag: WiredApp, ada: dict[str, Any]) -> TestClient:
    headers = {"Authorization": f"Bearer {pixtag.signer.sign(ada)}"}
    return TestClient(app, pixtag.url, headers=headers, raise_server_exceptions=False, follow_redirects=False)


def create(client: TestClient, **members: Any) -> dict[str, Any]:
    response = client.post("/shares", json=members or {"images": [new_id()]})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    assert response.headers["Location"] == f"/shares/{created['id']}"
    return created


@ON_BOTH
def test_share_is_listed_without_its_link_until_it_is_deleted(
    pixtag: WiredApp, ada: dict[str, Any], client: TestClient
) -> None:
    end = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    images = [new_id(), new_id()]
    first = create(client, images=images, title="  At\u200b  the sea ", expires_at=end.isoformat(), originals=True)
    second = create(client, images=images[:1], password=PASSWORD)

    rows = str(pixtag.list_rows())
    listed = client.get("/shares").json()["shares"]
    deleted = client.delete(f"/shares/{first['id']}")

    token = first["url"].rpartition("/s/")[2]
    address = TOKENS.parse(token)
    assert address
    assert address.owner == ada["sub"]
    assert {name: value for name, value in first.items() if name not in {"id", "url", "created_at"}} == {
        "title": "At the sea",
        "kind": "images",
        "album": None,
        "subscription": None,
        "images": 2,
        "expires_at": end.isoformat().replace("+00:00", "Z"),
        "has_password": False,
        "originals": True,
        "views": 0,
        "last_viewed": None,
    }
    assert (second["has_password"], second["title"]) == (True, "")
    assert listed == [{name: value for name, value in each.items() if name != "url"} for each in (second, first)]
    assert token.rpartition("_")[2] not in rows
    assert PASSWORD not in rows
    assert deleted.status_code == 204
    assert client.delete(f"/shares/{first['id']}").json()["type"] == "urn:pixtag:share-not-found"
    assert [each["id"] for each in client.get("/shares").json()["shares"]] == [second["id"]]


def test_share_of_album_or_search_has_its_title_and_never_a_query(ada: dict[str, Any], client: TestClient) -> None:
    owner = ada["sub"]
    album = Album(new_id(), "Summer " * 20, datetime.now(UTC))
    wiring.albums().put(owner, album)
    dogs = wiring.subscriptions().add(owner, parse("dog>=2"), Choices(title="Our dogs"))
    cats = wiring.subscriptions().add(owner, parse("cat, !dog"))

    created = [create(client, album=album.id), *(create(client, subscription=each.id) for each in (dogs, cats))]
    titled = create(client, subscription=cats.id, title="Cats")

    assert [each["title"] for each in created] == [album.title[:100].rstrip(), "Our dogs", ""]
    assert [each["kind"] for each in created] == ["album", "subscription", "subscription"]
    assert (created[0]["album"], created[1]["subscription"]) == (album.id, dogs.id)
    assert {each["images"] for each in created} == {None}
    assert titled["title"] == "Cats"


def test_share_of_missing_album_or_search_returns_404(client: TestClient) -> None:
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"album": NEVER}, "urn:pixtag:album-not-found"),
        ({"album": NEVER, "title": "Summer"}, "urn:pixtag:album-not-found"),
        ({"subscription": "0" * 26}, "urn:pixtag:subscription-not-found"),
    ]

    responses = [client.post("/shares", json=body) for body, _ in bodies]

    assert [(each.status_code, each.json()["type"]) for each in responses] == [(404, kind) for _, kind in bodies]


def test_share_of_search_that_is_no_longer_valid_returns_422(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    invalid = Subscription("0" * 26, None, datetime.now(UTC), invalid_text=":")
    monkeypatch.setattr(wiring.subscriptions(), "get", lambda *_: invalid)

    response = client.post("/shares", json={"subscription": invalid.id})

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "body/subscription")


def test_invalid_share_returns_422(client: TestClient) -> None:
    bodies: list[dict[str, Any]] = [
        {},
        {"images": [NEVER], "album": NEVER},
        {"images": []},
        {"images": [NEVER, NEVER]},
        {"images": ["x"]},
        {"images": [NEVER], "title": "x" * 101},
        {"images": [NEVER], "password": "short"},
        {"images": [NEVER], "expires_at": "2020-01-01T00:00:00Z"},
        {"images": [NEVER], "expires_at": "2090-01-01"},
        {"images": [NEVER], "owner": "x"},
    ]

    responses = [client.post("/shares", json=body) for body in bodies]

    assert [response.status_code for response in responses] == [422] * len(bodies)
    assert client.get("/shares").json() == {"shares": []}


def test_number_of_shares_is_limited(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_SHARES", 1)
    create(client)

    response = client.post("/shares", json={"images": [NEVER]})

    assert (response.status_code, response.json()["type"]) == (409, "urn:pixtag:too-many-shares")


@ON_BOTH
def test_deleted_account_ends_its_shares(pixtag: WiredApp, client: TestClient) -> None:
    url = create(client)["url"]
    path = "/s/" + url.rpartition("/")[2]

    before = client.get(path)
    deleted = client.delete("/auth/me", params={"confirm": EMAIL})

    assert (before.status_code, deleted.status_code, client.get(path).status_code) == (200, 202, 404)


def test_api_key_cannot_manage_shares(pixtag: WiredApp, client: TestClient) -> None:
    key = client.post("/keys", json={"name": "Phone", "scopes": ["read", "upload", "edit"]}).json()["key"]
    program = TestClient(app, pixtag.url, headers={"Authorization": f"Bearer {key}"})

    responses = [
        program.get("/shares"),
        program.post("/shares", json={"images": [NEVER]}),
        program.delete(f"/shares/{NEVER}"),
    ]

    assert {(each.status_code, each.json()["type"]) for each in responses} == {(403, "urn:pixtag:key-not-allowed")}
