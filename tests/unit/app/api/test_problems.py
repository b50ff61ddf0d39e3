from pathlib import Path
from typing import Annotated

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from fastapi import APIRouter, FastAPI, Query
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from pydantic import AfterValidator

from app.adapters.aws.failures import UnreadableResponse
from app.api import problems
from app.api.challenges import BEARER
from app.domain import errors

FAILURES: dict[str, Exception] = {
    "not-found": errors.ImageNotFound(),
    "busy": errors.TooManyRequests(),
    "unauthorised": errors.InvalidToken(),
    "unreachable": EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
    "page": UnreadableResponse(reason="secret detail"),
    "throttled": ClientError({"Error": {"Code": "ThrottlingException", "Message": "secret detail"}}, "Query"),
    "unsupported": ClientError({"Error": {"Code": "InvalidAction", "Message": "secret detail"}}, "CreateTopic"),
    "full": errors.StorageFull(),
    "damaged": errors.ImageDamaged("i1"),
    "unexpected": ZeroDivisionError("secret detail"),
}


def reject(_text: str) -> str:
    raise ValueError("Write something else.")


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    app = FastAPI()
    problems.install(app)

    @app.get("/{failure}")
    def fail(
        failure: str, number: Annotated[int, Query()] = 0, text: Annotated[str, AfterValidator(reject)] = "x"
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
        ("not-found", 404, "image-not-found", {}),
        ("busy", 429, "too-many-requests", {"Retry-After": "30"}),
        ("unauthorised", 401, "invalid-token", {"WWW-Authenticate": BEARER}),
        ("unreachable", 503, "unavailable", {"Retry-After": "5"}),
        ("page", 503, "unavailable", {"Retry-After": "5"}),
        ("throttled", 503, "unavailable", {"Retry-After": "5"}),
        ("unsupported", 501, "operation-unsupported", {}),
        ("full", 507, "storage-full", {}),
        ("damaged", 500, "image-damaged", {}),
        ("unexpected", 500, "internal", {}),
    ],
)
def test_failure_returns_problem_without_internal_details(
    client: TestClient, failure: str, status: int, kind: str, headers: dict[str, str]
) -> None:
    response = client.get(f"/{failure}")

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json().keys() == {"type", "title", "status", "detail"}
    assert (response.json()["type"], response.json()["status"]) == (f"urn:pixtag:{kind}", status)
    assert headers == {name: response.headers[name] for name in headers}
    assert "secret" not in response.text


def test_unsupported_operation_is_named_and_not_retried(client: TestClient) -> None:
    response = client.get("/unsupported")

    assert "Retry-After" not in response.headers
    detail = "The AWS endpoint of this PixTag lacks the operation CreateTopic. Choose another emulator."
    assert response.json()["detail"] == detail


def test_invalid_parameter_returns_fault_with_pointer(client: TestClient) -> None:
    response = client.get("/not-found", params={"number": "x"})

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "pointer": "query/number",
            "detail": "Input should be a valid integer, unable to parse string as an integer",
        }
    ]


def test_custom_validation_error_returns_its_message(client: TestClient) -> None:
    response = client.get("/not-found", params={"text": ""})

    assert response.json()["errors"] == [{"pointer": "query/text", "detail": "Write something else."}]
    assert response.json()["detail"] == "The request is not valid: query/text: Write something else."


@pytest.mark.parametrize("path", ["/no/such/page", "/files/nothing.txt"])
def test_unknown_path_returns_404_problem(client: TestClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert response.json()["type"] == "urn:pixtag:no-such-path"
    assert "GET /docs" in response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/not-found", "DELETE, GET, HEAD, OPTIONS"),
        ("/included/x", "GET, HEAD, OPTIONS, PATCH"),
        ("/files/x", "GET, HEAD, OPTIONS"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "TRACE", "BREW"])
def test_unsupported_method_returns_405_problem_with_allowed_methods(
    client: TestClient, method: str, path: str, allow: str
) -> None:
    response = client.request(method, path)

    assert response.status_code == 405
    assert response.headers["Allow"] == allow
    assert response.json()["type"] == "urn:pixtag:method-not-allowed"
    assert response.json()["detail"] == f"This path supports only: {allow}."


def test_responses_with_failures_of_same_status_joins_descriptions() -> None:
    documented = problems.responses(errors.InvalidTag, errors.InvalidQuery, errors.InvalidCursor)

    assert documented.keys() == {400, 422}
    assert documented[422]["description"] == (
        "The text is not a valid tag (`urn:pixtag:invalid-tag`)."
        " Or: The query cannot be parsed (`urn:pixtag:invalid-query`)."
    )
