"""Write docs/benchmarks.md from docs/bench/figures.json (`make bench`). A test compares the page.

The text is in page.md, and this module fills in the tables. `python -m tests.bench.page` writes only the page.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.bench.frame import show
from tests.bench.tables import render_table

PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"
FIGURES: Final = PAGE.parent / "bench" / "figures.json"
TEXT: Final = Path(__file__).with_suffix(".md")
MISSED: Final = "no"

_MET: Final = {True: "yes", False: "**no**", None: ""}

Figures = Mapping[str, Any]
"""The figures of one part."""


def render_page(figures: Mapping[str, Figures]) -> str:
    """Return the page with the figures of all parts."""
    return TEXT.read_text().format(
        targets=_render_targets(figures),
        runs=_render_runs(figures),
        local=render_verdicts(figures["local"]["verdicts"]),
        cold=_render_cold_starts(figures["cold"]),
        load=_render_load(figures["load"]),
    )


def show_targets(figures: Mapping[str, Figures]) -> None:
    """Print the floors of all parts and what was reached."""
    show(
        "Floors, and what was reached",
        ["", "ratio", "floor", "stretch", "reached", "measured"],
        [[name, *cells, date] for name, *cells, _, date in _list_targets(figures)],
    )


def _list_targets(figures: Mapping[str, Figures]) -> Iterator[list[str]]:
    """Yield name, ratio, floor, stretch, what was reached, details and date of each target."""
    for part in figures.values():
        for target in part.get("targets", ()):
            sign = ">=" if target["better"] == "higher" else "<="
            yield [
                target["name"],
                f"{target['ratio']:.3g}",
                *(f"{sign} {target[goal]:g}" for goal in ("floor", "stretch")),
                find_reached(target),
                target["detail"],
                part["machine"]["date"],
            ]


def find_reached(target: Mapping[str, Any]) -> str:
    """Return the better goal that the ratio of a target reaches, or `MISSED`."""
    sign = 1 if target["better"] == "higher" else -1
    goals = (goal for goal in ("stretch", "floor") if sign * target["ratio"] >= sign * target[goal])
    return next(goals, MISSED)


def _render_targets(figures: Mapping[str, Figures]) -> str:
    """Return the table of all targets. Below it, each missed target has the explanation of its part."""
    columns = ["against version 0.1", "ratio", "floor", "stretch", "reached", "details"]
    rows = [
        [name, ratio, floor, stretch, f"**{MISSED}**" if reached == MISSED else reached, detail]
        for name, ratio, floor, stretch, reached, detail, _ in _list_targets(figures)
    ]
    explanations = [
        f"\n\n**{target['name']}.** {target['arithmetic']}"
        for part in figures.values()
        for target in part.get("targets", ())
        if find_reached(target) == MISSED and "arithmetic" in target
    ]
    return render_table(columns, rows) + "".join(explanations)


def _render_runs(figures: Mapping[str, Figures]) -> str:
    """Return the table of the machines that measured the parts."""
    machines = {name: part["machine"] for name, part in figures.items()}
    return render_table(
        ["part", "date", "CPU", "flags", "cores", "load before"],
        [
            [
                name,
                machine["date"],
                machine["cpu"],
                " ".join(machine["flags"]),
                str(machine["cores"]),
                str(machine["load_before"]),
            ]
            for name, machine in machines.items()
        ],
    )


def render_verdicts(verdicts: list[dict[str, Any]]) -> str:
    """Return the table of `tests.bench.local.verdicts`."""
    return render_table(
        ["on one machine", "measured", "target", "met", "details"],
        [
            [
                verdict["what"],
                f"{verdict['value']:.3g} {verdict['unit']}",
                verdict["target"] or "",
                _MET[verdict["met"]],
                verdict["measured"],
            ]
            for verdict in verdicts
        ],
    )


def _render_cold_starts(figures: Figures) -> str:
    phases = {
        "cpu_loaded": "CPU until loaded",
        "cpu_answered": "CPU until the first response",
        "answered": "wall time until the first response",
        "warm": "wall time of the second response",
    }
    return render_table(
        ["seconds", "version", *phases.values()],
        [
            [name, version, *(f"{times[phase]['median']:.3f}" for phase in phases)]
            for name in ("api", "worker")
            for version, times in figures[name].items()
        ],
    )


def _render_load(figures: Figures) -> str:
    columns = [
        "version",
        "requests per second",
        "p50, ms",
        "p99, ms",
        "upload until ready, s",
        "memory after each round, MB",
    ]
    return render_table(
        columns,
        [
            [
                version,
                *(f"{report[key]:.0f}" for key in ("requests_a_second", "p50", "p99")),
                f"{report['ready']:.1f}",
                ", ".join(f"{megabytes:.0f}" for megabytes in report["memory"]),
            ]
            for version, report in figures["versions"].items()
        ],
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(render_page(json.loads(FIGURES.read_text())))


if __name__ == "__main__":
    main()
