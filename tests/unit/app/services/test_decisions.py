"""Decisions about boxes and counts that a person takes back, on both stores: images, counters and searches agree."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from app.domain.boxes import Review, review
from app.domain.edits import TagChange
from app.domain.images import Image
from app.domain.ports import Images
from app.domain.tags import MAX_TAGS
from app.services.library import Library
from tests.support.fakes import image
from tests.support.uploads import search


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def decide(library: Library, saved: Image, decisions: Review) -> Image:
    return library.change_boxes(saved.owner, saved.id, partial(review, decisions=decisions, at=datetime.now(UTC)))


def test_reset_after_a_rename_finds_the_image_by_the_new_name(
    library: Library, images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    saved = images.save(image(owner, dog=2))
    ids = [each.id for each in saved.corrected_detections]
    library.rename_tag(owner, saved.id, "dog", "puppy")
    decide(library, saved, Review(confirm=ids[:1], dismiss=ids[1:]))

    after = decide(library, saved, Review(reset=ids))

    assert images.get_image(owner, saved.id) == after
    assert after.tags == {"puppy": 2}
    assert [search(images, owner, query) for query in ("puppy=2", "dog")] == [[saved.id], []]
    check_rows()


def test_dismiss_in_an_image_with_more_labels_than_tags_gives_another_label_the_place(
    library: Library, images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    saved = images.save(image(owner, counts={**{f"b{number:02}": 2 for number in range(MAX_TAGS)}, "a": 1}))

    decide(library, saved, Review(dismiss=[saved.corrected_detections[0].id]))

    assert [search(images, owner, query) for query in ("a", "b00", "b01")] == [[saved.id], [], [saved.id]]
    check_rows()


def test_reset_of_a_count_counts_the_boxes_again(
    library: Library, images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    saved = images.save(image(owner, dog=2))
    library.retag(owner, saved.id, [TagChange("dog", 3)])

    after = decide(library, saved, Review(reset_counts=["dog"]))

    assert (after.tags, after.edits) == (saved.tags, {})
    assert [search(images, owner, query) for query in ("dog=2", "dog=5")] == [[saved.id], []]
    check_rows()


def test_reset_after_an_edited_count_finds_the_image_by_the_count_again(
    library: Library, images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    saved = images.save(image(owner, dog=2))
    ids = [each.id for each in saved.corrected_detections]
    library.retag(owner, saved.id, [TagChange("dog", 3)])
    before = images.get_image(owner, saved.id)
    for each in ids:
        decide(library, saved, Review(dismiss=[each]))
    assert images.get_image(owner, saved.id).tags == {"dog": 3}

    for each in reversed(ids):
        after = decide(library, saved, Review(reset=[each]))

    assert (after.tags, after.edits) == (before.tags, before.edits)
    assert [search(images, owner, query) for query in ("dog=5", "dog=3")] == [[saved.id], []]
    check_rows()
