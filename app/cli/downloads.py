"""Runs `pixtag download`: searches, downloads, and prints the summary."""

import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.options import INTERRUPTED
from app.cli.transfer_progress import make_reporter
from app.client.account import connect
from app.client.connection import Waits
from app.client.downloads import Downloads, PhotoFailed
from app.client.errors import ClientError, Stopped
from app.client.jobs import run_jobs
from app.client.library import search
from app.client.login import load_login
from app.client.quantities import count


@dataclass(frozen=True, slots=True)
class Match:
    """A photo that matches. There can be many, so this is a part of the search result."""

    id: str
    name: str
    type: str
    size: int


class DownloadRun:
    """A run of `pixtag download`. Problems of single photos do not end it.

    Args:
        query: The query.
        folder: The folder. It is created if a photo matches.
        jobs: The number of photos that are downloaded at the same time.
    """

    def __init__(self, query: str, folder: Path, jobs: int) -> None:
        self._query = query
        self._folder = folder
        self._jobs = jobs
        self._reporter = make_reporter()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._new = self._present = self._failed = 0

    def run(self) -> int:
        """Download the photos, and print a summary. Return the exit status.

        Raises:
            NotSignedIn: this machine has no key.
        """
        waits = Waits(stop=self._stop, notify=self._reporter.notify)
        end, status = "", 0
        try:
            with connect(load_login(), waits) as connection:
                matches = [_make_match(image) for image in search(connection, self._query)]
                if not matches:
                    print("No photo matches.", file=sys.stderr)
                    return 1
                self._download(matches, Downloads(connection, self._folder))
        except ClientError as error:
            end, status = str(error), 1
        except KeyboardInterrupt:
            end, status = str(Stopped()), INTERRUPTED
        print(
            f"Downloaded {count(self._new, 'photo')} to {self._folder}. Present: {self._present:,}."
            f" Failed: {self._failed:,}."
        )
        if end:
            print(end, file=sys.stderr)
        return status or bool(self._failed)

    def _download(self, matches: list[Match], downloads: Downloads) -> None:
        def fetch(match: Match) -> None:
            problem, is_new = "", False
            try:
                is_new = downloads.fetch(match.id, match.size, self._reporter.advance)
            except PhotoFailed as error:
                problem = str(error)
            with self._lock:
                self._new += is_new
                self._failed += bool(problem)
                self._present += not is_new and not problem
                self._reporter.finish(match.name, problem)

        for match in matches:
            downloads.reserve(match.id, match.name, match.type)
        self._reporter.begin(len(matches), sum(match.size for match in matches))
        try:
            run_jobs(matches, fetch, self._stop, self._jobs)
        finally:
            self._reporter.end()


def _make_match(image: dict[str, Any]) -> Match:
    return Match(image["id"], image["name"], image["type"], image["size"])
