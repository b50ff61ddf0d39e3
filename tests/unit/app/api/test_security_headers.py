import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.api.security_headers import HEADERS, HSTS, page_policy
from app.main import app

REQUESTS = [
    ("/health", 200),
    ("/no/such/page", 404),
    ("/images?cursor=x", 400),
    ("/images", 401),
    ("/assets/a%20b", 422),
    ("/auth/me", 500),
    ("/docs", 200),
    ("/docs/files/swagger-ui.css", 200),
    ("/sign-in", 200),
]


@pytest.mark.parametrize(("path", "status"), REQUESTS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_response_has_security_headers(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, status: int, method: str
) -> None:
    if status == 401:
        del client.headers["Authorization"]
    if status == 500:
        app.dependency_overrides[provide(wiring.accounts)] = lambda: None

    response = client.request(method, path)

    assert response.status_code == status
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert ("require-trusted-types-for 'script'" in policy) == (path != "/docs")
    assert response.headers["Cache-Control"] == ("no-cache" if path == "/sign-in" else "no-store")
    others = {name: response.headers[name] for name in HEADERS.keys() - {"Content-Security-Policy", "Cache-Control"}}
    assert others.items() <= HEADERS.items()


def test_hsts_is_sent_only_over_tls() -> None:
    assert (
        TestClient(app, base_url="https://pixtag.example").get("/health").headers["Strict-Transport-Security"] == HSTS
    )
    assert "Strict-Transport-Security" not in TestClient(app).get("/health").headers


def test_page_policy_with_storage_allows_only_its_images_and_requests() -> None:
    policy = page_policy("https://b.s3.amazonaws.com")

    assert "img-src 'self' https://b.s3.amazonaws.com;" in policy
    assert "connect-src 'self' https://b.s3.amazonaws.com;" in policy
    assert "script-src 'self';" in policy
    assert policy.count("https://") == 2
