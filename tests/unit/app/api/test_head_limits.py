from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from app.api.head_limits import (
    MAX_CONTENT_TYPE,
    MAX_COOKIES,
    MAX_PARAMETERS,
    MAX_QUERY_BYTES,
    HeadLimitMiddleware,
)
from tests.support.asgi import make_scope, receive_nothing, run


def call(scope: Scope) -> tuple[list[Scope], list[Any]]:
    """Call the middleware. Return the scopes that reach the app, and the messages to the client."""
    scopes: list[Scope] = []
    messages: list[Any] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        scopes.append(scope)

    async def send(message: Any) -> None:
        messages.append(message)

    run(HeadLimitMiddleware(app), scope, receive_nothing, send)
    return scopes, messages


@pytest.mark.parametrize(
    ("query", "cookies"),
    [("", ""), ("a=" + "b" * (MAX_QUERY_BYTES - 2), "a=b"), ("&" * (MAX_PARAMETERS - 1), ";" * (MAX_COOKIES - 1))],
)
def test_request_within_the_limits_reaches_the_app(query: str, cookies: str) -> None:
    scope = make_scope("GET", f"/search?{query}", {"Cookie": cookies})

    assert call(scope) == ([scope], [])


@pytest.mark.parametrize(
    ("query", "cookies"), [("a" * (MAX_QUERY_BYTES + 1), ""), ("&" * MAX_PARAMETERS, ""), ("", ";" * MAX_COOKIES)]
)
def test_request_above_a_limit_gets_422(query: str, cookies: str) -> None:
    scopes, messages = call(make_scope("GET", f"/search?{query}", {"Cookie": cookies}))

    assert scopes == []
    assert messages[0]["status"] == 422


@pytest.mark.parametrize(("length", "is_refused"), [(MAX_CONTENT_TYPE, False), (MAX_CONTENT_TYPE + 1, True)])
def test_long_media_type_gets_422(length: int, is_refused: bool) -> None:  # noqa: FBT001 - a parameter of the test
    scope = make_scope("POST", "/search", {"Content-Type": "a" * length})

    scopes, messages = call(scope)

    assert (scopes == [], [each["status"] for each in messages[:1]]) == (is_refused, [422] if is_refused else [])


def test_cookies_in_several_headers_are_counted_together() -> None:
    scope = make_scope("GET", "/")
    scope["headers"] += [(b"cookie", b"a=b")] * (MAX_COOKIES + 1)

    assert call(scope)[1][0]["status"] == 422


def test_messages_that_are_no_requests_reach_the_app() -> None:
    assert call({"type": "lifespan"}) == ([{"type": "lifespan"}], [])
