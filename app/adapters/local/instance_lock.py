"""Locks the data folder, so that only one instance of PixTag uses it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from app.domain.errors import StartFailed

ORPHAN_SECONDS: Final = 5.0  # the worker of a killed instance ends by itself
POLL_SECONDS: Final = 0.02

_PROC: Final = Path("/proc")


class InstanceLock:
    """A lock of a folder, which nobody can remove, and of a file in it. The file's text names the process that took it.

    The system frees the lock when all processes that have inherited it have ended, however they end. The file is locked
    because PixTag 0.3 locks nothing else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def touch(self) -> None:
        """Create the file if it does not exist. Raise OSError if it cannot be written."""
        self._open().close()

    @contextmanager
    def hold(self, address: str, *, waits: bool = False) -> Iterator[int]:
        """Hold the lock, and yield its file descriptor. A child process that inherits the descriptor holds it too.

        With `waits`, wait for a command that has the lock, because most of them need it for a moment only.

        Raises:
            StartFailed: another process has the lock. The message names it.
        """
        with self._lock(waits=waits) as (folder, file):
            file.truncate(0)
            file.write(f"{os.getpid()} {address}\n")
            file.flush()
            yield folder

    def require_free(self) -> None:
        """Check that no process has the lock.

        Raises:
            StartFailed: a process has it. The message names it.
        """
        with suppress(OSError), self._lock():
            pass

    def find_address(self) -> str:
        """Return the address of the instance that has the lock. It is empty if there is none, or if it is not known."""
        try:
            self.require_free()
        except StartFailed:
            return self._path.read_text(encoding="utf-8").strip().partition(" ")[2]
        return ""

    def _open(self) -> IO[str]:
        return self._path.open("a+", encoding="utf-8")

    @contextmanager
    def _lock(self, *, waits: bool = False) -> Iterator[tuple[int, IO[str]]]:
        """Lock the folder and the file."""
        with self._open() as file, ExitStack() as stack:
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, folder)
            for descriptor in (folder, file.fileno()):
                self._wait(descriptor, file, waits=waits)
            yield folder, file

    def _wait(self, descriptor: int, file: IO[str], *, waits: bool) -> None:
        """Take one lock. If the process in the file does not exist, wait for the end of its child processes."""
        ends_at = time.monotonic() + ORPHAN_SECONDS
        while not _try_lock(descriptor):
            file.seek(0)
            process, _, address = file.read().strip().partition(" ")
            if _exists(process) and (address or not waits or time.monotonic() >= ends_at):
                where = f" at {address}" if address else ""
                raise StartFailed(
                    f"PixTag is already running, process {process}{where}. It uses the folder {self._path.parent}."
                    " Stop it first, or choose another folder with --data, DATA= of make, or PIXTAG_DATA."
                )
            if time.monotonic() >= ends_at:
                raise StartFailed(self._describe_holder(is_worker=bool(process)))
            time.sleep(POLL_SECONDS)

    def _describe_holder(self, *, is_worker: bool) -> str:
        """Return which process has the lock, and what to do. Without a text, it can be that of the API."""
        holder = self._find_holder()
        if not is_worker:
            return (
                f"PixTag{holder} uses the folder {self._path.parent}, although {self._path.name} was removed."
                " Stop it first."
            )
        return (
            f"A worker of PixTag{holder} still uses the folder {self._path.parent}, although its PixTag has ended."
            " Wait until it ends, or kill it, then start PixTag again."
        )

    def _find_holder(self) -> str:
        """Return the id of the oldest process that has the lock, as a part of a sentence, or an empty text."""
        folder = str(self._path.parent.resolve())
        for process in sorted(_PROC.glob("[0-9]*"), key=lambda path: int(path.name)):
            with suppress(OSError):
                if any(_has_lock(process, descriptor, folder) for descriptor in (process / "fd").iterdir()):
                    return f", process {process.name},"
        return ""


def _has_lock(process: Path, descriptor: Path, folder: str) -> bool:
    """Return whether a process has locked a folder with this descriptor. Others can have it open without one."""
    return str(descriptor.readlink()) == folder and "FLOCK" in (process / "fdinfo" / descriptor.name).read_text()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _exists(process: str) -> bool:
    """Return whether there is a process with this id. An empty text is not an id."""
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:  # it belongs to another user
        return True
    return True
