"""What the parts of the benchmark share: medians and spreads, tables for the terminal, plots for light and dark."""

import io
import os
import platform
import re
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

console: Final = Console(width=None if sys.stdout.isatty() else 160)

BLUE, ORANGE, GREEN, PURPLE, GREY = "#3b82f6", "#f0883e", "#2da44e", "#a371f7", "#8b949e"
INK, _PAPER = "#010203", "#fdfcfb"  # no other colour of a plot: what a page's light or dark replaces
_STYLE: Final = """<style>
svg { --ink: #1f2328; --paper: #ffffff }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --paper: #0d1117 } }
</style>
"""
_FLAGS: Final = ("avx2", "avx512f", "avx512_vnni", "amx_int8", "avx_vnni", "asimd", "asimddp")


def spread(values: Iterable[float]) -> dict[str, float]:
    """The median of measured values, and how far they spread: what 5 and 95 of a hundred are below."""
    ordered = sorted(values)
    return {"p5": at(ordered, 0.05), "median": statistics.median(ordered), "p95": at(ordered, 0.95)}


def at(ordered: Sequence[float], share: float) -> float:
    """The value that this share of the sorted values does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> dict[str, Any]:
    """On what it is measured, without a name or a place of it."""
    told = Path("/proc/cpuinfo")
    text = told.read_text() if told.exists() else ""
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*: (.*)$", text, re.MULTILINE)
    return {
        "cpu": model[1] if model else platform.machine(),
        "flags": [flag for flag in _FLAGS if flags and flag in flags[1].split()],
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "date": datetime.now(UTC).date().isoformat(),
    }


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; numbers stand to the right."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(table)


@contextmanager
def progress(title: str, total: int) -> Iterator[Iterator[None]]:
    """A bar that goes on by one whenever the iterator is asked."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)

        def step() -> Iterator[None]:
            while True:
                bar.advance(task)
                yield

        yield step()


@contextmanager
def plotted(path: Path, *shape: int, size: tuple[float, float]) -> Iterator[list[Axes]]:
    """Axes to draw on, row by row, of a plot that is then written to the path; `size` in inches."""
    with mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": path.stem,
            "font.family": "sans-serif",
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.titlecolor": INK,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.edgecolor": GREY,
            "axes.facecolor": _PAPER,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.grid": True,
            "grid.color": GREY,
            "grid.alpha": 0.25,
            "xtick.color": INK,
            "ytick.color": INK,
            "figure.facecolor": _PAPER,
            "legend.frameon": False,
            "legend.fontsize": 9,
        }
    ):
        figure = Figure(figsize=size, layout="constrained")
        yield list(figure.subplots(*shape, squeeze=False).flat)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    path.write_text(_themed(text.getvalue()))


def _family(found: str) -> str:
    """The letters that the page's machine has, in the place of those that were drawn with."""
    family = "system-ui, sans-serif"
    return f"font-family: {family}" if found.startswith("font-family") else family


def _themed(svg: str) -> str:
    """The picture with ink and paper of the page that shows it, and letters of the machine."""
    svg = svg.replace(INK, "var(--ink)").replace(_PAPER, "var(--paper)")
    svg = re.sub(r"font-family: [^;\"]*|(?<=px )'[^;\"]*", lambda found: _family(found[0]), svg)
    svg = re.sub(r"(<svg [^>]*>\n)", rf"\g<1>{_STYLE}", svg, count=1)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
