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


def said(of: Detection, label: str | None) -> Correction:
    return Correction(of.label, of.box, label, NOW)


def test_what_nobody_corrected_is_what_the_model_saw() -> None:
    assert apply_corrections([LEFT, RIGHT], []) == [CorrectedDetection(LEFT), CorrectedDetection(RIGHT)]
    assert [one.visible for one in apply_corrections([LEFT], [])] == [LEFT]


def test_a_correction_is_about_the_box_it_was_made_for() -> None:
    left, right = apply_corrections([LEFT, RIGHT], [said(RIGHT, "cat")])

    assert (left.label, right.label) == ("dog", "cat")
    assert right.visible == replace(RIGHT, label="cat")


def test_a_box_that_shows_nothing_shows_no_object() -> None:
    (found,) = apply_corrections([LEFT], [said(LEFT, None)])

    assert (found.label, found.visible) == (None, None)


def test_a_correction_outlasts_a_box_that_has_moved_a_little() -> None:
    moved = replace(LEFT, box=BoundingBox(20, 10, 110, 100), confidence=0.4)

    assert apply_corrections([moved], [said(LEFT, "cat")])[0].label == "cat"


@pytest.mark.parametrize("other", [replace(LEFT, label="cat"), replace(LEFT, box=BoundingBox(50, 0, 150, 100)), RIGHT])
def test_a_correction_says_nothing_of_other_labels_and_other_places(other: Detection) -> None:
    assert apply_corrections([other], [said(LEFT, None)])[0].correction is None


def test_of_several_boxes_the_nearest_is_meant_and_each_only_once() -> None:
    near = replace(LEFT, box=BoundingBox(0, 0, 90, 100))
    corrections = [said(LEFT, "cat"), said(LEFT, "fox")]

    assert [one.label for one in apply_corrections([near, LEFT], corrections)] == ["fox", "cat"]


def test_an_id_names_label_and_place_but_not_how_sure_the_model_is() -> None:
    ids = {CorrectedDetection(one).id for one in (LEFT, RIGHT, replace(LEFT, label="cat"))}

    assert len(ids) == 3
    assert (
        CorrectedDetection(LEFT).id
        == CorrectedDetection(replace(LEFT, confidence=0.1)).id
        == CorrectedDetection(LEFT, said(LEFT, "cat")).id
    )


def test_boxes_of_one_label_that_the_detector_leaves_are_never_taken_for_each_other() -> None:
    assert inspect.signature(Yolo).parameters["overlap"].default < MIN_OVERLAP
