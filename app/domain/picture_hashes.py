"""Compares the hashes of pictures, which `detector.picture_hash` computes (ADR 43)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final

MAX_DISTANCE: Final = 6
"""The most bits in which the hashes of a picture and its copy in another size, format or quality differ."""

MAX_CROP_DISTANCE: Final = 10
"""The most bits in which the hashes of a picture and its crop by 3 % usually differ."""

WEAK_BITS: Final = 3
CROP_WEAK_BITS: Final = 5

PREFIX_DIGITS: Final = 6

_DIGITS: Final = 16  # of the hash without the numbers of weak bits
_PREFIX_BITS: Final = 4 * PREFIX_DIGITS
_HASH: Final = re.compile(rf"[0-9a-f]{{{_DIGITS}}}(0[0-9a-f]|1[0-7])+")  # the weak bits are in the prefix


@dataclass(frozen=True, slots=True)
class HashedImage:
    """A ready image with a picture hash. `group` is that of its copies, or empty if it has none."""

    id: str
    picture_hash: str
    group: str = ""


def load_hash(text: str) -> str:
    """Return a stored hash, or an empty text if it is damaged. A redetection computes it again."""
    return text if _HASH.fullmatch(text) else ""


def measure_distance(one: str, other: str) -> int:
    """Return the number of bits, of 64, in which two hashes differ."""
    return (int(one[:_DIGITS], 16) ^ int(other[:_DIGITS], 16)).bit_count()


def list_prefixes(picture_hash: str, weak_bits: int = WEAK_BITS) -> list[str]:
    """Return the first digits that the hashes of copies may have: those of the hash, with any weak bits changed.

    `weak_bits` is how many of the weakest bits may change.
    """
    prefix = int(picture_hash[:PREFIX_DIGITS], 16)
    numbers = bytes.fromhex(picture_hash[_DIGITS:])[:weak_bits]
    masks = product(*((0, 1 << (_PREFIX_BITS - 1 - number)) for number in numbers))
    return sorted({f"{prefix ^ sum(mask):0{PREFIX_DIGITS}x}" for mask in masks})


def find_near(picture_hash: str, images: Iterable[HashedImage], max_distance: int = MAX_DISTANCE) -> list[HashedImage]:
    """Return the images whose hashes differ in at most `max_distance` bits, the nearest first. Skip damaged hashes."""
    intact = (image for image in images if load_hash(image.picture_hash))
    distances = ((measure_distance(picture_hash, image.picture_hash), image.id, image) for image in intact)
    return [image for distance, _, image in sorted(distances, key=lambda each: each[:2]) if distance <= max_distance]
