"""Maps errors to HTTP statuses, and returns errors as problem+json (RFC 9457)."""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import wiring
from app.api.challenges import BEARER, make_challenge
from app.api.error_statuses import STATUS
from app.api.head_requests import list_methods
from app.domain import errors
from app.domain.parts import MAX_FORM_BYTES as MAX_FORM_FILE_BYTES
from app.settings import InvalidSettings

MEDIA_TYPE: Final = "application/problem+json"
MAX_BODY_BYTES: Final = 5 * 2**20
MAX_FORM_BYTES: Final = MAX_FORM_FILE_BYTES + 2**15  # a file and the fields of its upload form
FORM_PATH: Final = "/objects"  # the bodies of requests to this path are not kept in memory
MAX_FILE_BYTES: Final = 4 * 2**20  # Lambda accepts 6 MB per request. After base64 encoding, 4.5 MB remain.
MAX_FAULTS: Final = 20
MAX_DETAIL_CHARACTERS: Final = 1_000  # a message may quote a very long value
SESSION_COOKIE: Final = "session"
SESSION_PATH: Final = "/auth/session"

_BODY_TOO_LARGE: Final = "The request body has more than 5 MiB. Upload larger photos with POST /uploads."
_FORM_TOO_LARGE: Final = (
    f"The file has more than {MAX_FORM_FILE_BYTES // 2**20} MiB. Send it with POST /uploads in parts."
)

logger: Final = logging.getLogger(__name__)

RETRY_AFTER: Final = {
    "Retry-After": {
        "description": "Seconds to wait before the next attempt.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "examples": [5]},
    }
}
HEADERS: Final[Mapping[int, dict[str, Any]]] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {
            "description": "The authentication scheme.",
            "required": True,
            "schema": {"type": "string", "examples": [BEARER]},
        }
    },
    HTTPStatus.FORBIDDEN: {
        "WWW-Authenticate": {
            "description": "For an API key: that it lacks a scope, and which one (RFC 6750).",
            "required": False,
            "schema": {"type": "string", "examples": [f'{BEARER}, error="insufficient_scope", scope="edit"']},
        }
    },
    HTTPStatus.TOO_MANY_REQUESTS: RETRY_AFTER,
    HTTPStatus.SERVICE_UNAVAILABLE: RETRY_AFTER,
}


class Fault(BaseModel):
    """A fault in a request."""

    pointer: str = Field(
        description="The location of the fault, as a path into the request.", examples=["body/tags/0/count"]
    )
    detail: str = Field(description="A description of the fault.", examples=["Input should be a valid integer"])


class Problem(BaseModel):
    """An error in the format of RFC 9457."""

    type: str = Field(description="The kind of problem.", examples=["urn:pixtag:image-not-found"])
    title: str = Field(description="The HTTP reason phrase.", examples=["Not Found"])
    status: int = Field(description="The HTTP status code.", examples=[404])
    detail: str = Field(
        description="What is wrong and what to do.", examples=["There is no such image in your library."]
    )
    errors: list[Fault] | None = Field(None, description=f"The first {MAX_FAULTS} faults of an invalid request.")
    position: int | None = Field(
        None, description="The 0-based index of the first invalid character in a query.", examples=[8]
    )
    suggestion: str | None = Field(
        None, description="A valid query that you probably mean instead of an invalid one.", examples=["dog, cat"]
    )
    scope: str | None = Field(None, description="The scope that the API key lacks.", examples=["edit"])
    error: str | None = Field(
        None, description="The error code of OAuth 2 (RFC 6749), for its routes only.", examples=["invalid_grant"]
    )
    error_description: str | None = Field(
        None, description="`detail` in ASCII, for clients of OAuth 2.", examples=["The password is wrong."]
    )


def responses(*failures: type[errors.PixTagError]) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses for the errors that a route can return."""
    documented: dict[int | str, dict[str, Any]] = {}
    for failure in failures:
        summary = (failure.__doc__ or "").partition("\n")[0].rstrip(".")
        add_response(documented, STATUS[failure].value, f"{summary} (`urn:pixtag:{_kind(failure)}`).")
    return documented


def add_response(documented: dict[int | str, dict[str, Any]], status: int | str, description: str) -> None:
    """Add an error to an operation's documented responses. An existing description is not added again."""
    existing = documented.get(status, {}).get("description", "")
    if description not in existing:
        headers = {"headers": HEADERS[int(status)]} if int(status) in HEADERS else {}
        documented[status] = headers | {
            "description": f"{existing} Or: {description}" if existing else description,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


class BodyLimitMiddleware:
    """ASGI middleware that rejects request bodies over 5 MiB without reading them completely.

    Files of forms and parts of files are not kept in memory, so they have a larger limit.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app. If it reads more than the limit, WrongSize is raised and the response is 413."""
        is_form = scope["type"] == "http" and _is_file(scope["method"], scope["path"])
        remaining = MAX_FORM_BYTES if is_form else MAX_BODY_BYTES

        async def receive_within_limit() -> Message:
            nonlocal remaining
            message = await receive()
            remaining -= len(message.get("body", b""))
            if remaining < 0:
                raise errors.WrongSize(_FORM_TOO_LARGE if is_form else _BODY_TOO_LARGE)
            return message

        await self._app(scope, receive_within_limit, send)


def _is_file(method: str, path: str) -> bool:
    """Return whether a request sends an upload form or a part of a file."""
    return (method, path) == ("POST", FORM_PATH) or (method == "PUT" and path.startswith(f"{FORM_PATH}/"))


def install(app: FastAPI) -> None:
    """Register exception handlers that return every error as problem+json."""
    app.add_exception_handler(errors.PixTagError, to_response)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(HTTPException, handle_http_exception)
    for failure in wiring.STORE_FAILURES:
        app.add_exception_handler(failure, _handle_aws_failure)
    app.add_exception_handler(Exception, _handle_unexpected_error)


STORE_FAILURES: Final = wiring.STORE_FAILURES


def handle(request: Request, error: Exception) -> Response:
    """Return the response to a request that an expected error has stopped."""
    match error:
        case RequestValidationError():
            return _handle_validation_error(request, error)
        case HTTPException():
            return handle_http_exception(request, error)
        case errors.PixTagError():
            return to_response(request, error)
    return _handle_aws_failure(request, error)


def clear_session(response: Response) -> None:
    """Delete the session cookie in the browser."""
    response.delete_cookie(SESSION_COOKIE, SESSION_PATH, httponly=True, samesite="strict")


def to_response(request: Request, error: Exception) -> Response:
    """Return the response to a request that a PixTag error has stopped."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    headers = {"WWW-Authenticate": challenge} if (challenge := make_challenge(request, error, status)) else {}
    if retry_after := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(retry_after)
    if content_range := getattr(error, "content_range", None):
        headers["Content-Range"] = content_range
    faults = [_make_fault(error.pointer, error.fault)] if isinstance(error, errors.InvalidRequest) else None
    members = {name: getattr(error, name, None) for name in ("position", "suggestion", "scope")}
    response = _make_response(status, _kind(type(error)), str(error), headers, **members, errors=faults)
    if isinstance(error, errors.SessionEnded) and SESSION_COOKIE in request.cookies:
        clear_session(response)
    return response


def _handle_validation_error(request: Request, error: Exception) -> Response:
    failure = cast("RequestValidationError", error)
    if isinstance(failure.body, bytes):  # FastAPI parses a body as JSON only if its media type is JSON
        return to_response(request, errors.InvalidRequest("body", "Send JSON with `Content-Type: application/json`."))
    faults = [
        _make_fault("/".join(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, "))
        for fault in failure.errors()[:MAX_FAULTS]
    ]
    detail = "The request is not valid: " + "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults[:3])
    return _make_response(STATUS[errors.InvalidRequest], "invalid-request", detail, errors=faults)


def handle_http_exception(request: Request, error: Exception) -> Response:
    """Return the problem for an error of the framework, such as an unknown path."""
    failure = cast("HTTPException", error)
    status = HTTPStatus(failure.status_code)
    if status is HTTPStatus.NOT_FOUND:
        return _make_response(status, "no-such-path", "There is nothing at this path. GET /docs lists all paths.")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        allow = list_methods(request.scope)
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Allow": allow})
        return _make_response(status, "method-not-allowed", f"This path supports only: {allow}.", {"Allow": allow})
    # The remaining status is 400. FastAPI raises it for an unreadable body, and for PixTag errors while reading it.
    reason = failure.__cause__
    return to_response(
        request, reason if isinstance(reason, errors.PixTagError) else errors.InvalidRequest("body", failure.detail)
    )


def _handle_aws_failure(request: Request, error: Exception) -> Response:
    logger.error("a request to AWS failed", exc_info=error)
    return to_response(request, wiring.describe_store_failure(error))


def to_settings_response(error: InvalidSettings) -> Response:
    """Return the response to every request while settings are missing or not valid. Only the log names them."""
    logger.error("%s", error)
    detail = "The settings of this PixTag are missing or not valid. Its log names them."
    return _make_response(HTTPStatus.SERVICE_UNAVAILABLE, "invalid-settings", detail, {"Retry-After": "60"})


def _handle_unexpected_error(_request: Request, _error: Exception) -> Response:
    detail = "PixTag has an internal error, which was logged. Try again."
    return _make_response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail)


def _kind(failure: type[Exception]) -> str:
    return "-".join(re.findall("[A-Z][a-z]+", failure.__name__)).lower()


def _make_fault(pointer: str, detail: str) -> Fault:
    return Fault(pointer=pointer[:MAX_DETAIL_CHARACTERS], detail=detail)


def _make_response(
    status: HTTPStatus, kind: str, detail: str, headers: Mapping[str, str] | None = None, **members: Any
) -> Response:
    problem = Problem(
        type=f"urn:pixtag:{kind}",
        title=status.phrase,
        status=status,
        detail=detail[:MAX_DETAIL_CHARACTERS],
        **members,
    )
    return Response(problem.model_dump_json(exclude_none=True), status, headers, media_type=MEDIA_TYPE)
