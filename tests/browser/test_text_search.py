from dataclasses import replace

import pytest
from playwright.sync_api import expect

from app.adapters.local import selections
from app.adapters.local.images import SqliteImages
from app.domain.capture_times import load_capture_time
from detector.metadata.values import Metadata
from tests.browser.conftest import Visit, Visitor, all_sizes
from tests.support.fakes import image


def fill(visitor: Visitor) -> None:
    """Add three photos without files."""
    visitor.expected = {404}
    owner = visitor.accounts.admin.find_owner(visitor.email)
    table = SqliteImages(visitor.accounts.database)
    for number, title in enumerate(("Café at the lake", "Mountain", "")):
        picture = replace(image(owner, dog=1), width=400, height=300, taken=load_capture_time(f"2019-07-0{number + 1}"))
        table.save(replace(picture, name=f"IMG_203{number}.jpg", metadata=Metadata(title=title, camera_model="X-T4")))


@pytest.fixture
def library(ada: Visitor) -> Visitor:
    """Ada with three photos."""
    fill(ada)
    return ada


def test_file_name_is_found_with_one_click(library: Visitor) -> None:
    page = library.page
    page.get_by_label("Search photos").fill("img_2031")
    page.keyboard.press("Enter")

    page.get_by_role("button", name='name, title or description contains "img_2031" 1 photo').click()

    expect(page.get_by_label("Search photos")).to_have_value("text:img_2031")
    expect(page.locator(".search-count")).to_have_text("1 photo")
    expect(library.tile("IMG_2031.jpg")).to_be_visible()


def test_chip_of_a_text_is_edited_and_removed(library: Visitor) -> None:
    page = library.page
    library.go("/?q=dog, title:cafe lake, taken:2019")
    expect(page.locator(".search-count")).to_have_text("1 photo")

    page.get_by_role("button", name="Edit title “cafe lake”").click()
    page.keyboard.press("Backspace")
    page.keyboard.type("st")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No matching photos")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Remove title “cafe lake” from the search").click()

    expect(page.get_by_label("Search photos")).to_have_value("dog, taken:2019")
    expect(page.locator(".search-count")).to_have_text("3 photos")


@all_sizes
def test_search_for_text_says_how_far_it_searched(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.expected = {404}
    owner = visitor.accounts.admin.find_owner(visitor.email)
    table = SqliteImages(visitor.accounts.database)
    with visitor.accounts.database.write():
        for number in range(selections.MAX_CANDIDATES + 1):
            year, minute = (2018, 0) if number == 0 else (2019, number)
            taken = load_capture_time(f"{year}-07-01T{minute // 60 % 24:02}:{minute % 60:02}:00")
            name = "last.jpg" if number == 0 else "a.jpg"
            table.save(replace(image(owner), name=name, taken=taken, width=400, height=300))
    visitor.go("/?q=name:last")

    expect(visitor.page.get_by_text("No match yet. Searched back to July 2019.")).to_be_visible()
    visitor.check("text-search")
    visitor.page.get_by_role("button", name="Continue").click()

    expect(visitor.tile("last.jpg")).to_be_visible()
    expect(visitor.page.locator(".search-count")).to_have_text("1 photo")
