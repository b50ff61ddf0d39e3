"""Simulation of a burst of uploads, message by message, until the last upload is ingested."""

import heapq
from dataclasses import dataclass
from typing import Final

UPLOADS: Final = 100_000
MINUTES: Final = 10
CONCURRENCIES: Final = (2, 10, 50, 100, 500, 1000)
FIRST_WORKERS: Final = 5
ADDED_WORKERS_A_MINUTE: Final = 300  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html


@dataclass(frozen=True, slots=True)
class Burst:
    """The course of a burst. All times are in seconds."""

    seconds: float  # from the first upload to the last ingested image
    median_wait: float
    longest_wait: float
    most_waiting: int  # messages in the queue at the same time
    curve: list[tuple[float, int]]  # times, each with the number of waiting messages


def simulate_burst(
    max_workers: int,
    *,
    ingest_seconds: float,
    cold_seconds: float,
    uploads: int = UPLOADS,
    burst_seconds: float = MINUTES * 60,
) -> Burst:
    """Simulate uploads that arrive evenly, and at most `max_workers` workers that each ingest one at a time.

    Lambda starts with five workers and adds 300 a minute while messages wait. Each worker begins with a cold start.
    """
    workers = [
        max(0, number - FIRST_WORKERS + 1) * 60 / ADDED_WORKERS_A_MINUTE + cold_seconds for number in range(max_workers)
    ]
    heapq.heapify(workers)
    starts = []
    for number in range(uploads):
        start = max(workers[0], number * burst_seconds / uploads)
        starts.append(start)
        heapq.heapreplace(workers, start + ingest_seconds)
    waits = sorted(start - number * burst_seconds / uploads for number, start in enumerate(starts))
    curve = _count_waiting(starts, uploads, burst_seconds)
    most_waiting = max(waiting for _, waiting in curve)
    return Burst(starts[-1] + ingest_seconds, waits[uploads // 2], waits[-1], most_waiting, curve)


def _count_waiting(
    starts: list[float], uploads: int, burst_seconds: float, points: int = 200
) -> list[tuple[float, int]]:
    """Return the number of waiting messages at times from the first upload to the start of the last ingest."""
    started, curve = 0, []
    for point in range(points + 1):
        now = starts[-1] * point / points
        while started < uploads and starts[started] <= now:
            started += 1
        curve.append((now, max(0, min(uploads, int(now * uploads / burst_seconds)) - started)))
    return curve
