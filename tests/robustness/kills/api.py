"""`python -m tests.robustness.kills.api PORT NUMBER`: the API, so many times killed by kill -9 and begun anew.

Each life is a process of its own, forked from this one, which listens: who asks while none is alive is answered by the
next. A life ends a moment after it was asked for the first, second … time, so that each gets something done however
busy the machine is. A line of standard output tells when the last has begun, which goes on until this process is ended.
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

MOST_REQUESTS: Final = 12
MOMENT: Final = 0.03  # seconds, about as long as a request takes
chance: Final = random.Random(7)  # noqa: S311 - moments, no secrets


def begin(listening: socket.socket, asked: int) -> int:
    """Begin a life that writes a byte to the pipe whenever it is asked, and return the number of its process."""
    if child := os.fork():
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            os.write(asked, b"1")
        await app(scope, receive, send)

    uvicorn.Server(uvicorn.Config(told, log_level="critical")).run([listening])
    os._exit(1)


def live(listening: socket.socket) -> None:
    """Begin a life, and end it while it has something to do."""
    told, asked = os.pipe()
    child = begin(listening, asked)
    for _ in range(chance.randint(1, MOST_REQUESTS)):
        os.read(told, 1)
    time.sleep(chance.uniform(0, MOMENT))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(told)
    os.close(asked)


def main(port: int, number: int) -> None:
    """Warm up, then live and die."""
    wiring.outbox_worker()  # creates all clients without a connection, which would not survive a fork
    wiring.user_pool()
    gc.freeze()
    with socket.create_server((HOST, port), backlog=100) as listening:
        for _ in range(number):
            live(listening)
        last = begin(listening, os.open(os.devnull, os.O_WRONLY))
        signal.signal(signal.SIGTERM, lambda *_: os.kill(last, signal.SIGKILL))
        print("the last", flush=True)
        os.waitpid(last, 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
