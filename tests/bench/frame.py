"""Shared functions of the benchmarks: medians and spreads, tables for the terminal, plots for light and dark pages."""

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
INK, _PAPER = (
    "#010203",
    "#fdfcfb",
)  # placeholders: used for nothing else in a plot, and replaced by variables of the theme
_STYLE: Final = """<style>
svg { --ink: #1f2328; --paper: #ffffff }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --paper: #0d1117 } }
</style>
"""
_FLAGS: Final = ("avx2", "avx512f", "avx512_vnni", "amx_int8", "avx_vnni", "asimd", "asimddp")


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return the median of measured values and their 5th and 95th percentiles."""
    ordered = sorted(values)
    return {"p5": percentile(ordered, 0.05), "median": statistics.median(ordered), "p95": percentile(ordered, 0.95)}


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which this share of the sorted values lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def describe_machine() -> dict[str, Any]:
    """Return the CPU and the software of this machine, without its name and paths."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.exists() else ""
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
    """Print a table. All columns but the first are right-aligned."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(table)


@contextmanager
def progress(title: str, total: int) -> Iterator[Iterator[None]]:
    """Show a progress bar that advances by one with each `next` of the iterator."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)

        def step() -> Iterator[None]:
            while True:
                bar.advance(task)
                yield

        yield step()


@contextmanager
def plot_file(path: Path, *shape: int, size: tuple[float, float]) -> Iterator[list[Axes]]:
    """Yield the axes of a plot row by row, and write the plot to the path after the block. `size` is in inches."""
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
    path.write_text(_apply_theme(text.getvalue()))


def _replace_font(declaration: str) -> str:
    """Return the declaration with the fonts of the reader's system instead of the font used for drawing."""
    family = "system-ui, sans-serif"
    return f"font-family: {family}" if declaration.startswith("font-family") else family


def _apply_theme(svg: str) -> str:
    """Return the plot with the colours of the page that shows it, and with the fonts of the reader's system."""
    svg = svg.replace(INK, "var(--ink)").replace(_PAPER, "var(--paper)")
    svg = re.sub(r"font-family: [^;\"]*|(?<=px )'[^;\"]*", lambda match: _replace_font(match[0]), svg)
    svg = re.sub(r"(<svg [^>]*>\n)", rf"\g<1>{_STYLE}", svg, count=1)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
