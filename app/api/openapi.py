"""The OpenAPI document: FastAPI derives it from the routes, then rules for all operations complete it."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.api.problems import Problem, add_response, responses
from app.api.schemas import LOCATION
from app.domain import errors
from app.domain.ids import EXAMPLE_ID

DESCRIPTION: Final = """A private photo library that tags itself.

Register, confirm your e-mail address and sign in (**Authorize**, with your e-mail address as username). Upload
photos: PixTag detects their objects and turns them into **tags with counts**. Search for them: `person>=2, dog`. Only
you can see your library.

**Errors** are [problem+json](https://www.rfc-editor.org/rfc/rfc9457). Programs branch on `type`; people read `detail`.
An invalid request lists its faults in `errors`. An invalid query has the index of the wrong character in `position`.
If you exceed a limit or PixTag is overloaded, the response is 429 or 503 with `Retry-After` in seconds. API Gateway can
also return these two, in JSON that is not problem+json.

**Requests** have at most 5 MiB. Upload larger photos directly to S3, with the form of `POST /uploads`. JSON is parsed
strictly: duplicate keys, unknown keys and numbers in quotes are rejected. `GET /usage` returns your usage and limits.

**Pages.** If a response contains `next`, send it as `cursor` to get the next page. On the last page it is null.
"""

TAGS: Final = {
    "accounts": "Register, sign in and sign out: `/auth/token` for programs, `/auth/session` for browsers.",
    "uploads": "Upload photos: with a form for S3, or small ones in one request.",
    "images": "List, download and delete images, see the source of each tag, and restore images from the trash.",
    "detections": "Correct the detections of an image, and redetect an image or the whole library.",
    "search": "Find images by a query, by tags and counts, by a link or by a picture.",
    "tags": "List the tags of your library with totals, and edit the tags of many images at once.",
    "subscriptions": "Get an e-mail when an image matches a query.",
    "export": "Export your library, page by page.",
    "health": "Check that the API responds.",
}

SERVERS: Final = [
    {"url": "/", "description": "The server of this document."},
    {"url": "http://127.0.0.1:8000", "description": "A laptop that runs `make run`."},
]

PATH_PARAMETERS: Final = {
    "image_id": {"description": "The `id` of the image.", "example": EXAMPLE_ID},
    "detection_id": {"description": "The `id` of the detection.", "example": "5f2b0c1d9e8a"},
    "subscription_id": {"description": "The `id` of the subscription.", "example": "5f2b0c1d9e8a7b6c5d4e3f2a1b"},
}

HEADERS_BY_STATUS: Final = {"201": LOCATION, "307": LOCATION}
HEADERS_BY_SCHEMA: Final = {
    "ImageDetails": {
        "ETag": {
            "description": "The version of the image. Send it as `If-Match` to change only this version.",
            "required": True,
            "schema": {"type": "string", "examples": ['"7"']},
        }
    }
}

Object = dict[str, Any]


def build_document(app: FastAPI) -> Object:
    """Return the OpenAPI document of the app. It is built once."""
    if not app.openapi_schema:
        document = get_openapi(
            title="PixTag",
            version=__version__,
            summary="A private photo library that tags itself.",
            description=DESCRIPTION,
            contact={"name": "The maintainers of PixTag"},
            license_info={"name": "MIT", "identifier": "MIT"},
            servers=SERVERS,
            tags=[{"name": name, "description": text} for name, text in TAGS.items()],
            routes=app.routes,
        )
        schemas = document["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= {**problem.pop("$defs"), "Problem": problem}
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for name, schema in schemas.items():
            _complete_schema(name, schema)
        for operation in iterate_operations(document):
            _complete_operation(operation, schemas)
        app.openapi_schema = document
    return app.openapi_schema


def iterate_operations(document: Object) -> Iterator[Object]:
    """Yield every operation of the document."""
    for methods in document["paths"].values():
        yield from methods.values()


def _complete_operation(operation: Object, schemas: Object) -> None:
    """Add the failures that follow from an operation's input, and describe its responses and parameters."""
    documented = operation["responses"]
    if "application/json" in documented.get("422", {}).get("content", {}):
        del documented["422"]  # FastAPI adds its own schema for 422, also to operations that cannot fail this way
    for failure in _iterate_failures(operation):
        for status, response in responses(failure).items():
            add_response(documented, str(status), response["description"])
    for status, response in documented.items():
        _complete_response(status, response, schemas)
    operation["responses"] = dict(sorted(documented.items()))
    for parameter in operation.get("parameters", []):
        parameter.update(PATH_PARAMETERS.get(parameter["name"], {}))
        if parameter["schema"].get("anyOf", [])[1:] == [{"type": "null"}]:  # clients omit a parameter and send no null
            parameter["schema"].update(parameter["schema"].pop("anyOf")[0])


def _iterate_failures(operation: Object) -> Iterator[type[errors.PixTagError]]:
    if "security" in operation:
        yield errors.InvalidToken
    locations = {parameter["in"] for parameter in operation.get("parameters", [])}
    if "requestBody" in operation or locations & {"header", "query"}:
        yield errors.InvalidRequest
    if "requestBody" in operation:
        yield errors.WrongSize


def _complete_response(status: str, response: Object, schemas: Object) -> None:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    headers = HEADERS_BY_STATUS.get(status, {}) | HEADERS_BY_SCHEMA.get(name, {}) | response.get("headers", {})
    if headers:
        response["headers"] = headers
    if response["description"] == "Successful Response":
        response["description"] = schemas[name]["description"].partition("\n")[0] if name else "Done."


def _complete_schema(name: str, schema: Object) -> None:
    schema.setdefault("description", f"The form of `{name.removeprefix('Body_')}`.")
    for field in schema.get("properties", {}).values():
        if "const" in field:  # with a default it is optional, and generated clients cannot tell responses apart by it
            field.pop("default", None)
