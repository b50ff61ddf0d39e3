"""50 people who use PixTag at once, side by side with version 0.1 as it runs on a laptop (`make load`)."""

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import httpx
import numpy as np

from app.adapters.local.stores import LocalStores
from app.settings import LocalSettings
from infra.local.program import LocalCloudError
from infra.local.scenes import scene
from tests.bench.frame import BLUE, GREY, plot_file, progress, show
from tests.bench.local.first_version import first_version
from tests.bench.local.footprint import measure_memory
from tests.bench.local.instances import DataFolder, Instance

PEOPLE: Final = 50
ROUNDS: Final = 3
SECONDS: Final = 15
WARM_UP_SECONDS: Final = 5
FIRST, CURRENT = "0.1", "now"
SHOWN: Final = ("GET /images", "GET /search", "POST /tags", "POST /uploads")


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Let the same number of people use both versions in turn. The first round of each is not counted.

    Raises:
        LocalCloudError: a request failed, or PixTag does not start.
    """
    people, rounds, seconds = (10, 1, 4) if quick else (PEOPLE, ROUNDS, SECONDS)
    photo = _draw_photo().hex()
    with ExitStack() as running:
        folder = DataFolder.create(Path(running.enter_context(TemporaryDirectory(prefix="pixtag-"))) / "data")
        first = running.enter_context(running.enter_context(first_version()).run(people))
        current = running.enter_context(folder.run())
        instances = {FIRST: first.instance, CURRENT: current}
        tokens = {FIRST: first.tokens, CURRENT: _sign_in(folder, current, people)}
        reports: dict[str, list[dict[str, Any]]] = {version: [] for version in instances}
        memory: dict[str, list[float]] = {version: [] for version in instances}
        with progress("Load", (rounds + 1) * len(instances)) as step:
            for turn in range(rounds + 1):
                for version, instance in instances.items():
                    plan = {"host": instance.url, "tokens": tokens[version], "photo": photo, "seconds": seconds}
                    report = _simulate({**plan, "warmup": WARM_UP_SECONDS})
                    memory[version].append(sum(measure_memory(instance.pid).values()))
                    if turn:
                        reports[version].append(report)
                    next(step)
    figures = {version: _summarize(reports[version], memory[version]) for version in instances}
    _show(figures)
    return {"people": people, "versions": figures, "targets": _list_targets(figures)}


def _sign_in(folder: DataFolder, instance: Instance, people: int) -> list[str]:
    """Add people to a running PixTag, sign them in, and return their access tokens."""
    password = secrets.token_urlsafe()
    stores = LocalStores(LocalSettings(data=folder.path))
    with httpx.Client(base_url=instance.url, timeout=30, trust_env=False) as client:
        tokens = []
        for number in range(people):
            email = f"{number}@example.com"
            stores.account_admin.add(email, password, given_name="Ada", family_name="Lovelace")
            form = {"grant_type": "password", "username": email, "password": password}
            tokens.append(client.post("/auth/token", data=form).raise_for_status().json()["access_token"])
    stores.database.close()
    return tokens


def _draw_photo() -> bytes:
    """Return a JPEG of a street with a stop sign and a clock."""
    pixels = cv2.imdecode(np.frombuffer(scene(stop_signs=1, clocks=1), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def _simulate(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Run the visitors in their own process, and return their report.

    Raises:
        LocalCloudError: a request failed.
    """
    command = [sys.executable, "-m", "tests.bench.visitor"]
    visitors = subprocess.run(command, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=False)
    if visitors.returncode:
        raise LocalCloudError(f"The visitors ended with status {visitors.returncode}.")
    report: dict[str, Any] = json.loads(visitors.stdout)
    if report["failures"]:
        raise LocalCloudError("\n".join(["The load test failed:", *report["failures"]]))
    return report


def _summarize(reports: list[dict[str, Any]], memory: list[float]) -> dict[str, Any]:
    """Return the medians of the rounds, and the memory in MB after each round."""
    names = dict.fromkeys(name for report in reports for name in report["operations"])
    return {
        "requests_a_second": median(report["total"]["requests_a_second"] for report in reports),
        "p50": median(report["total"]["p50"] for report in reports),
        "p99": median(report["total"]["p99"] for report in reports),
        "ready": median(report["total"]["ready"] for report in reports),
        "memory": memory,
        "operations": {
            name: {
                key: median(report["operations"].get(name, {}).get(key) or 0 for report in reports)
                for key in ("requests", "p50", "p99")
            }
            for name in names
        },
    }


def _list_targets(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    first, current = figures[FIRST], figures[CURRENT]
    rate, first_rate = (version["requests_a_second"] for version in (current, first))
    start, end = current["memory"][0], current["memory"][-1]
    return [
        {
            "name": f"load of {PEOPLE} people, requests per second",
            "ratio": rate / first_rate,
            "floor": 2,
            "stretch": 3,
            "better": "higher",
            "detail": f"{rate:.0f}, 0.1: {first_rate:.0f}; p99 {current['p99']:.0f} ms, 0.1: {first['p99']:.0f} ms",
        },
        {
            "name": f"load of {PEOPLE} people, memory at the end against that after the first round",
            "ratio": end / start,
            "floor": 1.1,
            "stretch": 1.02,
            "better": "lower",
            "detail": f"{start:.0f} to {end:.0f} MB, 0.1: {first['memory'][0]:.0f} to {first['memory'][-1]:.0f} MB",
        },
    ]


def _show(figures: Mapping[str, Any]) -> None:
    for version, report in figures.items():
        memory = ", ".join(f"{megabytes:.0f}" for megabytes in report["memory"])
        show(
            f"Version {version}: {report['requests_a_second']:.0f} requests a second, uploads ready after"
            f" {report['ready']:.1f} s, {memory} MB after each round",
            ["operation", "requests", "ms p50", "ms p99"],
            [
                [name, *(operation[key] for key in ("requests", "p50", "p99"))]
                for name, operation in [*report["operations"].items(), ("all", {"requests": "", **report})]
            ],
        )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the median milliseconds of some operations, and the requests per second."""
    versions = {FIRST: GREY, CURRENT: BLUE}
    with plot_file(folder / "load.svg", 1, 1, size=(7, 2.6)) as [axes]:
        for offset, (version, colour) in enumerate(versions.items()):
            report = figures["versions"][version]
            axes.barh(
                [row + 0.4 * offset for row in range(len(SHOWN))],
                [report["operations"].get(name, {"p50": 0})["p50"] for name in SHOWN],
                height=0.4,
                color=colour,
                label=f"{version}: {report['requests_a_second']:.0f} requests per second",
            )
        axes.set_yticks([row + 0.2 for row in range(len(SHOWN))], SHOWN)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_xscale("log")
        axes.set_xlabel(f"milliseconds with {figures['people']} people")
        axes.legend(loc="lower right")
