"""Shows the progress of an upgrade: as a bar in a terminal, otherwise as lines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from typing_extensions import override


class UpgradeProgress(Protocol):
    """Shows how far an upgrade of the database is."""

    def show_copy(self, done: int, total: int) -> None:
        """Show how many pages of the database are copied."""

    def show_step(self, number: int) -> None:
        """Show the number of the last completed step."""


class Lines(UpgradeProgress):
    """Prints a line at the start of the copy and after each step."""

    def __init__(self, latest: int) -> None:
        self._latest = latest

    @override
    def show_copy(self, done: int, total: int) -> None:
        if not done:
            _write("Copying the database before the upgrade.")

    @override
    def show_step(self, number: int) -> None:
        _write(f"Upgraded the database to version {number} of {self._latest}.")


def _write(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def show_progress(version: int, latest: int) -> Iterator[UpgradeProgress]:
    """Yield an object that shows the progress of an upgrade between these versions."""
    if not sys.stderr.isatty():
        yield Lines(latest)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        copying = progress.add_task("Copying the database ", total=None)
        upgrading = progress.add_task("Upgrading the database", total=latest - version)

        class Bars(UpgradeProgress):
            @override
            def show_copy(self, done: int, total: int) -> None:
                progress.update(copying, completed=done, total=total)

            @override
            def show_step(self, number: int) -> None:
                progress.update(upgrading, completed=number - version)

        yield Bars()
