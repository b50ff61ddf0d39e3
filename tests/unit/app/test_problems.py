from typing import Annotated

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient

from app import errors, problems

FAILURES: dict[str, Exception] = {
    "known": errors.ImageNotFound(),
    "busy": errors.TooManyRequests(),
    "unauthorised": errors.InvalidToken(),
    "unreachable": EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
    "throttled": ClientError({"Error": {"Code": "ThrottlingException", "Message": "secret detail"}}, "Query"),
    "unexpected": ZeroDivisionError("secret detail"),
}


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    problems.install(app)

    @app.get("/{failure}")
    def fail(failure: str, number: Annotated[int, Query()] = 0) -> None:
        raise FAILURES[failure]

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("failure", "status", "kind", "headers"),
    [
        ("known", 404, "image-not-found", {}),
        ("busy", 429, "too-many-requests", {"Retry-After": "30"}),
        ("unauthorised", 401, "invalid-token", {"WWW-Authenticate": "Bearer"}),
        ("unreachable", 503, "unavailable", {"Retry-After": "5"}),
        ("throttled", 503, "unavailable", {"Retry-After": "5"}),
        ("unexpected", 500, "internal", {}),
    ],
)
def test_every_failure_has_one_shape(
    client: TestClient, failure: str, status: int, kind: str, headers: dict[str, str]
) -> None:
    answer = client.get(f"/{failure}")

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json().keys() == {"type", "title", "status", "detail"}
    assert (answer.json()["type"], answer.json()["status"]) == (f"urn:pixtag:{kind}", status)
    assert headers == {name: answer.headers[name] for name in headers}
    assert "secret" not in answer.text


def test_an_invalid_request_is_told_where_it_is_wrong(client: TestClient) -> None:
    answer = client.get("/known", params={"number": "x"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "pointer": "query/number",
            "detail": "Input should be a valid integer, unable to parse string as an integer",
        }
    ]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/no/such/page", 404), ("POST", "/known", 405)])
def test_what_no_route_answers_is_a_problem_too(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)

    assert answer.status_code == status
    assert answer.json()["type"] == "urn:pixtag:http"


def test_failures_of_one_status_are_described_together() -> None:
    described = problems.responses(errors.InvalidTag, errors.InvalidQuery, errors.InvalidCursor)

    assert described.keys() == {400, 422}
    assert described[422]["description"] == (
        "A text that cannot name a tag (`urn:pixtag:invalid-tag`)."
        " Or: A query that cannot be parsed (`urn:pixtag:invalid-query`)."
    )
