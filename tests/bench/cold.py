"""Cold starts of both functions under AWS's runtime client: from the start of a process to its first answer."""

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
from tests.bench.frame import BLUE, GREEN, GREY, ORANGE, plotted, progress, show, spread
from tests.support.lambda_runtime import RuntimeApi, load_event

ROUNDS: Final = 9
STEPS: Final = {
    "api": {
        "imports": "import app.main",
        "clients": "from app import wiring; wiring.table(); wiring.bucket(); wiring.quotas()",
    },
    "worker": {
        "imports": "import app.worker",
        "clients": "from app import wiring; wiring.library(); wiring.outbox_worker()",
        "model": "wiring.detector()",
    },
}
HANDLERS: Final = {"api": "app.main.handler", "worker": "app.worker.handler"}
TIMED: Final = """
import json, sys, time
told = {"interpreter": (float("nan"), time.process_time())}
for name, code in json.loads(sys.argv[1]).items():
    wall, cpu = time.perf_counter(), time.process_time()
    exec(code)
    told[name] = (time.perf_counter() - wall, time.process_time() - cpu)
print(json.dumps(told))
"""
TICKS: Final = os.sysconf("SC_CLK_TCK")


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - every part has it
    """Start each function anew, again and again, and ask it for what a person would: a search, a photograph's tags."""
    rounds = 2 if quick else ROUNDS
    with (
        TemporaryDirectory() as state,
        local_cloud(Path(state), Ports.free(), quiet=True) as cloud,
        cloud.person("ada@example.com") as ada,
    ):
        cloud.worker.stop()
        token = ada.headers["Authorization"].removeprefix("Bearer ")
        events = {"api": lambda: load_event("get", token=token), "worker": lambda: _upload(ada, token)}
        with progress("Cold starts", rounds * len(HANDLERS)) as step:
            figures = {name: _starts(name, cloud, events[name], rounds, lambda: next(step)) for name in HANDLERS}
        cloud.worker.start()
    _show(figures)
    return figures


def _upload(ada: httpx.Client, token: str) -> Any:
    """The event of a photograph that was just uploaded, of bytes like no other's."""
    data = scene(stop_signs=1) + os.urandom(8)
    posted = ada.post("/images", files={"file": ("stop.png", data, "image/png")}).raise_for_status()
    owner = jwt.get_unverified_claims(token)["sub"]
    return load_event("sqs-upload", key=Rendition.INCOMING.key(owner, posted.headers["Location"].rpartition("/")[2]))


def _starts(
    name: str, cloud: LocalCloud, ask: Callable[[], Any], rounds: int, step: Callable[[], None]
) -> dict[str, Any]:
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for what, seconds in _start(name, cloud, ask(), ask()).items():
            taken[what].append(seconds)
        for part, (_, cpu) in _timed_steps(name, cloud).items():
            taken[f"cpu_{part}"].append(cpu)
        step()
    return {what: spread(seconds) for what, seconds in taken.items()}


def _start(name: str, cloud: LocalCloud, first: Any, second: Any) -> dict[str, float]:
    """Seconds from the start of the process until it was loaded and until it had answered; of its CPU too."""
    with RuntimeApi() as api:
        variables = {**cloud.environment, "AWS_LAMBDA_RUNTIME_API": api.address}
        began = time.perf_counter()
        with Program(name, ["awslambdaric", HANDLERS[name]], variables) as program:
            api.started.wait()
            loaded = time.perf_counter()
            api.invoke(first)
            answered, cpu = time.perf_counter(), _cpu(program.pid)
            api.invoke(second)
            again = time.perf_counter()
    return {"loaded": loaded - began, "answered": answered - began, "cpu_answered": cpu, "warm": again - answered}


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used; source: proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _timed_steps(name: str, cloud: LocalCloud) -> dict[str, tuple[float, float]]:
    """What a start is made of: seconds, and seconds of CPU, of each step."""
    told: dict[str, tuple[float, float]] = json.loads(
        subprocess.run(
            [sys.executable, "-c", TIMED, json.dumps(STEPS[name])],
            check=True,
            capture_output=True,
            env=cloud.environment,
        ).stdout
    )
    return told


def _show(figures: Mapping[str, Any]) -> None:
    parts = ["answered", "loaded", "warm", "cpu_answered", "cpu_interpreter", "cpu_imports", "cpu_clients", "cpu_model"]
    show(
        "From the start of the process to the first answer, seconds (medians; on a busy machine CPU says more)",
        ["function", *parts],
        [[name, *(one[part]["median"] if part in one else "-" for part in parts)] for name, one in figures.items()],
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the CPU seconds of a start, part by part."""
    colours = {"interpreter": GREY, "imports": BLUE, "clients": ORANGE, "model": GREEN}
    with plotted(folder / "cold.svg", 1, 1, size=(7, 2)) as [axes]:
        for row, name in enumerate(HANDLERS):
            left = 0.0
            for part, colour in colours.items():
                width = figures[name].get(f"cpu_{part}", {"median": 0.0})["median"]
                axes.barh(row, width, left=left, color=colour, label=None if row else part)
                left += width
            rest = max(0.0, figures[name]["cpu_answered"]["median"] - left)
            axes.barh(row, rest, left=left, color=GREY, alpha=0.5, label=None if row else "the first event")
        axes.set_yticks(range(len(HANDLERS)), list(HANDLERS))
        axes.set_xlabel("seconds of CPU until the first answer")
        axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.3))
