"""Benchmark of changes of 100 images, side by side with version 0.1, with an AWS as late as the real one.

Version 0.1 has no dates and no undo. Their changes are compared with those of one image after the other.

A transaction takes 12 ms, and any other call 4 ms. AWS publishes no figures. These are typical within a region for few
items.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.bench.bulk_worker import ALONE, TRANSACTION
from tests.bench.frame import BLUE, ORANGE, plot_file, show
from tests.bench.local.composition import OLDEST, compose
from tests.bench.timing import spread
from tests.bench.versions import FIRST, NOW, Report, find_speed_up, start_versions, take_turns

IMAGES: Final = 100
FLOOR, STRETCH = 3.5, 4.5
SECONDS: Final = {"transaction": 0.012, "other": 0.004}
SHARED_TAG: Final = "sorted"  # all photos but the oldest have it
OPERATION: Final = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
SHARED: Final = {"edit": "/tags", "rename": "/tags/rename", "trash": "/images/trash", "purge": "/images/purge"}
ADDED: Final = {"dates": "/images/date", "undo": f"/operations/{OPERATION}/undo"}  # since version 0.1
PATHS: Final = SHARED | ADDED
ONE_BY_ONE: Final = "one by one"


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Send each request to both versions in turn, or grouped and one by one."""
    with start_versions("bulk_worker.py", _make_plan()) as workers:
        rounds = 2 if quick else 11
        measured = take_turns("Changes of many images", workers, [*SHARED], rounds)
        requests = [name + how for name in ADDED for how in (ALONE, "")]
        added = take_turns("Changes of dates, and undo", {NOW: workers[NOW]}, requests, rounds)
    measured |= {name: {ONE_BY_ONE: added[name + ALONE][NOW], NOW: added[name][NOW]} for name in ADDED}
    figures = {
        "images": IMAGES,
        "seconds": SECONDS,
        "requests": {
            name: {version: _summarize(reports) for version, reports in by_version.items()}
            for name, by_version in measured.items()
        },
        "targets": [_make_target(name, by_version) for name, by_version in measured.items()],
    }
    _show(figures)
    return figures


def _make_plan() -> dict[str, Any]:
    photos = [*compose(2 * IMAGES + OLDEST)][: 2 * IMAGES]
    ready, trashed = photos[:IMAGES], [replace(photo, is_trashed=True) for photo in photos[IMAGES:]]
    selection = {"images": {"ids": [photo.id for photo in ready]}}
    bodies = {
        "edit": selection | {"add": [{"tag": "holiday"}]},
        "rename": selection | {"old": SHARED_TAG, "new": "arranged"},
        "trash": selection,
        "purge": {"images": {"ids": [photo.id for photo in trashed]}},
        "dates": selection | {"taken_at": "2019-07-28"},
        "undo": {},
    }
    return {
        "operation": OPERATION,
        "images": IMAGES,
        "seconds": SECONDS,
        "requests": {name: {"path": path, "body": json.dumps(bodies[name])} for name, path in PATHS.items()},
        "photos": [*map(asdict, [*ready, *trashed])],
    }


def _summarize(reports: Sequence[Report]) -> dict[str, Any]:
    calls = Counter[str](reports[0]["calls"])
    seconds = (SECONDS["transaction" if call == TRANSACTION else "other"] * count for call, count in calls.items())
    return {
        "ms": spread(report["wall"] for report in reports),
        "cpu_ms": spread(report["cpu"] for report in reports),
        "waiting_ms": 1000 * sum(seconds),
        "calls": calls.total(),
        "transactions": calls[TRANSACTION],
    }


def _make_target(name: str, by_version: Mapping[str, Sequence[Report]]) -> dict[str, Any]:
    other, _ = by_version
    milliseconds = median(report["wall"] for report in by_version[NOW])
    summaries = {version: _summarize(reports) for version, reports in by_version.items()}
    alone = {version: each["waiting_ms"] + each["cpu_ms"]["median"] for version, each in summaries.items()}
    return {
        "name": f"{name} of {IMAGES}",
        "ratio": find_speed_up(by_version, "wall"),
        "floor": FLOOR,
        "stretch": STRETCH,
        "better": "higher",
        "detail": f"{milliseconds:.0f} ms in {summaries[NOW]['calls']} calls, {other}: {summaries[other]['calls']};"
        f" CPU time {find_speed_up(by_version, 'cpu'):.2f} times; CPU time and waiting"
        f" {alone[other] / alone[NOW]:.2f} times",
    }


def _show(figures: Mapping[str, Any]) -> None:
    rows = []
    for target, (name, by_version) in zip(figures["targets"], figures["requests"].items(), strict=True):
        for version, summary in by_version.items():
            rows.append(
                [
                    f"{name}, {version}",
                    f"{target['ratio']:.2f}" if version == NOW else "",
                    *(f"{summary[clock]['median']:.0f}" for clock in ("ms", "cpu_ms")),
                    f"{summary['waiting_ms']:.0f}",
                    summary["calls"],
                    summary["transactions"],
                ]
            )
    show(
        f"Changes of {IMAGES} images, at {1000 * SECONDS['other']:.0f} ms a call and"
        f" {1000 * SECONDS['transaction']:.0f} ms a transaction",
        ["request", "times as fast", "ms", "ms of CPU", "ms of waiting", "calls", "transactions"],
        rows,
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the time of each request, now and before."""
    with plot_file(folder / "bulk.svg", 1, 1, size=(6, 3)) as (axes,):
        for number, (version, colour) in enumerate({f"{FIRST}, or {ONE_BY_ONE}": ORANGE, NOW: BLUE}.items()):
            times = [[*by_version.values()][number]["ms"]["median"] for by_version in figures["requests"].values()]
            axes.bar([place + 0.4 * number for place in range(len(times))], times, 0.4, color=colour, label=version)
        axes.set_xticks([place + 0.2 for place in range(len(PATHS))], list(PATHS))
        axes.grid(visible=False, axis="x")
        axes.set_ylabel("milliseconds")
        axes.legend()
