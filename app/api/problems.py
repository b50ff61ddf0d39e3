"""Every failure as RFC 9457 problem+json; the only table of HTTP statuses."""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain import errors
from app.wiring import AWS_FAILURES

MEDIA_TYPE: Final = "application/problem+json"
MAX_BODY_BYTES: Final = 5 * 2**20
MAX_FILE_BYTES: Final = 4 * 2**20  # Lambda takes 6 MB a request, of which base64 leaves three quarters
MAX_FAULTS: Final = 20
MAX_DETAIL: Final = 1_000  # characters: what is wrong may be megabytes, and is told in few words
SESSION_COOKIE: Final = "session"
SESSION_PATH: Final = "/auth/session"

logger: Final = logging.getLogger(__name__)

STATUS: Final[Mapping[type[errors.PixTagError], HTTPStatus]] = {
    errors.AccountNotConfirmed: HTTPStatus.FORBIDDEN,
    errors.AssetNotFound: HTTPStatus.NOT_FOUND,
    errors.DetectionNotFound: HTTPStatus.NOT_FOUND,
    errors.CsrfHeaderMissing: HTTPStatus.FORBIDDEN,
    errors.ImageChanged: HTTPStatus.CONFLICT,
    errors.ImageNotFound: HTTPStatus.NOT_FOUND,
    errors.InvalidAccount: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidCode: HTTPStatus.BAD_REQUEST,
    errors.InvalidCredentials: HTTPStatus.UNAUTHORIZED,
    errors.InvalidCursor: HTTPStatus.BAD_REQUEST,
    errors.InvalidPhoto: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidQuery: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidTag: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidToken: HTTPStatus.UNAUTHORIZED,
    errors.IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidState: HTTPStatus.CONFLICT,
    errors.OriginBypassed: HTTPStatus.FORBIDDEN,
    errors.PhotoExists: HTTPStatus.CONFLICT,
    errors.QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    errors.RedetectionNotFound: HTTPStatus.NOT_FOUND,
    errors.SessionEnded: HTTPStatus.UNAUTHORIZED,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.SubscriptionNotFound: HTTPStatus.NOT_FOUND,
    errors.TooManySubscriptions: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyTags: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UiNotBuilt: HTTPStatus.NOT_FOUND,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UnsupportedType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.VersionOutdated: HTTPStatus.PRECONDITION_FAILED,
    errors.WrongSize: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}

RETRY_AFTER: Final = {
    "Retry-After": {
        "description": "When to try again, in seconds from now.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "examples": [5]},
    }
}
HEADERS: Final[Mapping[int, dict[str, Any]]] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {
            "description": "How to show who you are.",
            "required": True,
            "schema": {"const": "Bearer", "type": "string"},
        }
    },
    HTTPStatus.TOO_MANY_REQUESTS: RETRY_AFTER,
    HTTPStatus.SERVICE_UNAVAILABLE: RETRY_AFTER,
}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="Where: a path into the request.", examples=["body/tags/0/count"])
    detail: str = Field(description="What is wrong there.", examples=["Input should be a valid integer"])


class Problem(BaseModel):
    """What went wrong and what to do about it (RFC 9457)."""

    type: str = Field(description="The kind of problem.", examples=["urn:pixtag:image-not-found"])
    title: str = Field(description="The HTTP status in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(
        description="What happened and what to do.", examples=["There is no such image in your library."]
    )
    errors: list[Fault] | None = Field(None, description="Each fault of an invalid request.")
    position: int | None = Field(
        None, description="The 0-based index of the character at fault in a query.", examples=[8]
    )


def responses(*failures: type[errors.PixTagError]) -> dict[int | str, dict[str, Any]]:
    """What a route has to declare in its OpenAPI description, for the failures it can answer with."""
    documented: dict[int | str, dict[str, Any]] = {}
    for failure in failures:
        said = (failure.__doc__ or "").partition("; ")[0].rstrip(".")
        add_answer(documented, STATUS[failure].value, f"{said} (`urn:pixtag:{_kind(failure)}`).")
    return documented


def add_answer(documented: dict[int | str, dict[str, Any]], status: int | str, said: str) -> None:
    """Describe one more failure of a status among the answers of an operation, unless it is there."""
    known = documented.get(status, {}).get("description", "")
    if said not in known:
        headers = {"headers": HEADERS[int(status)]} if int(status) in HEADERS else {}
        documented[status] = headers | {
            "description": f"{known} Or: {said}" if known else said,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


class BodyLimitMiddleware:
    """ASGI middleware: ends a request whose body is larger than any operation takes, without reading it all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; reading beyond the limit answers it with 413."""
        left = MAX_BODY_BYTES

        async def receive_within_limit() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise errors.WrongSize("The body of a request has at most 5 MiB.")
            return message

        await self._app(scope, receive_within_limit, send)


def install(app: FastAPI) -> None:
    """Make the app answer every failure in this one shape."""
    app.add_exception_handler(errors.PixTagError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for failure in AWS_FAILURES:
        app.add_exception_handler(failure, _unavailable)
    app.add_exception_handler(Exception, _unexpected)


def clear_session(answer: Response) -> None:
    """Let the browser forget its session."""
    answer.delete_cookie(SESSION_COOKIE, SESSION_PATH, httponly=True, samesite="strict")


def _known(request: Request, error: Exception) -> Response:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    headers = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if retry_after := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(retry_after)
    faults = [_fault(error.pointer, error.fault)] if isinstance(error, errors.InvalidRequest) else None
    answer = _answer(
        status, _kind(type(error)), str(error), headers, position=getattr(error, "position", None), errors=faults
    )
    if isinstance(error, errors.SessionEnded) and SESSION_COOKIE in request.cookies:
        clear_session(answer)
    return answer


def _kind(failure: type[Exception]) -> str:
    return "-".join(re.findall("[A-Z][a-z]+", failure.__name__)).lower()


def _invalid(request: Request, error: Exception) -> Response:
    failure = cast("RequestValidationError", error)
    if isinstance(failure.body, bytes):  # FastAPI reads as JSON only what is said to be JSON
        return _known(request, errors.InvalidRequest("body", "Send JSON, as `Content-Type: application/json`."))
    faults = [
        _fault("/".join(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, "))
        for fault in failure.errors()[:MAX_FAULTS]
    ]
    detail = "The request is not valid: " + "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults[:3])
    return _answer(STATUS[errors.InvalidRequest], "invalid-request", detail, errors=faults)


def _fault(pointer: str, detail: str) -> Fault:
    return Fault(pointer=pointer[:MAX_DETAIL], detail=detail)


def _http(request: Request, error: Exception) -> Response:
    failure = cast("HTTPException", error)
    status = HTTPStatus(failure.status_code)
    if status is HTTPStatus.NOT_FOUND:
        return _answer(status, "no-such-path", "There is nothing at this path. GET /docs shows what there is.")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        allow = _methods(request) or (failure.headers or {})["Allow"]
        return _answer(status, "method-not-allowed", f"This path takes only: {allow}.", {"Allow": allow})
    # What is left is 400, when a body could not be read; FastAPI makes it of our own errors too.
    reason = failure.__cause__
    return _known(
        request, reason if isinstance(reason, errors.PixTagError) else errors.InvalidRequest("body", failure.detail)
    )


def _methods(request: Request) -> str:
    """The methods that the document has for the path; Starlette names only those of the first route that matches."""
    paths: Mapping[str, Mapping[str, Any]] = request.app.openapi()["paths"]
    path = request.url.path
    same = path if path in paths else next((one for one in paths if compile_path(one)[0].match(path)), "")
    return ", ".join(sorted(map(str.upper, paths[same]))) if same else ""


def _unavailable(request: Request, error: Exception) -> Response:
    logger.error("AWS did not do its part", exc_info=error)
    return _known(request, errors.Unavailable())


def _unexpected(_request: Request, _error: Exception) -> Response:
    detail = "Something went wrong on our side. It was logged; please try again."
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail)


def _answer(
    status: HTTPStatus, kind: str, detail: str, headers: Mapping[str, str] | None = None, **members: Any
) -> Response:
    problem = Problem(
        type=f"urn:pixtag:{kind}", title=status.phrase, status=status, detail=detail[:MAX_DETAIL], **members
    )
    return Response(problem.model_dump_json(exclude_none=True), status, headers, media_type=MEDIA_TYPE)
