"""Cold starts of both functions with AWS's runtime client: from the start of a process to its first response."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
from jose import jwt

from app.domain.ids import Rendition
from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.program import Program
from infra.local.scenes import scene
from tests.bench.frame import BLUE, GREEN, GREY, ORANGE, plot_file, progress, show, spread
from tests.support.lambda_runtime import RuntimeApi, load_event

ROUNDS: Final = 9
STEPS: Final = {
    "api": {
        "imports": "import app.main",
        "clients": "from app import wiring; wiring.images(); wiring.objects(); wiring.quotas()",
    },
    "worker": {
        "imports": "import app.worker",
        "clients": "from app import wiring; wiring.library(); wiring.outbox_worker()",
        "model": "wiring.detector()",
    },
}
HANDLERS: Final = {"api": "app.main.handler", "worker": "app.worker.handler"}
TIME_STEPS: Final = """
import json, sys, time
seconds = {"interpreter": (float("nan"), time.process_time())}
for name, code in json.loads(sys.argv[1]).items():
    wall, cpu = time.perf_counter(), time.process_time()
    exec(code)
    seconds[name] = (time.perf_counter() - wall, time.process_time() - cpu)
print(json.dumps(seconds))
"""
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Start each function repeatedly, and send it a typical event: the API a search, the worker an upload."""
    rounds = 2 if quick else ROUNDS
    with (
        TemporaryDirectory() as state,
        local_cloud(Path(state), Ports.find_free(), quiet=True) as cloud,
        cloud.person("ada@example.com") as ada,
    ):
        cloud.worker.stop()
        token = ada.headers["Authorization"].removeprefix("Bearer ")
        events = {"api": lambda: load_event("get", token=token), "worker": lambda: _upload(ada, token)}
        with progress("Cold starts", rounds * len(HANDLERS)) as step:
            figures = {
                name: _measure_function(name, cloud, events[name], rounds, lambda: next(step)) for name in HANDLERS
            }
        cloud.worker.start()
    _show(figures)
    return figures


def _upload(ada: httpx.Client, token: str) -> Any:
    """Upload a photo with unique bytes, and return the event of its upload."""
    data = scene(stop_signs=1) + os.urandom(8)
    response = ada.post("/images", files={"file": ("stop.png", data, "image/png")}).raise_for_status()
    owner = jwt.get_unverified_claims(token)["sub"]
    return load_event("sqs-upload", key=Rendition.INCOMING.key(owner, response.headers["Location"].rpartition("/")[2]))


def _measure_function(
    name: str, cloud: LocalCloud, make_event: Callable[[], Any], rounds: int, step: Callable[[], None]
) -> dict[str, Any]:
    times: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for phase, seconds in _measure_start(name, cloud, make_event(), make_event()).items():
            times[phase].append(seconds)
        for part, (_, cpu_seconds) in _measure_steps(name, cloud).items():
            times[f"cpu_{part}"].append(cpu_seconds)
        step()
    return {phase: spread(seconds) for phase, seconds in times.items()}


def _measure_start(name: str, cloud: LocalCloud, first_event: Any, second_event: Any) -> dict[str, float]:
    """Return the seconds from the start of the process until it was loaded and until it responded, also of CPU."""
    with RuntimeApi() as api:
        variables = {**cloud.environment, "AWS_LAMBDA_RUNTIME_API": api.address}
        start = time.perf_counter()
        with Program(name, ["awslambdaric", HANDLERS[name]], variables) as program:
            api.started.wait()
            loaded = time.perf_counter()
            api.invoke(first_event)
            responded, cpu_seconds = time.perf_counter(), _read_cpu_seconds(program.pid)
            api.invoke(second_event)
            responded_again = time.perf_counter()
    return {
        "loaded": loaded - start,
        "answered": responded - start,
        "cpu_answered": cpu_seconds,
        "warm": responded_again - responded,
    }


def _read_cpu_seconds(pid: int) -> float:
    """Return the seconds of CPU that a process has used. Source: proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def _measure_steps(name: str, cloud: LocalCloud) -> dict[str, tuple[float, float]]:
    """Return the seconds and the seconds of CPU of each step of a start."""
    seconds: dict[str, tuple[float, float]] = json.loads(
        subprocess.run(
            [sys.executable, "-c", TIME_STEPS, json.dumps(STEPS[name])],
            check=True,
            capture_output=True,
            env=cloud.environment,
        ).stdout
    )
    return seconds


def _show(figures: Mapping[str, Any]) -> None:
    parts = ["answered", "loaded", "warm", "cpu_answered", "cpu_interpreter", "cpu_imports", "cpu_clients", "cpu_model"]
    show(
        "Seconds from the start of the process to the first response (medians; CPU is more reliable on a busy machine)",
        ["function", *parts],
        [
            [name, *(function[part]["median"] if part in function else "-" for part in parts)]
            for name, function in figures.items()
        ],
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the seconds of CPU of each part of a start."""
    colours = {"interpreter": GREY, "imports": BLUE, "clients": ORANGE, "model": GREEN}
    with plot_file(folder / "cold.svg", 1, 1, size=(7, 2)) as [axes]:
        for row, name in enumerate(HANDLERS):
            left = 0.0
            for part, colour in colours.items():
                width = figures[name].get(f"cpu_{part}", {"median": 0.0})["median"]
                axes.barh(row, width, left=left, color=colour, label=None if row else part)
                left += width
            rest = max(0.0, figures[name]["cpu_answered"]["median"] - left)
            axes.barh(row, rest, left=left, color=GREY, alpha=0.5, label=None if row else "the first event")
        axes.set_yticks(range(len(HANDLERS)), list(HANDLERS))
        axes.set_xlabel("seconds of CPU until the first response")
        axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.3))
