"""Requests to an ASGI app as a server sends them: with a raw path, in chunks, or without an end."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import anyio
from anyio.from_thread import start_blocking_portal
from starlette.types import ASGIApp, Message, Scope

CHUNK_BYTES = 2**16


@dataclass
class Received:
    """The response that a client receives."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    async def take(self, message: Message) -> None:
        """Take a message of the app."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        self.body += message.get("body", b"")


def request(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] = b"",
    *,
    on_end: Callable[[], Message] | None = None,
) -> Received:
    """Send a request in chunks. If `on_end` is given, it returns the message after the last chunk."""
    chunks = iter(split(body) if isinstance(body, bytes) else body)
    received = Received()

    async def receive() -> Message:
        chunk = next(chunks, None)
        if chunk is None and on_end:
            return on_end()
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    run(app, make_scope(method, target, headers), receive, received.take)
    return received


def split(body: bytes, size: int = CHUNK_BYTES) -> Iterable[bytes]:
    """Yield a body in chunks."""
    return (body[start : start + size] for start in range(0, len(body), size))


def make_scope(method: str, target: str, headers: Mapping[str, str] | None = None) -> Scope:
    """Return the scope of a request. The target is a raw path and query, or a URL."""
    if "://" in target:
        target = "/" + target.split("/", 3)[3]
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},  # like uvicorn
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "root_path": "",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", b"127.0.0.1:8000"),
            *((name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }


async def receive_nothing() -> Message:
    """Wait for a message that never arrives."""
    await anyio.sleep_forever()
    raise AssertionError


def run(function: Callable[..., Awaitable[None]], *arguments: Any) -> None:
    """Run a coroutine in another thread. In this thread, Mangum's event loop would be replaced."""
    with start_blocking_portal() as portal:
        portal.call(function, *arguments)
