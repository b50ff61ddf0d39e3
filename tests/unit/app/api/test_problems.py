from pathlib import Path
from typing import Annotated

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from fastapi import APIRouter, FastAPI, Query
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from pydantic import AfterValidator

from app.api import problems
from app.domain import errors

FAILURES: dict[str, Exception] = {
    "known": errors.ImageNotFound(),
    "busy": errors.TooManyRequests(),
    "unauthorised": errors.InvalidToken(),
    "unreachable": EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
    "throttled": ClientError({"Error": {"Code": "ThrottlingException", "Message": "secret detail"}}, "Query"),
    "unexpected": ZeroDivisionError("secret detail"),
}


def refuse(_text: str) -> str:
    raise ValueError("Say something else.")


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    app = FastAPI()
    problems.install(app)

    @app.get("/{failure}")
    def fail(
        failure: str, number: Annotated[int, Query()] = 0, text: Annotated[str, AfterValidator(refuse)] = "x"
    ) -> None:
        raise FAILURES[failure]

    @app.delete("/{failure}")
    def remove(failure: str) -> None: ...

    router = APIRouter(prefix="/included")
    for method in ("GET", "PATCH"):
        router.add_api_route("/{name}", remove, methods=[method])
    app.include_router(router)
    app.mount("/files", StaticFiles(directory=tmp_path))
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


def test_a_fault_is_told_in_its_own_words(client: TestClient) -> None:
    answer = client.get("/known", params={"text": ""})

    assert answer.json()["errors"] == [{"pointer": "query/text", "detail": "Say something else."}]
    assert answer.json()["detail"] == "The request is not valid: query/text: Say something else."


@pytest.mark.parametrize("path", ["/no/such/page", "/files/nothing.txt"])
def test_what_is_not_there_is_a_problem_too(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:pixtag:no-such-path"
    assert "GET /docs" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "allow"), [("/known", "DELETE, GET"), ("/included/x", "GET, PATCH"), ("/files/x", "GET, HEAD")]
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_a_path_does_not_take_is_answered_with_those_it_takes(
    client: TestClient, method: str, path: str, allow: str
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == allow
    assert answer.json()["type"] == "urn:pixtag:method-not-allowed"
    assert answer.json()["detail"] == f"This path takes only: {allow}."


def test_failures_of_one_status_are_described_together() -> None:
    described = problems.responses(errors.InvalidTag, errors.InvalidQuery, errors.InvalidCursor)

    assert described.keys() == {400, 422}
    assert described[422]["description"] == (
        "A text that cannot name a tag (`urn:pixtag:invalid-tag`)."
        " Or: A query that cannot be parsed (`urn:pixtag:invalid-query`)."
    )
