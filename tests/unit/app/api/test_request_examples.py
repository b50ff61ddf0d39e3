"""The example of each operation in the documentation is a request that the app accepts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.domain.ids import EXAMPLE_ID, Rendition
from app.main import app
from infra.local.scenes import scene
from tests.support.breakage import LocalBreaker
from tests.support.fakes import FakeDetector, image
from tests.support.user_pool import EMAIL
from tests.support.wired_app import lift_rate_limits, wire_app

DOCUMENT = app.openapi()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
# The app rejects these requests before it looks for what they name. Other failures, such as 401 for the password of the
# example or 404 for its id, come after the validation.
INVALID = {400, 405, 413, 415, 422}
UNKNOWN = {"urn:pixtag:invalid-code", "urn:pixtag:invalid-credentials"}


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Client of a person who has an image and very high rate limits, on the stores of one machine."""
    folder = tmp_path_factory.mktemp("data")
    with wire_app("local", folder, FakeDetector()) as pixtag:
        lift_rate_limits()
        claims = pixtag.add_person(EMAIL)
        wiring.images().save(replace(image(claims["sub"], dog=2), id=EXAMPLE_ID))
        # Without any original, PixTag would wait for the disk with the photos.
        LocalBreaker(folder).put_object(claims["sub"], EXAMPLE_ID, Rendition.ORIGINAL, b"")
        headers = {"Authorization": f"Bearer {pixtag.signer.sign(claims)}"}
        yield TestClient(app, base_url="http://127.0.0.1:8000", headers=headers, follow_redirects=False)


def find_example(parameter: dict[str, Any]) -> str | None:
    """Return the example of a parameter as a text, or None if it has no example, because it has a list of values."""
    (value,) = [parameter["example"]] if "example" in parameter else parameter["schema"].get("examples", [None])[:1]
    return value if value is None or isinstance(value, str) else json.dumps(value)


def make_body(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the example as an argument of the client. A form with a file gets a picture."""
    content = operation.get("requestBody", {}).get("content", {})
    for media_type, body in content.items():
        example = SCHEMAS[body["schema"]["$ref"].rpartition("/")[2]].get("examples", [{}])[0]
        match media_type:
            case "application/json":
                return {"json": example}
            case "multipart/form-data":
                return {"data": example, "files": {"file": ("street.png", scene(stop_signs=1), "image/png")}}
            case _:
                return {"data": example}
    return {}


@pytest.mark.parametrize("only_required", [True, False])
@pytest.mark.parametrize("name", OPERATIONS)
def test_example_of_operation_is_valid_request(person: TestClient, name: str, *, only_required: bool) -> None:
    method, path, operation = OPERATIONS[name]
    sent: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.get("parameters", []):
        value = find_example(parameter)
        if value is not None and (parameter["required"] or not only_required):
            sent[parameter["in"]][parameter["name"]] = value

    url = path.format(**sent["path"])
    response = person.request(method, url, params=sent["query"], headers=sent["header"], **make_body(operation))

    is_problem = response.status_code in INVALID
    assert not is_problem or response.json()["type"] in UNKNOWN, response.text
    assert response.status_code < 500, response.text
