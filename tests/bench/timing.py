"""Measuring side by side: a process for each way, asked in turn, so that what disturbs one disturbs all."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx_vnni")


class Worker:
    """A process that does one thing whenever it is asked; see ``serve`` for its side.

    Raises:
        RuntimeError: the process has ended, with what it said.
    """

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, bufsize=1
        )

    def ask(self, file: Path) -> dict[str, float]:
        """Have it look at a file: ``milliseconds`` it took and its ``megabytes`` at their peak since its start."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(f"{file}\n")
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise RuntimeError(f"{self._process.args!r} has ended: {self._process.wait()}")
        told: dict[str, float] = json.loads(answer)
        return told

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


def serve(look: Callable[[bytes], object]) -> None:
    """Look at each file that stdin names, and tell on stdout how long it took; reading the file is not counted."""
    for line in sys.stdin:
        data = Path(line.rstrip("\n")).read_bytes()
        started = time.perf_counter()
        look(data)
        milliseconds = 1000 * (time.perf_counter() - started)
        print(json.dumps({"milliseconds": milliseconds, "megabytes": _peak()}), flush=True)


def _peak() -> float:
    """Return the most memory the process has had, in MB; unlike ru_maxrss not the parent's before exec."""
    [line] = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def in_turn(workers: Mapping[str, Worker], files: Sequence[Path], rounds: int) -> dict[str, list[float]]:
    """Ask all workers for each file in turn, round by round, after one round that is not counted.

    Returns the milliseconds of each worker, in the order of asking.
    """
    times: dict[str, list[float]] = {name: [] for name in workers}
    for turn in range(rounds + 1):
        for name, worker in workers.items():
            milliseconds = worker.ask(files[turn % len(files)])["milliseconds"]
            if turn:
                times[name].append(milliseconds)
    return times


def spread(numbers: Iterable[float]) -> dict[str, float]:
    """Return the median and the quarters below and above it."""
    known = sorted(numbers)
    low, _, high = quantiles(known, n=4, method="inclusive") if len(known) > 1 else known * 3
    return {"median": round(median(known), 2), "low": round(low, 2), "high": round(high, 2)}


def ratios(slow: Sequence[float], fast: Sequence[float]) -> dict[str, float]:
    """Return how many times as fast ``fast`` was, turn by turn."""
    return spread(one / other for one, other in zip(slow, fast, strict=True))


def features() -> list[str]:
    """Tell what the CPU has of what decides how fast a network runs."""
    flags = {
        flag for line in Path("/proc/cpuinfo").read_text().splitlines() if line[:5] == "flags" for flag in line.split()
    }
    return [feature for feature in FEATURES if feature in flags]
