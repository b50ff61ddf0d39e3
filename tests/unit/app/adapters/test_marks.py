"""Favourites on both stores."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.checks import RowChecks
from app.domain.images import Image, ImageState, MonthTotal
from app.domain.marks import FAVOURITE
from app.domain.ports import Images
from app.domain.query import Query, parse
from app.domain.tags import TagTotal
from tests.support.breakage import Breaker
from tests.support.fakes import image
from tests.support.services import Services


@pytest.fixture
def favourites(images: Images, owner: str) -> list[Image]:
    """A favourite with dogs, one without tags, a favourite in the trash, and two other images."""
    made = [image(owner, dog=2), image(owner), image(owner, ImageState.TRASHED, dog=1)]
    images.save(image(owner, dog=1))
    images.save(image(owner, ImageState.TRASHED, dog=1))
    return [images.save(replace(each, favourite=True)) for each in made]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("is:favourite", [1, 0]),
        ("is:favourite, dog>=2", [0]),
        ("is:favourite, !dog", [1]),
        ("is:favourite, untagged", [1]),
        ("untagged, !is:favourite", []),
        ("is:favourite, name:beach", [1, 0]),
        ("is:favourite|cat, untagged", [1]),
    ],
)
def test_search_finds_favourites(
    images: Images, owner: str, favourites: list[Image], text: str, numbers: list[int]
) -> None:
    page = images.search(owner, parse(text), 10)

    assert [each.id for each in page.images] == [favourites[number].id for number in numbers]
    assert all(each.is_favourite for each in page.images)


def test_search_of_other_images_leaves_favourites_out(images: Images, owner: str, favourites: list[Image]) -> None:
    found = images.search(owner, parse("dog, !is:favourite"), 10).images

    assert {each.id for each in favourites}.isdisjoint(each.id for each in found)
    assert [each.is_favourite for each in found] == [False]


def test_search_trash_finds_favourites(images: Images, owner: str, favourites: list[Image]) -> None:
    assert [each.id for each in images.search_trash(owner, parse("is:favourite"), 10).images] == [favourites[2].id]
    assert len(images.search_trash(owner, parse("!is:favourite"), 10).images) == 1
    assert len(images.search_trash(owner, Query(), 10).images) == 2


def test_counts_of_favourites_are_no_tags(
    images: Images, owner: str, favourites: list[Image], check_rows: Callable[[], None]
) -> None:
    month = favourites[0].month

    assert images.count_tag(owner, FAVOURITE) == TagTotal(FAVOURITE, 2, 2)
    assert images.count_months(owner, FAVOURITE) == [MonthTotal(month, 2)]
    assert images.count_tags(owner) == [TagTotal("dog", 2, 3)]
    assert images.count_tags(owner, ":") == []
    check_rows()


def test_unmarked_image_is_no_longer_found(
    images: Images, owner: str, favourites: list[Image], check_rows: Callable[[], None]
) -> None:
    for each in favourites[:2]:
        images.save(replace(each, favourite=False), each)

    assert images.search(owner, parse("is:favourite"), 10).images == []
    assert images.count_tag(owner, FAVOURITE) == TagTotal(FAVOURITE, 0, 0)
    assert images.find_image(owner, favourites[0].id) == replace(favourites[0], favourite=False, version=2)
    check_rows()


def test_lists_show_favourites(images: Images, owner: str, favourites: list[Image]) -> None:
    shown = images.list_images(owner, 10).images

    assert {each.id for each in shown if each.is_favourite} == {each.id for each in favourites[:2]}
    assert not any(FAVOURITE in each.tags for each in shown)


@pytest.mark.parametrize("breakage", ["lose_total", "lose_index_row"])
def test_doctor_repairs_rows_of_favourites(
    services: Services, images: Images, owner: str, sqs: object, breaker: Breaker, breakage: str
) -> None:
    marked = images.save(replace(image(owner), favourite=True))
    checks = services.stores.row_checks
    assert _describe(checks, owner) == []
    getattr(breaker, breakage)(0)
    names = ":favourite", "the favourites"

    (fault,) = _describe(checks, owner)
    checks.repair(owner)

    assert any(name in fault for name in names)
    assert _describe(checks, owner) == []
    assert [each.id for each in images.search(owner, parse("is:favourite"), 10).images] == [marked.id]


def _describe(checks: RowChecks, owner: str) -> list[str]:
    checks.list_owners()
    return [each.text for each in checks.compare(owner, lambda _: None).differences]
