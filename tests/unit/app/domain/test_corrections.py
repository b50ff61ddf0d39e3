import inspect
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.corrections import MIN_OVERLAP, CorrectedDetection, Correction, apply_corrections
from detector import BoundingBox, Detection
from detector.yolo import Yolo

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LEFT = Detection("dog", 0.9, BoundingBox(0, 0, 100, 100))
RIGHT = Detection("dog", 0.8, BoundingBox(200, 0, 300, 100))


def make_correction(detection: Detection, label: str | None) -> Correction:
    return Correction(detection.label, detection.box, label, NOW)


def test_apply_corrections_without_corrections_returns_the_detections() -> None:
    assert apply_corrections([LEFT, RIGHT], []) == [CorrectedDetection(LEFT), CorrectedDetection(RIGHT)]
    assert [each.visible for each in apply_corrections([LEFT], [])] == [LEFT]


def test_apply_corrections_changes_only_the_corrected_detection() -> None:
    left, right = apply_corrections([LEFT, RIGHT], [make_correction(RIGHT, "cat")])

    assert (left.label, right.label) == ("dog", "cat")
    assert right.visible == replace(RIGHT, label="cat")


def test_apply_corrections_of_dismissal_hides_the_detection() -> None:
    (corrected,) = apply_corrections([LEFT], [make_correction(LEFT, None)])

    assert (corrected.label, corrected.visible) == (None, None)


def test_apply_corrections_of_slightly_moved_box_applies_the_correction() -> None:
    moved = replace(LEFT, box=BoundingBox(20, 10, 110, 100), confidence=0.4)

    assert apply_corrections([moved], [make_correction(LEFT, "cat")])[0].label == "cat"


@pytest.mark.parametrize("other", [replace(LEFT, label="cat"), replace(LEFT, box=BoundingBox(50, 0, 150, 100)), RIGHT])
def test_apply_corrections_of_other_label_or_place_changes_nothing(other: Detection) -> None:
    assert apply_corrections([other], [make_correction(LEFT, None)])[0].correction is None


def test_apply_corrections_of_overlapping_boxes_pairs_each_with_the_nearest() -> None:
    near = replace(LEFT, box=BoundingBox(0, 0, 90, 100))
    corrections = [make_correction(LEFT, "cat"), make_correction(LEFT, "fox")]

    assert [each.label for each in apply_corrections([near, LEFT], corrections)] == ["fox", "cat"]


def test_id_depends_on_label_and_place_but_not_on_confidence() -> None:
    ids = {CorrectedDetection(each).id for each in (LEFT, RIGHT, replace(LEFT, label="cat"))}

    assert len(ids) == 3
    assert (
        CorrectedDetection(LEFT).id
        == CorrectedDetection(replace(LEFT, confidence=0.1)).id
        == CorrectedDetection(LEFT, make_correction(LEFT, "cat")).id
    )


def test_min_overlap_is_larger_than_the_overlap_that_the_detector_keeps() -> None:
    assert inspect.signature(Yolo).parameters["overlap"].default < MIN_OVERLAP
