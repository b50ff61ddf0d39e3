"""Decisions that a person takes back: about detections, after renames of their tags, and about counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import edits
from app.domain.boxes import Review, change_box, draw, review
from app.domain.corrections import Correction
from app.domain.edits import TagChange
from app.domain.errors import TooManyTags
from app.domain.images import Image
from app.domain.operations import Operation
from app.domain.tags import MAX_TAGS, TagEdit
from app.domain.undo_values import make_undo_row, undo_change
from detector import BoundingBox, Detection
from tests.support.boxes import relabel
from tests.support.domain_images import make_detections, make_image, make_keywords, make_unsure

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def list_ids(image: Image) -> list[str]:
    return [each.id for each in image.corrected_detections]


@pytest.fixture
def renamed() -> Image:
    """An image with two dogs, which were renamed to puppies."""
    return edits.rename_tag(make_image(detections=make_unsure(0.9, 0.2)), "dog", "puppy", NOW)


@pytest.mark.parametrize(
    "decisions",
    [Review(confirm=["0"]), Review(dismiss=["0"]), Review(confirm=["1"], dismiss=["0"]), Review(reset=["0", "1"])],
    ids=["confirmed", "dismissed", "both", "undecided"],
)
def test_reset_after_a_rename_restores_the_image_before_the_decision(renamed: Image, decisions: Review) -> None:
    ids = list_ids(renamed)
    chosen = Review(*([ids[int(each)] for each in part] for part in (decisions.confirm, decisions.dismiss)))

    after = review(review(renamed, chosen, LATER), Review(reset=ids), LATER)

    assert {*after.corrections} == {*renamed.corrections}
    assert (after.tags, after.certain) == ({"puppy": 2}, {"puppy": 1})


def test_reset_of_a_detection_that_was_confirmed_before_the_rename_keeps_the_new_name() -> None:
    before = relabel(make_image(detections=make_unsure(0.2, 0.2)), 0, "dog")
    renamed = edits.rename_tag(before, "dog", "puppy", NOW)

    after = review(renamed, Review(reset=list_ids(renamed)), LATER)

    assert (after.tags, after.certain) == ({"puppy": 2}, {})
    assert [each.is_checked for each in after.corrected_detections] == [False, False]


@pytest.mark.parametrize("label", [None, "cat"])
def test_reset_of_a_detection_that_the_rename_did_not_change_takes_the_new_name(label: str | None) -> None:
    before = relabel(make_image(detections=make_detections(dog=2)), 0, label)
    renamed = edits.rename_tag(before, "dog", "puppy", NOW)

    assert review(renamed, Review(reset=list_ids(renamed)[:1]), LATER).tags == {"puppy": 2}


def test_reset_after_several_renames_takes_the_last_name(renamed: Image) -> None:
    hounds = edits.rename_tag(renamed, "puppy", "hound", LATER)
    dogs = edits.rename_tag(hounds, "hound", "dog", LATER)

    for image, tags in ((hounds, {"hound": 2}), (dogs, {"dog": 2})):
        confirmed = review(image, Review(confirm=list_ids(image)), LATER)
        assert review(confirmed, Review(reset=list_ids(image)), LATER).tags == tags
    assert hounds.edits["dog"].renamed_to == "hound"
    assert dogs.edits["dog"].renamed_to is None


def test_reset_of_a_tag_that_was_removed_after_the_rename_leaves_it_removed(renamed: Image) -> None:
    removed = edits.retag(relabel(renamed, 0, "cat"), [TagChange("puppy", None, removes=True)], LATER)

    assert review(removed, Review(reset=list_ids(removed)), LATER).tags == {}


def test_reset_after_the_old_tag_was_added_again_takes_the_old_name(renamed: Image) -> None:
    added = edits.retag(relabel(renamed, 0, "cat"), [TagChange("dog", 1)], LATER)

    assert review(added, Review(reset=list_ids(added)[:1]), LATER).tags == {"dog": 1, "puppy": 1}


def test_reset_of_a_detection_without_a_decision_changes_nothing(renamed: Image) -> None:
    new = replace(renamed, detections=(*renamed.detections, Detection("dog", 0.9, BoundingBox(5, 5, 9, 9))))
    from_version_0_7 = replace(renamed, edits={**renamed.edits, "dog": TagEdit(0, NOW)})

    dismissed = review(new, Review(dismiss=list_ids(new)[-1:]), NOW)
    assert dismissed.edits["dog"].renamed_to == "puppy"
    assert review(new, Review(confirm=list_ids(new)[-1:]), NOW).edits["dog"] == TagEdit(1, NOW)
    for image in (new, from_version_0_7, renamed):
        assert review(image, Review(reset=list_ids(image)), LATER) == image


def test_rename_remembers_the_new_name_of_a_detected_tag_only() -> None:
    before = make_image(
        detections=make_detections(dog=1), metadata=make_keywords("Sea"), edits={"fox": TagEdit(1, NOW)}
    )

    after = edits.rename_tag(edits.rename_tag(before, "fox", "wolf", NOW), "dog", "puppy", NOW)

    assert after.edits == {
        "wolf": TagEdit(1, NOW),
        "dog": TagEdit(0, NOW, renamed_to="puppy"),
        "puppy": TagEdit(1, NOW),
    }
    assert after.corrections == (Correction("dog", before.detections[0].box, "puppy", NOW, renamed=True),)


def decide(image: Image, at: datetime, **decisions: list[int]) -> Image:
    """Decide about detections by their places."""
    ids = list_ids(image)
    return review(image, Review(**{name: [ids[each] for each in places] for name, places in decisions.items()}), at)


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("decision", ["confirm", "dismiss"])
def test_reset_after_an_edited_count_restores_the_count(count: int, decision: str) -> None:
    before = make_image(detections=make_unsure(0.9, 0.2, 0.2), edits={"dog": TagEdit(count, NOW)})

    decided = decide(decide(before, LATER, **{decision: [0]}), LATER + timedelta(1), **{decision: [1, 2]})
    half = decide(decided, LATER + timedelta(2), reset=[1, 2])

    for after in (
        decide(half, LATER + timedelta(3), reset=[0]),
        decide(decided, LATER + timedelta(3), reset=[0, 1, 2]),
    ):
        assert (after.tags, after.certain, after.edits) == (before.tags, before.certain, before.edits)


def test_reset_of_a_part_of_the_decisions_of_a_request_follows_the_boxes() -> None:
    image = make_image(detections=make_unsure(0.9, 0.9, 0.9), edits={"dog": TagEdit(5, NOW)})

    dismissed = decide(image, LATER, dismiss=[0, 1])

    assert dismissed.tags == {"dog": 3}
    assert decide(dismissed, LATER + timedelta(1), reset=[0]).tags == {"dog": 3}
    assert decide(dismissed, LATER + timedelta(1), reset=[0, 1]).tags == {"dog": 5}


def test_reset_of_a_decision_before_the_count_was_set_follows_the_boxes() -> None:
    image = decide(make_image(detections=make_unsure(0.9, 0.9)), NOW, dismiss=[0])
    edited = edits.retag(image, [TagChange("dog", 3)], LATER)

    after = decide(edited, LATER + timedelta(1), reset=[0])

    assert (edited.tags, after.tags) == ({"dog": 4}, {"dog": 4})
    assert decide(image, LATER, reset=[0]).tags == {"dog": 2}


def test_edits_before_decisions_are_limited() -> None:
    image = make_image(detections=make_unsure(*[0.9] * 12), edits={"dog": TagEdit(20, NOW)})
    for number in range(12):
        image = decide(image, LATER + timedelta(number), dismiss=[number])

    after = decide(image, LATER + timedelta(20), reset=[*range(12)])

    edit, number = image.edits["dog"], 0
    while edit.before:
        edit, number = edit.before, number + 1
    assert (number, after.tags) == (edits.MAX_EARLIER, {"dog": 16})


def test_reset_that_would_push_out_a_tag_is_refused() -> None:
    labels = {f"b{number:02}": 1 for number in range(MAX_TAGS)}
    image = make_image(detections=make_detections(**labels), edits={"b00": TagEdit(2, NOW)})
    dismissed = decide(image, LATER, dismiss=[0, 1])
    added = edits.retag(dismissed, [TagChange("a", 1)], LATER + timedelta(1))

    with pytest.raises(TooManyTags):
        decide(added, LATER + timedelta(2), reset=[0, 1])


@pytest.mark.parametrize(
    "change", [TagChange("dog", 1), TagChange("dog", 1, removes=True), TagChange("dog", None, removes=True)]
)
def test_reset_of_a_count_restores_what_the_boxes_say(change: TagChange) -> None:
    before = make_image(detections=make_unsure(0.9, 0.2), edits={"cat": TagEdit(2, NOW)})
    edited = edits.retag(before, [change], NOW)

    assert review(edited, Review(reset_counts=["dog", "bird"]), LATER) == before
    assert review(before, Review(reset_counts=["dog"]), LATER) == before


def test_reset_of_a_count_counts_what_a_person_checked() -> None:
    edited = edits.retag(make_image(detections=make_unsure(0.2, 0.2)), [TagChange("dog", 3)], NOW)

    after = review(edited, Review(confirm=list_ids(edited)[:1], reset_counts=["dog"]), LATER)

    assert (after.tags, after.certain) == ({"dog": 2}, {"dog": 1})


@pytest.mark.parametrize("drawn", [False, True])
def test_dismiss_in_an_image_with_more_labels_than_tags_is_never_refused(drawn: bool) -> None:  # noqa: FBT001
    labels = {f"b{number:02}": 2 for number in range(MAX_TAGS)}
    image = make_image(width=100, height=100, detections=make_detections(**labels, a=1))
    if drawn:
        image = draw(image, "b00", BoundingBox(50, 50, 60, 60), NOW)
        image = review(image, Review(dismiss=list_ids(image)[:1]), NOW)

    after = review(image, Review(dismiss=[image.drawn[0].id] if drawn else list_ids(image)[:1]), NOW)

    assert "b00" in image.tags
    assert after.tags.keys() == {*image.tags, "a"} - {"b00"}
    assert [each.label for each in after.visible_boxes].count("b00") == 1


def test_change_that_adds_a_label_to_a_full_image_is_still_refused() -> None:
    full = make_image(width=100, height=100, detections=make_detections(**{f"b{n:02}": 1 for n in range(MAX_TAGS)}))

    with pytest.raises(TooManyTags, match="at most 22 tags"):
        draw(full, "a", BoundingBox(50, 50, 60, 60), NOW)
    with pytest.raises(TooManyTags, match="at most 22 tags"):
        change_box(replace(full, detections=full.detections * 2), list_ids(full)[0], NOW, label="a")


def test_undo_of_a_later_operation_restores_the_count_that_followed_a_decision() -> None:
    image = make_image(detections=make_unsure(0.9, 0.9), edits={"dog": TagEdit(5, NOW)})
    dismissed = replace(decide(image, LATER, dismiss=[0]), version=2)
    renamed = replace(edits.rename_tag(dismissed, "dog", "puppy", LATER + timedelta(1)), version=3)
    row = make_undo_row(Operation("o", "1", 0, 0), dismissed, renamed)
    assert row

    after = undo_change(renamed, row, LATER)

    assert (after.tags, after.edits) == ({"dog": 4}, dismissed.edits)
    assert decide(after, LATER + timedelta(2), reset=[0]).tags == {"dog": 4}
