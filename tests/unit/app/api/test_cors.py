"""Requests of pages of other origins (the Fetch standard's CORS protocol)."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.cors import PREFLIGHT_SECONDS, REQUEST_HEADERS, RESPONSE_HEADERS
from app.api.dependencies import provide
from app.domain.ports import Images
from app.main import app
from app.settings import InvalidSettings, LocalSettings
from tests.support.fakes import image

ALLOWED: Final = "https://app.example.com"
OTHER: Final = "http://localhost:5173"
FOREIGN: Final = "https://evil.example"
COOKIE_PATHS: Final = ("/auth/session", "/auth/session/refresh", "/s/token")

Use = Callable[[str], None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Return a function that sets PIXTAG_CORS_ORIGINS."""

    def use(origins: str) -> None:
        monkeypatch.setattr(wiring, "settings", lambda: LocalSettings(cors_origins=origins))

    return use


@pytest.fixture
def page(client: TestClient, use: Use) -> TestClient:
    """A client that sends the requests of a page of an allowed origin."""
    use(f"{ALLOWED},{OTHER}")
    client.headers["Origin"] = ALLOWED
    return client


def ask(client: TestClient, path: str, method: str, *headers: str, origin: str = ALLOWED) -> Any:
    """Send a preflight."""
    asked = {"Access-Control-Request-Headers": ", ".join(headers).lower()} if headers else {}
    return client.options(path, headers={"Origin": origin, "Access-Control-Request-Method": method} | asked)


def list_cors(response: Any) -> set[str]:
    return {name for name in response.headers if name.startswith("access-control-")}


def test_without_the_setting_no_response_has_cors_headers(client: TestClient) -> None:
    for response in (client.get("/images", headers={"Origin": ALLOWED}), ask(client, "/images", "GET")):
        assert (list_cors(response), "Origin" in response.headers.get("Vary", "")) == (set(), False)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_preflight_of_an_allowed_origin_is_cached_for_a_day(page: TestClient, method: str) -> None:
    response = ask(page, "/images/x", method, *REQUEST_HEADERS, "Content-Type")

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert method in response.headers["Access-Control-Allow-Methods"].split(", ")
    assert set(REQUEST_HEADERS) <= set(response.headers["Access-Control-Allow-Headers"].split(", "))
    assert response.headers["Access-Control-Max-Age"] == str(PREFLIGHT_SECONDS) == "86400"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Origin" in response.headers["Vary"]


def test_preflight_needs_no_store(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stores", "local_stores", "object_server", "address_limits"):
        monkeypatch.setattr(wiring, name, None)

    assert ask(page, "/images", "GET", "Authorization").status_code == 200


@pytest.mark.parametrize(
    ("method", "header", "origin"),
    [
        ("GET", "Authorization", FOREIGN),
        ("GET", "Authorization", "null"),
        ("GET", "Authorization", f"{ALLOWED}.evil.example"),
        ("GET", "Authorization", f"{ALLOWED}:8443"),
        ("GET", "Authorization", ALLOWED.replace("https", "http")),
        ("GET", "X-PixTag", ALLOWED),  # of the session routes
        ("TRACE", "Authorization", ALLOWED),
    ],
)
def test_other_preflight_is_refused(page: TestClient, method: str, header: str, origin: str) -> None:
    response = ask(page, "/images", method, header, origin=origin)

    assert response.status_code == 400
    assert ("Access-Control-Allow-Origin" in response.headers) == (origin == ALLOWED)


def test_every_response_to_an_allowed_origin_can_be_read(page: TestClient, images: Images, owner: str) -> None:
    path = f"/images/{images.save(image(owner)).id}"
    known = {"If-None-Match": page.get(path).headers["ETag"]}
    responses = [
        page.get(path),
        page.get(path, headers=known),
        page.head(path),
        page.get("/images/unknown"),
        page.get("/images?limit=0"),
        page.get("/no/such/path"),
        page.put("/images"),
        page.get("/images", headers={"Authorization": "Bearer x"}),
        page.post("/search", json={}),
        page.get("/images", params=[("a", "b")] * 30),
        page.options("/images"),
    ]

    assert [response.status_code for response in responses] == [200, 304, 200, 404, 422, 404, 405, 401, 422, 422, 204]
    for response in responses:
        assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert response.headers["Access-Control-Expose-Headers"] == ", ".join(RESPONSE_HEADERS)
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Origin" in response.headers["Vary"].split(", ")


def test_internal_error_can_be_read(page: TestClient) -> None:
    app.dependency_overrides[provide(wiring.images)] = lambda: None
    page = TestClient(app, headers=dict(page.headers), raise_server_exceptions=False)

    response = page.get("/images")

    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (500, ALLOWED)


def test_each_listed_origin_gets_its_own_response(page: TestClient) -> None:
    origins = [
        page.get("/tags", headers={"Origin": origin}).headers.get("Access-Control-Allow-Origin")
        for origin in (ALLOWED, OTHER, FOREIGN)
    ]

    assert origins == [ALLOWED, OTHER, None]


def test_response_varies_by_origin_without_an_origin_too(page: TestClient) -> None:
    """Otherwise, a cache would use this response for pages."""
    del page.headers["Origin"]

    assert "Origin" in page.get("/tags").headers["Vary"].split(", ")


@pytest.mark.parametrize("path", COOKIE_PATHS)
def test_routes_with_a_cookie_have_no_cors(page: TestClient, path: str) -> None:
    for response in (ask(page, path, "POST", "X-PixTag", "Content-Type"), page.post(path, headers={"X-PixTag": "1"})):
        assert list_cors(response) == set()


def test_invalid_settings_are_reported_as_without_cors(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise InvalidSettings("PIXTAG_CORS_ORIGINS")

    monkeypatch.setattr(wiring, "settings", fail)
    monkeypatch.setattr(wiring, "find_local_settings", fail)

    assert client.get("/images", headers={"Origin": ALLOWED}).status_code == 503


def test_one_machine_accepts_allowed_origins_except_for_routes_with_a_cookie(
    page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "find_local_settings", lambda: LocalSettings(cors_origins=ALLOWED))
    page.base_url = "http://127.0.0.1:8000"

    assert page.get("/images").status_code == 200
    assert page.get("/images", headers={"Origin": FOREIGN}).status_code == 403
    for path in COOKIE_PATHS:
        response = page.post(path, headers={"X-PixTag": "1"})
        assert (response.status_code, response.json()["type"]) == (403, "urn:pixtag:foreign-origin")
