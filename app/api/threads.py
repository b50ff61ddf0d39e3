"""Runs blocking functions in threads, so that the event loop can handle other requests in the meantime.

Lambda sends one request at a time to each process. There is no other request to handle, and a thread takes longer than
most of these functions, so they run in the event loop there (docs/adr/0058-the-apis-own-time-per-request.md).
"""

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

P = ParamSpec("P")
T = TypeVar("T")

_is_only_request: Final = ContextVar("is_only_request", default=False)


def in_thread(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return a coroutine function that runs the function in a thread, or in the event loop on Lambda."""

    @wraps(function)
    async def run(*args: P.args, **options: P.kwargs) -> T:
        if _is_only_request.get():
            return function(*args, **options)
        return await run_in_threadpool(function, *args, **options)

    return run


class OneRequestMiddleware:
    """ASGI middleware for a process that has one request at a time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app. Functions that block run in the event loop."""
        _is_only_request.set(True)
        await self._app(scope, receive, send)
