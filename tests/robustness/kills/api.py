"""The API in processes that are killed with SIGKILL: `python -m tests.robustness.kills.api PORT KILLS`.

This process listens on the port and forks one API process at a time. While none runs, requests wait for the next one.
An API process is killed a moment after a random number of requests, so that each does some work even on a busy machine.
After the last kill, the program prints a line. The last API process runs until this program is terminated.
"""

import gc
import os
import random
import signal
import socket
import sys
import time
from typing import Final

import uvicorn
from starlette.types import Receive, Scope, Send

from app import wiring
from app.main import app
from infra.local.program import HOST

MAX_REQUESTS: Final = 12
MAX_DELAY_SECONDS: Final = 0.03  # about as long as a request takes
random_delays: Final = random.Random(7)  # noqa: S311 - delays, not secrets


def start_api(listening: socket.socket, pipe: int) -> int:
    """Fork an API process that writes a byte to the pipe for each request, and return its process id."""
    if child := os.fork():
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    async def signal_request(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            os.write(pipe, b"1")
        await app(scope, receive, send)

    uvicorn.Server(uvicorn.Config(signal_request, log_level="critical")).run([listening])
    os._exit(1)


def start_and_kill(listening: socket.socket) -> None:
    """Start an API process and kill it while it handles requests."""
    reader, writer = os.pipe()
    child = start_api(listening, writer)
    for _ in range(random_delays.randint(1, MAX_REQUESTS)):
        os.read(reader, 1)
    time.sleep(random_delays.uniform(0, MAX_DELAY_SECONDS))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    os.close(writer)


def main(port: int, kills: int) -> None:
    """Kill the API as often as `kills` says, then let the last process run."""
    wiring.outbox_worker()  # creates all clients without a connection, which would not survive a fork
    wiring.accounts()
    gc.freeze()
    with socket.create_server((HOST, port), backlog=100) as listening:
        for _ in range(kills):
            start_and_kill(listening)
        last = start_api(listening, os.open(os.devnull, os.O_WRONLY))
        signal.signal(signal.SIGTERM, lambda *_: os.kill(last, signal.SIGKILL))
        print("last process started", flush=True)
        os.waitpid(last, 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
