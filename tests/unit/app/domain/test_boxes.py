from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import edits
from app.domain.boxes import MAX_DRAWN, Review, change_box, dismiss, draw, fit_box, review, round_detections
from app.domain.corrections import MAX_CORRECTIONS, Correction, DrawnBox
from app.domain.edits import TagChange
from app.domain.errors import DetectionNotFound, InvalidBox, InvalidState, TooManyBoxes, TooManyTags
from app.domain.images import Image, ImageState
from app.domain.tags import MAX_TAGS, TagEdit
from detector import BoundingBox, Detection
from tests.support.boxes import relabel
from tests.support.domain_images import make_detections, make_image, make_keywords, make_unsure

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
BOX = BoundingBox(10.0, 20.0, 50.0, 40.0)


def make_photo(**fields: object) -> Image:
    """Return an image of 100 x 50 pixels with a dog at the left, perhaps with other fields."""
    dog = Detection("dog", 0.3, BoundingBox(0.0, 0.0, 10.0, 20.0))
    return make_image(**{"width": 100, "height": 50, "detections": (dog,), **fields})


def draw_all(image: Image, *labels: str) -> Image:
    """Return the image after a person has drawn a box for each label. No two of them overlap."""
    for number, label in enumerate(labels):
        image = draw(image, label, BoundingBox(90.0 - 5 * number, 30.0, 94.0 - 5 * number, 34.0), NOW)
    return image


def test_relabel_to_none_dismisses_the_detection_until_it_is_labelled_again() -> None:
    before = make_image(detections=make_detections(dog=2, cat=1))

    dismissed = relabel(before, 1, None)

    assert dismissed.tags == {"dog": 1, "cat": 1}
    assert [each.label for each in dismissed.visible_detections] == ["dog", "cat"]
    assert relabel(dismissed, 1, "dog").tags == before.tags


def test_relabel_moves_the_count_to_the_new_label() -> None:
    before = make_image(detections=make_detections(dog=2, cat=1))

    after = relabel(relabel(before, 0, "cat"), 2, "fox")

    assert after.tags == {"dog": 1, "cat": 1, "fox": 1}
    assert relabel(relabel(after, 0, "dog"), 2, "cat").tags == before.tags


def test_relabel_to_the_same_label_confirms_the_detection() -> None:
    before = make_image(detections=make_detections(dog=2))

    after = relabel(before, 0, "dog")

    assert after.corrections == (Correction("dog", before.detections[0].box, "dog", NOW),)
    assert after == replace(before, corrections=after.corrections)
    assert [each.is_checked for each in after.corrected_detections] == [True, False]
    assert after.edited_at("dog") is None


@pytest.mark.parametrize("label", ["dog", "cat", None])
def test_relabel_with_repeated_decision_changes_nothing(label: str | None) -> None:
    after = relabel(make_image(detections=make_detections(dog=1)), 0, label)

    assert relabel(after, 0, label, LATER) == after


def test_relabel_changes_edited_counts_too() -> None:
    edited = edits.retag(
        make_image(detections=make_detections(dog=2, cat=1)), [TagChange("dog", 2), TagChange("cat", 1)], NOW
    )

    after = relabel(edited, 0, "cat")

    assert (edited.tags, after.tags) == ({"dog": 4, "cat": 2}, {"dog": 3, "cat": 2})


@pytest.mark.parametrize(
    ("edited", "after_dismissal", "after_addition"),
    [(0, 0, 1), (1, 1, 2), (2, 1, 3), (3, 2, 3), (5, 4, 5)],
    ids=["none", "fewer", "as many", "more", "many more"],
)
def test_relabel_with_edited_count_counts_no_object_twice(
    edited: int, after_dismissal: int, after_addition: int
) -> None:
    before = make_image(detections=make_detections(dog=2, cat=1), edits={"dog": TagEdit(edited, NOW)})

    assert relabel(before, 0, None).tags.get("dog", 0) == after_dismissal
    assert relabel(before, 2, "dog").tags.get("dog", 0) == after_addition


def test_relabel_to_rejected_tag_restores_it() -> None:
    rejected = edits.retag(
        make_image(detections=make_detections(dog=1, cat=1)), [TagChange("dog", None, removes=True)], NOW
    )

    assert relabel(rejected, 1, "dog").tags == {"dog": 1}


def test_relabel_applies_to_later_detections_in_the_same_place() -> None:
    before = make_image(detections=make_detections(dog=2))
    after = relabel(relabel(before, 0, None), 1, "fox")

    redetected = replace(after, detections=tuple(replace(each, confidence=0.9) for each in before.detections))

    assert redetected.tags == {"fox": 1}


def test_relabel_of_unknown_detection_raises_detection_not_found() -> None:
    with pytest.raises(DetectionNotFound):
        change_box(make_image(), "0" * 12, NOW, label="dog")


def test_relabel_of_image_that_is_not_ready_raises_invalid_state() -> None:
    with pytest.raises(InvalidState):
        change_box(make_image(state=ImageState.TRASHED), "0" * 12, NOW, label="dog")


def test_relabel_of_full_image_to_new_label_raises_too_many_tags() -> None:
    full = make_image(detections=make_detections(**{f"label{number}": 2 for number in range(MAX_TAGS)}))

    with pytest.raises(TooManyTags, match="at most 22 tags"):
        relabel(full, 0, "dog")

    assert len(relabel(relabel(full, 0, None), 1, "dog").tags) == MAX_TAGS


def test_relabel_of_detection_that_is_also_a_keyword_keeps_the_keyword() -> None:
    before = make_image(detections=make_detections(dog=2), metadata=make_keywords("Dog"))

    once = relabel(before, 0, "wolf")

    assert once.tags == {"dog": 1, "wolf": 1}
    assert relabel(once, 1, "wolf").tags == {"wolf": 2, "dog": 1}


def test_round_detections_rounds_edges_and_confidences() -> None:
    detection = Detection("dog", 0.123456, BoundingBox(0.04, 1.06, 2.123, 3.0))

    assert round_detections([detection]) == (Detection("dog", 0.1235, BoundingBox(0.0, 1.1, 2.1, 3.0)),)


def test_draw_adds_a_box_and_counts_it() -> None:
    after = draw(make_photo(), "cat", BOX, NOW)

    (drawn,) = after.drawn
    assert drawn == DrawnBox(drawn.id, "cat", BOX, NOW)
    assert len(drawn.id) == 26
    assert after.tags == {"cat": 1, "dog": 1}
    assert [each.label for each in after.visible_boxes] == ["dog", "cat"]
    assert (after.edited_at("cat"), after.edited_at("dog")) == (NOW, None)


@pytest.mark.parametrize(("edited", "expected"), [(0, 1), (1, 2), (5, 5)], ids=["rejected", "as many", "more"])
def test_draw_with_edited_count_counts_no_object_twice(edited: int, expected: int) -> None:
    before = make_photo(edits={"dog": TagEdit(edited, NOW)})

    assert draw(before, "dog", BOX, LATER).tags["dog"] == expected


def test_draw_over_a_detection_replaces_it_until_the_box_is_deleted() -> None:
    before = make_photo()

    after = draw(before, "dog", BoundingBox(0, 0, 9, 20), NOW)

    assert (after.tags, after.corrected_detections) == (before.tags, [])
    assert dismiss(after, after.drawn[0].id, NOW) == before
    with pytest.raises(DetectionNotFound):
        dismiss(after, before.corrected_detections[0].id, NOW)


def test_removed_tag_comes_back_with_the_objects_that_a_person_checks() -> None:
    three = make_photo(detections=make_detections(dog=3, cat=1))
    removed = edits.retag(three, [TagChange("dog", None, removes=True)], NOW)
    ids = [each.id for each in removed.corrected_detections]

    assert draw(removed, "dog", BoundingBox(0, 0, 1, 1), NOW).tags == {"cat": 1, "dog": 1}
    assert review(removed, Review(confirm=ids[:2]), NOW).tags == {"cat": 1, "dog": 2}
    dismissed = review(removed, Review(dismiss=ids[:1]), NOW)
    assert review(dismissed, Review(reset=ids[:1]), NOW).tags == {"cat": 1}


def test_count_grows_with_the_checked_boxes_also_if_they_are_checked_one_by_one() -> None:
    three = make_photo(detections=make_detections(dog=3))
    ids = [each.id for each in three.corrected_detections]
    removed = edits.retag(three, [TagChange("dog", None, removes=True)], NOW)

    after = removed
    counts = [(after := review(after, Review(confirm=[box_id]), NOW)).tags["dog"] for box_id in ids]

    assert counts == [1, 2, 3]
    lower = replace(three, edits={"dog": TagEdit(2, NOW)})
    assert review(lower, Review(confirm=ids), NOW).tags == {"dog": 3}
    assert review(lower, Review(confirm=ids[:2]), LATER).edits == lower.edits
    higher = replace(three, edits={"dog": TagEdit(5, NOW)})
    assert review(higher, Review(confirm=ids), LATER).edits == higher.edits
    fewer = edits.retag(review(three, Review(confirm=ids[:2]), NOW), [TagChange("dog", 2, removes=True)], NOW)
    assert review(fewer, Review(confirm=ids), LATER).tags == draw_all(fewer, "dog").tags == {"dog": 2}


def test_draw_over_a_detection_whose_tag_the_image_cannot_have_raises_too_many_tags() -> None:
    full = make_photo(edits={f"tag {number}": TagEdit(1, NOW) for number in range(MAX_TAGS)})

    with pytest.raises(TooManyTags, match="at most 22 tags"):
        draw(full, "dog", full.detections[0].box, NOW)


def test_draw_over_a_confirmed_detection_counts_both() -> None:
    confirmed = relabel(make_photo(), 0, "dog")

    assert draw(confirmed, "dog", BoundingBox(0, 0, 9, 20), NOW).tags == {"dog": 2}


def test_redetection_keeps_drawn_boxes_and_counts_no_object_twice() -> None:
    drawn = draw(make_photo(detections=()), "dog", BOX, NOW)

    found = replace(drawn, detections=(Detection("dog", 0.9, BoundingBox(12.0, 20.0, 50.0, 40.0)),))

    assert (found.drawn, found.tags) == (drawn.drawn, {"dog": 1})


@pytest.mark.parametrize(
    ("edges", "fitted"),
    [
        ((0, 0, 100, 50), (0, 0, 100, 50)),
        ((-0.04, 0, 100.04, 50), (0, 0, 100, 50)),
        ((3.1, 0.26, 4.1, 1.33), (3.1, 0.3, 4.1, 1.3)),
    ],
)
def test_fit_box_rounds_to_the_stored_precision(edges: tuple[float, ...], fitted: tuple[float, ...]) -> None:
    box = fit_box(make_photo(), BoundingBox(*edges))

    assert box.edges == fitted
    assert str(box.x1) != "-0.0"


NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ((NAN, 0, 10, 10), "must be a number"),
        ((0, 0, INFINITY, 10), "must be a number"),
        ((0, -INFINITY, 10, 10), "must be a number"),
        ((-0.1, 0, 10, 10), "x1 and x2 must be from 0 to 100, and y1 and y2 from 0 to 50"),
        ((0, 0, 100.1, 10), "not inside the photo"),
        ((0, -1, 10, 10), "not inside the photo"),
        ((0, 0, 10, 50.1), "not inside the photo"),
        ((200, 200, 300, 300), "not inside the photo"),
        ((0, 0, 1e300, 10), "not inside the photo"),
        ((10, 10, 10, 10), "at least 1 pixel wide and high"),
        ((10, 10, 10.94, 20), "at least 1 pixel"),
        ((10, 10, 20, 10.9), "at least 1 pixel"),
        ((20, 10, 10, 20), "at least 1 pixel"),
        ((10, 20, 20, 10), "at least 1 pixel"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(map(str, value)),
)
def test_box_outside_the_photo_or_without_size_raises_invalid_box(edges: tuple[float, ...], message: str) -> None:
    before = make_photo()
    box = BoundingBox(*edges)

    with pytest.raises(InvalidBox, match=message):
        draw(before, "dog", box, NOW)
    with pytest.raises(InvalidBox, match=message):
        change_box(before, before.corrected_detections[0].id, NOW, box=box)


def test_draw_of_too_many_boxes_raises_too_many_boxes() -> None:
    full = make_photo(drawn=tuple(DrawnBox(str(number), "dog", BOX, NOW) for number in range(MAX_DRAWN)))

    assert full.tags == {"dog": MAX_DRAWN + 1}
    with pytest.raises(TooManyBoxes, match="at most 100 boxes"):
        draw(full, "dog", BOX, NOW)


def test_draw_of_another_tag_than_the_image_can_have_raises_too_many_tags() -> None:
    labels = [f"tag {number}" for number in range(MAX_TAGS)]
    full = make_image(width=100, height=50, edits={label: TagEdit(1, NOW) for label in labels})

    with pytest.raises(TooManyTags, match="at most 22 tags"):
        draw(full, "dog", BOX, NOW)
    assert draw(full, labels[0], BOX, NOW).tags.keys() == full.tags.keys()


@pytest.mark.parametrize("state", sorted(set(ImageState) - {ImageState.READY}))
def test_change_of_boxes_of_image_that_is_not_ready_raises_invalid_state(state: ImageState) -> None:
    before = make_photo(state=state)

    with pytest.raises(InvalidState):
        draw(before, "dog", BOX, NOW)
    with pytest.raises(InvalidState):
        review(before, Review(confirm=[before.corrected_detections[0].id]), NOW)


def test_change_box_moves_a_detection_and_keeps_the_detected_box() -> None:
    before = make_photo()
    detection = before.corrected_detections[0]

    after = change_box(before, detection.id, NOW, box=BOX)
    fox = change_box(after, detection.id, LATER, label="fox")

    assert after.corrections == (Correction("dog", detection.box, "dog", NOW, moved=BOX),)
    assert fox.corrections == (Correction("dog", detection.box, "fox", LATER, moved=BOX),)
    assert fox.visible_detections == [replace(detection.detection, label="fox", box=BOX)]
    assert (after.tags, fox.tags) == ({"dog": 1}, {"fox": 1})


def test_change_box_to_the_detected_box_undoes_the_move() -> None:
    before = make_photo()
    detection = before.corrected_detections[0]
    moved = change_box(before, detection.id, NOW, box=BOX)

    after = change_box(moved, detection.id, LATER, box=detection.box)

    assert after.corrections == (Correction("dog", detection.box, "dog", LATER),)


def test_change_box_restores_a_dismissed_detection_where_it_was_moved() -> None:
    moved = change_box(make_photo(), make_photo().corrected_detections[0].id, NOW, box=BOX)
    dismissed = relabel(moved, 0, None)

    assert dismissed.tags == {}
    assert relabel(dismissed, 0, "dog").visible_detections == moved.visible_detections


def test_change_box_changes_a_drawn_box() -> None:
    before = draw_all(make_photo(), "cat", "cat")
    first, second = before.drawn

    after = change_box(change_box(before, second.id, LATER, label="fox"), second.id, LATER, box=BOX)

    assert after.drawn == (first, DrawnBox(second.id, "fox", BOX, LATER))
    assert after.tags == {"cat": 1, "dog": 1, "fox": 1}
    assert change_box(after, second.id, LATER + timedelta(days=1), label="fox", box=BOX) is after


def test_dismiss_of_drawn_box_deletes_it() -> None:
    before = draw_all(make_photo(), "cat", "cat")

    after = dismiss(before, before.drawn[0].id, NOW)

    assert (after.drawn, after.tags) == (before.drawn[1:], {"cat": 1, "dog": 1})
    with pytest.raises(DetectionNotFound):
        dismiss(after, before.drawn[0].id, NOW)


def test_deletion_of_drawn_box_with_edited_count_leaves_no_edit() -> None:
    before = edits.retag(draw_all(make_photo(), "cat"), [TagChange("cat", 2)], NOW)

    after = dismiss(edits.retag(before, [TagChange("cat", 2, removes=True)], NOW), before.drawn[0].id, NOW)

    assert (before.tags["cat"], after.tags, after.edits) == (3, {"dog": 1}, {})


def test_review_applies_all_decisions_in_one_change() -> None:
    before = draw_all(make_photo(detections=make_detections(dog=4)), "fox", "cat")
    before = relabel(before, 3, "wolf")
    confirmed, dismissed, _, relabeled = before.corrected_detections

    after = review(
        before,
        Review(
            confirm=[confirmed.id, before.drawn[0].id],
            dismiss=[dismissed.id, before.drawn[1].id],
            reset=[relabeled.id],
        ),
        LATER,
    )

    assert [each.label for each in after.corrected_detections] == ["dog", None, "dog", "dog"]
    assert [each.is_checked for each in after.corrected_detections] == [True, False, False, False]
    assert after.drawn == before.drawn[:1]
    assert after.tags == {"dog": 3, "fox": 1}


def test_review_with_repeated_decisions_changes_nothing() -> None:
    before = make_image(detections=make_detections(dog=3))
    confirmed, dismissed, other = (each.id for each in before.corrected_detections)
    decisions = Review(confirm=[confirmed], dismiss=[dismissed], reset=[other])
    after = review(before, decisions, NOW)

    assert review(after, decisions, LATER) == after != before


def test_review_with_unknown_id_changes_nothing() -> None:
    before = make_photo()

    with pytest.raises(DetectionNotFound):
        review(before, Review(confirm=[before.corrected_detections[0].id, "0" * 12]), NOW)


def test_review_of_too_many_detections_raises_too_many_tags() -> None:
    before = make_image(detections=make_detections(dog=MAX_CORRECTIONS + 1))
    ids = [each.id for each in before.corrected_detections]

    assert len(review(before, Review(confirm=ids[1:]), NOW).corrections) == MAX_CORRECTIONS
    with pytest.raises(TooManyTags, match="at most 200 detections"):
        review(before, Review(confirm=ids), NOW)


def test_relabel_after_a_rename_changes_the_certain_count() -> None:
    renamed = edits.rename_tag(make_image(detections=make_unsure(0.9, 0.2, 0.1)), "dog", "puppy", NOW)

    without_certain, without_unsure = relabel(renamed, 0, None), relabel(renamed, 1, None)

    assert (without_certain.tags, without_certain.certain) == ({"puppy": 2}, {})
    assert (without_unsure.tags, without_unsure.certain) == ({"puppy": 2}, {"puppy": 1})


def test_relabel_of_edited_count_keeps_it_certain() -> None:
    before = make_image(detections=make_unsure(0.2, 0.1), edits={"dog": TagEdit(2, NOW)})

    assert relabel(before, 0, None).edits == {"dog": TagEdit(1, NOW)}


def test_confirmed_moved_and_drawn_objects_are_certain() -> None:
    before = make_photo(detections=make_unsure(0.2, 0.2, 0.2, 0.2))
    ids = [each.id for each in before.corrected_detections]

    after = review(before, Review(confirm=ids[:1], dismiss=ids[1:2]), NOW)
    after = draw(change_box(after, ids[2], NOW, box=BOX), "cat", BOX, NOW)

    assert (before.tags, before.certain) == ({"dog": 4}, {})
    assert (after.tags, after.certain) == ({"cat": 1, "dog": 3}, {"cat": 1, "dog": 2})
