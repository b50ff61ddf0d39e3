import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema_rs import validator_for

from app.api.openapi import operations
from app.main import app

DOCUMENT = app.openapi()
OPERATIONS = {operation["operationId"]: operation for operation in operations(DOCUMENT)}
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
FIELDS = {
    f"{name}.{field}": one for name, schema in SCHEMAS.items() for field, one in schema.get("properties", {}).items()
}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
HEADERS = {
    "201": "Location",
    "307": "Location",
    "401": "WWW-Authenticate",
    "429": "Retry-After",
    "503": "Retry-After",
}

each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def has_example(schema: dict[str, Any]) -> bool:
    """Whether a reader sees what a value looks like: by an example, by all there are, or by those of its parts."""
    parts = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return (
        bool(schema.keys() & {"examples", "example", "enum", "const", "$ref"})
        or schema.get("type") == "boolean"
        or schema.get("format") == "binary"
        or any(map(has_example, parts))
    )


def test_the_document_says_what_it_is_of_and_where_that_runs() -> None:
    info = DOCUMENT["info"]

    assert info["contact"]["name"]
    assert info["license"]["identifier"] == "MIT"
    assert DOCUMENT["servers"][0]["url"] == "/"
    assert all(server["description"] for server in DOCUMENT["servers"])
    assert all(scheme["description"] for scheme in DOCUMENT["components"]["securitySchemes"].values())


def test_every_operation_has_an_id_of_its_own() -> None:
    assert len(OPERATIONS) == sum(map(len, DOCUMENT["paths"].values()))


@each_operation
def test_an_operation_is_described(operation: dict[str, Any]) -> None:
    described = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}

    assert re.fullmatch("[a-z][A-Za-z]+", operation["operationId"])
    assert operation["summary"]
    assert operation["description"]
    assert [described[tag] for tag in operation["tags"]], "a tag is described in TAGS of app/api/openapi.py"


@each_operation
def test_a_parameter_is_described_and_shown(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        assert parameter.get("description"), f"{parameter['name']}: in the route, or in IN_PATHS of app/api/openapi.py"
        assert has_example(parameter) or has_example(parameter["schema"]), parameter["name"]
        assert "anyOf" not in parameter["schema"], "a parameter is of one type: what is left out is not sent as null"


@each_operation
def test_every_failure_is_a_problem(operation: dict[str, Any]) -> None:
    failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}

    assert "503" in failures
    assert all(answer["content"] == PROBLEM for answer in failures.values())


@each_operation
def test_an_operation_tells_the_failures_of_what_it_takes(operation: dict[str, Any]) -> None:
    takes_text = any(parameter["in"] in {"header", "query"} for parameter in operation.get("parameters", []))
    takes_body = "requestBody" in operation
    told = operation["responses"].keys()

    assert ("401" in told) or "security" not in operation
    assert ("413" in told) or not takes_body
    assert ("422" in told) is (takes_text or takes_body)


@each_operation
def test_an_answer_is_described_with_its_headers(operation: dict[str, Any]) -> None:
    answers = operation["responses"]

    for status, name in HEADERS.items():
        assert status not in answers or answers[status]["headers"][name]["required"]
    for answer in answers.values():
        assert answer["description"] not in {"", "Successful Response"}
        assert all(header["description"] for header in answer.get("headers", {}).values())


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_a_field_is_shown(field: dict[str, Any]) -> None:
    assert has_example(field)
    assert not field.keys() >= {"const", "default"}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_an_example_is_of_its_own_schema(field: dict[str, Any]) -> None:
    validator = validator_for(field | {"components": DOCUMENT["components"]})

    for example in field.get("examples", []):
        validator.validate(example)


def test_the_schemas_are_all_described() -> None:
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []


def test_a_method_that_a_path_has_not_is_answered_with_those_it_has(client: TestClient) -> None:
    for path, methods in {"/images": "GET, POST", "/images/trash": "POST", "/docs": "GET"}.items():
        answer = client.put(path)

        assert (answer.status_code, answer.headers["Allow"]) == (405, methods)
