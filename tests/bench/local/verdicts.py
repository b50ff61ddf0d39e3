"""Compares measured values with the targets of an embedded PixTag, and shows them in one table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from tests.bench.frame import show

Unit = Literal["times", "MB", "s"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A measured value and its target. A value without a target is only reported."""

    what: str
    value: float
    unit: Unit
    measured: str
    target: float | None = None
    bound: Literal["<=", ">="] = "<="

    @property
    def is_met(self) -> bool | None:
        """Whether the value meets the target, or None without a target."""
        if self.target is None:
            return None
        return self.value <= self.target if self.bound == "<=" else self.value >= self.target

    def to_figures(self) -> dict[str, Any]:
        """Return the verdict as JSON can represent it, with three significant digits as in the tables."""
        target = None if self.target is None else f"{self.bound} {self.target:g}"
        names = {"what": self.what, "value": float(f"{self.value:.3g}"), "unit": self.unit, "measured": self.measured}
        return {**names, "target": target, "met": self.is_met}


def grow(name: str, by_size: Mapping[int, Sequence[float]], size: int, target: float | None) -> Verdict:
    """Compare the median milliseconds of a read in a large library with those in the smallest one."""
    small, large = median(by_size[min(by_size)]), median(by_size[size])
    what = f"{name}: {size:,} photos against {min(by_size):,}"
    return Verdict(what, large / small, "times", f"{large:.1f} ms against {small:.1f} ms", target)


def speed_up(name: str, first: Sequence[float], current: Sequence[float], target: float | None) -> Verdict:
    """Compare the median times of version 0.1 with those of this version, in milliseconds."""
    old, new = median(first), median(current)
    return Verdict(name, old / new, "times", f"{new:.1f} ms, 0.1: {old:.1f} ms", target, ">=")


def summarize(what: str, verdicts: Iterable[Verdict], target: float) -> Verdict:
    """Return the median of speed-ups with its own target."""
    values = [verdict.value for verdict in verdicts]
    return Verdict(what, median(values), "times", f"{min(values):.1f} to {max(values):.1f} times", target, ">=")


def show_verdicts(verdicts: Iterable[Verdict]) -> None:
    """Print the table of all verdicts."""
    marks = {True: "yes", False: "NO", None: ""}
    show(
        "An embedded PixTag and its targets",
        ["", "value", "target", "met", "measured"],
        [
            [
                verdict.what,
                f"{verdict.value:.3g} {verdict.unit}",
                "" if verdict.target is None else f"{verdict.bound} {verdict.target:g}",
                marks[verdict.is_met],
                verdict.measured,
            ]
            for verdict in verdicts
        ],
    )
