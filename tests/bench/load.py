"""`make load`: 50 people for three minutes on the laptop's cloud. No request may fail, and memory may not grow."""

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

from infra.local.cloud import LocalCloud, Ports, local_cloud, stop_on_signals
from infra.local.program import LocalCloudError, Program
from infra.local.scenes import scene
from tests.bench.frame import console, show

PEOPLE: Final = 50
SECONDS: Final = 180
MAX_GROWTH_MB: Final = 32  # in the second half: in the first, threads and connections are made that stay

Memory = Mapping[str, list[float]]


def main() -> None:
    """Run it in a temporary place; exit with 1 and the reasons when something is not as it should be."""
    options = _options()
    stop_on_signals()
    try:
        report, memory = _measure(options.people, options.seconds)
    except (LocalCloudError, httpx.HTTPError) as error:
        sys.exit(f"It broke off: {error}")
    except KeyboardInterrupt:
        sys.exit("It was stopped.")
    _show(report, memory)
    sys.exit("\n".join([*report["failures"], *_grown(memory)]) or 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"how many come (default: {PEOPLE})")
    parser.add_argument("--seconds", type=int, default=SECONDS, help=f"how long they stay (default: {SECONDS})")
    return parser.parse_args()


def _measure(people: int, seconds: int) -> tuple[dict[str, Any], Memory]:
    """What the people met, and the memory of the API and the worker before, in the middle and at the end."""
    with TemporaryDirectory(prefix="pixtag-") as state, local_cloud(Path(state), Ports.free(), quiet=True) as cloud:
        console.print(f"Signing in {people} people …")
        plan = {"host": cloud.api_url, "tokens": _tokens(cloud, people), "photo": _photo().hex(), "seconds": seconds}
        console.print(f"They use PixTag for {seconds} seconds …")
        command = [sys.executable, "-m", "tests.bench.visitor"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as visitors:
            assert visitors.stdin
            visitors.stdin.write(json.dumps(plan))
            visitors.stdin.close()
            visitors.stdin = None
            samples = [_megabytes(cloud)]
            time.sleep(seconds / 2)
            samples.append(_megabytes(cloud))
            answer, _ = visitors.communicate()
            samples.append(_megabytes(cloud))
        if visitors.returncode:
            raise LocalCloudError(f"The visitors ended with status {visitors.returncode}.")
        return json.loads(answer), {name: [sample[name] for sample in samples] for name in samples[0]}


def _tokens(cloud: LocalCloud, people: int) -> list[str]:
    """The Authorization headers of so many new people."""
    with ExitStack() as signed_in:
        clients = [signed_in.enter_context(cloud.person(f"{number}@example.com")) for number in range(people)]
        return [client.headers["Authorization"] for client in clients]


def _photo() -> bytes:
    """A street with a stop sign and a clock, as a camera would send it."""
    drawn = cv2.imdecode(np.frombuffer(scene(stop_signs=1, clocks=1), np.uint8), cv2.IMREAD_COLOR)
    assert drawn is not None
    return cv2.imencode(".jpg", drawn)[1].tobytes()


def _megabytes(cloud: LocalCloud) -> dict[str, float]:
    """The memory that the API and the worker have in RAM."""
    return {program.name: _resident(program) for program in (cloud.api, cloud.worker)}


def _resident(program: Program) -> float:
    lines = Path(f"/proc/{program.pid}/status").read_text().splitlines()
    [line] = (line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def _grown(memory: Memory) -> Sequence[str]:
    """Whose memory has grown since the middle by more than it may."""
    return [
        f"{name} has grown from {middle:.0f} to {end:.0f} MB since the middle, by more than {MAX_GROWTH_MB}."
        for name, (_, middle, end) in memory.items()
        if end - middle > MAX_GROWTH_MB
    ]


def _show(report: Mapping[str, Any], memory: Memory) -> None:
    total = report["total"]
    show(
        f"{total['requests']} requests and uploads, {total['errors']} errors",
        ["operation", "times", "errors", "ms p50", "ms p95"],
        [[name, *map(one.get, ("requests", "errors", "p50", "p95"))] for name, one in report["operations"].items()],
    )
    show(
        "Memory in MB",
        ["process", "start", "middle", "end"],
        [[name, *(round(number) for number in numbers)] for name, numbers in memory.items()],
    )


if __name__ == "__main__":
    main()
