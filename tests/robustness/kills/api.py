"""The API in processes that are killed with SIGKILL: `python -m tests.robustness.kills.api PORT KILLS`.

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

from app import wiring
from infra.local.program import HOST
from tests.robustness.kills.forked_api import run_last_api, start_api, wait_for_requests

MAX_REQUESTS: Final = 12
MAX_DELAY_SECONDS: Final = 0.03  # about as long as a request takes
random_delays: Final = random.Random(7)  # noqa: S311 - delays, not secrets


def start_and_kill(listening: socket.socket) -> None:
    """Start an API process and kill it while it handles requests."""
    child, pipe = start_api(listening)
    wait_for_requests(pipe, random_delays.randint(1, MAX_REQUESTS))
    time.sleep(random_delays.uniform(0, MAX_DELAY_SECONDS))
    kill(child)
    os.waitpid(child, 0)
    os.close(pipe)


def kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)


def main(port: int, kills: int) -> None:
    """Kill the API as often as `kills` says, then let the last process run."""
    wiring.outbox_worker()  # creates all clients without a connection, which would not survive a fork
    wiring.accounts()
    gc.freeze()
    with socket.create_server((HOST, port), backlog=100) as listening:
        for _ in range(kills):
            start_and_kill(listening)
        run_last_api(listening, kill)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
