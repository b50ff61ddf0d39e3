"""Tests of albums: from a selection to an album in its own order, in the photo view, and when they change elsewhere."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from app.domain.tags import MAX_TAGS
from infra.local.scenes import scene
from tests.browser.conftest import DESKTOP, DRAWN, PHONE, Visit, Visitor, all_sizes, wait_until
from tests.browser.test_lightbox import call

PHOTOS = ("street.png", "sign.png", "clock.png")
OLDEST_FIRST = list(PHOTOS)


@pytest.fixture
def three(ada: Visitor) -> Visitor:
    """Ada with three photos. street.png is the oldest."""
    fill(ada)
    return ada


def fill(visitor: Visitor) -> None:
    visitor.fill(*PHOTOS, dog=1)
    expect(visitor.tile("clock.png: dog 1")).to_be_visible()
    visitor.page.evaluate(DRAWN)  # the keys work soon after the photos are shown


def make_album(visitor: Visitor, title: str, *names: str) -> str:
    """Create an album with photos and open it. Return its id."""
    album: str = call(visitor, "POST", "/albums", json={"title": title})["id"]
    ids = [image["id"] for image in call(visitor, "GET", "/images")["images"] if image["name"] in names]
    if ids:
        call(visitor, "POST", f"/albums/{album}/add", json={"images": {"ids": ids}})
    visitor.go(f"/collections/{album}")
    expect(heading(visitor, title)).to_be_visible()
    return album


def heading(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("heading", name=title, level=1)


def dialog(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("dialog", name=name)


def toasts(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("Messages")


def tools(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("toolbar", name="Album")


def side(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("list", name="Newest albums")


def select(visitor: Visitor, *names: str) -> None:
    for name in names:
        visitor.tile(name).focus()
        visitor.page.keyboard.press("x")


def close_photo(visitor: Visitor, name: str) -> None:
    visitor.page.keyboard.press("Escape")
    expect(visitor.tile(name)).to_be_focused()


def shown(visitor: Visitor) -> list[str]:
    """Return the names of the photos from their places on the screen."""
    boxes = visitor.page.locator(".tile[data-id]").evaluate_all(
        "tiles => tiles.map(tile => [tile.querySelector('.hidden-text').textContent.split(':')[0],"
        " Math.round(tile.getBoundingClientRect().y), tile.getBoundingClientRect().x])"
    )
    return [name for name, *_ in sorted(boxes, key=lambda box: box[1:])]


def arrange_by_hand(visitor: Visitor) -> None:
    visitor.page.get_by_text("By hand").click()
    expect(visitor.page.get_by_text("To move photos, select them.")).to_be_visible()
    expect(visitor.page.locator(".tile[data-id]")).to_have_count(len(PHOTOS))
    visitor.page.evaluate(DRAWN)  # the keys work soon after the photos are shown


def expect_order(visitor: Visitor, *names: str) -> None:
    wait_until(visitor.page, lambda: shown(visitor) == list(names), f"the order is {names}")


def stored(visitor: Visitor, album: str) -> list[str]:
    images: Any = call(visitor, "GET", f"/albums/{album}/images")["images"]
    return [image["name"] for image in images]


def test_album_from_a_selection_is_renamed_emptied_and_deleted(three: Visitor) -> None:
    three.page.keyboard.press("Control+a")
    three.page.keyboard.press("a")
    adding = dialog(three, "Add to album")
    adding.get_by_label("Find an album, or name a new one").fill("Summer 2019")
    expect(adding.get_by_role("radio", name="New album “Summer 2019”")).to_be_checked()
    expect(adding).to_contain_text("3 photos will be added.")
    three.screenshot("album-new")
    three.page.keyboard.press("Enter")
    expect(toasts(three)).to_contain_text("3 photos added to “Summer 2019”.")
    expect(side(three).get_by_role("link", name="Summer 2019, 3 photos")).to_be_visible()
    toasts(three).get_by_role("button", name="Undo").click()
    expect(side(three)).to_have_count(0)
    assert call(three, "GET", "/albums")["albums"] == []

    three.page.keyboard.press("Control+a")
    three.page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Add to album").click()
    adding.get_by_label("Find an album, or name a new one").fill("Summer 2019")
    adding.get_by_role("button", name="Create album").click()
    side(three).get_by_role("link", name="Summer 2019, 3 photos").click()
    expect(heading(three, "Summer 2019")).to_be_visible()
    expect(three.page).to_have_title("Summer 2019 \N{EN DASH} PixTag")
    expect_order(three, *OLDEST_FIRST)

    three.page.get_by_role("button", name="Rename album").click()
    dialog(three, "Rename album").get_by_label("Title").fill("Autumn")
    three.page.keyboard.press("Enter")
    expect(side(three).get_by_role("link", name="Autumn, 3 photos")).to_have_attribute("aria-current", "true")

    select(three, "sign.png")
    tools(three).get_by_role("button", name="Remove from album").click()
    removing = dialog(three, "Remove from album")
    expect(removing).to_contain_text("1 photo will be removed from the album. It stays in your library.")
    removing.get_by_role("button", name="Remove from album").click()
    expect_order(three, "street.png", "clock.png")
    expect(side(three).get_by_role("link", name="Autumn, 2 photos")).to_be_visible()
    toasts(three).get_by_role("button", name="Undo").last.click()
    expect_order(three, *OLDEST_FIRST)

    three.page.get_by_role("button", name="Delete album").click()
    deleting = dialog(three, "Delete “Autumn”")
    expect(deleting).to_contain_text("Its photos stay in your library.")
    deleting.get_by_role("button", name="Delete album").click()
    expect(three.page.get_by_role("heading", name="No albums yet")).to_be_visible()
    expect(toasts(three)).to_contain_text("Deleted the album “Autumn”.")
    assert len(call(three, "GET", "/images")["images"]) == len(PHOTOS)


def test_photos_are_arranged_by_keyboard_and_mouse_with_undo(three: Visitor) -> None:
    album = make_album(three, "Story", *PHOTOS)
    arrange_by_hand(three)
    expect_order(three, *OLDEST_FIRST)
    select(three, "clock.png")
    three.page.keyboard.press("Alt+ArrowLeft")
    expect_order(three, "street.png", "clock.png", "sign.png")
    expect(three.tile("clock.png")).to_be_focused()
    three.page.keyboard.press("Alt+ArrowLeft")
    moved = ["clock.png", "street.png", "sign.png"]
    expect_order(three, *moved)
    wait_until(three.page, lambda: stored(three, album) == moved, "the order is stored")
    expect(toasts(three)).to_contain_text("1 photo moved.")  # later moves are undone by themselves
    three.screenshot("album-arranged")
    three.tile("clock.png").press("Enter")  # a click would select
    expect(three.page.get_by_role("dialog", name="clock.png")).to_be_visible()
    three.page.keyboard.press("ArrowRight")
    expect(three.page.get_by_role("dialog", name="street.png")).to_be_visible()
    three.page.keyboard.press("Escape")

    expect(three.tile("street.png")).to_be_focused()
    source, target = three.tile("clock.png").bounding_box(), three.tile("sign.png").bounding_box()
    three.page.mouse.move(source["x"] + 50, source["y"] + 50)
    three.page.mouse.down()
    three.page.mouse.move(target["x"] + target["width"] - 20, target["y"] + 50, steps=5)
    expect(three.page.locator(".drop-line")).to_be_visible()
    three.screenshot("album-drag")
    three.page.mouse.up()
    expect_order(three, *OLDEST_FIRST[:2], "clock.png")
    three.page.keyboard.press("Control+z")
    expect_order(three, *moved)
    wait_until(three.page, lambda: stored(three, album) == moved, "the order is stored again")
    three.page.reload()
    expect(three.tile("clock.png")).to_be_visible()
    expect_order(three, *moved)


def test_changes_elsewhere_are_told_and_lose_nothing(three: Visitor) -> None:
    three.expected |= {404, 409, 412}
    album = make_album(three, "Story", *PHOTOS)
    call(three, "POST", "/albums", json={"title": "Taken"})
    three.page.get_by_role("button", name="Rename album").click()
    renaming = dialog(three, "Rename album")
    renaming.get_by_label("Title").fill("TAKEN")
    three.page.keyboard.press("Enter")
    expect(renaming).to_contain_text("You already have an album with this title.")
    three.page.keyboard.press("Escape")

    arrange_by_hand(three)
    ids = {image["name"]: image["id"] for image in call(three, "GET", "/images")["images"]}
    call(three, "PUT", f"/albums/{album}/order", json={"images": [ids["sign.png"], ids["clock.png"]]})
    select(three, "clock.png")
    tools(three).get_by_role("button", name="Move earlier").click()
    expect(toasts(three)).to_contain_text("This album was changed in another tab or app.")
    expect_order(three, "sign.png", "clock.png", "street.png")
    tools(three).get_by_role("button", name="Move earlier").click()
    expect_order(three, "clock.png", "sign.png", "street.png")
    tools(three).get_by_role("button", name="Set as cover").click()
    expect(toasts(three)).to_contain_text("Set the cover.")
    assert call(three, "GET", f"/albums/{album}")["cover"]["id"] == ids["clock.png"]

    three.go(f"/?q=album:{album}")
    expect(three.page.get_by_label("Search terms")).to_contain_text("Story")
    three.page.get_by_role("combobox", name="Search photos").fill("sto")
    three.page.get_by_role("option", name='album:"Story"').click()
    expect(three.page.get_by_label("Search terms")).to_contain_text("Story")
    expect_order(three, *PHOTOS[::-1])
    call(three, "DELETE", f"/albums/{album}")
    three.go(f"/collections/{album}")
    expect(three.page.get_by_role("heading", name="Album not found")).to_be_visible()
    three.page.get_by_role("link", name="Show all albums").click()
    expect(three.page.get_by_role("link", name="Taken, 0 photos").first).to_be_visible()


def test_photo_with_too_many_tags_is_refused_with_a_reason(ada: Visitor) -> None:
    ada.fill("full.png", **{f"tag {number}": 1 for number in range(MAX_TAGS)})
    ada.expected |= {409, 422}
    ada.tab_to(ada.tile("full.png"))
    ada.page.keyboard.press("a")
    adding = dialog(ada, "Add to album")
    adding.get_by_label("Find an album, or name a new one").fill("Summer")
    adding.get_by_role("button", name="Create album").click()

    expect(adding).to_contain_text(f"This image can have at most {MAX_TAGS - 1} tags")
    adding.get_by_role("button", name="Close").last.click()
    wait_until(ada.page, lambda: call(ada, "GET", "/albums")["albums"] == [], "no empty album is left")


def test_phone_adds_an_open_photo_and_takes_it_out_again(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.start()
    fill(visitor)
    make_album(visitor, "Summer")
    expect(visitor.page.get_by_role("heading", name="This album is empty")).to_be_visible()
    visitor.page.get_by_role("link", name="Go to library").tap()
    visitor.tile("sign.png").tap()
    photo = visitor.page.get_by_role("dialog", name="sign.png")
    photo.get_by_role("button", name="Show details").tap()
    section = photo.get_by_role("region", name="Albums")
    expect(section).to_contain_text("This photo is in no album.")
    section.get_by_role("button", name="Add to album").tap()
    dialog(visitor, "Add to album").get_by_text("Summer").tap()
    expect(dialog(visitor, "Add to album")).to_contain_text("1 photo will be added.")
    visitor.screenshot("album-phone-add")
    dialog(visitor, "Add to album").get_by_role("button", name="Add", exact=True).tap()
    expect(section.get_by_role("link", name="Summer")).to_be_visible()
    section.scroll_into_view_if_needed()
    visitor.screenshot("album-phone-panel")
    section.get_by_role("button", name="Remove from “Summer”").tap()
    expect(section).to_contain_text("This photo is in no album.")
    photo.get_by_role("button", name="Undo").last.tap()
    section.get_by_role("link", name="Summer").tap()
    expect(heading(visitor, "Summer")).to_be_visible()
    expect(visitor.tile("sign.png")).to_be_visible()


@all_sizes
def test_albums_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.go("/collections")
    expect(visitor.page.get_by_role("heading", name="No albums yet")).to_be_visible()
    visitor.check("albums-none")
    visitor.go("/")
    pictures = [(f"street-{count}.png", scene(stop_signs=count, clocks=1)) for count in range(4)]
    visitor.upload(*pictures)
    expect(visitor.page.get_by_text("4 photos added")).to_be_visible()
    expect(visitor.page.locator(".tile[data-state=pending]")).to_have_count(0)
    visitor.expected = {404}
    album = make_album(visitor, "Summer 2019", "street-1.png", "street-2.png", "street-3.png")
    for title in (
        "Winter",
        "חופשה בים",
        "A very long title of an album, longer than its card, about a journey by train",
    ):
        call(visitor, "POST", "/albums", json={"title": title})
    visitor.go("/collections")
    expect(visitor.page.get_by_role("list", name="Your albums").get_by_role("link")).to_have_count(4)
    visitor.check("albums")
    visitor.go(f"/collections/{album}")
    expect(visitor.tile("street-1.png")).to_be_visible()
    visitor.check("album-by-date")
    visitor.page.get_by_text("By hand").click()
    expect(visitor.page.get_by_role("radio", name="By hand")).to_be_checked()
    expect(visitor.tile("street-1.png")).to_be_visible()
    visitor.check("album-by-hand")
    select(visitor, "street-1.png")
    expect(tools(visitor)).to_be_visible()
    visitor.check("album-selection")
    visitor.page.keyboard.press("a")
    expect(dialog(visitor, "Add to album").get_by_role("radio")).to_have_count(4)
    dialog(visitor, "Add to album").get_by_text("Summer 2019").click()
    expect(dialog(visitor, "Add to album")).to_contain_text("All of these photos are in this album.")
    visitor.check("album-dialog")
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("Escape")
    visitor.tile("street-1.png").click()
    section = visitor.page.get_by_role("region", name="Albums")
    if size == PHONE:
        visitor.page.get_by_role("button", name="Show details").click()
    expect(section.get_by_role("link", name="Summer 2019")).to_be_visible()
    section.scroll_into_view_if_needed()
    visitor.check("album-photo")
    close_photo(visitor, "street-1.png")
    visitor.page.evaluate("document.documentElement.dir = 'rtl'")
    select(visitor, "street-3.png")
    expect(tools(visitor).get_by_role("button", name="Move earlier")).to_be_visible()  # the album is read again
    visitor.page.keyboard.press("Alt+ArrowRight")  # earlier, because text runs to the left
    expect(toasts(visitor)).to_contain_text("1 photo moved.")
    visitor.check("album-right-to-left")
    if size == DESKTOP:
        visitor.page.set_viewport_size({"width": 320, "height": 400})  # a zoom of 400 %
        visitor.check("album-zoomed")
