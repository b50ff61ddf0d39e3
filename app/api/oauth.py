"""Returns the errors of the OAuth 2 routes as the standards say (RFC 6749, section 5.2; RFC 7009, section 2.2.1).

They have the members of a problem, and also `error` and `error_description`. Their media type is `application/json`,
because some clients read no other one.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Coroutine, Iterable
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api import problems
from app.api.challenges import describe
from app.api.request_validation import StrictRoute
from app.domain import errors

MEDIA_TYPE: Final = "application/json"
NOT_CACHED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749, section 5.1

_INVALID_GRANT: Final = (errors.InvalidCredentials, errors.SessionEnded, errors.AccountNotConfirmed)
_CODES: Final = {
    "urn:pixtag:invalid-client": "invalid_client",
    "urn:pixtag:unsupported-token": "unsupported_token_type",  # pragma: allowlist secret
}
_CODES_OF_STATUS: Final = {  # both are codes of RFC 6749, section 4.1.2.1; there are none for the token endpoint
    HTTPStatus.INTERNAL_SERVER_ERROR: "server_error",
    HTTPStatus.INSUFFICIENT_STORAGE: "temporarily_unavailable",
    HTTPStatus.SERVICE_UNAVAILABLE: "temporarily_unavailable",
    HTTPStatus.TOO_MANY_REQUESTS: "temporarily_unavailable",
}


def responses(codes: Iterable[str], *failures: type[errors.PixTagError]) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses for the values of `error` with the status 400, and for other errors."""
    documented = problems.responses(*failures, errors.TooManyRequests)
    names = ", ".join(f"`{code}`" for code in sorted(codes))
    problems.add_response(documented, HTTPStatus.BAD_REQUEST.value, f"The request failed. `error` is one of {names}.")
    return documented


class OAuthRoute(StrictRoute):
    """A route of OAuth 2. No response of it is cached."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return a handler that converts errors."""
        handle = super().get_route_handler()

        async def handle_oauth(request: Request) -> Response:
            try:
                response = await handle(request)
            except (errors.PixTagError, RequestValidationError, HTTPException, *problems.STORE_FAILURES) as error:
                response = _convert(problems.handle(request, error), error)
            response.headers.update(NOT_CACHED)
            return response

        return handle_oauth


def require_one_authentication(request: Request, client_secret: str) -> None:
    """Check how the client authenticates. PixTag's only client is public, so any id and any secret are accepted.

    Raises:
        InvalidClient: the credentials in `Authorization: Basic` cannot be read.
        InvalidRequest: the client authenticates in two ways.
    """
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return
    try:
        decoded = b64decode(credentials.strip(), validate=True)
    except ValueError as error:
        raise errors.InvalidClient from error
    if b":" not in decoded:
        raise errors.InvalidClient
    if client_secret:
        raise errors.InvalidRequest("body/client_secret", "Send it here or in `Authorization`, but not in both.")


def _convert(response: Response, error: Exception) -> Response:
    """Add the members of OAuth to a problem, and change its status."""
    problem = json.loads(bytes(response.body))
    status = HTTPStatus(response.status_code)
    if isinstance(error, _INVALID_GRANT) or status is HTTPStatus.UNPROCESSABLE_ENTITY:
        status = HTTPStatus.BAD_REQUEST
    code = _CODES.get(problem["type"]) or _CODES_OF_STATUS.get(status) or _find_code(error)
    problem |= {"title": status.phrase, "status": status.value}
    problem |= {"error": code, "error_description": describe(problem["detail"])}
    kept = {name: response.headers[name] for name in ("Retry-After", "WWW-Authenticate") if name in response.headers}
    if status is not HTTPStatus.UNAUTHORIZED:
        kept.pop("WWW-Authenticate", None)
    return Response(json.dumps(problem), status, kept, MEDIA_TYPE)


def _find_code(error: Exception) -> str:
    """Return the code of an error of the request itself."""
    if isinstance(error, _INVALID_GRANT):
        return "invalid_grant"
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    names = {fault["loc"][-1] for fault in faults if fault["type"] != "missing" and fault["input"]}
    if "grant_type" in names:
        return "unsupported_grant_type"
    return "invalid_scope" if names == {"scope"} else "invalid_request"
