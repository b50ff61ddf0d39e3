"""Measures how long each step of processing a photo takes."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum


class Step(StrEnum):
    """The steps from an upload to a ready image."""

    READ = "read"  # from S3
    DECODE = "decode"
    DETECT = "detect"  # without loading the model
    ENCODE = "encode"  # preview and thumbnail
    WRITE = "write"  # to S3 and DynamoDB


class Timings:
    """Records the durations of one photo's steps. Steps may run in parallel threads."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._spans: list[tuple[Step, float]] = []  # `append` is thread-safe

    @contextmanager
    def measure(self, step: Step) -> Iterator[None]:
        """Record how long the block takes. A block that raises an exception is not recorded."""
        start = self._clock()
        yield
        self._spans.append((step, self._clock() - start))

    @property
    def seconds(self) -> Mapping[Step, float]:
        """The total seconds of each recorded step, in the order of `Step`."""
        totals: dict[Step, float] = {}
        for step, duration in list(self._spans):
            totals[step] = totals.get(step, 0) + duration
        return {step: totals[step] for step in Step if step in totals}
