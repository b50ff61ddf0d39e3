import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema_rs import validator_for

from app.api.openapi import OAUTH, iterate_operations
from app.api.openapi_examples import add_examples
from app.api.problems import SESSION_COOKIE
from app.main import app

DOCUMENT = app.openapi()
OPERATIONS = {operation["operationId"]: operation for operation in iterate_operations(DOCUMENT)}
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
FIELDS = {
    f"{name}.{field}": value
    for name, schema in SCHEMAS.items()
    for field, value in schema.get("properties", {}).items()
}
OAUTH_PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
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
    """Return whether the schema, or a part of it, shows what a value looks like."""
    parts = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return (
        bool(schema.keys() & {"examples", "example", "enum", "const", "$ref"})
        or schema.get("type") == "boolean"
        or schema.get("format") == "binary"
        or any(map(has_example, parts))
    )


def test_document_has_contact_license_servers_and_security_schemes() -> None:
    info = DOCUMENT["info"]

    assert info["contact"]["name"]
    assert info["license"]["identifier"] == "MIT"
    assert DOCUMENT["servers"][0]["url"] == "/"
    assert all(server["description"] for server in DOCUMENT["servers"])
    assert all(scheme["description"] for scheme in DOCUMENT["components"]["securitySchemes"].values())


def test_operation_ids_are_unique() -> None:
    assert len(OPERATIONS) == sum(map(len, DOCUMENT["paths"].values()))


@each_operation
def test_operation_has_id_summary_description_and_tag(operation: dict[str, Any]) -> None:
    described = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}

    assert re.fullmatch("[a-z][A-Za-z]+", operation["operationId"])
    assert operation["summary"]
    assert operation["description"]
    assert [described[tag] for tag in operation["tags"]], "describe the tag in TAGS of app/api/openapi.py"


@each_operation
def test_parameter_has_description_example_and_single_type(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        assert parameter.get("description"), (
            f"{parameter['name']}: describe it in the route, or in PATH_PARAMETERS of app/api/openapi.py"
        )
        assert has_example(parameter) or has_example(parameter["schema"]), parameter["name"]
        assert "anyOf" not in parameter["schema"], "a parameter has one type: clients omit it and send no null"


@each_operation
def test_failure_responses_have_problem_schema(operation: dict[str, Any]) -> None:
    failures = {status: response for status, response in operation["responses"].items() if status >= "400"}

    assert "503" in failures
    problem = OAUTH_PROBLEM if operation["operationId"] in OAUTH else PROBLEM
    assert all(response["content"] == problem for response in failures.values())


@each_operation
def test_operation_documents_failures_of_its_input(operation: dict[str, Any]) -> None:
    takes_text = any(parameter["in"] in {"header", "query"} for parameter in operation.get("parameters", []))
    takes_body = "requestBody" in operation
    statuses = operation["responses"].keys()

    assert ("401" in statuses) or operation["security"] == [] or {} in operation["security"]
    assert ("413" in statuses) or not takes_body
    invalid = "400" if operation["operationId"] in OAUTH else "422"
    assert (invalid in statuses) is (takes_text or takes_body)


@each_operation
def test_response_has_description_and_required_headers(operation: dict[str, Any]) -> None:
    responses = operation["responses"]

    for status, name in HEADERS.items():
        assert status not in responses or responses[status]["headers"][name]["required"]
    for response in responses.values():
        assert response["description"] not in {"", "Successful Response"}
        assert all(header["description"] for header in response.get("headers", {}).values())


def is_file(schema: dict[str, Any]) -> bool:
    """Return whether the schema is a file in a form, or such a form. JSON has no example of a file."""
    return schema.get("format") == "binary" or any(map(is_file, schema.get("properties", {}).values()))


def list_incomplete(schemas: dict[str, dict[str, Any]]) -> list[str]:
    """Return the names of the schemas that lack a description or an example."""
    return [
        name
        for name, schema in schemas.items()
        if not schema.get("description") or not (schema.get("examples") or is_file(schema))
    ]


def allows_its_examples(schema: dict[str, Any]) -> bool:
    validator = validator_for(schema | {"components": DOCUMENT["components"]})
    return all(map(validator.is_valid, schema.get("examples", [])))


def test_schemas_and_fields_have_descriptions_and_examples() -> None:
    assert list_incomplete(SCHEMAS | FIELDS) == [], "write Field(description=…, examples=[…])"


def test_field_without_an_example_gets_none() -> None:
    schemas: dict[str, Any] = {"Note": {"properties": {"text": {"type": "string"}, "done": {"type": "boolean"}}}}

    add_examples(schemas)

    assert schemas == {
        "Note": {"properties": {"text": {"type": "string"}, "done": {"type": "boolean", "examples": [True]}}}
    }


def test_examples_match_their_schemas() -> None:
    assert [name for name, schema in (SCHEMAS | FIELDS).items() if not allows_its_examples(schema)] == []


def test_no_constant_has_default() -> None:
    assert [name for name, field in FIELDS.items() if field.keys() >= {"const", "default"}] == []


def test_operations_without_credentials_have_empty_security() -> None:
    public = {name for name, operation in OPERATIONS.items() if operation["security"] == []}

    assert public >= {"register", "createToken", "createSession", "getHealth"}
    assert {name for name, operation in OPERATIONS.items() if operation["tags"] != ["accounts"]} & public == {
        "getHealth"
    }


def test_operations_of_sessions_take_the_cookie_that_signing_in_sets() -> None:
    scheme = DOCUMENT["components"]["securitySchemes"]["sessionCookie"]
    users = {
        name: operation for name, operation in OPERATIONS.items() if {"sessionCookie": []} in operation["security"]
    }

    assert (scheme["in"], scheme["name"]) == ("cookie", SESSION_COOKIE)
    assert users.keys() == {"refreshSession", "deleteSession"}
    assert {} in users["deleteSession"]["security"], "it succeeds without a cookie too"
    assert all(parameter["in"] != "cookie" for each in users.values() for parameter in each["parameters"])


def test_original_is_binary_for_clients_that_follow_the_redirect() -> None:
    responses = OPERATIONS["getOriginal"]["responses"]

    assert responses["200"]["content"] == {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }
    assert "Location" in responses["307"]["headers"]


def test_every_list_documents_its_tag() -> None:
    reads = {path: methods["get"] for path, methods in DOCUMENT["paths"].items() if "get" in methods}
    without = {
        path for path, operation in reads.items() if "ETag" not in operation["responses"]["200"].get("headers", {})
    }

    assert without == {"/health", "/images/{image_id}/original"}


def test_unsupported_method_returns_405_with_allowed_methods(client: TestClient) -> None:
    for path, methods in {
        "/images": "GET, HEAD, OPTIONS, POST",
        "/images/trash": "OPTIONS, POST",
        "/docs": "GET, HEAD, OPTIONS",
    }.items():
        response = client.put(path)

        assert (response.status_code, response.headers["Allow"]) == (405, methods)


def test_change_of_detection_documents_all_errors_of_one_status() -> None:
    description = OPERATIONS["changeDetection"]["responses"]["422"]["description"]

    assert "urn:pixtag:invalid-tag" in description
    assert "urn:pixtag:too-many-tags" in description
