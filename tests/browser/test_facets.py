import re
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, expect

from app.adapters.local.images import SqliteImages
from app.domain.capture_times import load_capture_time
from tests.browser.conftest import DESKTOP, Visit, Visitor, all_sizes
from tests.support.fakes import image

PHOTOS = {
    "2018-12-31": {"person": 1},
    "2019-07-28": {"person": 2, "dog": 1},
    "2019-07-29": {"person": 2, "dog": 1, "cat": 1},
    "2019-08-01": {"person": 3, "umbrella": 2},
    "2020-08-01": {"dog": 1},
}


def fill(visitor: Visitor) -> None:
    """Add photos without files."""
    visitor.expected = {404}
    owner = visitor.accounts.admin.find_owner(visitor.email)
    table = SqliteImages(visitor.accounts.database)
    for taken, counts in PHOTOS.items():
        picture = replace(image(owner, counts=counts), taken=load_capture_time(taken), width=400, height=300)
        table.save(replace(picture, name=f"{taken}.jpg"))


def open_search(visitor: Visitor, query: str) -> Locator:
    """Search for a query, and return the bar."""
    visitor.go(f"/?q={query}")
    return visitor.page.get_by_role("complementary", name="Refine the search")


def expect_search(visitor: Visitor, query: str, photos: str) -> None:
    expect(visitor.page.get_by_label("Search photos")).to_have_value(query)
    expect(visitor.page.locator(".search-count")).to_have_text(photos)


@pytest.fixture
def library(ada: Visitor) -> Visitor:
    """Ada with five photos of three years."""
    fill(ada)
    return ada


def test_facets_add_and_exclude_tags(library: Visitor) -> None:
    bar = open_search(library, "person")
    expect(bar.get_by_role("list").first).to_have_text(re.compile("dog 2 photos.*cat 1 photo.*umbrella 1 photo"))

    bar.get_by_role("button", name="dog 2 photos").click()
    expect_search(library, "person, dog", "2 photos")
    bar.get_by_role("button", name="cat 1 photo").click(modifiers=["Alt"])
    expect_search(library, "person, dog, !cat", "1 photo")
    library.page.go_back()
    library.page.go_back()
    expect_search(library, "person", "4 photos")
    library.tab_to(bar.get_by_role("button", name="Exclude dog"))
    library.page.keyboard.press("Enter")
    expect_search(library, "person, !dog", "2 photos")


def test_facets_select_a_count_and_a_year(library: Visitor) -> None:
    bar = open_search(library, "person, taken>=2018")

    bar.get_by_role("button", name="2019 3 photos").click()
    expect_search(library, "person, taken:2019", "3 photos")
    expect(bar.get_by_role("heading", name="Years")).to_have_count(0)
    bar.get_by_role("button", name="2 2 photos").click()
    expect_search(library, "person=2, taken:2019", "2 photos")


def test_suggestions_while_narrowing_count_within_the_result(library: Visitor) -> None:
    bar = open_search(library, "umbrella|cat")
    expect(bar.get_by_role("button", name="person 2 photos")).to_be_visible()
    box = library.page.get_by_label("Search photos")

    box.fill("umbrella|cat, ")

    expect(library.page.get_by_role("option").first).to_contain_text("person 2 of these photos")
    expect(library.page.get_by_role("option", name="dog")).to_contain_text("1 of these photos")
    box.fill("do")
    expect(library.page.get_by_role("option", name="dog")).to_contain_text("3 photos")


@all_sizes
def test_facets_bar_is_accessible_and_stays_closed(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    fill(visitor)
    bar = open_search(visitor, "person")
    toggle = bar.get_by_role("button", name="Refine")
    if size != DESKTOP:
        expect(bar.get_by_role("list")).to_have_count(0)
        toggle.click()
    expect(bar.get_by_role("button", name="2019 3 photos")).to_be_visible()
    visitor.check("facets")

    toggle.click()
    visitor.page.reload()

    expect(toggle).to_have_attribute("aria-expanded", "false")
    visitor.check("facets-closed")
