"""Simulate 50 people for three minutes in the local cloud (`make load`). It fails on errors and growing memory."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import httpx
import numpy as np

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.program import LocalCloudError, Program, stop_on_signals
from infra.local.scenes import scene
from tests.bench.frame import console, show

PEOPLE: Final = 50
SECONDS: Final = 180
MAX_GROWTH_MB: Final = 32  # in the second half; in the first half, threads and connections are created that stay open

Memory = Mapping[str, list[float]]


def main() -> None:
    """Run the test in a temporary folder. On failure, print the reasons and exit with status 1."""
    options = _options()
    stop_on_signals()
    try:
        report, memory = _measure(options.people, options.seconds)
    except (LocalCloudError, httpx.HTTPError) as error:
        sys.exit(f"The load test failed: {error}")
    except KeyboardInterrupt:
        sys.exit("The load test was stopped.")
    _show(report, memory)
    sys.exit("\n".join([*report["failures"], *_list_growth(memory)]) or 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"number of people (default: {PEOPLE})")
    parser.add_argument("--seconds", type=int, default=SECONDS, help=f"duration (default: {SECONDS})")
    return parser.parse_args()


def _measure(people: int, seconds: int) -> tuple[dict[str, Any], Memory]:
    """Return the visitors' report, and the memory of API and worker at the start, in the middle and at the end."""
    with (
        TemporaryDirectory(prefix="pixtag-") as state,
        local_cloud(Path(state), Ports.find_free(), quiet=True) as cloud,
    ):
        console.print(f"Signing in {people} people …")
        plan = {
            "host": cloud.url,
            "tokens": _sign_in(cloud, people),
            "photo": _draw_photo().hex(),
            "seconds": seconds,
        }
        console.print(f"Simulating {people} people for {seconds} seconds …")
        command = [sys.executable, "-m", "tests.bench.visitor"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as visitors:
            assert visitors.stdin
            visitors.stdin.write(json.dumps(plan))
            visitors.stdin.close()
            visitors.stdin = None
            samples = [_measure_memory(cloud)]
            time.sleep(seconds / 2)
            samples.append(_measure_memory(cloud))
            output, _ = visitors.communicate()
            samples.append(_measure_memory(cloud))
        if visitors.returncode:
            raise LocalCloudError(f"The visitors ended with status {visitors.returncode}.")
        return json.loads(output), {name: [sample[name] for sample in samples] for name in samples[0]}


def _sign_in(cloud: LocalCloud, people: int) -> list[str]:
    """Sign in this number of new people, and return their Authorization headers."""
    with ExitStack() as stack:
        clients = [stack.enter_context(cloud.person(f"{number}@example.com")) for number in range(people)]
        return [client.headers["Authorization"] for client in clients]


def _draw_photo() -> bytes:
    """Return a JPEG of a street with a stop sign and a clock."""
    pixels = cv2.imdecode(np.frombuffer(scene(stop_signs=1, clocks=1), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def _measure_memory(cloud: LocalCloud) -> dict[str, float]:
    """Return the resident memory of the API and the worker in MB."""
    return {program.name: _read_resident_megabytes(program) for program in (cloud.api, cloud.worker)}


def _read_resident_megabytes(program: Program) -> float:
    lines = Path(f"/proc/{program.pid}/status").read_text().splitlines()
    [line] = (line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def _list_growth(memory: Memory) -> Sequence[str]:
    """Return a message for each program whose memory grew too much in the second half."""
    return [
        f"{name} grew from {middle:.0f} to {end:.0f} MB in the second half. The limit is {MAX_GROWTH_MB} MB."
        for name, (_, middle, end) in memory.items()
        if end - middle > MAX_GROWTH_MB
    ]


def _show(report: Mapping[str, Any], memory: Memory) -> None:
    total = report["total"]
    show(
        f"{total['requests']} requests and uploads, {total['errors']} errors",
        ["operation", "requests", "errors", "ms p50", "ms p95"],
        [
            [name, *map(operation.get, ("requests", "errors", "p50", "p95"))]
            for name, operation in report["operations"].items()
        ],
    )
    show(
        "Memory in MB",
        ["process", "start", "middle", "end"],
        [[name, *map(round, megabytes)] for name, megabytes in memory.items()],
    )


if __name__ == "__main__":
    main()
