from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import edits
from app.domain.corrections import MAX_CORRECTIONS, Correction, DrawnBox
from app.domain.edits import MAX_REJECTED, MAX_REQUESTS, TagChange
from app.domain.errors import IdempotencyKeyReused, InvalidState, TooManyTags
from app.domain.images import ImageState, RequestId
from app.domain.tags import MAX_COUNT, MAX_TAGS, TagEdit
from detector import BoundingBox, Detection
from tests.support.boxes import relabel
from tests.support.domain_images import make_detections, make_image, make_keywords, make_unsure

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "tags"),
    [
        (TagChange("dog", 2), {"person": 3, "dog": 3}),
        (TagChange("dog", None), {"person": 3, "dog": 2}),
        (TagChange("cat", 2), {"person": 3, "dog": 1, "cat": 2}),
        (TagChange("person", 2, removes=True), {"person": 1, "dog": 1}),
        (TagChange("person", 3, removes=True), {"dog": 1}),
        (TagChange("person", 9, removes=True), {"dog": 1}),
        (TagChange("person", None, removes=True), {"dog": 1}),
    ],
)
def test_retag_adds_to_counts_and_removes_at_most_what_is_there(change: TagChange, tags: dict[str, int]) -> None:
    assert edits.retag(make_image(detections=make_detections(person=3, dog=1)), [change], NOW).tags == tags


@pytest.mark.parametrize("count", [1, None])
def test_retag_that_removes_a_missing_tag_changes_nothing(count: int | None) -> None:
    before = make_image(detections=make_detections(dog=1))

    assert edits.retag(before, [TagChange("cat", count, removes=True)], NOW) == before


def test_retag_applies_changes_in_order() -> None:
    changes = [TagChange("dog", None, removes=True), TagChange("dog", 5), TagChange("dog", 1, removes=True)]

    after = edits.retag(make_image(detections=make_detections(dog=1)), changes, NOW)

    assert after.edits == {"dog": TagEdit(4, NOW)}


def test_retag_of_one_tag_keeps_earlier_edits_of_others() -> None:
    earlier = {"cat": TagEdit(2, NOW - timedelta(days=1))}

    after = edits.retag(make_image(edits=earlier), [TagChange("dog", 1)], NOW)

    assert after.edits == {**earlier, "dog": TagEdit(1, NOW)}


def test_retag_that_rejects_a_tag_rejects_later_detections_too() -> None:
    rejected = edits.retag(make_image(detections=make_detections(dog=1)), [TagChange("dog", None, removes=True)], NOW)

    assert replace(rejected, detections=make_detections(dog=3, cat=1)).tags == {"cat": 1}


@pytest.mark.parametrize("state", sorted(set(ImageState) - {ImageState.READY}))
def test_retag_of_image_that_is_not_ready_raises_invalid_state(state: ImageState) -> None:
    with pytest.raises(InvalidState, match=f"while the image is {state}"):
        edits.retag(make_image(state=state), [TagChange("dog", 1)], NOW)


@pytest.mark.parametrize(
    "changes",
    [
        [TagChange(f"tag {number}", 1) for number in range(MAX_TAGS + 1)],
        [TagChange("dog", MAX_COUNT), TagChange("dog", 1)],
    ],
)
def test_retag_above_a_limit_raises_too_many_tags(changes: list[TagChange]) -> None:
    with pytest.raises(TooManyTags, match="at most 22 tags, with a count of at most 999 each"):
        edits.retag(make_image(), changes, NOW)


def test_retag_at_the_limits_succeeds() -> None:
    changes = [TagChange(f"tag {number}", MAX_COUNT) for number in range(MAX_TAGS)]

    assert edits.retag(make_image(), changes, NOW).tags == {f"tag {number}": 999 for number in range(MAX_TAGS)}


def test_retag_of_full_image_can_replace_one_tag() -> None:
    full = make_image(detections=make_detections(**{f"label{number}": 1 for number in range(MAX_TAGS)}))

    after = edits.retag(full, [TagChange("dog", 1), TagChange("label0", None, removes=True)], NOW)

    assert after.tags.keys() == {"dog", *(f"label{number}" for number in range(1, MAX_TAGS))}


def test_recount_returns_zero_for_removed_tags() -> None:
    changes = [TagChange("dog", None, removes=True), TagChange("cat", 1), TagChange("bird", 1, removes=True)]

    assert edits.recount({"dog": 2}, changes) == {"dog": 0, "cat": 1}


def test_retag_once_with_repeated_request_returns_the_same_image() -> None:
    request = RequestId("key", "body")
    retagged = edits.retag_once(make_image(), [TagChange("dog", 1)], NOW, request)

    assert (retagged.tags, retagged.requests) == ({"dog": 1}, (request,))
    assert edits.retag_once(retagged, [TagChange("dog", 1)], NOW, request) is retagged


def test_retag_once_without_change_does_not_store_the_request() -> None:
    before = make_image()

    after = edits.retag_once(before, [TagChange("dog", 1, removes=True)], NOW, RequestId("key", "body"))

    assert after is before


def test_retag_once_with_key_of_another_request_raises_idempotency_key_reused() -> None:
    retagged = edits.retag_once(make_image(), [TagChange("dog", 1)], NOW, RequestId("key", "body"))

    with pytest.raises(IdempotencyKeyReused, match="a new key"):
        edits.retag_once(retagged, [TagChange("dog", 2)], NOW, RequestId("key", "other"))


def test_retag_once_keeps_only_the_latest_requests() -> None:
    after = make_image()
    for number in range(MAX_REQUESTS + 2):
        after = edits.retag_once(after, [TagChange("dog", 1)], NOW, RequestId(str(number), ""))

    assert [request.key for request in after.requests] == [str(number) for number in range(2, MAX_REQUESTS + 2)]


def test_retag_that_rejects_a_tag_survives_other_edits() -> None:
    rejected = edits.retag(make_image(detections=make_detections(dog=1)), [TagChange("dog", None, removes=True)], NOW)
    undetected = edits.retag(replace(rejected, detections=()), [TagChange("cat", 1)], NOW)
    dismissed = relabel(rejected, 0, None)

    for image in (undetected, dismissed):
        moved = Detection("dog", 0.5, BoundingBox(100, 100, 200, 200))
        assert "dog" not in replace(image, detections=(moved,)).tags


def test_retag_keeps_only_the_latest_rejected_tags() -> None:
    before = make_image(
        detections=make_detections(dog=1), edits={f"tag {n}": TagEdit(0, NOW) for n in range(MAX_REJECTED)}
    )

    after = edits.retag(before, [TagChange("dog", None, removes=True)], NOW + timedelta(seconds=1))

    assert len(after.edits) == MAX_REJECTED
    assert "dog" in after.edits


def test_retag_that_removes_the_tag_of_a_drawn_box_holds() -> None:
    before = make_image(drawn=(DrawnBox("1", "fox", BoundingBox(0, 0, 9, 9), NOW),))

    after = edits.retag(before, [TagChange("fox", None, removes=True)], NOW)

    assert (before.tags, after.tags, after.drawn) == ({"fox": 1}, {}, before.drawn)
    assert edits.retag(after, [TagChange("fox", None)], NOW).tags == {"fox": 1}


def test_rename_tag_with_too_many_corrections_raises_too_many_tags() -> None:
    too_many = make_detections(dog=MAX_CORRECTIONS + 1)

    with pytest.raises(TooManyTags, match="at most 200 detections"):
        edits.rename_tag(make_image(detections=too_many), "dog", "cat", NOW)


def test_retag_that_rejects_a_corrected_label_removes_it() -> None:
    relabelled = relabel(make_image(detections=make_detections(dog=1)), 0, "fox")

    assert edits.retag(relabelled, [TagChange("fox", None, removes=True)], NOW).tags == {}


def test_rename_tag_renames_current_and_later_detections() -> None:
    before = edits.retag(make_image(detections=make_detections(tv=2, cat=1, television=1)), [TagChange("tv", 1)], NOW)

    after = edits.rename_tag(before, "tv", "television", NOW)
    redetected = replace(after, detections=make_detections(tv=3))

    assert (before.tags["tv"], after.tags) == (3, {"television": 4, "cat": 1})
    assert [each.label for each in after.visible_detections] == ["television", "television", "cat", "television"]
    assert redetected.tags == {"television": 4}


def test_rename_tag_relabels_drawn_boxes_and_the_detections_that_they_cover() -> None:
    (weak,) = make_detections(dog=1)
    others = DrawnBox("1", "cat", BoundingBox(5, 5, 9, 9), NOW), DrawnBox("2", "dog", BoundingBox(5, 0, 9, 4), NOW)
    before = make_image(detections=(weak,), drawn=(*others, DrawnBox("3", "dog", weak.box, NOW)))
    later = NOW + timedelta(days=1)

    after = edits.rename_tag(before, "dog", "wolf", later)

    assert (before.tags, after.tags) == ({"dog": 2, "cat": 1}, {"wolf": 2, "cat": 1})
    assert [(each.label, each.at) for each in after.drawn] == [("cat", NOW), ("wolf", later), ("wolf", later)]
    assert after.corrected_detections == []
    assert [each.label for each in replace(after, drawn=()).visible_boxes] == ["wolf"]


@pytest.mark.parametrize("confidence", [0.9, 0.1])
def test_rename_tag_counts_an_object_once_that_has_a_detection_and_a_drawn_box(confidence: float) -> None:
    dog = Detection("dog", confidence, BoundingBox(0, 0, 1, 1))
    far = replace(dog, box=BoundingBox(5, 5, 9, 9))
    before = make_image(detections=(dog, far), drawn=(DrawnBox("1", "puppy", dog.box, NOW),))

    after = edits.rename_tag(before, "dog", "puppy", NOW)
    with_more = edits.rename_tag(replace(before, edits={"dog": TagEdit(5, NOW)}), "dog", "puppy", NOW)

    assert (before.tags, after.tags, len(after.visible_boxes)) == ({"dog": 2, "puppy": 1}, {"puppy": 2}, 2)
    assert after.certain == {"puppy": 2 if confidence > 0.5 else 1}
    assert with_more.tags == {"puppy": 5}


def test_rename_tag_does_not_check_detections_and_forgets_no_decision() -> None:
    before = relabel(make_image(detections=make_detections(dog=2)), 0, "dog")

    wolves = edits.rename_tag(before, "dog", "wolf", NOW)
    again = edits.rename_tag(wolves, "wolf", "dog", NOW)

    assert [each.is_checked for each in wolves.corrected_detections] == [True, False]
    assert again.corrections == before.corrections
    assert wolves.corrections[1] == Correction("dog", before.detections[1].box, "wolf", NOW, renamed=True)


@pytest.mark.parametrize(("old", "new"), [("cat", "fox"), ("dog", "dog")])
def test_rename_tag_that_is_missing_or_equal_changes_nothing(old: str, new: str) -> None:
    before = make_image(detections=make_detections(dog=1))

    assert edits.rename_tag(before, old, new, NOW) is before


def test_retag_that_removes_a_keyword_holds() -> None:
    before = make_image(metadata=make_keywords("Dog", "Sea"))

    after = edits.retag(before, [TagChange("dog", None, removes=True)], NOW)

    assert after.edits == {"dog": TagEdit(0, NOW)}
    assert after.tags == {"sea": 1}
    assert edits.retag(after, [TagChange("dog", None)], NOW).tags == {"dog": 1, "sea": 1}


def test_rename_of_a_keyword_keeps_the_new_name() -> None:
    before = make_image(detections=make_detections(dog=2), metadata=make_keywords("Dog", "Sea"))

    after = edits.rename_tag(edits.rename_tag(before, "sea", "ocean", NOW), "dog", "wolf", NOW)

    assert after.tags == {"ocean": 1, "wolf": 2}


def test_retag_of_image_with_too_many_keywords_replaces_the_last_ones() -> None:
    before = make_image(
        detections=make_detections(dog=1), metadata=make_keywords(*(f"k{number:02}" for number in range(30)))
    )

    after = edits.retag(before, [TagChange("cat", 1), TagChange("k00", 2)], NOW)

    assert list(after.tags) == ["k00", "cat", "dog", *(f"k{number:02}" for number in range(1, MAX_TAGS - 2))]
    assert len(after.tags) == MAX_TAGS


def test_retag_to_more_tags_than_keywords_give_way_raises() -> None:
    before = make_image(metadata=make_keywords(*(f"k{number:02}" for number in range(MAX_TAGS))))

    with pytest.raises(TooManyTags):
        edits.retag(before, [TagChange(f"t{number}", 1) for number in range(MAX_TAGS + 1)], NOW)
    with pytest.raises(TooManyTags):
        edits.retag(before, [TagChange(f"t{number}", 1) for number in range(MAX_TAGS)] + [TagChange("k00", 1)], NOW)


def test_rename_tag_keeps_the_certain_count() -> None:
    before = make_image(detections=make_unsure(0.9, 0.2, 0.1), edits={"cat": TagEdit(2, NOW)})

    after = edits.rename_tag(before, "dog", "puppy", NOW)
    merged = edits.rename_tag(after, "cat", "puppy", NOW)
    back = edits.rename_tag(after, "puppy", "dog", NOW)

    assert (before.tags, before.certain) == ({"cat": 2, "dog": 3}, {"cat": 2, "dog": 1})
    assert (after.tags, after.certain) == ({"cat": 2, "puppy": 3}, {"cat": 2, "puppy": 1})
    assert (merged.tags, merged.certain) == ({"puppy": 5}, {"puppy": 3})
    assert (back.tags, back.certain) == (before.tags, before.certain)


def test_rename_tag_keeps_decisions_about_detections() -> None:
    checked = relabel(make_image(detections=make_unsure(0.2, 0.1)), 0, "puppy")

    renamed = edits.rename_tag(checked, "puppy", "hound", NOW)
    back = edits.rename_tag(renamed, "hound", "dog", NOW)

    assert [each.is_checked for each in renamed.corrected_detections] == [True, False]
    assert [each.is_checked for each in back.corrected_detections] == [True, False]
    assert (back.tags, back.certain) == ({"dog": 2}, {"dog": 1})


def test_rename_tag_of_certain_count_keeps_the_whole_count_certain() -> None:
    after = edits.rename_tag(make_image(edits={"dog": TagEdit(2, NOW)}), "dog", "puppy", NOW)

    assert after.edits == {"puppy": TagEdit(2, NOW)}
