"""Tests of favourites: the heart in the photo view, on tiles and in the selection bar, and the search for them."""

from io import BytesIO
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from app.domain.tags import MAX_TAGS
from tests.browser.conftest import DRAWN, PHONE, Visit, Visitor, all_sizes
from tests.support.sampling import sample

PHOTOS = ("street.png", "sign.png", "clock.png")
MANY = 101  # more than one request changes
READABLE = 4.5  # more than the contrast 3 that WCAG requires of icons


@pytest.fixture
def three(ada: Visitor) -> Visitor:
    """Ada with three photos of a dog."""
    ada.fill(*PHOTOS, dog=1)
    expect(ada.tile("clock.png: dog 1")).to_be_visible()
    ada.page.evaluate(DRAWN)  # the keys work soon after the photos are shown
    return ada


def favourites(visitor: Visitor) -> Locator:
    """Return the tiles whose photos are favourites. The heart on the tile and its name agree."""
    return (
        visitor.page.get_by_role("listitem")
        .filter(has=visitor.page.locator(".tile-favourite"))
        .filter(has_text="Favourite")
    )


def heart(visitor: Visitor) -> Locator:
    """Return the heart in the photo view."""
    return visitor.page.get_by_role("dialog").get_by_role("button", name="Favourite", exact=True)


def messages(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("Messages")


def selection_bar(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("toolbar", name="Selection")


def go_to(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()


def test_favourite_of_the_photo_view_is_found_and_many_are_marked_and_undone(three: Visitor) -> None:
    three.tile("sign.png").click()
    expect(heart(three)).to_have_attribute("aria-pressed", "false")
    three.page.keyboard.press("f")
    expect(heart(three)).to_have_attribute("aria-pressed", "true")
    three.screenshot("favourite-photo")
    three.page.keyboard.press("Escape")
    expect(three.tile("sign.png: dog 1. Favourite")).to_be_visible()
    expect(favourites(three)).to_have_count(1)

    go_to(three, "Favourites")
    expect(three.page.get_by_role("link", name="Favourites")).to_have_attribute("aria-current", "page")
    expect(three.page.get_by_role("link", name="Library", exact=True)).not_to_have_attribute("aria-current", "page")
    expect(three.tile("street.png")).to_have_count(0)
    expect(favourites(three)).to_have_count(1)
    expect(three.page.get_by_label("Search terms")).to_contain_text("favourites")

    go_to(three, "Library")
    expect(three.tile("street.png")).to_be_visible()
    three.page.evaluate(DRAWN)
    three.page.keyboard.press("Control+a")
    selection_bar(three).get_by_role("button", name="Add to favourites").click()
    expect(messages(three)).to_contain_text("2 photos added to favourites, 1 unchanged.")
    expect(selection_bar(three)).to_have_count(0)
    expect(favourites(three)).to_have_count(3)
    messages(three).get_by_role("button", name="Undo").click()
    expect(favourites(three)).to_have_count(1)

    three.page.reload()
    expect(favourites(three)).to_have_count(1)
    three.page.get_by_role("combobox", name="Search photos").fill("fav")
    three.page.get_by_role("option", name="is:favourite").click()
    expect(three.tile("street.png")).to_have_count(0)
    assert urlsplit(three.page.url).query == "q=is%3Afavourite"
    expect(favourites(three)).to_contain_text("sign.png")


def test_key_and_heart_change_the_focused_photo_or_the_selection(three: Visitor) -> None:
    three.tab_to(three.tile("clock.png"))
    three.page.keyboard.press("f")
    expect(messages(three)).to_contain_text("1 photo added to favourites.")
    expect(favourites(three)).to_contain_text("clock.png")

    three.tile("sign.png").hover()
    three.page.get_by_role("button", name="Favourite: sign.png").click()
    expect(favourites(three)).to_have_count(2)

    three.tile("clock.png").focus()
    three.page.keyboard.press("x")
    three.page.keyboard.press("ArrowRight")
    expect(three.tile("sign.png")).to_be_focused()
    three.page.keyboard.press("x")
    expect(selection_bar(three).get_by_role("button", name="Remove from favourites")).to_be_visible()
    three.page.keyboard.press("f")
    expect(messages(three)).to_contain_text("2 photos removed from favourites.")
    expect(favourites(three)).to_have_count(0)
    three.page.keyboard.press("Control+z")
    expect(favourites(three)).to_have_count(2)


def test_next_photo_has_the_focus_after_a_favourite_leaves_the_search(three: Visitor) -> None:
    three.page.keyboard.press("Control+a")
    three.page.keyboard.press("f")
    expect(messages(three)).to_contain_text("3 photos added to favourites.")
    go_to(three, "Favourites")
    three.tile("sign.png").focus()

    three.page.keyboard.press("f")

    expect(three.tile("sign.png")).to_have_count(0)
    expect(three.tile("street.png")).to_be_focused()


def test_photo_with_too_many_tags_stays_as_it_is(ada: Visitor) -> None:
    ada.fill("full.png", **{f"tag {number}": 1 for number in range(MAX_TAGS)})
    ada.expected |= {409, 422}
    reason = f"This image can have at most {MAX_TAGS - 1} tags"
    ada.tab_to(ada.tile("full.png"))

    ada.page.keyboard.press("f")
    expect(messages(ada)).to_contain_text(reason)
    expect(favourites(ada)).to_have_count(0)
    messages(ada).get_by_role("button", name="Close").click()
    ada.tile("full.png").click()
    heart(ada).click()

    expect(ada.page.get_by_role("dialog").get_by_label("Messages")).to_contain_text(reason)
    expect(heart(ada)).to_have_attribute("aria-pressed", "false")


def test_large_selection_is_confirmed_first(ada: Visitor) -> None:
    ada.fill(*(f"{number}.png" for number in range(MANY)), dog=1)
    expect(ada.tile(f"{MANY - 1}.png")).to_be_visible()
    ada.page.evaluate(DRAWN)
    ada.page.keyboard.press("Control+a")
    selection_bar(ada).get_by_role("button", name="Select the whole library").click()
    expect(selection_bar(ada)).to_contain_text(f"{MANY} selected")

    ada.page.keyboard.press("f")
    dialog = ada.page.get_by_role("dialog", name="Add to favourites")
    expect(dialog).to_contain_text(f"{MANY} photos will be added to your favourites.")
    dialog.get_by_role("button", name="Add to favourites").click()

    expect(messages(ada)).to_contain_text(f"{MANY} photos added to favourites.")
    expect(favourites(ada).first).to_be_visible()


@all_sizes
def test_favourites_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.go("/")
    is_phone = size == PHONE
    visitor.fill(*PHOTOS, dog=1)
    expect(visitor.tile("clock.png")).to_be_visible()
    visitor.page.get_by_role("link", name="Favourites").click()
    expect(visitor.page.get_by_role("heading", name="No favourites yet")).to_be_visible()
    visitor.check("favourites-none")
    visitor.page.go_back()
    visitor.tile("sign.png").click()
    heart(visitor).click()
    expect(heart(visitor)).to_have_attribute("aria-pressed", "true")
    visitor.check("favourites-photo")
    visitor.page.keyboard.press("Escape")
    expect(favourites(visitor)).to_have_count(1)
    expect(visitor.page.get_by_role("button", name="Favourite: clock.png")).to_have_count(0 if is_phone else 1)
    visitor.check("favourites-library")
    visitor.page.get_by_role("link", name="Favourites").click()
    expect(visitor.page.get_by_label("Search terms")).to_contain_text("favourites")
    visitor.check("favourites-search")


@pytest.mark.parametrize("colour", sample(["white", "black", "gray"], 3))
def test_heart_is_visible_on_every_picture(ada: Visitor, colour: str) -> None:
    picture = BytesIO()
    Image.new("RGB", (600, 400), colour).save(picture, "PNG")
    ada.upload((f"{colour}.png", picture.getvalue()))
    expect(ada.tile(f"{colour}.png: no tags")).to_be_visible()
    ada.tab_to(ada.tile(f"{colour}.png"))
    ada.page.keyboard.press("f")
    expect(favourites(ada)).to_have_count(1)
    expect(messages(ada)).to_contain_text("1 photo added to favourites.")

    for state in ("with the toggle", "without it"):
        shades = read_shades(favourites(ada).locator(".tile-favourite .icon"))
        assert contrast(max(shades), min(shades)) > READABLE, state
        ada.page.mouse.move(0, 0)
        ada.page.evaluate("document.activeElement.blur()")
        ada.page.evaluate(DRAWN)


def read_shades(icon: Locator) -> list[int]:
    """Return the grey values of the pixels of an icon."""
    return list(Image.open(BytesIO(icon.screenshot())).convert("L").tobytes())


def contrast(light: int, dark: int) -> float:
    """Return the contrast of two grey values as WCAG defines it."""

    def luminance(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    return (luminance(light) + 0.05) / (luminance(dark) + 0.05)
