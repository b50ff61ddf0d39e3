"""Applies people's corrections to detections. A correction relabels or dismisses one detection."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from detector import CERTAIN_CONFIDENCE, BoundingBox, Detection

MIN_OVERLAP: Final = 0.5  # minimum IoU at which a later detection counts as the same
ID_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's label for a detection. A label of None dismisses the detection.

    A correction outlives its detection. It also applies to a later detection with the same detected label in nearly
    the same place. `renamed` means that the label follows from renaming a tag, so nobody has checked the detection.
    """

    detected_label: str
    box: BoundingBox
    label: str | None
    at: datetime
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class CorrectedDetection:
    """A detection with the correction that applies to it, if any."""

    detection: Detection
    correction: Correction | None = None

    @property
    def id(self) -> str:
        """An id that stays the same while the model detects the same label in the same place."""
        place = f"{self.detection.label} {' '.join(f'{edge:.1f}' for edge in self.detection.box.edges)}"
        return hashlib.sha256(place.encode()).hexdigest()[:ID_CHARACTERS]

    @property
    def label(self) -> str | None:
        """The label after correction. None means that the detection is dismissed."""
        return self.correction.label if self.correction else self.detection.label

    @property
    def is_checked(self) -> bool:
        """Whether a person has confirmed or changed the label."""
        correction = self.correction
        return correction is not None and correction.label is not None and not correction.renamed

    @property
    def is_certain(self) -> bool:
        """Whether the object counts as certain: a person has checked the detection, or the model is confident."""
        return self.label is not None and (self.is_checked or self.detection.confidence >= CERTAIN_CONFIDENCE)

    @property
    def visible(self) -> Detection | None:
        """The detection with its corrected label, or None if it is dismissed."""
        if self.correction is None:
            return self.detection
        return replace(self.detection, label=self.label) if self.label is not None else None


def apply_corrections(detections: Sequence[Detection], corrections: Iterable[Correction]) -> list[CorrectedDetection]:
    """Apply each correction to the detection with the same detected label and the largest IoU.

    The IoU must be at least `MIN_OVERLAP`. A detection gets at most one correction.
    """
    corrected = [CorrectedDetection(detection) for detection in detections]
    for correction in corrections:
        overlaps = [
            correction.box.overlap(each.detection.box)
            if each.correction is None and each.detection.label == correction.detected_label
            else 0.0
            for each in corrected
        ]
        nearest = max(range(len(corrected)), key=overlaps.__getitem__, default=None)
        if nearest is not None and overlaps[nearest] >= MIN_OVERLAP:
            corrected[nearest] = CorrectedDetection(corrected[nearest].detection, correction)
    return corrected
