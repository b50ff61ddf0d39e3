"""Ends the clients of a program that kills PixTag if the program has ended. They would repeat requests for ever."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import subprocess


def stop_with(process: "subprocess.Popen[str]") -> Callable[[httpx.Request], None]:
    """Return a function that a client calls before each request. It fails if the process has ended."""

    def require_running(request: httpx.Request) -> None:
        assert process.poll() is None, f"The program that kills PixTag has ended before {request.method} {request.url}."

    return require_running
