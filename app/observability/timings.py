"""How many seconds each step of looking at a photograph takes; whoever asks for the look hands in what notes them."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum


class Step(StrEnum):
    """What an upload goes through until it is an image."""

    READ = "read"  # out of S3
    DECODE = "decode"
    DETECT = "detect"  # without loading the model
    ENCODE = "encode"  # preview and thumbnail
    WRITE = "write"  # to S3 and DynamoDB


class Timings:
    """The steps of one look. They may run side by side in threads; each counts from its beginning to its end."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._spans: list[tuple[Step, float]] = []  # appended to, which no other thread can come in between

    @contextmanager
    def measure(self, step: Step) -> Iterator[None]:
        """Note how long the block takes; nothing if it raises, as then the step was not taken."""
        start = self._clock()
        yield
        self._spans.append((step, self._clock() - start))

    @property
    def seconds(self) -> Mapping[Step, float]:
        """The seconds of each step that was taken, those of its parts added up."""
        taken = list(self._spans)
        return {
            step: sum(one for at, one in taken if at is step) for step in Step if any(at is step for at, _ in taken)
        }
