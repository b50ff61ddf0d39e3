"""Blocking functions run in threads, except on Lambda, which sends one request at a time to a process."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from threading import get_ident

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fastapi.security.base import SecurityBase
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.file_forms import receive_file
from app.api.request_validation import StrictRoute
from app.api.threads import OneRequestMiddleware, in_thread
from app.main import app


@in_thread
def find_thread(*, offset: int) -> int:
    return get_ident() + offset


def call_app(wrap: type[OneRequestMiddleware] | None) -> list[int]:
    """Return the threads in which a blocking function runs that the app calls."""
    threads: list[int] = []

    async def blocking_app(scope: Scope, receive: Receive, send: Send) -> None:
        threads.append(await find_thread(offset=0))

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        pass

    called: ASGIApp = wrap(blocking_app) if wrap else blocking_app
    with closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(called({"type": "http"}, receive, send))
    return threads


def test_blocking_function_runs_in_another_thread() -> None:
    assert call_app(None) != [get_ident()]


def test_blocking_function_of_the_only_request_runs_in_the_event_loop() -> None:
    assert call_app(OneRequestMiddleware) == [get_ident()]
    assert call_app(None) != [get_ident()]


def test_function_keeps_its_name() -> None:
    assert find_thread.__name__ == "find_thread"


def list_functions(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from list_functions(each)


def test_fastapi_starts_no_thread_for_an_operation() -> None:
    """FastAPI calls every other function in a thread of its own."""
    routes = [context.original_route for context in iter_route_contexts(app.routes)]
    operations = [route for route in routes if isinstance(route, StrictRoute)]

    functions = {function for route in operations for function in [route.endpoint, *list_functions(route.dependant)]}

    assert len(operations) > 80
    assert {
        function
        for function in functions
        if not (asyncio.iscoroutinefunction(function) or isinstance(function, SecurityBase))
    } == {receive_file}
