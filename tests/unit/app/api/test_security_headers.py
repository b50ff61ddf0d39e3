import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.security_headers import HEADERS, HSTS, page_policy
from app.main import app

ANSWERS = [
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


@pytest.mark.parametrize(("path", "status"), ANSWERS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_answer_has_the_headers(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, status: int, method: str
) -> None:
    if status == 401:
        del client.headers["Authorization"]
    if status == 500:
        app.dependency_overrides[wiring.user_pool] = lambda: None

    answer = client.request(method, path)

    assert answer.status_code in {status, 405}
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert ("require-trusted-types-for 'script'" in policy) == (path != "/docs" or answer.status_code == 405)
    assert answer.headers["Cache-Control"] == ("no-cache" if (path, method) == ("/sign-in", "GET") else "no-store")
    others = {name: answer.headers[name] for name in HEADERS.keys() - {"Content-Security-Policy", "Cache-Control"}}
    assert others.items() <= HEADERS.items()


def test_browsers_are_told_to_keep_to_tls_over_tls_alone() -> None:
    assert (
        TestClient(app, base_url="https://pixtag.example").get("/health").headers["Strict-Transport-Security"] == HSTS
    )
    assert "Strict-Transport-Security" not in TestClient(app).get("/health").headers


def test_a_page_may_load_and_send_to_the_storage_that_it_names_and_nothing_else() -> None:
    policy = page_policy("https://b.s3.amazonaws.com")

    assert "img-src 'self' https://b.s3.amazonaws.com;" in policy
    assert "connect-src 'self' https://b.s3.amazonaws.com;" in policy
    assert "script-src 'self';" in policy
    assert policy.count("https://") == 2
