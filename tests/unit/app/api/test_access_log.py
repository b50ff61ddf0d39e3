import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import app, handler
from tests.unit.app.test_main import event


@pytest.fixture(autouse=True)
def all_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.api.access_log")


def routes(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [
        (vars(record)["route"], vars(record)["status"])
        for record in caplog.records
        if record.name == "app.api.access_log"
    ]


def test_a_request_is_told_by_its_route(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/images/ada@example.com")
    client.get("/health")
    client.get("/ada@example.com")

    assert routes(caplog) == [("GET /images/{image_id}", 404), ("GET /health", 200), ("GET (no route)", 404)]


def test_lambda_tells_the_id_that_api_gateway_gave_the_request(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[dict[str, str]] = []
    monkeypatch.setattr("app.observability.logs.begin", lambda **facts: begun.append(facts))
    asked = event("/health")
    asked["requestContext"]["requestId"] = "r1"

    handler(asked, {})  # type: ignore[arg-type]  # the context is not used
    TestClient(app).get("/health")

    assert begun == [{"request_id": "r1"}, {}]


def test_what_is_made_and_what_is_asked_for_is_told_by_its_id(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[dict[str, str]] = []
    monkeypatch.setattr("app.observability.logs.note", lambda **facts: noted.append(facts))

    made = client.post("/uploads", json={"name": "a.png", "type": "image/png", "size": 1}).json()["id"]
    client.get(f"/images/{made}")
    client.get("/images/ada@example.com")

    assert noted == [{"correlation_id": made}, {"correlation_id": made}, {}]


def test_a_failure_nobody_expected_is_told_as_one(caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(app, raise_server_exceptions=False) as visitor:
        app.dependency_overrides.clear()
        monkey = visitor.get("/usage", headers={"Authorization": "Bearer x.y.z"})

    assert routes(caplog)[-1] == ("GET /usage", monkey.status_code)
    assert monkey.status_code == 500
