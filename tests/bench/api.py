"""Benchmark of the API without AWS: each request side by side with version 0.1, and the modules that a start loads.

Each version runs as deployed, in its own process with its own packages (`request_worker.py`). Only AWS is replaced, by
responses that arrive at once. A third process reads the same photos from the stores of one machine.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final

from app.api.auth import KeySet, verify
from app.domain.errors import InvalidToken
from tests.bench.frame import BLUE, GREY, ORANGE, console, percentile, plot_file, progress, show, spread
from tests.bench.library import image_id
from tests.bench.local.composition import compose
from tests.bench.local.filling import fill
from tests.bench.local.first_version import FirstVersion, first_version
from tests.bench.local.instances import DataFolder
from tests.bench.timing import Worker
from tests.robustness.test_tokens import HOSTILE
from tests.support.tokens import ISSUER, SETTINGS, claims, cognito, jwks, sign

OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
PHOTOS: Final = 200  # so many that 50 of them show a person
REQUESTS: Final = {
    "list, 100": {"method": "GET", "path": "/images", "query": "limit=100"},
    "search, 50": {"method": "GET", "path": "/search", "query": "q=person&limit=50"},
    "all tags": {"method": "GET", "path": "/tags"},
    "an image": {"method": "GET", "path": f"/images/{image_id(0)}"},
    "smallest request": {"method": "GET", "path": "/health"},
    "upload": {
        "method": "POST",
        "path": "/uploads",
        "body": json.dumps({"name": "beach.jpg", "type": "image/jpeg", "size": 2_204_176}),
    },
}
READS: Final = ("list, 100", "search, 50", "all tags", "an image")
LISTS: Final = ("list, 100", "search, 50")
FIRST, AWS, SAME, LOCAL = "0.1", "now", "now, fields of 0.1", "one machine"
SPEED_UPS: Final = {
    "list, 100": (2.9, 3.5),
    "search, 50": (2.5, 3.0),
    "all tags": (2.3, 2.5),
    "an image": (1.4, 1.6),
    "smallest request": (1.2, 1.3),
    "upload": (1.5, 2.0),
}
"""The floor and the stretch target of each request: how many times as fast as version 0.1 it is."""

LOCAL_SPEED_UP: Final = (1.0, 1.5)

ROOT: Final = Path(__file__).parents[2]
IMPORT_TIME_LINE: Final = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| *(\S+)")

Measured = dict[str, dict[str, dict[str, Any]]]
"""What `request_worker.py` reports, with the times of all rounds, by request and version."""


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Send each request to both versions and to the stores of one machine, in turn. Then measure cold starts."""
    with first_version() as first, TemporaryDirectory() as folder, _start_workers(first, Path(folder)) as workers:
        measured = _take_turns(workers, 4 if quick else 60)
    figures = {
        "requests": {
            name: {version: _summarize(report) for version, report in reports.items()}
            for name, reports in measured.items()
        },
        "targets": _list_targets(measured),
        "refusal_ms": _measure_rejections(),
        "cold_start": _measure_cold_starts(3 if quick else 15),
    }
    _show(figures)
    return figures


@contextmanager
def _start_workers(first: FirstVersion, folder: Path) -> Iterator[dict[str, Worker]]:
    """Start a process for each version, and one with the stores of one machine. All have the same photos."""
    photos = list(compose(PHOTOS))
    data = DataFolder.create(folder / "data")
    fill(data, photos, PHOTOS)
    others = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
    with _serve_keys() as jwks_url, ExitStack() as stack:
        settings = asdict(SETTINGS) | {"jwks_url": jwks_url}
        on_aws = others | {f"PIXTAG_{name.upper()}": str(value) for name, value in settings.items()}

        def start(store: str, owner: str, token: str, python: Path, code: Path, variables: dict[str, str]) -> Worker:
            headers = {"host": "127.0.0.1:8000", "authorization": f"Bearer {token}", "accept-encoding": "gzip"}
            plan = {"owner": owner, "headers": headers, "requests": REQUESTS, "photos": [*map(asdict, photos)]}
            file = folder / f"{store}.json"
            file.write_text(json.dumps(plan))
            command: list[str | Path] = [python, "-P", Path(__file__).with_name("request_worker.py"), store, file]
            worker = Worker(command, variables | {"PYTHONPATH": str(code)})
            stack.callback(worker.close)
            return worker

        python, token = Path(sys.executable), sign(claims(OWNER))
        yield {
            FIRST: start("first", OWNER, token, first.python, first.folder, on_aws),
            AWS: start("aws", OWNER, token, python, ROOT, on_aws),
            SAME: start("same-fields", OWNER, token, python, ROOT, on_aws),
            LOCAL: start("local", data.owner, data.token, python, ROOT, others | {"PIXTAG_DATA": str(data.path)}),
        }


@contextmanager
def _serve_keys() -> Iterator[str]:
    """Serve the public keys of the user pool on this machine. Each process fetches them once."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(jwks())

        def log_message(self, *_: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/jwks.json"
        finally:
            server.shutdown()
            thread.join()


def _take_turns(workers: Mapping[str, Worker], rounds: int) -> Measured:
    """Let the processes send each request in turn. A first round warms up and is not counted."""
    measured: Measured = {name: {} for name in REQUESTS}
    with progress("Requests", rounds + 1) as step:
        for turn in range(rounds + 1):
            order = [*workers.items()][:: 1 if turn % 2 else -1]
            for name, reports in measured.items():
                for version, worker in order:
                    if name not in {LOCAL: READS, SAME: LISTS}.get(version, REQUESTS):
                        continue
                    report = worker.process(name)
                    if turn > 1:
                        for clock in ("wall", "cpu"):
                            report[clock] += reports[version][clock]
                    reports[version] = report
                _require_equal(name, reports)
            next(step)
    return measured


def _require_equal(name: str, reports: Mapping[str, Mapping[str, Any]]) -> None:
    """Check that all versions return as many results, because their times could not be compared otherwise.

    Raises:
        RuntimeError: the numbers differ.
    """
    results = {version: report["results"] for version, report in reports.items()}
    if len(set(results.values())) > 1:
        raise RuntimeError(f"The versions returned different numbers of results to {name}: {results}.")


def _summarize(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the percentiles of the times, and what the response contains."""
    return {
        "cpu_ms": _list_percentiles(report["cpu"]),
        "ms": _list_percentiles(report["wall"]),
        **{name: value for name, value in report.items() if name not in {"cpu", "wall"}},
    }


def _list_percentiles(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50": statistics.median(ordered),
        "p95": percentile(ordered, 0.95),
        "p99": percentile(ordered, 0.99),
    }


def _list_targets(measured: Measured) -> list[dict[str, Any]]:
    """Return the speed-ups and their targets. They compare the medians of CPU time, of the fields of version 0.1."""
    targets = [
        _compare(f"{name} (AWS)", reports[FIRST], reports.get(SAME, reports[AWS]), FIRST, SPEED_UPS[name])
        for name, reports in measured.items()
    ]
    for name, target in zip(LISTS, targets, strict=False):
        all_fields = _compare("", measured[name][FIRST], measured[name][AWS], FIRST, SPEED_UPS[name])["ratio"]
        target["detail"] += f"; with the new fields {all_fields:.2f} times"
    return targets + [
        _compare(f"{name} (one machine)", measured[name][AWS], measured[name][LOCAL], "AWS", LOCAL_SPEED_UP)
        for name in READS
    ]


def _compare(
    name: str, slow: Mapping[str, Any], fast: Mapping[str, Any], slow_name: str, target: tuple[float, float]
) -> dict[str, Any]:
    old, new = statistics.median(slow["cpu"]), statistics.median(fast["cpu"])
    wall = statistics.median(slow["wall"]) / statistics.median(fast["wall"])
    return {
        "name": name,
        "ratio": old / new,
        "floor": target[0],
        "stretch": target[1],
        "better": "higher",
        "detail": f"{new:.2f} ms of CPU, {slow_name}: {old:.2f} ms; wall time {wall:.2f} times",
    }


def _measure_rejections() -> dict[str, float]:
    """Return the milliseconds until a hostile token is rejected. Each kind counts with the fastest of five rounds."""
    keys, signer = KeySet(jwks), cognito()
    return spread(min(_time_rejection(make_token(signer), keys) for _ in range(5)) for make_token in HOSTILE.values())


def _time_rejection(token: str, keys: KeySet) -> float:
    start = time.perf_counter()
    with suppress(InvalidToken):
        verify(token, keys, ISSUER)
    return 1000 * (time.perf_counter() - start)


def _measure_cold_starts(rounds: int) -> dict[str, Any]:
    """Return the time of `import app.main` in a new process, and the packages that take most of it."""
    seconds, package_times = [], defaultdict(list)
    modules: list[str] = []
    with progress("Cold starts", rounds) as step:
        for _ in range(rounds):
            start = time.perf_counter()
            code = "import sys, app.main; print(*sys.modules)"
            modules = subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True, text=True
            ).stdout.split()
            seconds.append(time.perf_counter() - start)
            command = [sys.executable, "-X", "importtime", "-c", "import app.main"]
            report = subprocess.run(command, check=True, capture_output=True, text=True).stderr
            own_microseconds: Counter[str] = Counter()
            for line in IMPORT_TIME_LINE.finditer(report):
                own_microseconds[line[3].partition(".")[0]] += int(line[1])
            for package, microseconds in own_microseconds.items():
                package_times[package].append(microseconds / 1000)
            next(step)
    medians = {package: statistics.median(times) for package, times in package_times.items()}
    return {
        "seconds": spread(seconds),
        "modules": len(modules),
        "packages_ms": dict(sorted(medians.items(), key=lambda pair: -pair[1])[:12]),
        "share_of_app": medians["app"] / sum(medians.values()),
    }


def _show(figures: Mapping[str, Any]) -> None:
    show(
        "Lambda's handler, AWS responds at once: times as fast, by CPU time",
        ["request", "times", "floor", "stretch", ""],
        [
            [target["name"], f"{target['ratio']:.2f}", target["floor"], target["stretch"], target["detail"]]
            for target in figures["targets"]
        ],
    )
    show(
        "Time of a request, bytes of its response, and the number of fields that version 0.1 does not have",
        ["request", "version", "CPU ms p50", "p95", "p99", "ms p50", "p95", "p99", "JSON", "sent", "more fields"],
        [
            [
                name,
                version,
                *report["cpu_ms"].values(),
                *report["ms"].values(),
                report["bytes"],
                report["bytes_sent"],
                len(set(report["fields"]) - set(reports[FIRST]["fields"])),
            ]
            for name, reports in figures["requests"].items()
            for version, report in sorted(reports.items())
        ],
    )
    rejection = figures["refusal_ms"]
    console.print(f"Hostile tokens are rejected in {rejection['median']:.2g} ms (p95 {rejection['p95']:.2g}).")
    cold = figures["cold_start"]
    show(
        f"Cold start: import app.main takes {cold['seconds']['median']:.2f} s ({cold['seconds']['p5']:.2f} to"
        f" {cold['seconds']['p95']:.2f}), {cold['modules']} modules",
        ["package", "own ms (-X importtime)"],
        cold["packages_ms"].items(),
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the time of requests in both versions, and the packages of a cold start."""
    with plot_file(folder / "api.svg", 1, 2, size=(9, 3.2)) as (requests, packages):
        names = [*figures["requests"]][::-1]
        for shift, version, colour in ((0.2, FIRST, ORANGE), (-0.2, AWS, BLUE)):
            times = [figures["requests"][name][version]["cpu_ms"]["p50"] for name in names]
            requests.barh([row + shift for row in range(len(names))], times, color=colour, height=0.36, label=version)
        requests.set_yticks(range(len(names)), names)
        requests.legend()
        requests.set_title("CPU time of a request, without AWS")
        bars = [*figures["cold_start"]["packages_ms"].items()][::-1]
        packages.barh([name for name, _ in bars], [value for _, value in bars], color=GREY, height=0.6)
        packages.set_title("Cold start, by package")
        for axes in (requests, packages):
            axes.grid(visible=False, axis="y")
            axes.set_xlabel("milliseconds")
