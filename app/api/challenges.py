"""Writes the header `WWW-Authenticate`, which says how to authenticate (RFC 6750, section 3; RFC 7617)."""

import re
from http import HTTPStatus
from typing import Final

from fastapi import Request

from app.domain import errors

BEARER: Final = 'Bearer realm="PixTag"'
BASIC: Final = 'Basic realm="PixTag"'
MAX_DESCRIPTION: Final = 500  # characters

_REPLACED: Final = {'"': "'", "\\": "/", "\N{HORIZONTAL ELLIPSIS}": "..."}
_FORBIDDEN: Final = re.compile(r"[^ !#-\[\]-~]")


def make_challenge(request: Request, error: Exception, status: HTTPStatus) -> str:
    """Return the header's value, or an empty text.

    A request without credentials gets no error code, as RFC 6750 demands.
    """
    description = f'error_description="{describe(str(error))}"'
    match error:
        case errors.InsufficientScope():
            return f'{BEARER}, error="insufficient_scope", {description}, scope="{error.scope}"'
        case errors.KeyNotAllowed():
            return f'{BEARER}, error="insufficient_scope", {description}'
        case errors.InvalidToken() if _has_token(request):
            return f'{BEARER}, error="invalid_token", {description}'
        case errors.InvalidClient():
            return BASIC
    return BEARER if status is HTTPStatus.UNAUTHORIZED else ""


def describe(text: str) -> str:
    """Return a text with the characters that `error_description` may have (RFC 6749, section 5.2)."""
    replaced = "".join(_REPLACED.get(character, character) for character in text[:MAX_DESCRIPTION])
    return _FORBIDDEN.sub("?", replaced)


def _has_token(request: Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and bool(token.strip())
