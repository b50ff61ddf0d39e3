"""Answers HEAD at every path that supports GET, and lists the methods of a path."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import BaseRoute, Match, Mount, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")

_MARK: Final = "pixtag.head"
_ROUTE_KEYS: Final = ("path_params", "route")  # the access log reads them


class HeadMiddleware:
    """ASGI middleware that runs the GET request and sends its response without the content.

    So HEAD has the same headers, `Content-Length` included (RFC 9110, section 9.3.2).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app. Of a stream, only the headers are sent."""
        if scope.get("method") != "HEAD":
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]  # only GET has ranges (14.2)
        get_scope = {**scope, "method": "GET", "headers": headers, _MARK: True}
        is_sent = False

        async def send_without_content(message: Message) -> None:
            nonlocal is_sent
            if message["type"] == "http.response.start":
                scope.update({key: get_scope[key] for key in _ROUTE_KEYS if key in get_scope})
                await send(message)
            elif not is_sent:
                is_sent = True
                await send({"type": "http.response.body"})

        await self._app(get_scope, receive, send_without_content)


def is_head(request: Request) -> bool:
    """Return whether the content of the response is not sent, so that nothing needs to read it."""
    return _MARK in request.scope


def list_methods(scope: Mapping[str, Any]) -> str:
    """Return the methods that the path of a request supports, as in `Allow`."""
    found = _find_documented(scope) or [method for method in METHODS if _is_routed({**scope, "method": method})]
    return ", ".join(sorted([*found, "OPTIONS", *(["HEAD"] if "GET" in found else [])]))


def _find_documented(scope: Mapping[str, Any]) -> list[str]:
    """Return the methods of an operation. `/images/trash` is no image, so a path without parameters goes first."""
    documented: Mapping[str, Mapping[str, Any]] = scope["app"].openapi()["paths"]
    path = scope["path"]
    matching = (
        path if path in documented else next((each for each in documented if compile_path(each)[0].match(path)), "")
    )
    return [method.upper() for method in documented.get(matching, ())]


def _is_routed(scope: Scope) -> bool:
    """Return whether one of the routes that are not documented matches, such as that of a page."""
    whole = {**scope, "root_path": scope.get("app_root_path", scope["root_path"])}  # a mount shortens the path
    return any(_matches(route, whole) for route in scope["app"].routes)


def _matches(route: BaseRoute, scope: Scope) -> bool:
    if isinstance(route, Mount) and scope["method"] != "GET":  # it serves files, but matches each method
        return False
    return route.matches(scope)[0] is Match.FULL
