"""Sends many files at the same time, and counts the outcomes."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.client.index import UploadIndex
from app.client.jobs import run_jobs
from app.client.sending import Outcome, Result, Sender
from app.client.walk import FoundFile


class Reporter(Protocol):
    """Shows the progress of uploads or downloads. Threads can call `advance` at the same time."""

    def begin(self, files: int, size: int) -> None:
        """Show that files with this size in bytes are moved now."""

    def advance(self, size: int) -> None:
        """Show that some bytes are done."""

    def finish(self, path: str, problem: str) -> None:
        """Show that a file is done, and its problem, if there is one."""

    def notify(self, text: str) -> None:
        """Show a sentence."""

    def end(self) -> None:
        """Show that no file is moved any more."""


@dataclass
class Summary:
    """The numbers of files by result.

    Attributes:
        results: The number of files by result.
        sent_bytes: The size of the sent files.
        unchanged: The number of files that the index contains.
        problems: The path and the reason of each file that was not sent.
        failed: The files that could not be sent.
    """

    results: Counter[Result] = field(default_factory=Counter)
    sent_bytes: int = 0
    unchanged: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    failed: set[FoundFile] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.results[outcome.result] += 1
        if outcome.result is Result.SENT:
            self.sent_bytes += outcome.file.size
        if outcome.result is Result.FAILED:
            self.problems.append((outcome.file.path, outcome.reason))
            self.failed.add(outcome.file)


class Uploads:
    """Sends files with several threads.

    Args:
        sender: Sends one file.
        reporter: Shows the progress.
        stop: Is set when the command ends.
        jobs: The number of files that are sent at the same time.
    """

    def __init__(self, sender: Sender, reporter: Reporter, stop: threading.Event, jobs: int) -> None:
        self._sender = sender
        self._reporter = reporter
        self._stop = stop
        self._jobs = jobs
        self._lock = threading.Lock()

    def send_all(self, files: Sequence[FoundFile], summary: Summary) -> None:
        """Send files, and count their outcomes.

        Raises:
            ClientError: no more files can be sent. Files that were sent are in the index.
            KeyboardInterrupt: a person has stopped the command. It ends within a second.
        """

        def send(file: FoundFile) -> None:
            outcome = self._sender.send(file, self._reporter.advance)
            with self._lock:
                summary.add(outcome)
                self._reporter.finish(file.path, outcome.reason)

        self._reporter.begin(len(files), sum(file.size for file in files))
        try:
            run_jobs(files, send, self._stop, self._jobs)
        finally:
            self._reporter.end()


def list_new(files: Iterable[FoundFile], index: UploadIndex, summary: Summary) -> list[FoundFile]:
    """Return the files that are not in the index, and count the others."""
    new: list[FoundFile] = []
    for file, is_new in index.compare(files):
        if is_new:
            new.append(file)
        else:
            summary.unchanged += 1
    return new
