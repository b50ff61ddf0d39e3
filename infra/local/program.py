"""Starts, monitors and stops the child processes of the local cloud."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

HOST = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10
MAX_LOG_LINES = 30  # in an error message
POLL_SECONDS = 0.05

ROOT = Path(__file__).parents[2]


class LocalCloudError(Exception):
    """The local cloud cannot run. The message is shown in the terminal."""


class PortTaken(LocalCloudError):
    """A port of the local cloud is in use or does not exist."""


class ProgramEnded(LocalCloudError):
    """A program ended unexpectedly."""


class TimedOut(LocalCloudError):
    """A condition was not met in time."""


class Program:
    """A Python module that runs in a child process for the duration of a `with` block.

    Its output goes to the file `log`, or to the terminal if there is no file. `python` is its interpreter. Ctrl-C does
    not reach the child process, because it runs in its own session. Only the parent process stops it.
    """

    _process: subprocess.Popen[bytes]

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path | None = None,
        python: str | Path = sys.executable,
    ) -> None:
        self.name = name
        self._command = [str(python), "-m", *command]
        self._environment = environment
        self._log = log

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The id of the most recently started process."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, or the negative number of the signal that ended the process, or None while it is running."""
        return self._process.poll()

    def start(self) -> None:
        """Start the process. A process that has ended can be started again."""
        with ExitStack() as files:
            output = files.enter_context(self._log.open("ab")) if self._log else None
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Send SIGTERM and wait for the process to end. Kill it after `STOP_SECONDS`."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the process. Its unsaved data is lost."""
        self._process.kill()
        self._process.wait()

    def require_running(self) -> None:
        """Check that the process is running.

        Raises:
            ProgramEnded: the process has ended. The message contains the end of its log.
        """
        if self.status is not None:
            raise ProgramEnded(f"{self.name} ended with status {self.status}{self._describe_log()}")

    def wait_for(self, url: str) -> None:
        """Wait until a GET request to `url` succeeds.

        Raises:
            ProgramEnded: the process has ended.
            TimedOut: no request succeeded within `START_SECONDS`.
        """

        def is_ready() -> bool:
            self.require_running()
            return is_up(url)

        wait_until(is_ready, START_SECONDS, f"{self.name} does not respond at {url}{self._describe_log()}")

    def _describe_log(self) -> str:
        if not self._log:
            return "; see its output above."
        lines = self._log.read_text(errors="replace").splitlines()[-MAX_LOG_LINES:]
        return "\n".join([f"; the end of {self._log}:", *lines]) if lines else "."


def wait_until(condition: Callable[[], bool], seconds: float, failure: str) -> None:
    """Wait until the condition is true.

    Raises:
        TimedOut: the condition is still false after `seconds` seconds. The message is `failure`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimedOut(failure)
        time.sleep(POLL_SECONDS)


def is_up(url: str) -> bool:
    """Return whether `url` responds with a success status."""
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def require_free(port: int) -> None:
    """Check that a program can listen on the port.

    Raises:
        PortTaken: the port is not available.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OverflowError as error:
            raise PortTaken(f"There is no port {port}. Choose another with --port.") from error
        except OSError as error:
            raise PortTaken(f"Port {port}: {error.strerror}. Choose another with --port.") from error


def is_taken(port: int) -> bool:
    """Return whether the port is not available."""
    try:
        require_free(port)
    except PortTaken:
        return True
    return False


def find_free_ports(count: int) -> list[int]:
    """Return `count` different free ports. The ports are not reserved, so another process can still take them."""
    with ExitStack() as open_sockets:
        probes = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]


def stop_on_signals() -> None:
    """Handle SIGTERM like Ctrl-C, which also stops the child processes.

    Shells make background processes ignore SIGINT, so its handler is restored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
