"""Counts the lines of Python that an ASGI app executes for a request, which do not depend on the machine's speed."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import anyio.to_thread
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send


class LineCounter:
    """An ASGI app that calls another one and counts its lines, also those of libraries.

    Functions that the app runs in a thread run in the event loop instead, so that they are counted. `sys.settrace` is
    used in all versions of Python, because coverage and debuggers use `sys.monitoring` in the newer ones.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.lines = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app. `lines` is the number of lines of this request."""
        self.lines = 0
        previous = sys.gettrace()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(anyio.to_thread, "run_sync", _run_here)
            sys.settrace(self._trace)
            try:
                await self._app(scope, receive, send)
            finally:
                sys.settrace(previous)

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        self.lines += event == "line"
        return self._trace


IGNORED: Final = {"abandon_on_cancel", "cancellable", "limiter"}


async def _run_here(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    assert options.keys() <= IGNORED
    return function(*arguments)
