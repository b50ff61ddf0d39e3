"""The processes of the local cloud: starts, watches and stops them."""

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

_ROOT = Path(__file__).parents[2]


class LocalCloudError(Exception):
    """The local cloud cannot run. The message is for the person at the terminal."""


class PortTaken(LocalCloudError):
    """A port of the local cloud is in use or does not exist."""


class ProgramEnded(LocalCloudError):
    """A program ended without being stopped."""


class TimedOut(LocalCloudError):
    """A condition did not become true in time."""


class Program:
    """A Python module that runs in its own process during a `with` block.

    Its output goes to the file `log`, or to the terminal if there is no file. Ctrl-C at the terminal does not reach it:
    the process that started it decides when it stops.
    """

    _process: subprocess.Popen[bytes]

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path | None = None
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", *command]
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
        """The id of the process that was started last."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status of the process, or the negative number of the signal that ended it. None while it runs."""
        return self._process.poll()

    def start(self) -> None:
        """Start the process. It can be started again after `stop` or `kill`."""
        with ExitStack() as files:
            output = files.enter_context(self._log.open("ab")) if self._log else None
            self._process = subprocess.Popen(
                self._command,
                cwd=_ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Send SIGTERM and wait until the process has ended. After `STOP_SECONDS`, kill it."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the process. It cannot save anything."""
        self._process.kill()
        self._process.wait()

    def require_running(self) -> None:
        """Check that the process runs.

        Raises:
            ProgramEnded: it has ended. The message contains the end of its log.
        """
        if self.status is not None:
            raise ProgramEnded(f"{self.name} ended with status {self.status}; {self._describe_log()}")

    def wait_for(self, url: str) -> None:
        """Wait until `url` responds with success.

        Raises:
            ProgramEnded: the process has ended.
            TimedOut: there was no such response within `START_SECONDS`.
        """

        def is_ready() -> bool:
            self.require_running()
            return is_up(url)

        wait_until(is_ready, START_SECONDS, f"{self.name} does not respond at {url}; {self._describe_log()}")

    def _describe_log(self) -> str:
        if not self._log:
            return "see its output above."
        lines = self._log.read_text(errors="replace").splitlines()[-MAX_LOG_LINES:]
        return f"the end of {self._log}:\n" + "\n".join(lines)


def wait_until(condition: Callable[[], bool], seconds: float, failure: str) -> None:
    """Wait until the condition is true.

    Raises:
        TimedOut: it is not true after this number of seconds. The message is `failure`.
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


def require_free(port: int, option: str) -> None:
    """Check that a program can listen on the port.

    Raises:
        PortTaken: it cannot. The message names the option that changes the port.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OverflowError as error:
            raise PortTaken(f"There is no port {port}. Choose another with {option}.") from error
        except OSError as error:
            raise PortTaken(f"Port {port}: {error.strerror}. Choose another with {option}.") from error


def find_free_ports(count: int) -> list[int]:
    """Return `count` different ports that were free a moment ago."""
    with ExitStack() as open_sockets:
        probes = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
