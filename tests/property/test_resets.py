"""Decisions about boxes and counts that a person takes back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.boxes import Review, change_box, review
from app.domain.edits import TagChange, retag
from app.domain.images import Image
from detector import BoundingBox, Detection
from tests.support.domain_images import make_image

NOW = datetime(2026, 11, 30, tzinfo=UTC)
TAGS = ("dog", "cat", "bird")

labels = st.sampled_from(TAGS)
confidences = st.sampled_from([0.2, 0.9])
detections = st.lists(st.tuples(st.sampled_from(TAGS[:2]), confidences), min_size=1, max_size=5)
changes = st.lists(st.builds(TagChange, labels, st.sampled_from([None, 1, 2, 3]), st.booleans()), max_size=3)
decisions = st.lists(st.sampled_from(["confirm", "dismiss", *TAGS]), min_size=1, max_size=5)
sizes = st.lists(st.integers(1, 3), min_size=5, max_size=5)


def make(detected: Sequence[tuple[str, float]]) -> Image:
    """Return an image with a row of detections."""
    boxes = [BoundingBox(20 * place, 0, 20 * place + 15, 15) for place in range(len(detected))]
    found = [Detection(label, confidence, box) for (label, confidence), box in zip(detected, boxes, strict=True)]
    return make_image(width=100, height=100, detections=tuple(found))


def decide(image: Image, decision: str, ids: Sequence[str], at: datetime) -> Image:
    """Confirm, dismiss or relabel detections."""
    if decision in {"confirm", "dismiss"}:
        return review(image, Review(**{decision: ids}), at)
    for each in ids:
        image = change_box(image, each, at, label=decision)
    return image


@given(detections, changes, decisions, sizes)
def test_reset_of_the_latest_decisions_restores_counts_that_a_person_set(
    detected: list[tuple[str, float]], edits: list[TagChange], kinds: list[str], numbers: list[int]
) -> None:
    image = retag(make(detected), edits, NOW)
    first, at = image, NOW
    ids = [each.id for each in image.corrected_detections]
    done: list[tuple[Image, list[str]]] = []
    for kind, number in zip(kinds, numbers, strict=False):
        some, ids, at = ids[:number], ids[number:], at + timedelta(seconds=1)
        done.append((image, some))
        image = decide(image, kind, some, at)

    whole = review(image, Review(reset=[each for _, some in done for each in some]), at + timedelta(seconds=1))
    assert (whole.tags, whole.certain) == (first.tags, first.certain)

    for before, some in reversed(done):
        at += timedelta(seconds=1)
        image = review(image, Review(reset=some), at)
        assert (image.tags, image.certain) == (before.tags, before.certain)


@given(detections, changes, decisions, changes)
def test_reset_of_counts_leaves_the_counts_of_the_boxes(
    detected: list[tuple[str, float]], edits: list[TagChange], kinds: list[str], more: list[TagChange]
) -> None:
    plain = make(detected)
    image, at = retag(plain, edits, NOW), NOW
    for kind, detection in zip(kinds, plain.corrected_detections, strict=False):
        at += timedelta(seconds=1)
        image, plain = (decide(each, kind, [detection.id], at) for each in (image, plain))
    image = retag(image, more, at)

    after = review(image, Review(reset_counts=TAGS), at)

    assert (after.tags, after.certain, after.edits) == (plain.tags, plain.certain, {})
    assert after.tags == replace(image, edits={}).tags
