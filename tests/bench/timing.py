"""Time ways side by side. Each runs in its own process, and they take turns so that a disturbance affects all."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx_vnni")


class Worker:
    """A process that responds to each line of its stdin. `serve` is its other side for files."""

    def __init__(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=folder, text=True, bufsize=1
        )

    @property
    def cpu_milliseconds(self) -> float:
        """The CPU time of all threads of the process since its start. Linux has a clock for each process."""
        return 1000 * time.clock_gettime(~self._process.pid << 3 | 2)

    def process(self, line: str | Path) -> dict[str, Any]:
        """Send a line to the process, such as the path of a file. Return its response, with its milliseconds as `cpu`.

        Raises:
            RuntimeError: the process has ended. The message has its exit status.
        """
        assert self._process.stdin
        assert self._process.stdout
        before = self.cpu_milliseconds
        try:
            self._process.stdin.write(f"{line}\n")
            response = self._process.stdout.readline()
        except BrokenPipeError:
            response = ""
        if not response:
            raise RuntimeError(f"{self._process.args!r} ended with status {self._process.wait()}.")
        result: dict[str, Any] = json.loads(response)
        return {"cpu": self.cpu_milliseconds - before, **result}

    def close(self) -> None:
        """Close the input of the process and wait until it ends."""
        self._process.communicate()


def serve(detect: Callable[[bytes], object]) -> None:
    """Process each file named on stdin, and print the peak memory to stdout."""
    for line in sys.stdin:
        detect(Path(line.rstrip("\n")).read_bytes())
        print(json.dumps({"megabytes": _read_peak_megabytes()}), flush=True)


def _read_peak_megabytes() -> float:
    """Return the peak memory of this process in MB. Unlike ru_maxrss, it excludes the parent's memory before exec."""
    [line] = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def take_turns(workers: Mapping[str, Worker], files: Sequence[Path], rounds: int) -> dict[str, list[float]]:
    """Let all workers process one file per round, in turn, and return the CPU milliseconds of each worker by round.

    A first round warms up and is not counted.
    """
    times: dict[str, list[float]] = {name: [] for name in workers}
    for turn in range(rounds + 1):
        for name, worker in workers.items():
            milliseconds = worker.process(files[turn % len(files)])["cpu"]
            if turn:
                times[name].append(milliseconds)
    return times


def spread(numbers: Iterable[float]) -> dict[str, float]:
    """Return the median and the lower and upper quartiles."""
    ordered = sorted(numbers)
    low, _, high = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else ordered * 3
    return {"median": round(median(ordered), 2), "low": round(low, 2), "high": round(high, 2)}


def compare(slow: Sequence[float], fast: Sequence[float]) -> dict[str, float]:
    """Return the spread of the ratios `slow` / `fast`, from the times of the same rounds."""
    return spread(slow_time / fast_time for slow_time, fast_time in zip(slow, fast, strict=True))


def list_cpu_features() -> list[str]:
    """Return those features of the CPU that determine the speed of a network."""
    flags = {
        flag for line in Path("/proc/cpuinfo").read_text().splitlines() if line[:5] == "flags" for flag in line.split()
    }
    return [feature for feature in FEATURES if feature in flags]
