"""The commands that start PixTag on one machine: `pixtag run` and plain uvicorn, as processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx

from infra.local.program import HOST, wait_until

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 20

Command = Callable[[int], list[str]]

# `nohup make test` makes all programs ignore SIGHUP. A program that starts with this prefix does not ignore it.
KEEP_HANGUP: Final = ("env", "--default-signal=HUP")


def pixtag_command(port: int) -> list[str]:
    return [sys.executable, "-m", "app.cli", "run", "--port", str(port)]


def uvicorn_command(port: int) -> list[str]:
    return [sys.executable, "-m", "uvicorn", "app.main:app", "--port", str(port)]


def variables(data: Path, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PIXTAG_")}
    return own | {"PIXTAG_DATA": str(data)} | more


def run_to_end(arguments: Sequence[str], data: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        arguments,
        env=variables(data, **more),
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


@contextmanager
def start(arguments: Sequence[str], data: Path, port: int, **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a server, wait until its worker runs, and kill it after the block."""
    with subprocess.Popen(
        [*KEEP_HANGUP, *arguments], env=variables(data), cwd=ROOT, start_new_session=True, **options
    ) as process:
        try:
            wait_until(lambda: is_worker_running(port), SECONDS, "The worker does not run.")
            yield process
        finally:
            process.kill()


def is_worker_running(port: int) -> bool:
    with suppress(httpx.TransportError):
        return bool(httpx.get(f"http://{HOST}:{port}/health", trust_env=False).json()["worker"] == "running")
    return False
