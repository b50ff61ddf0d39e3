"""A burst of uploads through the queue, simulated message by message: how long until the last is an image."""

import heapq
from dataclasses import dataclass
from typing import Final

UPLOADS: Final = 100_000
MINUTES: Final = 10
CONCURRENCIES: Final = (2, 10, 50, 100, 500, 1000)
FIRST_POLLERS: Final = 5
MORE_A_MINUTE: Final = 300  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html


@dataclass(frozen=True, slots=True)
class Drained:
    """How a burst went: seconds from first upload to last image, and of waiting; the most that waited at once."""

    seconds: float
    median_wait: float
    longest_wait: float
    most_waiting: int
    curve: list[tuple[float, int]]  # at which second how many waited


def drain(maximum: int, look: float, cold: float, uploads: int = UPLOADS, seconds: float = MINUTES * 60) -> Drained:
    """Let so many uploads come evenly, and at most `maximum` workers take one at a time, each look so many seconds.

    Lambda starts with five, and adds 300 a minute while messages wait; each begins with a cold start.
    """
    workers = [max(0, number - FIRST_POLLERS + 1) * 60 / MORE_A_MINUTE + cold for number in range(maximum)]
    heapq.heapify(workers)
    begun = []
    for number in range(uploads):
        start = max(workers[0], number * seconds / uploads)
        begun.append(start)
        heapq.heapreplace(workers, start + look)
    waits = sorted(start - number * seconds / uploads for number, start in enumerate(begun))
    curve = _waiting(begun, uploads, seconds)
    return Drained(begun[-1] + look, waits[uploads // 2], waits[-1], max(many for _, many in curve), curve)


def _waiting(begun: list[float], uploads: int, seconds: float, points: int = 200) -> list[tuple[float, int]]:
    """How many messages wait, at moments from the first upload to the last look."""
    taken, curve = 0, []
    for point in range(points + 1):
        now = begun[-1] * point / points
        while taken < uploads and begun[taken] <= now:
            taken += 1
        curve.append((now, max(0, min(uploads, int(now * uploads / seconds)) - taken)))
    return curve
