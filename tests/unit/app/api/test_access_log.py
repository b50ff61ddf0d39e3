import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.access_log import AccessLogMiddleware
from app.api.dependencies import provide
from app.main import app, handler
from tests.support.asgi import run
from tests.unit.app.test_main import event


@pytest.fixture(autouse=True)
def log_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.api.access_log")


def routes(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [
        (vars(record)["route"], vars(record)["status"])
        for record in caplog.records
        if record.name == "app.api.access_log"
    ]


def test_access_log_of_request_contains_route_instead_of_path(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/images/ada@example.com")
    client.get("/health")
    client.get("/ada@example.com")

    assert routes(caplog) == [("GET /images/{image_id}", 404), ("GET /health", 200), ("GET (no route)", 404)]


def test_access_log_in_lambda_contains_request_id_of_api_gateway(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[dict[str, str]] = []
    monkeypatch.setattr("app.observability.logs.begin", lambda **fields: contexts.append(fields))
    request = event("/health")
    request["requestContext"]["requestId"] = "r1"

    handler(request, {})  # type: ignore[arg-type]  # the context is not used
    TestClient(app).get("/health")

    assert contexts == [{"request_id": "r1"}, {}]


def test_access_log_of_created_or_requested_image_contains_its_id(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[dict[str, str]] = []
    monkeypatch.setattr("app.observability.logs.note", lambda **fields: notes.append(fields))

    image_id = client.post("/uploads", json={"name": "a.png", "type": "image/png", "size": 1}).json()["id"]
    client.get(f"/images/{image_id}")
    client.get("/images/ada@example.com")

    assert notes == [{"correlation_id": image_id}, {"correlation_id": image_id}, {}]


def test_access_log_of_unexpected_error_contains_status_500(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.dependency_overrides, provide(wiring.quotas), lambda: 1 / 0)

    response = client.get("/usage")

    assert routes(caplog)[-1] == ("GET /usage", response.status_code)
    assert response.status_code == 500


def test_scope_that_is_no_request_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    scopes: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    run(AccessLogMiddleware(inner), {"type": "websocket"}, None, None)

    assert scopes == [{"type": "websocket"}]
    assert routes(caplog) == []
