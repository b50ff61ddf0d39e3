"""Builds the OpenAPI document. FastAPI derives it from the routes, and this module completes it."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.api.oauth import MEDIA_TYPE as OAUTH_TYPE
from app.api.openapi_examples import add_examples
from app.api.problems import MEDIA_TYPE as PROBLEM_TYPE
from app.api.problems import SESSION_COOKIE, Problem, add_response, responses
from app.api.request_validation import MAX_PATH_PARAMETER
from app.api.schemas import LOCATION
from app.api.scopes import SCOPES
from app.domain import errors
from app.domain.ids import EXAMPLE_ID

DESCRIPTION: Final = """A private photo library that tags itself.

Register, confirm your e-mail address and sign in. Under **Authorize**, enter your e-mail address as the username.
Upload photos. PixTag detects the objects in each photo and creates **tags with counts**. Search your photos with
queries such as `person>=2, dog`. Only you can see your library.

**API keys** let programs use your library. `POST /keys` creates one with some of the scopes `read`, `upload` and
`edit`. Send it as `Authorization: Bearer pixtag_…` instead of an access token. Each operation names the scope that it
needs. If the key lacks it, the response is 403, and `scope` names the scope.

**Errors** are [problem+json](https://www.rfc-editor.org/rfc/rfc9457). `type` is for programs, and `detail` is for
people. For an invalid request, `errors` lists the faults. For an invalid query, `position` is the index of the first
invalid character. If you exceed a limit, the response is 429. If PixTag is overloaded, the response is 503. Both
responses contain `Retry-After` in seconds. On AWS, API Gateway can also return 429 and 503 in JSON that is not
problem+json. On one machine, the response is 507 if the disk is full.

**Conditional requests.** Most responses to GET have an `ETag`. Send it as `If-None-Match`, and the response is 304
without content if nothing has changed and the links are still fresh. Send the `ETag` of an image or an album as
`If-Match` to change only this version. HEAD works wherever GET does.

**Requests** can have at most 5 MiB. Upload larger photos with a form from `POST /uploads`. JSON is parsed strictly.
Duplicate keys, unknown keys and numbers in quotes are rejected. `GET /usage` returns your usage and
limits.

**Pages.** If a response contains `next`, send its value as `cursor` to get the next page. On the last page, `next` is
null.
"""

TAGS: Final = {
    "accounts": "Register, sign in and sign out. Programs use `/auth/token`, and browsers use `/auth/session`.",
    "administration": "See the disk and the people of one machine, close registration and delete accounts. Only for the"
    " administrator: the person whose account was confirmed first. Not on AWS.",
    "keys": "Give programs access to your library with API keys, which you can revoke.",
    "uploads": "Upload photos with a form, or upload small photos in one request.",
    "images": "List images by capture time or upload, set their dates, mark favourites, see the source of each tag,"
    " download and delete images, and restore them from the trash.",
    "detections": "Draw boxes, correct and review detections, and redetect an image or the whole library.",
    "search": "Find images by a query, by tags and counts, by a link, or by a picture.",
    "tags": "List your library's tags with totals, and edit the tags of many images at once.",
    "albums": "Collect images in albums.",
    "shares": "Show photos, an album or a saved search to people without an account, with a link that you can end.",
    "operations": "Undo a change of many images.",
    "subscriptions": "Get an e-mail when an image matches a query.",
    "export": "Export your library page by page.",
    "health": "Check that the API responds.",
}

SERVERS: Final = [
    {"url": "/", "description": "The server that provides this document."},
    {"url": "http://127.0.0.1:8000", "description": "PixTag on your own machine."},
]

PATH_PARAMETERS: Final = {
    "image_id": {"description": "The `id` of the image.", "example": EXAMPLE_ID},
    "detection_id": {"description": "The `id` of the detection or the drawn box.", "example": "5f2b0c1d9e8a"},
    "album_id": {"description": "The `id` of the album.", "example": EXAMPLE_ID},
    "group_id": {"description": "The `id` of the group.", "example": EXAMPLE_ID},
    "key_id": {"description": "The `id` of the API key.", "example": EXAMPLE_ID},
    "share_id": {"description": "The `id` of the share.", "example": EXAMPLE_ID},
    "subscription_id": {"description": "The `id` of the subscription.", "example": "5f2b0c1d9e8a7b6c5d4e3f2a1b"},
}

API_KEY: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "pixtag_…",
    "description": "An API key from `POST /keys`. The operation names the scope that the key needs.",
}

OAUTH: Final = {"createToken", "revokeToken"}  # their errors follow OAuth 2, see `oauth.py`

WITHOUT_TAG: Final = {"getHealth", "getOriginal"}  # the state now; a redirect
TAG: Final = {
    "description": "A digest of the response. Send it as `If-None-Match` to get the response only if it has changed.",
    "required": True,
    "schema": {"type": "string", "examples": ['W/"1f0c"']},
}

COOKIE: Final = {
    "type": "apiKey",
    "in": "cookie",
    "name": SESSION_COOKIE,
    "description": "The session cookie from `POST /auth/session`. Browsers send it themselves. Scripts cannot read it.",
}
COOKIE_SECURITY: Final[dict[str, list[dict[str, list[str]]]]] = {
    "refreshSession": [{"sessionCookie": []}],
    "deleteSession": [{"sessionCookie": []}, {}],  # signing out without a session succeeds too
}

HEADERS_BY_STATUS: Final = {"201": LOCATION, "307": LOCATION}
HEADERS_BY_SCHEMA: Final = {
    name: {
        "ETag": {
            "description": f"The version of the {subject}, and a digest of the response. Send it as `If-Match` to"
            " change only this version, or as `If-None-Match`.",
            "required": True,
            "schema": {"type": "string", "examples": ['"7.1f0c"']},
        }
    }
    for name, subject in (("AlbumResponse", "album"), ("ImageDetails", "image"))
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
        for operation in iterate_operations(document):
            _name_form(operation, schemas)
        for name, schema in schemas.items():
            _complete_schema(name, schema)
        add_examples(schemas)
        document["components"]["securitySchemes"] |= {"apiKey": API_KEY, "sessionCookie": COOKIE}
        for operation in iterate_operations(document):
            _add_scope(operation)
            _complete_operation(operation, schemas)
        for methods in document["paths"].values():
            _add_tag(methods.get("get", {}))
        app.openapi_schema = document
    return app.openapi_schema


def iterate_operations(document: Object) -> Iterator[Object]:
    """Yield every operation of the document."""
    for methods in document["paths"].values():
        yield from methods.values()


def _name_form(operation: Object, schemas: Object) -> None:
    """Move the schema of a form with a file to the components, so that generated clients have a name for it."""
    form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {})
    if "properties" in form.get("schema", {}):
        name = f"Body_{operation['operationId']}"
        schemas[name] = form["schema"] | {"title": name}
        form["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _add_tag(operation: Object) -> None:
    """Add the entity tag of an operation that reads, except of those that are not routes of the API themselves."""
    response = operation.get("responses", {}).get("200", {})
    if response and operation["operationId"] not in WITHOUT_TAG:
        response.setdefault("headers", {}).setdefault("ETag", TAG)


def _add_scope(operation: Object) -> None:
    """Allow API keys if a scope contains the operation, and name the scope.

    OpenAPI 3.1 can list it in `security`. People do not see it there, and linters expect scopes only of OAuth.
    """
    if scope := SCOPES.get(operation["operationId"]):
        operation["security"].append({"apiKey": []})
        operation["description"] += f"\n\nAn API key needs the scope `{scope.value}`."


def _complete_operation(operation: Object, schemas: Object) -> None:
    """Add the errors that every operation with such input can return, and complete responses and parameters.

    An empty `security` declares that an operation is public.
    """
    documented = operation["responses"]
    if "application/json" in documented.get("422", {}).get("content", {}):
        del documented["422"]  # FastAPI documents its own 422 response, even for operations that never return it
    for failure in _iterate_failures(operation):
        for status, response in responses(failure).items():
            add_response(documented, str(status), response["description"])
    for status, response in documented.items():
        _complete_response(status, response, schemas)
    _convert_errors_of_oauth(operation, documented)
    operation["responses"] = dict(sorted(documented.items()))
    for parameter in operation.get("parameters", []):
        parameter.update(PATH_PARAMETERS.get(parameter["name"], {}))
        if parameter["in"] == "path":
            parameter["schema"].setdefault("maxLength", MAX_PATH_PARAMETER)
        if parameter["schema"].get("anyOf", [])[1:] == [
            {"type": "null"}
        ]:  # clients omit a parameter and never send null
            parameter["schema"].update(parameter["schema"].pop("anyOf")[0])
    operation.setdefault("security", COOKIE_SECURITY.get(operation["operationId"], []))


def _convert_errors_of_oauth(operation: Object, documented: Object) -> None:
    """Change the media type of the errors of a route of OAuth 2. An invalid request has the status 400."""
    if operation["operationId"] not in OAUTH:
        return
    documented.pop("422", None)
    for response in documented.values():
        if problem := response.get("content", {}).pop(PROBLEM_TYPE, None):
            response["content"][OAUTH_TYPE] = problem


def _iterate_failures(operation: Object) -> Iterator[type[errors.PixTagError]]:
    yield errors.TooManyRequests
    if "security" in operation:
        yield errors.InvalidToken
        yield errors.InsufficientScope if operation["operationId"] in SCOPES else errors.KeyNotAllowed
    parameters = operation.get("parameters", [])
    locations = {parameter["in"] for parameter in parameters}
    if any(parameter["name"] == "if-match" for parameter in parameters):
        yield errors.InvalidPrecondition
    if operation["operationId"] not in OAUTH and ("requestBody" in operation or locations & {"header", "query"}):
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
        response["description"] = schemas[name]["description"].partition("\n")[0] if name else "The request succeeded."


def _complete_schema(name: str, schema: Object) -> None:
    schema.setdefault("description", f"The form fields of `{name.removeprefix('Body_')}`.")
    for field in schema.get("properties", {}).values():
        if "const" in field:  # with a default, it is optional, and generated clients cannot use it as a discriminator
            field.pop("default", None)
