import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.local.disk import LocalDisk
from app.api.dependencies import provide
from app.domain.disk import DiskState
from app.local_instance import is_worker_running
from app.main import app, handler
from tests.support.sampling import sample

pytestmark = pytest.mark.usefixtures("on_aws")

ACCOUNTS = {"register", "confirm", "resend", "forgot", "reset", "token", "revoke", "session", "session/refresh"}
PUBLIC = {"/health"} | {f"/auth/{name}" for name in ACCOUNTS}
GUARDED = [
    (method, path) for path, methods in app.openapi()["paths"].items() if path not in PUBLIC for method in methods
]


MAILBOX = "http://testserver/mailbox"


@pytest.fixture
def visitor() -> TestClient:
    return TestClient(app, follow_redirects=False)


def test_health_on_aws_returns_ok(visitor: TestClient) -> None:
    assert visitor.get("/health").json() == {
        "status": "ok",
        "worker": None,
        "storage": None,
        "registration": "open",
        "mailbox": MAILBOX,
    }


@pytest.mark.parametrize(("is_running", "worker"), [(True, "running"), (False, "stopped")])
def test_health_on_one_machine_contains_the_state_of_the_worker(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, *, is_running: bool, worker: str
) -> None:
    monkeypatch.setitem(app.dependency_overrides, provide(is_worker_running), lambda: is_running)

    response = visitor.get("/health")

    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "worker": worker, "storage": None, "registration": "open", "mailbox": MAILBOX},
    )


@pytest.mark.parametrize("state", list(DiskState))
def test_health_on_one_machine_contains_the_state_of_the_disk(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, state: DiskState
) -> None:
    monkeypatch.setitem(app.dependency_overrides, provide(wiring.disk), lambda: SimpleNamespace(state=state))

    response = visitor.get("/health")

    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "worker": None, "storage": str(state), "registration": "open", "mailbox": MAILBOX},
    )


def test_health_without_the_data_folder_is_503(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(app.dependency_overrides, provide(wiring.disk), lambda: LocalDisk(tmp_path / "gone"))

    response = visitor.get("/health")

    assert (response.status_code, response.json()["type"]) == (503, "urn:pixtag:unavailable")


@pytest.mark.parametrize(
    ("method", "path", "authorization"),
    sample([(*each, value) for each in GUARDED for value in (None, "Basic eDp5", "Bearer", "Bearer x.y.z")], 3),
)
def test_guarded_operation_without_valid_token_returns_401(
    anonymous: TestClient, method: str, path: str, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    response = anonymous.request(method, path, headers=headers)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="PixTag"')


def test_docs_page_loads_only_from_own_server(client: TestClient) -> None:
    page = client.get("/docs")
    script = client.get("/docs/start.js")

    for text in (page.text, script.text):
        assert "://" not in text
    for path in ("/docs/files/swagger-ui-bundle.js", "/docs/files/swagger-ui.css", "/docs/files/favicon-32x32.png"):
        assert path in page.text
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "content_type", "error_type"),
    [
        ("/search", "application/json", "application/problem+json"),
        ("/images", "multipart/form-data; boundary=x", "application/problem+json"),
        ("/auth/token", "application/x-www-form-urlencoded", "application/json"),
    ],
)
def test_body_over_5_mib_returns_413(client: TestClient, path: str, content_type: str, error_type: str) -> None:
    response = client.post(path, content=b"x" * (5 * 2**20 + 1), headers={"Content-Type": content_type})

    assert response.status_code == 413
    assert response.headers["Content-Type"] == error_type


def event(path: str, query: str = "") -> dict[str, Any]:
    """Return a GET request as an event of API Gateway's HTTP API (payload format 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "pixtag.example", "accept": "*/*"},
        "requestContext": {
            "http": {"method": "GET", "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"},
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }


def test_handler_returns_text_as_text_and_images_in_base64() -> None:
    text = handler(event("/health"), {})  # type: ignore[arg-type]  # the context is not used
    problem = handler(event("/no/such/page"), {})  # type: ignore[arg-type]
    picture = handler(event("/docs/files/favicon-32x32.png"), {})  # type: ignore[arg-type]

    assert json.loads(text["body"]) == {
        "status": "ok",
        "worker": None,
        "storage": None,
        "registration": "open",
        "mailbox": "https://pixtag.example/mailbox",
    }
    assert json.loads(problem["body"])["status"] == 404
    assert picture["isBase64Encoded"]
    assert base64.b64decode(picture["body"]).startswith(b"\x89PNG")


def test_handler_with_unencoded_query_string_returns_fault() -> None:
    problem = handler(event("/search", "q=hund,ü"), {})  # type: ignore[arg-type]  # the context is not used

    assert json.loads(problem["body"])["errors"] == [
        {"pointer": "query", "detail": "Percent-encode this as UTF-8 (character 8)."}
    ]
