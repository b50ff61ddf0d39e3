"""Precision and recall of certain counts over thresholds of confidence.

A photo's certain count of a label is the number of detections with at least the threshold. Precision and recall are
over all photos and labels: the sum of min(certain count, labelled count) divided by the sum of the certain counts, and
divided by the sum of the labelled counts.

The threshold is chosen on half A of the photos, those at even positions in the order of their names, and measured on
half B, the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from detector import CERTAIN_CONFIDENCE, Detection, tally
from tests.bench.frame import BLUE, GREY, ORANGE, plot_file, show

THRESHOLDS: Final = tuple(step / 100 for step in range(15, 95, 5))
MIN_PRECISION: Final = 0.93
MIN_RECALL: Final = 0.25

Pair = tuple[Sequence[Detection], Sequence[Detection]]
"""The detected and the labelled objects of a photo."""


@dataclass(frozen=True, slots=True)
class CertainAccuracy:
    """Precision and recall of certain counts, from 0 to 1, and the sum of the certain counts."""

    precision: float
    recall: float
    objects: int


def measure_certain(pairs: Iterable[Pair], threshold: float) -> CertainAccuracy:
    """Return the accuracy of the counts of detections with at least this confidence."""
    sums: Counter[str] = Counter()
    for detected, labelled in pairs:
        certain = Counter(tally(each for each in detected if each.confidence >= threshold))
        true = Counter(tally(labelled))
        sums.update(correct=(certain & true).total(), certain=certain.total(), true=true.total())
    return CertainAccuracy(
        sums["correct"] / max(1, sums["certain"]), sums["correct"] / max(1, sums["true"]), sums["certain"]
    )


def choose_threshold(by_threshold: Mapping[float, CertainAccuracy]) -> float:
    """Return the highest threshold with at least `MIN_RECALL`, which has the best precision that this recall allows.

    Without such a threshold, return the lowest one.
    """
    return max(
        (each for each, accuracy in by_threshold.items() if accuracy.recall >= MIN_RECALL), default=THRESHOLDS[0]
    )


def report(pairs: Sequence[Pair], path: Path | None) -> None:
    """Print the accuracy of both halves of the photos at each threshold, and draw it if there is a path."""
    halves = {
        name: {threshold: measure_certain(half, threshold) for threshold in THRESHOLDS}
        for name, half in (("A", pairs[0::2]), ("B", pairs[1::2]))
    }
    columns = ["threshold", *(f"{name}: {what}" for name in halves for what in ("precision", "recall", "objects"))]
    rows = [
        [
            f"{threshold:.2f}{' *' if threshold == CERTAIN_CONFIDENCE else ''}",
            *(
                cell
                for half in halves.values()
                for accuracy in [half[threshold]]
                for cell in (f"{accuracy.precision:.3f}", f"{accuracy.recall:.3f}", accuracy.objects)
            ),
        ]
        for threshold in THRESHOLDS
    ]
    show("Certain counts (*: PixTag's threshold)", columns, rows)
    print(f"Half A chooses {choose_threshold(halves['A']):.2f}.")
    if path:
        _plot(halves, path)


def _plot(halves: Mapping[str, Mapping[float, CertainAccuracy]], path: Path) -> None:
    with plot_file(path, 1, 2, size=(8, 3.2)) as (left, right):
        for axes, title, target in ((left, "precision", MIN_PRECISION), (right, "recall", MIN_RECALL)):
            for (name, half), colour in zip(halves.items(), (GREY, BLUE), strict=True):
                figures = [getattr(accuracy, title) for accuracy in half.values()]
                axes.plot(list(half), figures, color=colour, linewidth=2, marker=".", label=f"half {name}")
            axes.axhline(target, color=ORANGE, linestyle="--", linewidth=1, label=f"target {target}")
            axes.axvline(CERTAIN_CONFIDENCE, color=GREY, linestyle=":", linewidth=1)
            axes.set_title(title.capitalize())
            axes.set_xlabel("lowest confidence of a certain detection")
            axes.legend(loc="best")
        left.set_ylim(0.8, 1.01)
        right.set_ylim(0)
