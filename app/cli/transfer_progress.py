"""Shows the progress of uploads and downloads: a bar in a terminal, and lines elsewhere."""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from typing_extensions import override

from app.client.quantities import count, format_duration, format_size
from app.client.uploads import Reporter

LINE_SECONDS: Final = 10.0


class LineReporter(Reporter):
    """Prints a line every ten seconds, and each problem. `clock` returns the time in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()

    @override
    def begin(self, files: int, size: int) -> None:
        self._files, self._size = files, size
        self._done_files = self._done = 0
        self._began_at = self._printed_at = self._clock()

    @override
    def advance(self, size: int) -> None:
        with self._lock:
            self._done += size

    @override
    def finish(self, path: str, problem: str) -> None:
        self._done_files += 1
        if problem:
            self.notify(describe_problem(path, problem))
        if self._clock() - self._printed_at >= LINE_SECONDS:
            self._printed_at = self._clock()
            self._print()

    def _print(self) -> None:
        rate = self._done / (self._clock() - self._began_at)
        left = f", {format_duration((self._size - self._done) / rate)} left" if rate else ""
        self.notify(
            f"{self._done_files:,} of {count(self._files, 'file')}, {format_size(self._done)} of"
            f" {format_size(self._size)}, {format_size(rate)}/s{left}"
        )

    @override
    def notify(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    @override
    def end(self) -> None:
        """Print nothing. The summary follows."""


class BarReporter(Reporter):
    """Shows a progress bar with the rate and the time left, and prints each problem above it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.fields[files]} of {task.fields[all_files]} files"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )

    @override
    def begin(self, files: int, size: int) -> None:
        self._done_files = 0
        self._task = self._progress.add_task("", total=size, files="0", all_files=f"{files:,}")
        self._progress.start()

    @override
    def advance(self, size: int) -> None:
        self._progress.advance(self._task, size)

    @override
    def finish(self, path: str, problem: str) -> None:
        self._done_files += 1
        self._progress.update(self._task, files=f"{self._done_files:,}")
        if problem:
            self.notify(describe_problem(path, problem))

    @override
    def notify(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @override
    def end(self) -> None:
        self._progress.stop()
        self._progress.remove_task(self._task)


def make_reporter() -> Reporter:
    """Return the reporter for this output."""
    return BarReporter() if sys.stderr.isatty() else LineReporter()


def describe_problem(path: str, reason: str) -> str:
    """Return a line about a file that was not sent or downloaded."""
    return f"{printable(path)}: {reason}"


def printable(path: str) -> str:
    """Return a path as text. Bytes that are not text are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")
