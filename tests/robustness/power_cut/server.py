"""Starts PixTag on one folder after the other: `python -m tests.robustness.power_cut.server PORT`.

This process listens on the port. For each folder in a line of standard input, it forks an API process, which starts its
worker as in `pixtag run`, and prints `started` or `failed`. An empty line stops the API process, and `stopped` is
printed. A fork takes less time than a new process.
"""

import gc
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from typing_extensions import override

from app.main import app
from infra.local.program import HOST


class StartedServer(uvicorn.Server):
    """A server that writes a byte to a pipe when it accepts connections."""

    def __init__(self, pipe: int) -> None:
        super().__init__(uvicorn.Config(app, log_level="error", lifespan="on"))
        self._pipe = pipe

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        os.write(self._pipe, b"1")


def start(listening: socket.socket, folder: Path) -> int:
    """Fork an API process and wait until it has started. Return its id, or 0 if it has ended."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        os.environ["PIXTAG_DATA"] = str(folder)
        try:
            StartedServer(writer).run([listening])
        finally:
            os._exit(1)
    os.close(writer)
    has_started = os.read(reader, 1)
    os.close(reader)
    if not has_started:
        os.waitpid(child, 0)
    return child if has_started else 0


def main(port: int) -> None:
    """Serve one folder after the other until the input ends."""
    gc.freeze()
    child = 0
    with socket.create_server((HOST, port), backlog=100) as listening:
        for line in sys.stdin:
            if line.strip():
                child = start(listening, Path(line.strip()))
                sys.stdout.write("started\n" if child else "failed\n")
            else:
                os.kill(child, signal.SIGTERM)
                os.waitpid(child, 0)
                sys.stdout.write("stopped\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
