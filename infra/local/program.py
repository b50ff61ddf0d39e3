"""A program the laptop's cloud is made of: started, watched, stopped; knows nothing of what it does."""

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
LOG_LINES = 30

_ROOT = Path(__file__).parents[2]


class LocalCloudError(Exception):
    """Why the laptop's cloud does not run, in words for the person at the terminal."""


class PortTaken(LocalCloudError):
    """Something else listens where a program was to listen."""


class ProgramEnded(LocalCloudError):
    """A program ended that nobody had stopped."""


class TimeOut(LocalCloudError):
    """What was waited for did not come about."""


class Program:
    """A Python module run as a process of its own, from entering to leaving a `with` block.

    Its output goes to the file `log`, or to the terminal without one. A Ctrl-C at the terminal does not
    reach it: whoever started it decides when it stops.
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
        """The number of the process last started."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """What the process ended with, the negative number of a signal that ended it; None while it runs."""
        return self._process.poll()

    def start(self) -> None:
        """Start the process; again after `stop` or `kill`."""
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
        """Ask the process to end and wait until it has; kill it after `STOP_SECONDS`."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once, without a chance to save anything."""
        self._process.kill()
        self._process.wait()

    def check(self) -> None:
        """Raise ProgramEnded, with the last of its log, unless the process runs."""
        if self.status is not None:
            raise ProgramEnded(f"{self.name} ended with status {self.status}; {self._last_words()}")

    def wait_for(self, url: str) -> None:
        """Return when `url` answers 200; raises ProgramEnded or TimeOut."""

        def ready() -> bool:
            self.check()
            return answers(url)

        wait_until(ready, START_SECONDS, f"{self.name} does not answer at {url}; {self._last_words()}")

    def _last_words(self) -> str:
        if not self._log:
            return "see its output above."
        lines = self._log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return f"the end of {self._log}:\n" + "\n".join(lines)


def wait_until(condition: Callable[[], bool], seconds: float, failure: str) -> None:
    """Return when `condition` holds; raises TimeOut saying `failure` when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeOut(failure)
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether `url` answers 200."""
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def require_free(port: int, option: str) -> None:
    """Raise PortTaken, naming the option that chooses another, unless `port` can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OverflowError as error:
            raise PortTaken(f"There is no port {port}. Choose another with {option}.") from error
        except OSError as error:
            raise PortTaken(f"Port {port}: {error.strerror}. Choose another with {option}.") from error


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nothing listened on a moment ago."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
