from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.checks import Comparison, RowChecks
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState, make_tombstone
from app.domain.messages import Message
from app.domain.ports import Images, Objects, Queue, Quotas
from app.domain.tags import TagTotal
from tests.support.breakage import ROW_KINDS, Breaker
from tests.support.fakes import OTHER_OWNER
from tests.support.fakes import image as make
from tests.support.services import Services

MONTHS = " are wrong: "  # on AWS, they are in the rows of the totals and of the usage
TEXTS = {
    "lose_index_row": " lacks ",
    "add_index_row": " wrongly contains bird.",
    "add_index_row_without_image": " wrongly contains bird.",
    "alter_index_row": " has outdated values for ",
    "lose_total": " is 0 photos with 0 objects instead of ",
    "alter_total": " with 7 objects instead of ",
    "add_total": " of the tag bird is 1 photos with 1 objects instead of 0 with 0.",
    "lose_usage": " is 0 photos with 0 bytes instead of ",
    "alter_usage": " bytes instead of ",
    "alter_tags": " has other tags than its detections and edits.",
    "alter_certain": " has other tags than its detections and edits.",
    "alter_order": " in lists instead of ",
    "alter_review": " in lists instead of ",
    "move_index_row": " has outdated values for ",
    "lose_months": MONTHS,
    "alter_months": MONTHS,
    "lose_months_of_tag": MONTHS,
    "lose_hash": " is missing.",
    "alter_hash": " names another photo.",
    "add_hash": "A hash row wrongly names the photo ",
}


@pytest.fixture
def rows(services: Services, images: Images, sqs: object) -> RowChecks:
    return services.stores.row_checks


@pytest.fixture
def saved(images: Images, owner: str) -> list[Image]:
    """Three ready images, one without tags, and one image in each other state."""
    saved = [images.save(doubt(make(owner, counts=tags))) for tags in ({"dog": 2, "cat": 1}, {"dog": 1}, {})]
    others = set(ImageState) - {ImageState.READY, ImageState.GONE}
    saved += [images.save(make(owner, state, dog=3)) for state in others]
    trashed = images.save(make(owner, ImageState.TRASHED, dog=1))
    return [*saved, images.save(make_tombstone(trashed), trashed)]


def doubt(image: Image) -> Image:
    """Return the image with an uncertain last detection."""
    *others, last = image.detections or (None,)
    return replace(image, detections=(*others, replace(last, confidence=0.2))) if last else image


def compare(rows: RowChecks, owner: str) -> Comparison:
    rows.list_owners()
    return rows.compare(owner, lambda _: None)


def list_texts(rows: RowChecks, owner: str) -> list[str]:
    comparison = compare(rows, owner)
    assert comparison.unsettled == []
    assert len({difference.subject for difference in comparison.differences}) == len(comparison.differences)
    return [difference.text for difference in comparison.differences]


def test_compare_of_intact_library_finds_nothing_and_reports_each_image(
    rows: RowChecks, saved: list[Image], owner: str
) -> None:
    reported: list[int] = []

    assert rows.compare(owner, reported.append) == Comparison()

    assert sum(reported) == len(saved)


def test_list_owners_returns_the_owners_of_rows(rows: RowChecks, saved: list[Image], owner: str) -> None:
    assert rows.list_owners() == {owner}


def test_read_images_yields_all_images_and_tombstones_after_an_id(
    rows: RowChecks, saved: list[Image], owner: str
) -> None:
    read = list(rows.read_images(owner))

    assert [image.id for image in read] == [image.id for image in saved]
    assert {image.state for image in read} == set(ImageState)
    assert list(rows.read_images(owner, saved[2].id)) == read[3:]
    assert list(rows.read_images(OTHER_OWNER)) == []


@pytest.mark.parametrize("kind", ROW_KINDS)
def test_repair_of_broken_rows(
    rows: RowChecks, saved: list[Image], breaker: Breaker, check_rows: Callable[[], None], owner: str, kind: str
) -> None:
    are_broken = [getattr(breaker, kind)(number) for number in (0, 3)]

    texts = list_texts(rows, owner)
    rows.repair(owner)

    assert bool(texts) is any(are_broken)
    assert all(TEXTS[kind] in text for text in texts if MONTHS not in text or TEXTS[kind] == MONTHS)
    assert compare(rows, owner) == Comparison()
    check_rows()


def test_repair_of_everything_that_is_broken(
    rows: RowChecks, saved: list[Image], breaker: Breaker, check_rows: Callable[[], None], owner: str
) -> None:
    for number, kind in enumerate(ROW_KINDS):
        getattr(breaker, kind)(number)
    assert len(list_texts(rows, owner)) > len(saved)

    rows.repair(owner)

    assert compare(rows, owner) == Comparison()
    check_rows()


def test_empty_library_has_nothing_to_break_or_repair(
    rows: RowChecks, objects: Objects, breaker: Breaker, owner: str
) -> None:
    assert compare(rows, owner) == Comparison()
    assert rows.list_owners() == set()
    rows.repair(owner)

    assert not any(getattr(breaker, kind)(0) for kind in ROW_KINDS if "usage" not in kind)
    assert not breaker.lose_object(0, Rendition.PREVIEW)
    assert compare(rows, owner) == Comparison()


def test_repair_does_not_change_images(
    rows: RowChecks, images: Images, saved: list[Image], breaker: Breaker, owner: str
) -> None:
    breaker.alter_tags(0)

    rows.repair(owner)

    assert [images.find_image(owner, image.id) for image in saved] == sorted(saved, key=lambda image: image.id)


def test_damaged_image_is_named_and_nothing_else_of_it_is_compared(
    rows: RowChecks, saved: list[Image], breaker: Breaker, check_rows: Callable[[], None], owner: str
) -> None:
    damaged, trashed = saved[0].id, next(each.id for each in saved if each.state is ImageState.TRASHED)

    with breaker.damage(damaged), breaker.damage(trashed):
        assert compare(rows, owner) == Comparison(damaged=[damaged, trashed])
        assert [image.id for image in rows.read_images(owner)] == [
            image.id for image in saved if image.id not in {damaged, trashed}
        ]
        rows.repair(owner)

    assert compare(rows, owner) == Comparison()
    check_rows()


def test_repair_beside_a_damaged_image(
    rows: RowChecks, images: Images, saved: list[Image], breaker: Breaker, check_rows: Callable[[], None], owner: str
) -> None:
    damaged, other = saved[:2]
    with breaker.damage(damaged.id):
        for number in range(3):  # both index rows of the damaged image, and one of the other
            breaker.lose_index_row(number)

        first = compare(rows, owner)
        rows.repair(owner)
        second = compare(rows, owner)

    assert [difference.image_id for difference in first.differences] == [other.id]
    assert (second.differences, second.damaged) == ([], [damaged.id])
    rows.repair(owner)
    check_rows()


def test_list_busy_returns_images_with_a_known_message_or_a_purge(
    rows: RowChecks, queue: Queue, saved: list[Image], breaker: Breaker, owner: str, backend: str
) -> None:
    ready, gone = saved[0].id, saved[-1].id
    assert rows.list_busy(owner, [ready, gone]) == {gone}
    assert rows.knows_messages()
    queue.send([Message(owner, ready).to_json()])

    assert rows.list_busy(owner, [ready, gone]) == {"aws": {gone}, "local": {ready, gone}}[backend]
    assert rows.knows_messages() is (backend == "local")

    breaker.lose_messages()
    breaker.lose_outbox()
    assert rows.list_busy(owner, [ready, gone]) == set()
    assert rows.knows_messages()


def test_wrong_totals_and_usage_are_never_shown_below_what_is_possible(
    rows: RowChecks, images: Images, quotas: Quotas, saved: list[Image], breaker: Breaker, owner: str
) -> None:
    for number in range(9):
        breaker.alter_total(number)
        breaker.alter_usage(number)

    assert images.count_tags(owner) == []
    assert images.count_tag(owner, "dog") == TagTotal("dog", 0, 0)
    assert quotas.usage(owner).images >= 0
    assert quotas.usage(owner).bytes >= 0
