"""Locks the data folder, so that only one instance of PixTag uses it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from app.domain.errors import StartFailed

ORPHAN_SECONDS: Final = 5.0  # the worker of a killed instance ends by itself
POLL_SECONDS: Final = 0.02

_PROC: Final = Path("/proc")


class InstanceLock:
    """A lock file. Its text names the process that took the lock.

    The system frees the lock when all processes that have inherited it have ended, however they end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def touch(self) -> None:
        """Create the file if it does not exist. Raise OSError if it cannot be written."""
        self._open().close()

    @contextmanager
    def hold(self, address: str) -> Iterator[int]:
        """Hold the lock, and yield its file descriptor. A child process that inherits the descriptor holds it too.

        Raises:
            StartFailed: another process has the lock. The message names it.
        """
        with self._open() as file:
            self._lock(file)
            file.truncate(0)
            file.write(f"{os.getpid()} {address}\n")
            file.flush()
            yield file.fileno()

    def require_free(self) -> None:
        """Check that no process has the lock.

        Raises:
            StartFailed: a process has it. The message names it.
        """
        with suppress(OSError), self._open() as file:
            self._lock(file)

    def _open(self) -> IO[str]:
        return self._path.open("a+", encoding="utf-8")

    def _lock(self, file: IO[str]) -> None:
        """Take the lock. If the process in the file does not exist, wait for the end of its child processes."""
        ends_at = time.monotonic() + ORPHAN_SECONDS
        while not _try_lock(file):
            file.seek(0)
            process, _, address = file.read().strip().partition(" ")
            if _exists(process):
                where = f" at {address}" if address else ""
                raise StartFailed(
                    f"PixTag is already running, process {process}{where}. It uses the folder {self._path.parent}."
                    " Stop it first, or choose another folder with --data, DATA= of make, or PIXTAG_DATA."
                )
            if time.monotonic() >= ends_at:
                raise StartFailed(
                    f"A worker of PixTag{self._describe_holder()} still uses the folder {self._path.parent}, although"
                    " its PixTag has ended. Wait until it ends, or kill it, then start PixTag again."
                )
            time.sleep(POLL_SECONDS)

    def _describe_holder(self) -> str:
        """Return the id of a process that has the file open, as a part of a sentence, or an empty text."""
        path = str(self._path.resolve())
        for process in _PROC.glob("[0-9]*"):
            with suppress(OSError):
                if process.name != str(os.getpid()) and any(
                    str(descriptor.readlink()) == path for descriptor in (process / "fd").iterdir()
                ):
                    return f", process {process.name},"
        return ""


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _exists(process: str) -> bool:
    """Return whether there is a process with this id. An empty text is no id."""
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:  # it belongs to another user
        return True
    return True
