"""API processes that a program forks and kills, one after the other. They listen on the same socket.

While none runs, requests wait for the next one.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import Receive, Scope, Send

from app.main import app


def start_api(listening: socket.socket) -> tuple[int, int]:
    """Fork an API process. Return its id, and the end of a pipe to which it writes a byte for each request."""
    reader, writer = os.pipe()
    if child := os.fork():
        os.close(writer)
        return child, reader
    os.close(reader)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    async def signal_request(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with suppress(BrokenPipeError):  # nobody counts the requests of the last process
                os.write(writer, b"1")
        await app(scope, receive, send)

    uvicorn.Server(uvicorn.Config(signal_request, log_level="critical", lifespan="on")).run([listening])
    os._exit(1)


def wait_for_requests(pipe: int, count: int) -> None:
    """Wait until the API process has received some requests. Exit with an error if it ends by itself."""
    for _ in range(count):
        if not os.read(pipe, 1):
            sys.exit("An API process ended by itself.")


def run_last_api(listening: socket.socket, kill: Callable[[int], None]) -> None:
    """Start the last API process, and print a line. After SIGTERM, call `kill` with its id."""
    last, pipe = start_api(listening)
    os.close(pipe)
    signal.signal(signal.SIGTERM, lambda *_: kill(last))
    print("last process started", flush=True)
    with suppress(ChildProcessError):  # `kill` may wait too
        os.waitpid(last, 0)
