import inspect
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.corrections import (
    MIN_OVERLAP,
    CorrectedDetection,
    Correction,
    DrawnBox,
    apply_corrections,
    leave_out_covered,
)
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


def test_apply_corrections_of_moved_box_shows_the_new_box() -> None:
    moved = BoundingBox(0, 0, 50, 100)

    (corrected,) = apply_corrections([LEFT], [replace(make_correction(LEFT, "dog"), moved=moved)])

    assert (corrected.visible, corrected.box, corrected.moved) == (replace(LEFT, box=moved), moved, moved)
    assert corrected.id == CorrectedDetection(LEFT).id


def test_apply_corrections_also_finds_a_later_detection_by_the_moved_box() -> None:
    moved = replace(make_correction(LEFT, "cat"), moved=BoundingBox(400, 0, 500, 100))
    there = replace(LEFT, box=BoundingBox(410, 0, 500, 100))

    assert [each.label for each in apply_corrections([there, LEFT], [moved])] == ["dog", "cat"]
    assert [each.label for each in apply_corrections([there, RIGHT], [moved])] == ["cat", "dog"]


@pytest.mark.parametrize(
    ("correction", "expected"),
    [
        (None, False),
        (make_correction(LEFT, "dog"), True),
        (make_correction(LEFT, "cat"), True),
        (make_correction(LEFT, None), False),
        (replace(make_correction(LEFT, "cat"), renamed=True), False),
    ],
    ids=["none", "confirmed", "relabeled", "dismissed", "renamed"],
)
def test_is_checked_is_true_only_if_a_person_said_that_the_object_exists(
    correction: Correction | None, *, expected: bool
) -> None:
    assert CorrectedDetection(LEFT, correction).is_checked is expected


def draw_box(*edges: float, label: str = "dog") -> DrawnBox:
    return DrawnBox("id", label, BoundingBox(*edges), NOW)


@pytest.mark.parametrize(
    "drawn",
    [
        [draw_box(0, 0, 49, 100)],  # overlaps too little
        [draw_box(0, 0, 100, 100, label="cat")],
        [],
    ],
    ids=["far", "other label", "none"],
)
def test_leave_out_covered_keeps_other_detections(drawn: list[DrawnBox]) -> None:
    detections = [CorrectedDetection(LEFT), CorrectedDetection(RIGHT)]

    assert leave_out_covered(detections, drawn) == detections


def test_leave_out_covered_leaves_out_the_nearest_detection_of_each_drawn_box() -> None:
    near = CorrectedDetection(replace(LEFT, box=BoundingBox(0, 0, 80, 100)))
    detections = [near, CorrectedDetection(LEFT), CorrectedDetection(RIGHT)]

    assert leave_out_covered(detections, [draw_box(0, 0, 100, 100)]) == [near, CorrectedDetection(RIGHT)]
    assert leave_out_covered(detections, [draw_box(0, 0, 100, 100)] * 2) == [CorrectedDetection(RIGHT)]


@pytest.mark.parametrize("label", ["dog", None])
def test_leave_out_covered_keeps_detections_that_a_person_confirmed_or_dismissed(label: str | None) -> None:
    decided = CorrectedDetection(LEFT, make_correction(LEFT, label))

    assert leave_out_covered([decided], [draw_box(0, 0, 100, 100)]) == [decided]


def test_leave_out_covered_leaves_out_a_detection_whose_tag_was_renamed() -> None:
    renamed = CorrectedDetection(LEFT, replace(make_correction(LEFT, "cat"), renamed=True))

    assert leave_out_covered([renamed], [draw_box(0, 0, 100, 100)]) == [renamed]
    assert leave_out_covered([renamed], [draw_box(0, 0, 100, 100, label="cat")]) == []


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
