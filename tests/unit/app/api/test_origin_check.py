import pytest
from fastapi.testclient import TestClient

from app.api.origin_check import ORIGIN_HEADER, ORIGIN_VARIABLE
from app.main import app

# Without /openapi.json and the files of /docs: they are not routes, and they are public.
PATHS = ["/health", "/", "/docs", "/images", "/assets/index.js"]


@pytest.fixture
def visitor() -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "secret_headers", [{}, {ORIGIN_HEADER: ""}, {ORIGIN_HEADER: "guesS"}, {ORIGIN_HEADER: "\u00e9"}]
)
def test_request_without_valid_secret_returns_403(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, secret_headers: dict[str, str]
) -> None:
    monkeypatch.setenv(ORIGIN_VARIABLE, "guess")

    response = visitor.get(path, headers={name.encode(): value.encode() for name, value in secret_headers.items()})

    assert (response.status_code, response.json()["type"]) == (403, "urn:pixtag:origin-bypassed")


def test_request_with_valid_secret_is_accepted(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ORIGIN_VARIABLE, "guess")

    assert visitor.get("/health", headers={ORIGIN_HEADER: "guess"}).json() == {
        "status": "ok",
        "worker": None,
        "storage": None,
        "registration": "open",
        "mailbox": "http://testserver/mailbox",
    }


def test_request_without_configured_secret_is_accepted(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ORIGIN_VARIABLE, "")

    assert visitor.get("/health").json() == {
        "status": "ok",
        "worker": None,
        "storage": None,
        "registration": "open",
        "mailbox": "http://testserver/mailbox",
    }
