"""Runs the worker process of one machine, and starts it again when it ends."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

logger: Final = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-P", "-m", "app.local_worker")
FIRST_PAUSE_SECONDS: Final = 1.0
MAX_PAUSE_SECONDS: Final = 30.0
STABLE_SECONDS: Final = 60  # after this time, the next pause is short again
STOP_SECONDS: Final = 0.1  # for the current message, and then for the end of the process

# By default, glibc keeps the memory of large photos. With these settings, it returns blocks of 1 MiB and more at once.
# Source: https://man7.org/linux/man-pages/man3/mallopt.3.html
_MEMORY_SETTINGS: Final = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": str(2**20)}

_PACKAGES: Final = Path(__file__).parents[1]


def worker_environment(data: Path) -> dict[str, str]:
    """Return this process's environment variables, with those that the worker process needs."""
    paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **_MEMORY_SETTINGS,
        "POWERTOOLS_LOG_LEVEL": "WARNING",
        **os.environ,
        "PIXTAG_DATA": str(data.resolve()),
        "POWERTOOLS_SERVICE_NAME": "worker",
        "PYTHONPATH": os.pathsep.join(paths),
    }


class Supervisor:
    """Runs a command. If its process ends, starts it again after a pause.

    A pause is twice as long as the one before. The process has its own session, so Ctrl-C does not reach it. It must
    end at once when its standard input ends. This also happens when the supervising process is killed.

    Args:
        environment: The environment variables of the process.
        lock: The file descriptor of the lock that the process inherits.
        on_crash: A function that is called each time the process has ended by itself.
        command: The program and its arguments.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        lock: int,
        on_crash: Callable[[], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._environment = environment
        self._inherited = lock
        self._on_crash = on_crash
        self._command = command
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The id of the most recently started process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process runs. It does not run during a pause."""
        return self._process.returncode is None

    def stop(self) -> None:
        """Stop the process. It has `STOP_SECONDS` for its current message, and again for its end. Then it is killed."""
        with self._lock:
            self._stopping.set()
            self._process.terminate()
        for end in (_end_input, subprocess.Popen.kill):
            self._thread.join(STOP_SECONDS)
            if self._thread.is_alive():
                end(self._process)
        self._thread.join()
        _end_input(self._process)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - PixTag's own program
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            pass_fds=[self._inherited],
            start_new_session=True,
        )

    def _watch(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            started_at = time.monotonic()
            status = self._process.wait()
            if time.monotonic() - started_at >= STABLE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            if self._stopping.is_set():
                return
            self._on_crash()
            logger.error("%s. It starts again in %g s.", _describe_end(status), pause)
            if self._stopping.wait(pause) or not self._restart():
                return
            pause = min(2 * pause, MAX_PAUSE_SECONDS)

    def _restart(self) -> bool:
        """Start the process again. Return false if it must not run any more."""
        with self._lock:
            if self._stopping.is_set():
                return False
            _end_input(self._process)
            try:
                self._process = self._start()
            except OSError:  # for example, no memory is left; the next pause follows
                logger.exception("The worker cannot be started.")
            return True


def _end_input(process: subprocess.Popen[bytes]) -> None:
    cast("IO[bytes]", process.stdin).close()


def _describe_end(status: int) -> str:
    if status == -signal.SIGALRM:
        return "The worker exceeded the time limit of a message"
    return f"The worker ended with status {status}"


@contextmanager
def supervise_worker(data: Path, lock: int, on_crash: Callable[[], None]) -> Iterator[Supervisor]:
    """Run the worker process for the duration of a `with` block. See `Supervisor`."""
    supervisor = Supervisor(worker_environment(data), lock, on_crash)
    try:
        yield supervisor
    finally:
        supervisor.stop()
