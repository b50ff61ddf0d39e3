import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import Response
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app import wiring
from app.adapters.local.address import address
from app.adapters.local.stores import LocalStores
from app.api.host_check import HostCheckMiddleware
from app.main import app
from app.settings import InvalidSettings, LocalSettings

PUBLIC_URL = "https://photos.example.com"

UseUrl = Callable[[str], None]


@pytest.fixture
def use_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> UseUrl:
    """Return a function that sets PIXTAG_URL. The data folder exists, as it does while PixTag runs."""
    monkeypatch.setattr(wiring, "local_stores", lambda: LocalStores(LocalSettings(data=tmp_path)))
    return lambda url: monkeypatch.setattr(wiring, "find_local_settings", lambda: LocalSettings(url=url))


@pytest.fixture(autouse=True)
def run_on_one_machine(run_on_aws: None, use_url: UseUrl) -> None:
    use_url("")


@pytest.fixture
def visitor() -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:80", "LOCALHOST:9000", "[::1]", "[::1]:8000"]
)
def test_request_to_loopback_is_accepted(visitor: TestClient, host: str) -> None:
    assert visitor.get("/health", headers={"Host": host}).status_code == 200


FOREIGN_HOSTS = [
    "",
    "evil.example",
    "evil.example:8000",
    "photos.example.com",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example#localhost",
    "localhost@evil.example",
    "user@localhost",
    "localhost:8000/",
    "localhost:port",
    "localhost:",
    "localhost.",
    "127.0.0.2",
    "127.1",
    "2130706433",
    "0.0.0.0",  # noqa: S104 - a Host header, not an address to bind to
    "::1",
    "[::1",
    "[::ffff:127.0.0.1]",
    "[fe80::1]",
    "\uff11\uff12\uff17.0.0.1",  # digits of full width
]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_request_to_foreign_host_returns_421(visitor: TestClient, host: str) -> None:
    response = visitor.get("/health", headers={b"Host": host.encode()})

    assert response.status_code == 421
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:pixtag:foreign-host",
        "title": "Misdirected Request",
        "status": 421,
        "detail": "PixTag does not accept requests for this host name. Use 127.0.0.1. For a public address, set"
        " PIXTAG_URL.",
    }


def test_request_with_two_host_headers_returns_421(visitor: TestClient) -> None:
    headers = [("Host", "localhost"), ("Host", "localhost")]

    assert visitor.get("/health", headers=headers).status_code == 421


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/files/swagger-ui.css", "/nothing", "/images", "/objects/a/b"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_foreign_host_is_rejected_on_every_path(visitor: TestClient, method: str, path: str) -> None:
    assert visitor.request(method, path, headers={"Host": "evil.example"}).status_code == 421


def test_rejected_request_has_security_headers_and_is_logged(
    visitor: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "app.api.access_log")

    response = visitor.get("/health", headers={"Host": "evil.example"})

    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    (message,) = caplog.messages
    assert message.startswith("GET (no route): 421 in ")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost:8000", "http://localhost:8000"),
        ("localhost", "http://localhost"),
        ("localhost:80", "http://localhost"),
        ("LocalHost:8000", "http://localhost:8000"),
    ],
)
def test_request_from_own_origin_is_accepted(visitor: TestClient, host: str, origin: str) -> None:
    assert visitor.get("/health", headers={"Host": host, "Origin": origin}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        "http://localhost:8000",  # another name of this machine
        "http://127.0.0.1:8001",  # another program on this machine
        "https://127.0.0.1:8000",
        "http://127.0.0.1",
        "http://127.0.0.1:8000/",
        "http://127.0.0.1:8000.evil.example",
        "http://127.0.0.1:8000 http://evil.example",
        "file://",
    ],
)
@pytest.mark.parametrize("path", ["/health", "/nothing", "/auth/token"])
def test_request_from_another_site_returns_403(visitor: TestClient, origin: str, path: str) -> None:
    response = visitor.post(path, headers={"Origin": origin})

    assert response.status_code == 403
    assert response.json()["type"] == "urn:pixtag:foreign-origin"


def test_request_with_own_and_foreign_origin_returns_403(visitor: TestClient) -> None:
    headers = [("Origin", "http://127.0.0.1:8000"), ("Origin", "https://evil.example")]

    assert visitor.get("/health", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "host", ["photos.example.com", "photos.example.com:443", "PHOTOS.example.com", "127.0.0.1:8000"]
)
@pytest.mark.parametrize("origin", [None, PUBLIC_URL, f"{PUBLIC_URL}:443"])
def test_request_to_public_url_is_accepted_and_gets_hsts(
    visitor: TestClient, use_url: UseUrl, host: str, origin: str | None
) -> None:
    use_url(PUBLIC_URL)
    headers = {"Host": host} | ({"Origin": origin} if origin else {})

    response = visitor.get("/health", headers=headers)

    assert response.status_code == 200
    assert response.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_request_to_public_url_without_tls_gets_no_hsts(visitor: TestClient, use_url: UseUrl) -> None:
    use_url("http://photos.example.com:8080")

    response = visitor.get("/health", headers={"Host": "photos.example.com:8080"})

    assert response.status_code == 200
    assert "Strict-Transport-Security" not in response.headers


@pytest.mark.parametrize("host", ["photos.example.com:8443", "example.com", "www.photos.example.com", "photos.example"])
def test_request_to_host_other_than_public_url_returns_421_that_names_it(
    visitor: TestClient, use_url: UseUrl, host: str
) -> None:
    use_url(PUBLIC_URL)

    response = visitor.get("/health", headers={"Host": host})

    assert response.status_code == 421
    assert response.json()["detail"].endswith(f"Use {PUBLIC_URL}.")
    assert "Strict-Transport-Security" not in response.headers


@pytest.mark.parametrize("origin", ["http://photos.example.com", "https://evil.example", "https://example.com"])
def test_request_to_public_url_from_another_site_returns_403(visitor: TestClient, use_url: UseUrl, origin: str) -> None:
    use_url(PUBLIC_URL)

    assert visitor.get("/health", headers={"Host": "photos.example.com", "Origin": origin}).status_code == 403


@pytest.mark.parametrize(
    ("url", "host", "expected"),
    [
        ("", "127.0.0.1:8000", ("http", "http://127.0.0.1:8000")),
        ("", "localhost:9000", ("http", "http://localhost:9000")),
        ("http://127.0.0.1:8000", "localhost:8000", ("http", "http://localhost:8000")),
        ("https://localhost:8443", "localhost:8443", ("https", "https://localhost:8443")),
        (PUBLIC_URL, "photos.example.com", ("https", PUBLIC_URL)),
        (PUBLIC_URL, "127.0.0.1:8000", ("https", PUBLIC_URL)),  # the proxy replaces the Host header
    ],
)
def test_accepted_request_sets_scheme_and_address(
    use_url: UseUrl, url: str, host: str, expected: tuple[str, str]
) -> None:
    use_url(url)
    seen: list[tuple[str, str]] = []

    async def record(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope["scheme"], address()))
        await Response()(scope, receive, send)

    TestClient(HostCheckMiddleware(record), base_url="http://127.0.0.1").get("/", headers={"Host": host})

    assert seen == [expected]


@pytest.mark.parametrize("path", ["/health", "/images", "/", "/docs"])
def test_request_while_settings_are_missing_returns_503_and_logs_them(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    def fail() -> LocalSettings:
        raise InvalidSettings("These settings are missing or not valid: PIXTAG_TABLE: Field required.")

    monkeypatch.setattr(wiring, "find_local_settings", fail)

    response = visitor.get(path)

    assert (response.status_code, response.json()["type"]) == (503, "urn:pixtag:invalid-settings")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "PIXTAG" not in response.text
    assert "PIXTAG_TABLE: Field required" in caplog.text
