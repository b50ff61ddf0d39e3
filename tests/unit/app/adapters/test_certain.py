"""Certain counts and the images to review, in both stores."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.corrections import Correction
from app.domain.errors import InvalidCursor
from app.domain.images import Image, ImageState, move_to_trash, restore_from_trash
from app.domain.ports import Images, Subscriptions
from app.domain.query import parse
from app.domain.tags import TagEdit
from tests.support.fakes import image

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def unsure(owner: str, state: ImageState = ImageState.READY, *, certain: int = 0, **counts: int) -> Image:
    """Return an image whose detections are uncertain, except the first `certain` ones."""
    detected = image(owner, state, counts)
    return replace(
        detected,
        detections=tuple(
            replace(each, confidence=0.9 if number < certain else 0.2)
            for number, each in enumerate(detected.detections)
        ),
    )


def save_all(images: Images, owner: str) -> dict[str, Image]:
    return {
        "none": images.save(unsure(owner, dog=3)),
        "some": images.save(unsure(owner, dog=3, certain=2)),
        "all": images.save(unsure(owner, dog=3, certain=3)),
        "cat": images.save(unsure(owner, cat=1)),
    }


QUERIES = [
    ("dog>=2!", {"some", "all"}),
    ("dog=3!", {"all"}),
    ("dog!|cat", {"some", "all", "cat"}),
    ("dog, !dog!", {"none"}),
    ("!dog!", {"none", "cat"}),
    ("dog<=2!", {"none", "some", "cat"}),
    ("dog:1..2!, dog=3", {"some"}),
    ("cat!", set()),
]


@pytest.mark.parametrize(("text", "names"), QUERIES)
def test_search_for_certain_objects_returns_images_with_so_many(
    images: Images, owner: str, text: str, names: set[str]
) -> None:
    saved = save_all(images, owner)

    assert {summary.id for summary in images.search(owner, parse(text), 10).images} == {
        saved[name].id for name in names
    }


def test_search_trash_for_certain_objects_returns_images_with_so_many(images: Images, owner: str) -> None:
    saved = save_all(images, owner)
    for each in saved.values():
        images.save(move_to_trash(each, NOW), each)

    for text, names in QUERIES:
        page = images.search_trash(owner, parse(text), 10)
        assert {summary.id for summary in page.images} == {saved[name].id for name in names}, text


def test_image_and_its_summaries_have_its_certain_counts(images: Images, owner: str) -> None:
    detected = unsure(owner, dog=3, certain=1)
    checked = Correction("dog", detected.detections[1].box, "cat", NOW)
    renamed = Correction("dog", detected.detections[2].box, "wolf", NOW, renamed=True)
    edits = {"cow": TagEdit(5, NOW, certain=2), "fox": TagEdit(5, NOW), "elk": TagEdit(0, NOW, renamed_to="moose")}

    saved = images.save(replace(detected, corrections=(checked, renamed), edits=edits))

    assert images.get_image(owner, saved.id) == saved
    assert saved.certain == {"dog": 1, "cat": 1, "cow": 2, "fox": 5}
    pages = images.list_images(owner, 10), images.search(owner, parse("cow"), 10), images.list_unreviewed(owner, 10)
    assert [(page.images[0].tags, page.images[0].certain) for page in pages] == [(saved.tags, saved.certain)] * 3


def test_save_of_a_decision_updates_searches_and_the_list(
    images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    before = images.save(unsure(owner, dog=2))
    checked = Correction("dog", before.detections[0].box, "dog", NOW)

    after = images.save(replace(before, corrections=(checked,)), before)

    assert before.tags == after.tags == {"dog": 2}
    assert [summary.certain for summary in images.search(owner, parse("dog=1!"), 10).images] == [{"dog": 1}]
    assert [summary.review_key for summary in images.list_unreviewed(owner, 10).images] == [f"001#{after.id}"]
    check_rows()


def test_list_unreviewed_returns_ready_images_with_the_largest_doubt_first(
    images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    saved = save_all(images, owner)
    later = images.save(unsure(owner, dog=9, certain=8))
    trashed, restored = (images.save(unsure(owner, cow=5)) for _ in range(2))
    images.save(move_to_trash(trashed, NOW), trashed)
    in_trash = images.save(move_to_trash(restored, NOW), restored)
    images.save(restore_from_trash(in_trash), in_trash)
    images.save(unsure(owner, ImageState.FAILED, dog=1))
    expected = [restored.id, saved["none"].id, later.id, saved["cat"].id, saved["some"].id]

    for limit in (1, 2, 5, 100):
        ids, cursor = [], None
        while True:
            page = images.list_unreviewed(owner, limit, cursor)
            ids += [summary.id for summary in page.images]
            cursor = page.cursor
            if cursor is None:
                break
        assert ids == expected
    assert images.list_unreviewed("bob", 10).images == []
    check_rows()


@pytest.mark.parametrize("cursor", ["", "2026-01", "12#01jd8xk3v5m0z8q4n2c7r9t1wy", "012#x", "~"])
def test_list_unreviewed_with_forged_cursor_raises_invalid_cursor(images: Images, owner: str, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        images.list_unreviewed(owner, 10, cursor)


def test_announcement_of_a_decision_has_the_certain_counts(
    images: Images, subscriptions: Subscriptions, owner: str
) -> None:
    before = images.save(unsure(owner, dog=2))
    subscriptions.add(owner, parse("dog!"))
    checked = Correction("dog", before.detections[0].box, "dog", NOW)

    images.save(replace(before, corrections=(checked,)), before)

    (announcement,) = subscriptions.list_announcements(owner)
    assert announcement.before
    assert announcement.after
    assert (announcement.before.tags, announcement.before.certain) == ({"dog": 2}, {})
    assert (announcement.after.tags, announcement.after.certain) == ({"dog": 2}, {"dog": 1})
