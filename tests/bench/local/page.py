"""Writes the table of the verdicts to docs/benchmarks.md."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

PAGE: Final = Path(__file__).parents[3] / "docs" / "benchmarks.md"
FIGURES: Final = PAGE.parent / "bench" / "figures.json"

_HEADER: Final = "| on one machine | measured | target | met | details |\n| --- | --- | --- | --- | --- |\n"
_TABLE: Final = re.compile(re.escape(_HEADER) + r"(\|.*\|\n)*")
_MARKS: Final = {True: "yes", False: "**no**", None: ""}


def render_table(verdicts: Iterable[Mapping[str, Any]]) -> str:
    """Return the verdicts as a Markdown table."""
    rows = [
        (
            verdict["what"],
            f"{verdict['value']:.3g} {verdict['unit']}",
            verdict["target"] or "",
            _MARKS[verdict["met"]],
            verdict["measured"],
        )
        for verdict in verdicts
    ]
    return _HEADER + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def find_table(text: str) -> str:
    """Return the table of the verdicts on the page."""
    match = _TABLE.search(text)
    return match[0] if match else ""


def update_page(verdicts: Iterable[Mapping[str, Any]]) -> None:
    """Replace the table on the page."""
    text = PAGE.read_text()
    PAGE.write_text(text.replace(find_table(text), render_table(verdicts)))
