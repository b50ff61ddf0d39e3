"""Rejects requests whose head has very many parts, because libraries parse each part with several lines of Python."""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import problems
from app.domain.errors import InvalidRequest

MAX_PARAMETERS: Final = 20
MAX_QUERY_BYTES: Final = 2**15
MAX_COOKIES: Final = 100  # all servers of one machine share their cookies
MAX_CONTENT_TYPE: Final = 512  # characters


class HeadLimitMiddleware:
    """ASGI middleware that checks the query string and some headers of each request before anything parses them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, or respond with 422."""
        try:
            if scope["type"] == "http":
                _check_head(scope)
        except InvalidRequest as error:
            await problems.to_response(Request(scope), error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _check_head(scope: Scope) -> None:
    query, headers = scope["query_string"], Headers(scope=scope)
    if len(query) > MAX_QUERY_BYTES or query.count(b"&") >= MAX_PARAMETERS:
        raise InvalidRequest("query", f"Send at most {MAX_PARAMETERS} parameters and {MAX_QUERY_BYTES // 2**10} KiB.")
    if sum(cookies.count(";") + 1 for cookies in headers.getlist("Cookie")) > MAX_COOKIES:
        raise InvalidRequest("header/cookie", f"Send at most {MAX_COOKIES} cookies.")
    if len(headers.get("Content-Type", "")) > MAX_CONTENT_TYPE:
        raise InvalidRequest("header/content-type", f"Send at most {MAX_CONTENT_TYPE} characters.")
