"""What people say of single boxes: that one shows something else than the model saw, or nothing. Pure, no I/O."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from detector import BoundingBox, Detection

MIN_OVERLAP: Final = 0.5  # of a box with a later one, so that they are taken for the same
ID_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word, said `at` that time, on the box in which the model saw `seen`: it shows `label`, None: nothing.

    It outlasts the detection: a later one that saw the same in nearly the same place is meant as well.
    """

    seen: str
    box: BoundingBox
    label: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What the model saw, and what a person said of it, if anything."""

    detection: Detection
    correction: Correction | None = None

    @property
    def id(self) -> str:
        """The same as long as the model sees the same in the same place."""
        edges = self.detection.box
        place = f"{self.detection.label} {edges.x1:.1f} {edges.y1:.1f} {edges.x2:.1f} {edges.y2:.1f}"
        return hashlib.sha256(place.encode()).hexdigest()[:ID_CHARACTERS]

    @property
    def label(self) -> str | None:
        """What the box shows; None: nothing."""
        return self.correction.label if self.correction else self.detection.label

    @property
    def object(self) -> Detection | None:
        """The detection as it is meant; None if there is nothing."""
        return replace(self.detection, label=self.label) if self.label is not None else None


def findings(detections: Sequence[Detection], corrections: Iterable[Correction]) -> list[Finding]:
    """Each detection with the correction that is about it: of the same label, and of the boxes the nearest."""
    found = [Finding(detection) for detection in detections]
    for correction in corrections:
        overlaps = [
            correction.box.overlap(one.detection.box)
            if one.correction is None and one.detection.label == correction.seen
            else 0.0
            for one in found
        ]
        nearest = max(range(len(found)), key=overlaps.__getitem__, default=None)
        if nearest is not None and overlaps[nearest] >= MIN_OVERLAP:
            found[nearest] = Finding(found[nearest].detection, correction)
    return found
