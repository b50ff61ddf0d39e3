"""Benchmark of changes of 100 images, side by side with version 0.1, with an AWS as late as the real one.

A read, and any other single call, takes 4 ms, and a transaction 12 ms. AWS publishes no figures. These are typical
within a region for few items. Each version runs in its own process with its own packages (`bulk_worker.py`).
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.bench.bulk_worker import TRANSACTION
from tests.bench.frame import BLUE, ORANGE, plot_file, progress, show
from tests.bench.local.composition import OLDEST, compose
from tests.bench.local.first_version import FirstVersion, first_version
from tests.bench.timing import Worker, compare, spread
from tests.support.tokens import SETTINGS, claims, jwks, sign

IMAGES: Final = 100
FLOOR, STRETCH = 3.5, 4.5
SECONDS: Final = {"transaction": 0.012, "other": 0.004}
OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
FIRST, NOW = "0.1", "now"
SHARED_TAG: Final = "sorted"  # all photos but the oldest have it
PATHS: Final = {"edit": "/tags", "rename": "/tags/rename", "trash": "/images/trash", "purge": "/images/purge"}

ROOT: Final = Path(__file__).parents[2]

Measured = dict[str, dict[str, list[dict[str, Any]]]]
"""What `bulk_worker.py` reports in each round, by request and version."""


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Send each request to both versions in turn."""
    with first_version() as first, _start_workers(first) as workers:
        measured = _take_turns(workers, 2 if quick else 11)
    figures = {
        "images": IMAGES,
        "seconds": SECONDS,
        "requests": {
            name: {version: _summarize(reports) for version, reports in by_version.items()}
            for name, by_version in measured.items()
        },
        "targets": [_compare(name, by_version) for name, by_version in measured.items()],
    }
    _show(figures)
    return figures


@contextmanager
def _start_workers(first: FirstVersion) -> Iterator[dict[str, Worker]]:
    photos = [*compose(2 * IMAGES + OLDEST)][: 2 * IMAGES]
    ready, trashed = photos[:IMAGES], [replace(photo, is_trashed=True) for photo in photos[IMAGES:]]
    selection = {"images": {"ids": [photo.id for photo in ready]}}
    bodies = {
        "edit": selection | {"add": [{"tag": "holiday"}]},
        "rename": selection | {"old": SHARED_TAG, "new": "arranged"},
        "trash": selection,
        "purge": {"images": {"ids": [photo.id for photo in trashed]}},
    }
    plan = {
        "owner": OWNER,
        "images": IMAGES,
        "seconds": SECONDS,
        "jwks": jwks().decode(),
        "headers": {"host": "127.0.0.1:8000", "authorization": f"Bearer {sign(claims(OWNER))}"},
        "requests": {name: {"path": path, "body": json.dumps(bodies[name])} for name, path in PATHS.items()},
        "photos": [*map(asdict, [*ready, *trashed])],
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
    variables = others | {f"PIXTAG_{name.upper()}": str(value) for name, value in SETTINGS.model_dump().items()}
    program = Path(__file__).with_name("bulk_worker.py")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        file.write_text(json.dumps(plan))
        workers = {
            version: Worker([python, "-P", program, name, file], variables | {"PYTHONPATH": str(code)})
            for version, name, python, code in (
                (FIRST, "first", first.python, first.folder),
                (NOW, "now", Path(sys.executable), ROOT),
            )
        }
        try:
            yield workers
        finally:
            for worker in workers.values():
                worker.close()


def _take_turns(workers: Mapping[str, Worker], rounds: int) -> Measured:
    """Let both processes send each request in turn. A first round warms up and is not counted."""
    measured: Measured = {name: {version: [] for version in workers} for name in PATHS}
    with progress("Changes of many images", rounds + 1) as step:
        for turn in range(rounds + 1):
            order = [*workers.items()][:: 1 if turn % 2 else -1]
            for name, by_version in measured.items():
                for version, worker in order:
                    report = worker.process(name)
                    by_version[version] += [report] if turn else []
            next(step)
    return measured


def _summarize(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    calls = Counter(reports[0]["calls"])
    return {
        "ms": spread(report["wall"] for report in reports),
        "cpu_ms": spread(report["cpu"] for report in reports),
        "calls": calls.total(),
        "transactions": calls[TRANSACTION],
        "waiting_ms": 1000
        * sum(SECONDS["transaction" if call == TRANSACTION else "other"] * number for call, number in calls.items()),
    }


def _compare(name: str, by_version: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    old, new = by_version[FIRST], by_version[NOW]
    ratio = compare([each["wall"] for each in old], [each["wall"] for each in new])["median"]
    cpu = compare([each["cpu"] for each in old], [each["cpu"] for each in new])["median"]
    wall = median(each["wall"] for each in new)
    return {
        "name": f"{name} of {IMAGES}",
        "ratio": ratio,
        "floor": FLOOR,
        "stretch": STRETCH,
        "better": "higher",
        "detail": f"{wall:.0f} ms in {sum(new[0]['calls'].values())} calls, {FIRST}: {sum(old[0]['calls'].values())}"
        f" calls; CPU time {cpu:.2f} times",
    }


def _show(figures: Mapping[str, Any]) -> None:
    rows = []
    for target, (name, by_version) in zip(figures["targets"], figures["requests"].items(), strict=True):
        for version, summary in by_version.items():
            ratio = f"{target['ratio']:.2f}" if version == NOW else ""
            times = [f"{summary[clock]['median']:.0f}" for clock in ("ms", "cpu_ms")]
            rows.append(
                [
                    f"{name}, {version}",
                    ratio,
                    *times,
                    f"{summary['waiting_ms']:.0f}",
                    summary["calls"],
                    summary["transactions"],
                ]
            )
    show(
        f"Changes of {IMAGES} images, at {1000 * SECONDS['other']:.0f} ms a call and"
        f" {1000 * SECONDS['transaction']:.0f} ms a transaction",
        ["request", f"times {FIRST}", "ms", "ms of CPU", "ms of waiting", "calls", "transactions"],
        rows,
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the time of each request in both versions."""
    with plot_file(folder / "bulk.svg", 1, 1, size=(6, 3)) as (axes,):
        for number, (version, colour) in enumerate({FIRST: ORANGE, NOW: BLUE}.items()):
            times = [by_version[version]["ms"]["median"] for by_version in figures["requests"].values()]
            positions = [place + 0.4 * number for place in range(len(times))]
            axes.bar(positions, times, width=0.4, color=colour, label=version)
        axes.set_xticks([place + 0.2 for place in range(len(PATHS))], list(PATHS))
        axes.grid(visible=False, axis="x")
        axes.set_ylabel("milliseconds")
        axes.legend()
