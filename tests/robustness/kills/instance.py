"""PixTag on one machine, whose processes are all killed: `python -m tests.robustness.kills.instance PORT KILLS`.

Each API process starts its worker as in `pixtag run`. The first one runs until a line arrives on standard input. Then
the API and its worker are killed at once, again and again, after a random number of requests and a random time. In a
third of the cases, the worker has received a message before.

After the last kill, the program prints a line. The last API process runs until this program is terminated.
"""

import gc
import os
import random
import signal
import socket
import sqlite3
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from infra.local.program import HOST
from tests.robustness.kills.forked_api import run_last_api, start_api, wait_for_requests
from tests.support.local_invariants import connect

MAX_REQUESTS: Final = 12
MAX_DELAY_SECONDS: Final = 0.3  # the worker processes a message in about 0.1 seconds
MAX_WAIT_SECONDS: Final = 3.0  # for a message; a worker process starts in about a second
POLL_SECONDS: Final = 0.01
MAX_BYTES: Final = 2**20  # the pipe of a process that waits for the line has less
random_delays: Final = random.Random()  # noqa: S311 - delays, not secrets


def kill_all(api: int) -> None:
    """Kill an API process and its worker process."""
    workers: list[str] = []
    for thread in Path(f"/proc/{api}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has just ended
            workers += (thread / "children").read_text().split()
    for process in (api, *map(int, workers)):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    os.waitpid(api, 0)


def wait_for_message() -> None:
    """Wait until the worker has received a message, but not too long."""
    ends_at = time.monotonic() + MAX_WAIT_SECONDS
    with closing(connect(Path(os.environ["PIXTAG_DATA"]))) as connection, suppress(sqlite3.OperationalError):
        while time.monotonic() < ends_at and not connection.execute("SELECT 1 FROM message WHERE leased").fetchall():
            time.sleep(POLL_SECONDS)


def start_and_kill(listening: socket.socket, *, is_first: bool) -> None:
    """Start an API process, and kill it and its worker while they work."""
    child, pipe = start_api(listening)
    if is_first:
        sys.stdin.readline()
        os.read(pipe, MAX_BYTES)
    try:
        wait_for_requests(pipe, random_delays.randint(1, MAX_REQUESTS))
        if random_delays.choice((True, False, False)):
            wait_for_message()
        time.sleep(random_delays.uniform(0, MAX_DELAY_SECONDS))
    finally:
        kill_all(child)
        os.close(pipe)


def main(port: int, kills: int) -> None:
    """Kill all processes as often as `kills` says, then let the last ones run."""
    gc.freeze()
    with socket.create_server((HOST, port), backlog=100) as listening:
        for number in range(kills):
            start_and_kill(listening, is_first=number == 0)
        run_last_api(listening, kill_all)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
