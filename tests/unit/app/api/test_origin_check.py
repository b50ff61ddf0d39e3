import pytest
from fastapi.testclient import TestClient

from app.api.origin_check import ORIGIN_HEADER, ORIGIN_VARIABLE
from app.main import app

# Not /openapi.json and the files of /docs: they are no routes, and the same for all.
PATHS = ["/health", "/", "/docs", "/images", "/assets/index.js"]


@pytest.fixture
def visitor() -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("shown", [{}, {ORIGIN_HEADER: ""}, {ORIGIN_HEADER: "guesS"}, {ORIGIN_HEADER: "\u00e9"}])
def test_what_passes_cloudfront_by_is_refused(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, shown: dict[str, str]
) -> None:
    monkeypatch.setenv(ORIGIN_VARIABLE, "guess")

    answer = visitor.get(path, headers={name.encode(): value.encode() for name, value in shown.items()})

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:pixtag:origin-bypassed")


def test_what_comes_through_cloudfront_is_answered(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ORIGIN_VARIABLE, "guess")

    assert visitor.get("/health", headers={ORIGIN_HEADER: "guess"}).json() == {"status": "ok"}


def test_without_cloudfront_everybody_is_answered(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ORIGIN_VARIABLE, "")

    assert visitor.get("/health").json() == {"status": "ok"}
