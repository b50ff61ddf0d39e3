"""Watches folders, and reports files after they were written completely."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Final

import watchfiles

from app.client.errors import ClientError
from app.client.walk import HIDDEN, FoundFile, Walk

TICK_MILLISECONDS: Final = 500
RESTART_TICKS: Final = 20
SETTLE_SECONDS: Final = 2.0
RESCAN_SECONDS: Final = 600.0  # some network file systems have no events, and systems drop events when there are many

Events = Iterator[set[tuple[watchfiles.Change, str]]]


@dataclass
class Settling:
    """Changed files, which wait until their size and time no longer change.

    Attributes:
        seconds: For how long a file must be unchanged.
    """

    seconds: float = SETTLE_SECONDS
    _waiting: dict[str, tuple[FoundFile, float]] = field(default_factory=dict)

    def add(self, files: Iterable[FoundFile], now: float) -> None:
        """Add files that have changed, or may have."""
        for file in files:
            if self._waiting.get(file.path, (None, 0.0))[0] != file:
                self._waiting[file.path] = (file, now)

    def take(self, now: float) -> list[FoundFile]:
        """Remove and return the files that are complete. Files that no longer exist are forgotten."""
        complete: list[FoundFile] = []
        for path, (file, since) in list(self._waiting.items()):
            if now - since < self.seconds:
                continue
            del self._waiting[path]
            current = list(Walk([path]))
            if current == [file]:
                complete.append(file)
            else:
                self.add(current, now)
        return complete


def require_existing(paths: Iterable[str]) -> None:
    """Check that all paths exist, because watchfiles does not say which one is missing.

    Raises:
        ClientError: a path does not exist.
    """
    for path in paths:
        if not Path(path).exists():
            raise ClientError(f"{path} does not exist, so it cannot be watched. Create it, then run the command again.")


def watch_events(paths: Sequence[str], stop: threading.Event) -> Events:
    """Yield the changes below folders, and an empty set after each tick without any.

    watchfiles fails at a name that is not UTF-8, and where it polls, at a loop of links. It starts again after ten
    seconds, and the folders are reported.
    """
    while True:
        with suppress(RuntimeError):
            yield from watchfiles.watch(
                *paths, stop_event=stop, rust_timeout=TICK_MILLISECONDS, yield_on_timeout=True, watch_filter=None
            )
        for _ in range(RESTART_TICKS):
            if stop.wait(TICK_MILLISECONDS / 1000):
                return
            yield set()
        yield {(watchfiles.Change.modified, path) for path in paths}


def watch(
    paths: Sequence[str],
    events: Events,
    send: Callable[[Sequence[FoundFile]], None],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Send the files that appear or change below folders, until the events end.

    Args:
        paths: The folders and files.
        events: The changes, from `watch_events`.
        send: Sends files. It leaves out those that were sent.
        clock: Returns the time in seconds.
    """
    settling = Settling()
    scanned_at = -inf  # files may have appeared before the events began
    for changes in events:
        now = clock()
        if now - scanned_at >= RESCAN_SECONDS:
            settling.add(Walk(paths), now)
            scanned_at = now
        existing = sorted(path for change, path in changes if change is not watchfiles.Change.deleted)
        settling.add(Walk([path for path in existing if not _is_hidden(path, paths)]), now)
        if files := settling.take(now):
            send(files)


def _is_hidden(path: str, roots: Sequence[str]) -> bool:
    """Return whether a walk through the folders leaves out this path."""
    below = (Path(path).relative_to(root).parts for root in roots if Path(path).is_relative_to(root))
    return any(part.startswith(HIDDEN) for parts in below for part in parts)
