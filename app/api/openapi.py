"""The OpenAPI document: what FastAPI derives from the routes, completed by rules that hold for every operation."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.api.problems import Problem, add_answer, responses
from app.api.schemas import LOCATION
from app.domain import errors
from app.domain.ids import EXAMPLE_ID

DESCRIPTION: Final = """A private photo library that tags itself.

Register, confirm your address and sign in (**Authorize**, with your e-mail address as username). Upload
photographs: the objects on each are found and become **tags with counts**. Search by them:
`person>=2, dog`. Everything is yours alone.

**Failures** are answered as [problem+json](https://www.rfc-editor.org/rfc/rfc9457): switch on `type`, show `detail`.
Of a request that is not valid, `errors` lists each fault; of a query, `position` points at the character. When there
is more to do than PixTag takes, the answer is 429 or 503, with `Retry-After` in seconds; the gateway in front of it
may answer so too, in JSON that is no problem+json.

**Requests** have at most 5 MiB: larger photographs go directly to S3, with the form of `POST /uploads`. JSON is read
strictly: no name twice in an object, no unknown name, no number as a text. `GET /usage` tells how much your library
holds and may hold.

**Pages.** Where an answer has `next`, pass it as `cursor` to read on, until it is null.
"""

TAGS: Final = {
    "accounts": "Register, sign in and out: `/auth/token` for programs, `/auth/session` for browsers.",
    "uploads": "Bring photographs in: through a form of S3's, or, if they are small, in one request.",
    "images": "What is in the library, where each tag of an image comes from, and the trash.",
    "detections": "Correct what the model saw, box by box, and have it look again.",
    "search": "Find images: by a query, by tags and counts, by a link, by showing a picture.",
    "tags": "What there is, how often, and corrections on many images at once.",
    "subscriptions": "Be told by e-mail of images that match a query.",
    "export": "Take the library along, page by page.",
    "health": "Whether the API answers.",
}

SERVERS: Final = [
    {"url": "/", "description": "Where this document comes from."},
    {"url": "http://127.0.0.1:8000", "description": "A laptop on which `make run` runs."},
]

IN_PATHS: Final = {
    "image_id": {"description": "The image's `id`.", "example": EXAMPLE_ID},
    "detection_id": {"description": "The detection's `id`.", "example": "5f2b0c1d9e8a"},
    "subscription_id": {"description": "The subscription's `id`.", "example": "5f2b0c1d9e8a7b6c5d4e3f2a1b"},
}

SENT_WITH_STATUS: Final = {"201": LOCATION, "307": LOCATION}
SENT_WITH_SCHEMA: Final = {
    "ImageDetails": {
        "ETag": {
            "description": "The image's version; send it as `If-Match` with a change that is meant for no other.",
            "required": True,
            "schema": {"type": "string", "examples": ['"7"']},
        }
    }
}

Object = dict[str, Any]


def describe(app: FastAPI) -> Object:
    """The document, made once."""
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
        for operation in operations(document):
            _complete(operation, schemas)
        app.openapi_schema = document
    return app.openapi_schema


def operations(document: Object) -> Iterator[Object]:
    """Every operation of the document."""
    for methods in document["paths"].values():
        yield from methods.values()


def _complete(operation: Object, schemas: Object) -> None:
    """Say what holds of an operation because of what it takes, and not because of what it does."""
    answers = operation["responses"]
    if "application/json" in answers.get("422", {}).get("content", {}):
        del answers["422"]  # FastAPI's own: it has its own form, and stands where nothing can be wrong
    for failure in _failures(operation):
        for status, answer in responses(failure).items():
            add_answer(answers, str(status), answer["description"])
    for status, answer in answers.items():
        _complete_answer(status, answer, schemas)
    operation["responses"] = dict(sorted(answers.items()))
    for parameter in operation.get("parameters", []):
        parameter.update(IN_PATHS.get(parameter["name"], {}))
        if parameter["schema"].get("anyOf", [])[1:] == [{"type": "null"}]:  # what is left out is not sent as null
            parameter["schema"].update(parameter["schema"].pop("anyOf")[0])


def _failures(operation: Object) -> Iterator[type[errors.PixTagError]]:
    if "security" in operation:
        yield errors.InvalidToken
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    if "requestBody" in operation or places & {"header", "query"}:
        yield errors.InvalidRequest
    if "requestBody" in operation:
        yield errors.WrongSize


def _complete_answer(status: str, answer: Object, schemas: Object) -> None:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    headers = SENT_WITH_STATUS.get(status, {}) | SENT_WITH_SCHEMA.get(name, {}) | answer.get("headers", {})
    if headers:
        answer["headers"] = headers
    if answer["description"] == "Successful Response":
        answer["description"] = schemas[name]["description"].partition("\n")[0] if name else "It is done."


def _complete_schema(name: str, schema: Object) -> None:
    schema.setdefault("description", f"The form that `{name.removeprefix('Body_')}` takes.")
    for field in schema.get("properties", {}).values():
        if "const" in field:  # a default would make it optional, and generators lose what tells answers apart
            field.pop("default", None)
