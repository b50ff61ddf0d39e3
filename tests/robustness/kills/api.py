"""`python -m tests.robustness.kills.api PORT NUMBER`: the API, so many times killed by kill -9 and begun anew.

Each life is a process of its own, forked from this one, which listens: who asks while none is alive is answered by the
next. A line of standard output tells when the last life has begun, which goes on until this process is ended.
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

from app import wiring
from app.main import app
from infra.program import HOST

SHORTEST, LONGEST = 0.05, 0.4  # seconds that a life lasts
chance: Final = random.Random(7)  # noqa: S311 - moments, no secrets


def begin(listening: socket.socket) -> int:
    """Begin a life, and return the number of its process."""
    if child := os.fork():
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run([listening])
    os._exit(1)


def main(port: int, number: int) -> None:
    """Warm up, then live and die."""
    wiring.relay()  # and with it all clients, which have sent nothing yet: a connection would not survive a fork
    wiring.userpool()
    gc.freeze()
    with socket.create_server((HOST, port), backlog=100) as listening:
        for _ in range(number):
            child = begin(listening)
            time.sleep(chance.uniform(SHORTEST, LONGEST))
            end(child)
        last = begin(listening)
        signal.signal(signal.SIGTERM, lambda *_: end(last))
        print("the last", flush=True)
        os.waitpid(last, 0)


def end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
