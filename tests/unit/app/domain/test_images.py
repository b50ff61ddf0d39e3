from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import edits, ids, images, tags
from app.domain.edits import MAX_CORRECTIONS, MAX_REJECTED, MAX_REQUESTS, TagChange
from app.domain.errors import (
    DetectionNotFound,
    IdempotencyKeyReused,
    ImageNotFound,
    InvalidState,
    InvalidTag,
    TooManyTags,
)
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState, RequestId
from app.domain.tags import MAX_COUNT, MAX_TAG_LENGTH, MAX_TAGS, TagEdit
from detector import BoundingBox, Detection

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def detections(**counts: int) -> tuple[Detection, ...]:
    labels = [label for label, count in counts.items() for _ in range(count)]
    return tuple(Detection(label, 0.5, BoundingBox(0, row, 1, row + 1)) for row, label in enumerate(labels))


def image(**facts: object) -> Image:
    known = {"owner": "o", "id": "i", "state": ImageState.READY, "name": "n", "media_type": "image/png", "size": 1}
    return Image(**{**known, **facts})  # type: ignore[arg-type]  # tests name what they are about


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dog", "dog"),
        ("  traffic \t light ", "traffic light"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "i\N{COMBINING DOT ABOVE}"),
        ("👩\N{ZERO WIDTH JOINER}🔬", "👩\N{ZERO WIDTH JOINER}🔬"),
        ("__proto__", "__proto__"),
        ("#pk", "#pk"),
        ("x" * 64, "x" * 64),
    ],
)
def test_a_tag_has_one_spelling(text: str, name: str) -> None:
    assert tags.tag_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x" * 65,
        "a\0b",
        "a\x7fb",
        "\N{RIGHT-TO-LEFT OVERRIDE}god",
        "do\N{ZERO WIDTH SPACE}g",
        "\ud800",
        "a,b",
        "a|b",
        "a:2",
        "a=2",
        "<b>",
        "!dog",
        "Untagged",
    ],
)
def test_what_could_mislead_or_not_be_searched_is_no_tag(text: str) -> None:
    with pytest.raises(InvalidTag):
        tags.tag_name(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("beach.jpg", "beach.jpg"),
        ("C:\\holidays\\beach.jpg", "beach.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", "gpj.exe"),
        ("..", "photo"),
        ("a\u2028b\u2029c.jpg", "abc.jpg"),
        ("ä" * 200, "ä" * 127),
    ],
)
def test_a_file_name_has_no_folder_and_nothing_invisible(text: str, name: str) -> None:
    assert images.clean_file_name(text) == name


def test_ids_sort_by_the_time_they_were_made() -> None:
    earlier = ids.min_id_at(NOW)
    later = ids.min_id_at(NOW + timedelta(milliseconds=1))

    assert earlier < later
    assert ids.created_at(earlier) == NOW
    assert ids.min_id_at(datetime(1, 1, 1, tzinfo=UTC)) == "0" * 26


def test_a_new_id_is_valid_and_made_now() -> None:
    made = ids.new_id()

    assert ids.require_id(made) == made
    assert abs(ids.created_at(made) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["", "x", "8" + "0" * 25, "0" * 25 + "I", "0" * 27, "0" * 26 + "\n"])
def test_what_cannot_be_an_id_is_not_there(text: str) -> None:
    with pytest.raises(ImageNotFound):
        ids.require_id(text)


def test_an_incoming_key_tells_owner_and_image() -> None:
    owner, image_id = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f", ids.new_id()

    key = Rendition.INCOMING.key(owner, image_id)

    assert ids.parse_key(key, Rendition.INCOMING) == (owner, image_id)


@pytest.mark.parametrize("key", ["", "incoming/", "incoming/a/b", "originals/x/y", "incoming/../x"])
def test_any_other_key_tells_nothing(key: str) -> None:
    assert ids.parse_key(key, Rendition.INCOMING) is None


def test_detections_become_tags_with_counts() -> None:
    assert image(detections=detections(dog=1, person=2)).tags == {"person": 2, "dog": 1}


def test_an_edit_replaces_what_was_detected_and_nought_rejects_it() -> None:
    edits = {"person": TagEdit(3, NOW), "dog": TagEdit(0, NOW), "beach": TagEdit(1, NOW)}

    assert image(detections=detections(dog=1, person=2, cat=1), edits=edits).tags == {
        "person": 3,
        "cat": 1,
        "beach": 1,
    }


def test_the_most_frequent_tags_are_kept_when_there_are_too_many() -> None:
    many = detections(**{f"label{number:02}": number for number in range(1, 31)})

    kept = tags.tally_tags(many)

    assert len(kept) == MAX_TAGS
    assert min(kept.values()) == 7


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
def test_a_person_adds_to_a_count_or_takes_from_it_what_is_there(change: TagChange, tags: dict[str, int]) -> None:
    assert edits.retag(image(detections=detections(person=3, dog=1)), [change], NOW).tags == tags


@pytest.mark.parametrize("count", [1, None])
def test_taking_away_what_is_not_there_changes_nothing(count: int | None) -> None:
    before = image(detections=detections(dog=1))

    assert edits.retag(before, [TagChange("cat", count, removes=True)], NOW) == before


def test_changes_are_made_in_their_order() -> None:
    changes = [TagChange("dog", None, removes=True), TagChange("dog", 5), TagChange("dog", 1, removes=True)]

    after = edits.retag(image(detections=detections(dog=1)), changes, NOW)

    assert after.edits == {"dog": TagEdit(4, NOW)}


def test_an_edit_of_one_tag_leaves_earlier_edits_as_they_were() -> None:
    earlier = {"cat": TagEdit(2, NOW - timedelta(days=1))}

    after = edits.retag(image(edits=earlier), [TagChange("dog", 1)], NOW)

    assert after.edits == {**earlier, "dog": TagEdit(1, NOW)}


def test_a_rejected_tag_stays_rejected_when_a_model_sees_it_again() -> None:
    rejected = edits.retag(image(detections=detections(dog=1)), [TagChange("dog", None, removes=True)], NOW)

    assert replace(rejected, detections=detections(dog=3, cat=1)).tags == {"cat": 1}


@pytest.mark.parametrize("state", sorted(set(ImageState) - {ImageState.READY}))
def test_only_a_ready_image_is_retagged(state: ImageState) -> None:
    with pytest.raises(InvalidState, match=f"an image that is {state}"):
        edits.retag(image(state=state), [TagChange("dog", 1)], NOW)


@pytest.mark.parametrize(
    "changes",
    [
        [TagChange(f"tag {number}", 1) for number in range(MAX_TAGS + 1)],
        [TagChange("dog", MAX_COUNT), TagChange("dog", 1)],
    ],
)
def test_too_many_tags_or_too_many_of_one_are_refused_naming_the_limits(changes: list[TagChange]) -> None:
    with pytest.raises(TooManyTags, match="at most 24 tags, and at most 999 of each"):
        edits.retag(image(), changes, NOW)


def test_as_many_as_allowed_are_allowed() -> None:
    changes = [TagChange(f"tag {number}", MAX_COUNT) for number in range(MAX_TAGS)]

    assert edits.retag(image(), changes, NOW).tags == {f"tag {number}": 999 for number in range(24)}


def test_a_full_image_can_swap_one_tag_for_another() -> None:
    full = image(detections=detections(**{f"label{number}": 1 for number in range(MAX_TAGS)}))

    after = edits.retag(full, [TagChange("dog", 1), TagChange("label0", None, removes=True)], NOW)

    assert after.tags.keys() == {"dog", *(f"label{number}" for number in range(1, MAX_TAGS))}


def test_tags_are_counted_anew_without_an_image_and_what_is_taken_away_counts_nought() -> None:
    changes = [TagChange("dog", None, removes=True), TagChange("cat", 1), TagChange("bird", 1, removes=True)]

    assert edits.recount({"dog": 2}, changes) == {"dog": 0, "cat": 1}


def test_what_was_said_by_hand_is_kept_first_when_there_are_too_many_tags() -> None:
    edits = {f"hand {number}": TagEdit(1, NOW) for number in range(3)}
    detected = {f"seen {number}": 2 for number in range(MAX_TAGS)}

    kept = tags.apply_edits(detected, edits)

    assert len(kept) == MAX_TAGS
    assert set(edits) <= set(kept)


def test_a_request_that_comes_again_changes_nothing_again() -> None:
    request = RequestId("key", "body")
    once = edits.retag_once(image(), [TagChange("dog", 1)], NOW, request)

    assert (once.tags, once.requests) == ({"dog": 1}, (request,))
    assert edits.retag_once(once, [TagChange("dog", 1)], NOW, request) is once


def test_a_request_that_changes_nothing_leaves_no_trace() -> None:
    untouched = image()

    after = edits.retag_once(untouched, [TagChange("dog", 1, removes=True)], NOW, RequestId("key", "body"))

    assert after is untouched


def test_a_key_cannot_stand_for_another_request() -> None:
    once = edits.retag_once(image(), [TagChange("dog", 1)], NOW, RequestId("key", "body"))

    with pytest.raises(IdempotencyKeyReused, match="a new key"):
        edits.retag_once(once, [TagChange("dog", 2)], NOW, RequestId("key", "other"))


def test_the_latest_requests_are_remembered() -> None:
    after = image()
    for number in range(MAX_REQUESTS + 2):
        after = edits.retag_once(after, [TagChange("dog", 1)], NOW, RequestId(str(number), ""))

    assert [request.key for request in after.requests] == [str(number) for number in range(2, MAX_REQUESTS + 2)]


def relabel(before: Image, number: int, label: str | None) -> Image:
    """With another word on the box of that number."""
    return edits.relabel(before, before.corrected_detections[number].id, label, NOW)


def test_a_box_that_shows_nothing_counts_no_longer_and_comes_back() -> None:
    before = image(detections=detections(dog=2, cat=1))

    without = relabel(before, 1, None)

    assert without.tags == {"dog": 1, "cat": 1}
    assert [one.label for one in without.visible_detections] == ["dog", "cat"]
    assert relabel(without, 1, "dog") == before


def test_a_box_that_shows_something_else_counts_there() -> None:
    before = image(detections=detections(dog=2, cat=1))

    after = relabel(relabel(before, 0, "cat"), 2, "fox")

    assert after.tags == {"dog": 1, "cat": 1, "fox": 1}
    assert relabel(relabel(after, 0, "dog"), 2, "cat") == before


def test_the_same_word_again_changes_nothing() -> None:
    before = image(detections=detections(dog=1))
    without = relabel(before, 0, None)

    assert relabel(before, 0, "dog") is before
    assert relabel(without, 0, None) is without


def test_counts_by_hand_follow_the_boxes() -> None:
    by_hand = edits.retag(image(detections=detections(dog=2, cat=1)), [TagChange("dog", 2), TagChange("cat", 1)], NOW)

    after = relabel(by_hand, 0, "cat")

    assert (by_hand.tags, after.tags) == ({"dog": 4, "cat": 2}, {"dog": 3, "cat": 2})


@pytest.mark.parametrize(
    ("said", "without", "with_one_more"),
    [(0, 0, 1), (1, 1, 2), (2, 1, 3), (3, 2, 3), (5, 4, 5)],
    ids=["none", "fewer", "as many", "more", "many more"],
)
def test_a_count_by_hand_follows_two_boxes_without_counting_or_taking_one_twice(
    said: int, without: int, with_one_more: int
) -> None:
    seen = image(detections=detections(dog=2, cat=1), edits={"dog": TagEdit(said, NOW)})

    assert relabel(seen, 0, None).tags.get("dog", 0) == without
    assert relabel(seen, 2, "dog").tags.get("dog", 0) == with_one_more


def test_a_rejected_tag_stays_rejected_whatever_is_said_in_between() -> None:
    rejected = edits.retag(image(detections=detections(dog=1)), [TagChange("dog", None, removes=True)], NOW)
    unseen = edits.retag(replace(rejected, detections=()), [TagChange("cat", 1)], NOW)
    without_box = relabel(rejected, 0, None)

    for then in (unseen, without_box):
        moved = Detection("dog", 0.5, BoundingBox(100, 100, 200, 200))
        assert "dog" not in replace(then, detections=(moved,)).tags


def test_the_latest_rejected_tags_are_remembered() -> None:
    before = image(detections=detections(dog=1), edits={f"tag {n}": TagEdit(0, NOW) for n in range(MAX_REJECTED)})

    after = edits.retag(before, [TagChange("dog", None, removes=True)], NOW + timedelta(seconds=1))

    assert len(after.edits) == MAX_REJECTED
    assert "dog" in after.edits


def test_only_so_many_boxes_can_be_corrected() -> None:
    labels = detections(dog=MAX_CORRECTIONS + 1)

    with pytest.raises(TooManyTags, match="At most 200 detections"):
        edits.rename_tag(image(detections=labels), "dog", "cat", NOW)


def test_a_rejected_tag_is_there_again_when_a_box_is_said_to_show_it() -> None:
    rejected = edits.retag(image(detections=detections(dog=1, cat=1)), [TagChange("dog", None, removes=True)], NOW)

    assert relabel(rejected, 1, "dog").tags == {"dog": 1}


def test_rejecting_what_was_relabelled_is_remembered() -> None:
    fox = relabel(image(detections=detections(dog=1)), 0, "fox")

    assert edits.retag(fox, [TagChange("fox", None, removes=True)], NOW).tags == {}


def test_a_tag_is_renamed_with_its_boxes_and_stays_so_when_it_is_seen_again() -> None:
    before = edits.retag(image(detections=detections(tv=2, cat=1, television=1)), [TagChange("tv", 1)], NOW)

    after = edits.rename_tag(before, "tv", "television", NOW)
    again = replace(after, detections=detections(tv=3))

    assert (before.tags["tv"], after.tags) == (3, {"television": 4, "cat": 1})
    assert [one.label for one in after.visible_detections] == ["television", "television", "cat", "television"]
    assert again.tags == {"television": 4}


@pytest.mark.parametrize(("old", "new"), [("cat", "fox"), ("dog", "dog")])
def test_renaming_what_is_not_there_or_to_the_same_changes_nothing(old: str, new: str) -> None:
    before = image(detections=detections(dog=1))

    assert edits.rename_tag(before, old, new, NOW) is before


def test_corrections_hold_for_what_a_model_sees_again() -> None:
    before = image(detections=detections(dog=2))
    after = relabel(relabel(before, 0, None), 1, "fox")

    again = replace(after, detections=tuple(replace(one, confidence=0.9) for one in before.detections))

    assert again.tags == {"fox": 1}


def test_a_box_that_is_not_there_cannot_be_relabelled() -> None:
    with pytest.raises(DetectionNotFound):
        edits.relabel(image(), "0" * 12, "dog", NOW)


def test_only_a_ready_image_is_relabelled() -> None:
    with pytest.raises(InvalidState):
        edits.relabel(image(state=ImageState.TRASHED, detections=detections(dog=1)), "0" * 12, "dog", NOW)


def test_relabelling_makes_no_more_tags_than_an_image_may_have() -> None:
    full = image(detections=detections(**{f"label{number}": 2 for number in range(MAX_TAGS)}))

    with pytest.raises(TooManyTags, match="at most 24 tags"):
        relabel(full, 0, "dog")

    assert len(relabel(relabel(full, 0, None), 1, "dog").tags) == MAX_TAGS


def test_detections_are_kept_to_a_tenth_of_a_pixel() -> None:
    seen = Detection("dog", 0.123456, BoundingBox(0.04, 1.06, 2.123, 3.0))

    assert images.round_detections([seen]) == (Detection("dog", 0.1235, BoundingBox(0.0, 1.1, 2.1, 3.0)),)


def test_a_tombstone_keeps_nothing_of_what_the_image_showed() -> None:
    before = image(
        detections=detections(dog=1),
        edits={"cat": TagEdit(1, NOW)},
        sha256="ab",
        model="m@1",
        width=64,
        height=48,
        taken_at=NOW,
        trashed_at=NOW,
        version=3,
    )

    gone = images.make_tombstone(before, duplicate_of="j")

    assert gone == Image(
        owner="o", id="i", state=ImageState.GONE, name="", media_type="", size=0, version=3, duplicate_of="j"
    )


def test_tag_name_of_long_text_is_rejected_before_it_is_normalized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "normalize", lambda text: pytest.fail(f"normalized {len(text)} characters"))

    with pytest.raises(InvalidTag, match="This one has 300,000"):
        tags.tag_name("a\u0301\u0323" * 100_000)


def test_tag_name_of_decomposed_text_may_be_longer_than_the_limit() -> None:
    assert tags.tag_name("e\u0301" * MAX_TAG_LENGTH) == "é" * MAX_TAG_LENGTH
