"""Cold starts of both functions with AWS's runtime client, side by side with version 0.1.

A cold start lasts from the start of the process to its first response. A server that responds at once replaces AWS.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from app.adapters.aws.items import summary_item
from app.adapters.aws.row_keys import attributes
from app.domain.ids import Rendition
from infra.local.emulator import environment
from infra.local.program import ROOT, LocalCloudError
from infra.local.scenes import scene
from tests.bench.frame import BLUE, ORANGE, plot_file, progress, show, spread
from tests.bench.instant_aws import KEYS_PATH, instant_aws
from tests.bench.library import image_id
from tests.bench.local.first_version import first_version
from tests.support.fakes import image
from tests.support.lambda_runtime import TIMEOUT_SECONDS, RuntimeApi, load_event
from tests.support.tokens import SETTINGS, claims, jwks, sign

ROUNDS: Final = 20
HANDLERS: Final = {"api": "app.main.handler", "worker": "app.worker.handler"}
TITLES: Final = {"api": "API", "worker": "worker"}
FIRST, CURRENT = "0.1", "now"
FLOORS: Final = {"api": 0.85, "worker": 0.95}
STRETCHES: Final = {"api": 0.75, "worker": 0.85}
ARITHMETIC: Final = {
    "api": "A profile of the imports (`python -X importtime`) shows where they take their time: PixTag's own 227"
    " modules 39 %, FastAPI with pydantic, Starlette and OpenTelemetry 24 %, boto3 with botocore and urllib3"
    " 11 %, and the cryptography of python-jose 6 %. Version 0.1 had 45 modules of its own. A quarter of the"
    " time is the first request: it imports the routes of searches, of which FastAPI builds each twice, and"
    " botocore creates two clients in 0.09 s.",
    "worker": "Two fifths of the time are imports. The rest is the first upload: NumPy, OpenCV, Pillow and the runtime"
    " of the model are loaded as in version 0.1, but the upload also imports 50 modules that read metadata and"
    " colours, and makes 21 calls of AWS instead of 10.",
}
OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
PHASES: Final = ("cpu_answered", "cpu_loaded", "answered", "loaded", "warm")
_CPU_CLOCK: Final = 2  # CPUCLOCK_SCHED in the kernel


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Start both functions of both versions in turn. The API's first event is a search, and the worker's an upload."""
    rounds = 2 if quick else ROUNDS
    events = {
        "api": load_event("get", token=sign(claims(OWNER))),
        "worker": load_event("sqs-upload", key=Rendition.INCOMING.key(OWNER, image_id(0))),
    }
    with first_version() as first, instant_aws(_make_rows(), scene(stop_signs=1), jwks()) as url:
        variables = _list_variables(url)
        versions = {FIRST: (first.python, first.folder), CURRENT: (Path(sys.executable), ROOT)}
        with progress("Cold starts", (rounds + 1) * len(events)) as step:
            figures: dict[str, Any] = {
                name: _measure_function(name, event, versions, variables, rounds, step)
                for name, event in events.items()
            }
    _show(figures)
    return {**figures, "targets": [_compare(name, figures[name]) for name in events]}


def _make_rows() -> list[dict[str, Any]]:
    """Return the rows of ten photos of a stop sign. Both versions read them."""
    photos = [replace(image(OWNER, counts={"stop sign": 1}), id=image_id(number)) for number in range(10)]
    both = {"taken_at": "2026-11-01T10:00:00", "tags": {"stop sign": 1}}
    return [attributes({"pk": "", "sk": each.id, **summary_item(each), **both}) for each in photos]


def _list_variables(url: str) -> dict[str, str]:
    """Return the environment variables of both functions, as the template sets them, with a server in place of AWS."""
    settings = {**asdict(SETTINGS), "jwks_url": url + KEYS_PATH}
    return {
        **environment(url),
        **{f"PIXTAG_{name.upper()}": str(value) for name, value in settings.items()},
        "AWS_LAMBDA_FUNCTION_NAME": "pixtag",
        "PYTHONDONTWRITEBYTECODE": "",  # the image contains bytecode, so the first round writes it
    }


def _measure_function(
    name: str,
    event: Any,
    versions: Mapping[str, tuple[Path, Path]],
    variables: Mapping[str, str],
    rounds: int,
    step: Iterator[None],
) -> dict[str, dict[str, Any]]:
    """Start a function of each version in turn, and return the spread of each phase. The first round is not counted."""
    seconds: dict[str, dict[str, list[float]]] = {version: {phase: [] for phase in PHASES} for version in versions}
    for turn in range(rounds + 1):
        for version, (python, folder) in versions.items():
            phases = _time_start([str(python), "-m", "awslambdaric", HANDLERS[name]], folder, variables, event)
            for phase, value in phases.items() if turn else ():
                seconds[version][phase].append(value)
        next(step)
    return {version: {phase: spread(values) for phase, values in phases.items()} for version, phases in seconds.items()}


def _time_start(command: Sequence[str], folder: Path, variables: Mapping[str, str], event: Any) -> dict[str, float]:
    """Return the seconds from the start of a process until it was loaded and until it responded, also of CPU."""
    with RuntimeApi() as api:
        environment_variables = {**variables, "AWS_LAMBDA_RUNTIME_API": api.address}
        start = time.perf_counter()
        with subprocess.Popen(command, cwd=folder, env=environment_variables, stdout=subprocess.DEVNULL) as process:
            try:
                if not api.started.wait(TIMEOUT_SECONDS):
                    raise LocalCloudError("The function does not start. See its output above.")
                loaded, cpu_loaded = time.perf_counter(), _read_cpu_seconds(process.pid)
                _require_success(api.invoke(event))
                answered, cpu_answered = time.perf_counter(), _read_cpu_seconds(process.pid)
                api.invoke(event)
                answered_again = time.perf_counter()
            finally:
                process.kill()
    return {
        "loaded": loaded - start,
        "answered": answered - start,
        "warm": answered_again - answered,
        "cpu_loaded": cpu_loaded,
        "cpu_answered": cpu_answered,
    }


def _read_cpu_seconds(pid: int) -> float:
    """Return the seconds of CPU that a process and its threads have used. Source: clock_getcpuclockid(3)."""
    return time.clock_gettime(~pid << 3 | _CPU_CLOCK)


def _require_success(response: Mapping[str, Any]) -> None:
    """Check the response of the API, or of the worker."""
    if response.get("statusCode", 200) != HTTPStatus.OK or response.get("batchItemFailures"):
        raise LocalCloudError(f"A cold start failed: {response}")


def _compare(name: str, function: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target of a function: its CPU time relative to that of version 0.1."""
    first, current = (function[version] for version in (FIRST, CURRENT))
    cpu, cpu_first, wall, wall_first = (
        version[phase]["median"] for phase in ("cpu_answered", "answered") for version in (current, first)
    )
    return {
        "name": f"cold start of the {TITLES[name]}, CPU time",
        "ratio": cpu / cpu_first,
        "floor": FLOORS[name],
        "stretch": STRETCHES[name],
        "better": "lower",
        "arithmetic": ARITHMETIC[name],
        "detail": f"{cpu:.3f} s, 0.1: {cpu_first:.3f} s; wall time {wall / wall_first:.2f} times",
    }


def _show(figures: Mapping[str, Any]) -> None:
    show(
        "Seconds from the start of the process to the first response (medians)",
        ["function", "version", *PHASES],
        [
            [name, version, *(phases[phase]["median"] for phase in PHASES)]
            for name, versions in figures.items()
            for version, phases in versions.items()
        ],
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the seconds of CPU of a start: until the function is loaded, and until its first response."""
    bars = [(name, version) for name in HANDLERS for version in (FIRST, CURRENT)]
    with plot_file(folder / "cold.svg", 1, 1, size=(7, 2.4)) as [axes]:
        for row, (name, version) in enumerate(bars):
            loaded, answered = (figures[name][version][phase]["median"] for phase in ("cpu_loaded", "cpu_answered"))
            axes.barh(row, loaded, color=BLUE, label=None if row else "imports")
            axes.barh(row, answered - loaded, left=loaded, color=ORANGE, label=None if row else "the first event")
        axes.set_yticks(range(len(bars)), [f"{TITLES[name]}, {version}" for name, version in bars])
        axes.invert_yaxis()
        axes.set_xlabel("seconds of CPU until the first response")
        axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.3))
