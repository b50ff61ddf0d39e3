"""Compares two models on the same photos with a paired bootstrap.

Each resample draws as many photos as there are, with replacement, and scores both models on it. The interval of the
difference contains the middle 95 % of the resamples.
Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from detector import tally
from tests.bench.certainty import Pair
from tests.bench.frame import show

FIGURES: Final = ("precision", "tag f1", "count f1")
"""Precision and F1 of tags, and F1 of counts."""

_RESAMPLES: Final = 10_000
_INTERVAL: Final = (2.5, 97.5)  # percentiles

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of the first model, of the second model, and the 95 % interval of second minus first."""

    first: float
    second: float
    low: float
    high: float


def score(pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Return precision and F1 of tags, and F1 of counts, over the photos."""
    precision, tag_f1, count_f1 = _score(_count(pairs).sum(axis=0)).tolist()
    return precision, tag_f1, count_f1


def compare(first: Sequence[Pair], second: Sequence[Pair]) -> dict[str, Difference]:
    """Return the differences between two models, by figure.

    Args:
        first: The detected and labelled objects of each photo.
        second: The same for the second model. The photos have the same order.
    """
    random = np.random.default_rng(0)
    weights = random.multinomial(len(first), np.full(len(first), 1 / len(first)), _RESAMPLES)
    counts = [_count(pairs) for pairs in (first, second)]
    exact = [_score(each.sum(axis=0)) for each in counts]
    resampled = [_score(weights @ each) for each in counts]
    low, high = np.percentile(resampled[1] - resampled[0], _INTERVAL, axis=0)
    return {
        figure: Difference(*map(float, numbers)) for figure, *numbers in zip(FIGURES, *exact, low, high, strict=True)
    }


def report(first: str, second: str, differences: dict[str, Difference]) -> None:
    """Print the differences between two models with these names."""
    rows = [
        [
            figure,
            f"{difference.first:.3f}",
            f"{difference.second:.3f}",
            f"{difference.second - difference.first:+.3f}",
            f"{difference.low:+.3f} to {difference.high:+.3f}",
        ]
        for figure, difference in differences.items()
    ]
    show("Paired comparison of two models", ["", first, second, "difference", "95 % interval"], rows)


def _count(pairs: Sequence[Pair]) -> Numbers:
    """Return one row per photo: the correct, detected and labelled tags, then the same numbers of objects."""
    return np.array([_count_photo(Counter(tally(detected)), Counter(tally(labelled))) for detected, labelled in pairs])


def _count_photo(detected: Counter[str], labelled: Counter[str]) -> list[float]:
    tags = [len(detected.keys() & labelled.keys()), len(detected), len(labelled)]
    return [*tags, (detected & labelled).total(), detected.total(), labelled.total()]


def _score(counts: Numbers) -> Numbers:
    """Return the figures in the last axis. The last axis of `counts` has the numbers that `_count` returns."""
    correct_tags, tags, labelled_tags, correct, objects, labelled = np.moveaxis(counts, -1, 0)
    return np.stack(
        [
            correct_tags / np.maximum(1, tags),
            2 * correct_tags / np.maximum(1, tags + labelled_tags),
            2 * correct / np.maximum(1, objects + labelled),
        ],
        axis=-1,
    )
