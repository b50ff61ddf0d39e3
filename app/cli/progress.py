"""Shows the progress of a command on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Advance = Callable[[int], None]


@contextmanager
def show_progress(text: str, total: int) -> Iterator[Advance]:
    """Show a progress bar for the duration of the block, unless the output is not a terminal.

    Yields:
        A function that adds to the completed part of `total`.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    # Lines on the standard output appear above the bar, unless they go to a file.
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()
    ) as progress:
        task = progress.add_task(text, total=total)
        yield lambda amount: progress.advance(task, amount)
