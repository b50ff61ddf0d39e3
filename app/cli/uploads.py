"""Runs `pixtag upload`: walks, sends, tags, watches, and prints the summary."""

import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from app.cli.options import INTERRUPTED
from app.cli.transfer_progress import describe_problem, make_reporter, printable
from app.client.account import connect
from app.client.connection import Waits
from app.client.errors import ClientError, Stopped
from app.client.index import UploadIndex, index_path
from app.client.login import Login, load_login
from app.client.quantities import count, format_size
from app.client.retries import PATIENCE_SECONDS
from app.client.sending import Result, Sender, foresee
from app.client.tagging import UploadTags
from app.client.uploads import Summary, Uploads, list_new
from app.client.walk import FoundFile, Walk
from app.client.watching import require_existing, watch, watch_events


@dataclass(frozen=True)
class UploadOptions:
    """The options of `pixtag upload`."""

    tags: Sequence[str] = ()
    jobs: int = 4
    watch: bool = False
    dry_run: bool = False
    again: bool = False


class UploadRun:
    """A run of `pixtag upload`. Problems of single files do not end it."""

    def __init__(self, paths: Sequence[str], options: UploadOptions) -> None:
        self._paths = [os.path.abspath(path) for path in paths]  # noqa: PTH100 - `resolve` loses the names of links
        self._options = options
        self._reporter = make_reporter()
        self._summary = Summary()
        self._stop = threading.Event()

    def run(self) -> int:
        """Upload the files, and print a summary. Return the exit status.

        Raises:
            NotSignedIn: this machine has no key.
        """
        login = load_login()
        end, status = "", 0
        try:
            if self._options.watch:
                require_existing(self._paths)
            with UploadIndex(index_path(), login.url, login.account) as index:
                self._upload(login, index)
        except ClientError as error:
            end, status = str(error), 1
        except KeyboardInterrupt:
            end, status = str(Stopped()), 0 if self._options.watch else INTERRUPTED
        self._print_summary(end)
        return status or bool(self._summary.problems)

    def _upload(self, login: Login, index: UploadIndex) -> None:
        files = self._find(index)
        if self._options.dry_run:
            self._list(files)
            return
        waits = Waits(inf if self._options.watch else PATIENCE_SECONDS, self._stop, self._reporter.notify)
        with connect(login, waits) as connection:
            tags = UploadTags(connection, index, self._stop, self._reporter.notify)
            if self._options.tags:
                tags.check(self._options.tags)
            sender = Sender(connection, index, self._options.tags, again=self._options.again)
            uploads = Uploads(sender, self._reporter, self._stop, self._options.jobs)

            def send(files: Sequence[FoundFile]) -> None:
                if files:
                    uploads.send_all(files, self._summary)
                self._report(tags.apply())

            send(files)
            if self._options.watch:
                self._reporter.notify(f"Watching {', '.join(self._paths)}. Press Ctrl-C to stop.")

                def send_new(files: Sequence[FoundFile]) -> None:
                    send([file for file, is_new in index.compare(files) if is_new and file not in self._summary.failed])

                watch(self._paths, watch_events(self._paths, self._stop), send_new)

    def _find(self, index: UploadIndex) -> list[FoundFile]:
        """Return the files that are not in the index."""
        walk = Walk(self._paths)
        files = list(walk) if self._options.again else list_new(walk, index, self._summary)
        self._report(walk.problems)
        return files

    def _list(self, files: Sequence[FoundFile]) -> None:
        photos: list[FoundFile] = []
        for outcome in map(foresee, files):
            if outcome.result is Result.SENT:
                photos.append(outcome.file)
                print(printable(outcome.file.path))
            elif outcome.result is Result.FAILED:
                self._report([(outcome.file.path, outcome.reason)])
        size = format_size(sum(file.size for file in photos))
        print(f"{count(len(photos), 'photo')} ({size}) would be sent, except those that the account has.")

    def _report(self, problems: Sequence[tuple[str, str]]) -> None:
        self._summary.problems += problems
        for path, reason in problems:
            self._reporter.notify(describe_problem(path, reason))

    def _print_summary(self, end: str) -> None:
        results, summary = self._summary.results, self._summary
        if not self._options.dry_run:
            print(
                f"Sent {count(results[Result.SENT], 'photo')} ({format_size(summary.sent_bytes)})."
                f" Known: {results[Result.KNOWN]:,}. Unchanged since the last run: {summary.unchanged:,}."
                f" Other files: {results[Result.OTHER]:,}."
            )
        if summary.problems:
            print(f"{count(len(summary.problems), 'problem')}, named above.")
        if end:
            print(end, file=sys.stderr)
