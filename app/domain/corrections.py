"""Applies people's corrections to detections, and defines the boxes that people draw."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.errors import TooManyTags
from app.domain.tags import tag_name
from detector import CERTAIN_CONFIDENCE, BoundingBox, Detection

MIN_OVERLAP: Final = 0.5  # minimum IoU at which two boxes with the same label show the same object
MAX_CORRECTIONS: Final = 200
ID_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's decision about a detection.

    A correction outlives its detection. It also applies to a later detection with the same detected label in nearly
    the same place.

    Attributes:
        detected_label: The label that the model detected.
        box: The bounding box that the model detected.
        label: The label that the person gave. The detected label confirms the detection. None dismisses it.
        at: When the person decided.
        moved: The bounding box that the person drew instead. None keeps that of the detection.
        renamed: Whether the label follows from renaming a tag. Then no person has checked this detection.
    """

    detected_label: str
    box: BoundingBox
    label: str | None
    at: datetime
    moved: BoundingBox | None = None
    renamed: bool = False

    @property
    def is_confirmation(self) -> bool:
        """Whether the person kept the label of the model."""
        return self.label == tag_name(self.detected_label)


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """An object that a person marked because the model did not detect it.

    Attributes:
        id: A ULID.
        label: The name of the tag.
        box: The object's bounding box.
        at: When the box was drawn or last changed.
    """

    id: str
    label: str
    box: BoundingBox
    at: datetime


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
    def box(self) -> BoundingBox:
        """The bounding box after correction."""
        return self.moved or self.detection.box

    @property
    def moved(self) -> BoundingBox | None:
        """The bounding box that a person drew instead of the detected one, or None."""
        return self.correction.moved if self.correction else None

    @property
    def is_checked(self) -> bool:
        """Whether a person checked that the object is there, with the detected label or with another one."""
        return self.correction is not None and self.label is not None and not self.correction.renamed

    @property
    def is_certain(self) -> bool:
        """Whether the object counts as certain: a person has checked the detection, or the model is confident."""
        return self.label is not None and (self.is_checked or self.detection.confidence >= CERTAIN_CONFIDENCE)

    @property
    def visible(self) -> Detection | None:
        """The detection with its corrected label and bounding box, or None if it is dismissed."""
        if self.correction is None:
            return self.detection
        return replace(self.detection, label=self.label, box=self.box) if self.label is not None else None


def apply_corrections(detections: Sequence[Detection], corrections: Iterable[Correction]) -> list[CorrectedDetection]:
    """Apply each correction to the detection with the same detected label and the largest IoU.

    The IoU must be at least `MIN_OVERLAP`. If no detection overlaps the detected box that much, the box that the person
    drew instead is compared. A detection gets at most one correction.
    """
    corrected = [CorrectedDetection(detection) for detection in detections]
    places = {(each.label, each.box): place for place, each in reversed([*enumerate(detections)])}
    for correction in corrections:
        nearest = places.get((correction.detected_label, correction.box))  # a shortcut: nothing overlaps it more
        if nearest is None or corrected[nearest].correction:
            nearest = _find_corrected(corrected, correction)
        if nearest is not None:
            corrected[nearest] = CorrectedDetection(corrected[nearest].detection, correction)
    return corrected


def _find_corrected(detections: Sequence[CorrectedDetection], correction: Correction) -> int | None:
    """Return the place of the detection that the correction applies to, or None."""
    free = [
        place
        for place, each in enumerate(detections)
        if each.correction is None and each.detection.label == correction.detected_label
    ]
    nearest = _find_nearest(detections, free, correction.box)
    if nearest is None and correction.moved:
        return _find_nearest(detections, free, correction.moved)
    return nearest


def leave_out_covered(detections: Sequence[CorrectedDetection], drawn: Iterable[DrawnBox]) -> list[CorrectedDetection]:
    """Leave out the detections that show the same object as a drawn box.

    They have the same label and an IoU of at least `MIN_OVERLAP`. A drawn box covers at most one detection, and no
    detection that a person has checked.
    """
    if not drawn:
        return list(detections)
    free: dict[str, list[int]] = {each.label: [] for each in drawn}
    for place, detection in enumerate(detections):
        if detection.label is not None and not detection.is_checked:
            free.get(tag_name(detection.label), []).append(place)
    covered: set[int] = set()
    for each in drawn:
        nearest = _find_nearest(detections, free[each.label], each.box)
        if nearest is not None:
            covered.add(nearest)
            free[each.label].remove(nearest)
    return [detection for place, detection in enumerate(detections) if place not in covered]


def replace_corrections(
    corrections: Iterable[Correction], changes: Sequence[tuple[CorrectedDetection, Correction | None]]
) -> tuple[Correction, ...]:
    """Return the corrections after those of some detections were replaced. None removes a correction.

    Raises:
        TooManyTags: there would be more than `MAX_CORRECTIONS` corrections.
    """
    changed = [(each.correction, new) for each, new in changes if each.correction != new]
    replaced = [old for old, _ in changed]
    after = [correction for correction in corrections if correction not in replaced]
    after += [new for _, new in changed if new]
    if len(after) > MAX_CORRECTIONS:
        raise TooManyTags(f"You can correct at most {MAX_CORRECTIONS} detections per image.")
    return tuple(after)


def _find_nearest(detections: Sequence[CorrectedDetection], places: Iterable[int], box: BoundingBox) -> int | None:
    """Return the place of the detection with the largest IoU of at least `MIN_OVERLAP`, or None."""
    overlaps = {place: detections[place].box.overlap(box) for place in places}
    nearest = max(overlaps, key=overlaps.__getitem__, default=None)
    return nearest if nearest is not None and overlaps[nearest] >= MIN_OVERLAP else None
