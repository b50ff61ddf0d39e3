"""Sends many files at the same time, and counts the outcomes."""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from app.client.errors import ClientError
from app.client.index import UploadIndex
from app.client.sending import Outcome, Result, Sender
from app.client.walk import FoundFile

STOP_SECONDS: Final = 0.5  # the threads end with the process
POLL_SECONDS: Final = 0.1


class Reporter(Protocol):
    """Shows the progress of uploads. Threads can call `advance` at the same time."""

    def begin(self, files: int, size: int) -> None:
        """Show that files with this size in bytes are sent now."""

    def advance(self, size: int) -> None:
        """Show that some bytes are done."""

    def finish(self, outcome: Outcome) -> None:
        """Show the outcome of a file."""

    def notify(self, text: str) -> None:
        """Show a sentence."""

    def end(self) -> None:
        """Show that no file is sent any more."""


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
        waiting: SimpleQueue[FoundFile] = SimpleQueue()
        for file in files:
            waiting.put(file)
        ended: SimpleQueue[ClientError | None] = SimpleQueue()
        count = min(self._jobs, len(files))
        threads = [
            threading.Thread(target=self._work, args=(waiting, ended, summary), daemon=True) for _ in range(count)
        ]
        self._reporter.begin(len(files), sum(file.size for file in files))
        try:
            for thread in threads:
                thread.start()
            _wait(ended, count)
        except BaseException:
            self._stop.set()
            deadline = time.monotonic() + STOP_SECONDS
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))
            raise
        finally:
            self._reporter.end()

    def _work(self, waiting: SimpleQueue[FoundFile], ended: SimpleQueue[ClientError | None], summary: Summary) -> None:
        """Send files until none is waiting. Then, or after an error, this thread ends."""
        end: ClientError | None = ClientError("PixTag has a defect, which is described above. Please report it.")
        try:
            while not self._stop.is_set():
                outcome = self._sender.send(waiting.get_nowait(), self._reporter.advance)
                with self._lock:
                    summary.add(outcome)
                    self._reporter.finish(outcome)
            end = None
        except Empty:
            end = None
        except ClientError as error:
            end = error
        finally:
            ended.put(end)


def _wait(ended: SimpleQueue[ClientError | None], threads: int) -> None:
    """Wait until all threads have ended, or raise the error of one of them."""
    while threads:
        try:
            error = ended.get(timeout=POLL_SECONDS)  # on Windows, Ctrl-C does not interrupt an endless wait
        except Empty:
            continue
        if error:
            raise error
        threads -= 1


def list_new(files: Iterable[FoundFile], index: UploadIndex, summary: Summary) -> list[FoundFile]:
    """Return the files that are not in the index, and count the others."""
    new: list[FoundFile] = []
    for file, is_new in index.compare(files):
        if is_new:
            new.append(file)
        else:
            summary.unchanged += 1
    return new
