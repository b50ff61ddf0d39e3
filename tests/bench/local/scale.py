"""Sizes and rounds of the local benchmark: in full, and for a quick check that it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.bench.local.composition import SMALLEST
from tests.bench.local.photos import LARGE, SMALL


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured.

    Attributes:
        targets: The largest allowed growth of a read, by the size of the library.
        read_rounds: The rounds of reads.
        order_size: The size of the large library whose lists by capture time are measured.
        order_target: The largest allowed growth of these reads.
        added_rounds: The rounds in which photos are added in the order of their dates, and in random order.
        added_photos: The number of photos in such a round.
        first_size: The size of the library that is compared with version 0.1.
        first_rounds: The rounds of reads of that comparison.
        waves: The number of waves, by the number of uploads at once.
        batches: The number of photos per round, by their size.
        batch_rounds: The rounds of batches.
        small_photos: The number of small photos before the memory is measured for the first time.
        large_bytes: The bytes of large photos before the memory is measured again.
        rest_seconds: The time from the last photo until the memory is measured.
        starts: The number of starts.
    """

    targets: Mapping[int, float]
    read_rounds: int
    order_size: int
    order_target: float
    added_rounds: int
    added_photos: int
    first_size: int
    first_rounds: int
    waves: Mapping[int, int]
    batches: Mapping[str, int]
    batch_rounds: int
    small_photos: int
    large_bytes: float
    rest_seconds: float
    starts: int

    @property
    def sizes(self) -> list[int]:
        """The sizes of the libraries whose reads are compared, smallest first."""
        return [SMALLEST, *self.targets]

    @property
    def start_size(self) -> int:
        """The size of the library with which PixTag is started."""
        return min(self.targets)


FULL: Final = Scale(
    targets={20_000: 1.5, 100_000: 2},
    read_rounds=60,
    order_size=100_000,
    order_target=1.5,
    added_rounds=20,
    added_photos=200,
    first_size=5_000,
    first_rounds=15,
    waves={1: 15, 20: 3},
    batches={LARGE: 16, SMALL: 48},
    batch_rounds=4,
    small_photos=800,
    large_bytes=2e9,
    rest_seconds=60,
    starts=5,
)
QUICK: Final = Scale(
    targets={2_000: 1.5, 5_000: 2},
    read_rounds=10,
    order_size=5_000,
    order_target=1.5,
    added_rounds=3,
    added_photos=50,
    first_size=500,
    first_rounds=5,
    waves={1: 3, 20: 1},
    batches={LARGE: 4, SMALL: 12},
    batch_rounds=1,
    small_photos=100,
    large_bytes=1e8,
    rest_seconds=5,
    starts=2,
)
