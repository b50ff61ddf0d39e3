"""Tests of the layout: wide pages, transitions, one tab stop, and text that runs from right to left."""

import pytest
from playwright.sync_api import Locator, expect

from infra.local.scenes import scene
from tests.browser.conftest import DESKTOP, DRAWN, PHONE, Visit, Visitor, all_sizes, wait_until

SIGN = ("sign.png", scene(stop_signs=1))  # 800 x 480
CLOCK = ("clock.png", scene(clocks=1))
PICTURE = "::view-transition-group(opened-photo)"
IS_ANIMATED = f"document.getAnimations().some(({{ effect }}) => effect.pseudoElement === '{PICTURE}')"


def upload_two(visitor: Visitor) -> None:
    """Add two photos. sign.png is the newer one."""
    for name, data, tags in ((*CLOCK, "clock 1"), (*SIGN, "stop sign 1")):
        visitor.upload((name, data))
        expect(visitor.tile(f"{name}: {tags}")).to_be_visible()
    visitor.page.get_by_label("Uploads").get_by_role("button", name="Close").click()


def left(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box
    return box["x"]


def test_day_has_number_of_photos(ada: Visitor) -> None:
    upload_two(ada)

    expect(ada.page.get_by_role("heading", name="Today")).to_have_text("Today, 2 photos")


def test_small_photo_is_not_enlarged_and_toolbar_has_its_own_bar(visit: Visit) -> None:
    visitor = visit((1900, 1000))
    visitor.start()
    upload_two(visitor)

    visitor.tile("sign.png").click()

    photo = visitor.page.get_by_role("dialog", name="sign.png")
    expect(photo.get_by_role("button", name="100%: fit to screen")).to_be_visible()
    bar, stage = photo.locator(".stage-bar").bounding_box(), photo.locator(".stage-area").bounding_box()
    assert bar
    assert stage
    assert bar["y"] + bar["height"] == pytest.approx(stage["y"], abs=1)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_picture_of_opened_photo_grows_if_person_wants_motion(ada: Visitor, motion: str) -> None:
    upload_two(ada)
    ada.tile("clock.png").click()  # loads the code of the photo view
    expect(ada.page.get_by_role("dialog", name="clock.png")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    ada.page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    ada.page.evaluate(f"void (function look() {{ window.seen ||= {IS_ANIMATED}; requestAnimationFrame(look); }})()")

    if motion == "no-preference":
        wait_until(ada.page, lambda: is_seen_to_grow(ada), "the picture grows")  # not if the photo view appears late
    else:
        assert not is_seen_to_grow(ada)


def is_seen_to_grow(visitor: Visitor) -> bool:
    """Open and close a photo. Return whether its picture has grown."""
    visitor.tile("sign.png").click()
    photo = visitor.page.get_by_role("dialog", name="sign.png")
    expect(photo.get_by_role("img", name="sign.png: stop sign 1")).to_be_visible()
    visitor.page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(() => {})")
    visitor.page.keyboard.press("Escape")
    expect(photo).to_have_count(0)
    return bool(visitor.page.evaluate("window.seen"))


def test_grid_is_one_tab_stop(ada: Visitor) -> None:
    upload_two(ada)
    ada.tab_to(ada.tile("sign.png"))
    ada.page.keyboard.press("ArrowRight")
    expect(ada.tile("clock.png")).to_be_focused()

    ada.page.keyboard.press("Tab")

    assert ada.page.evaluate("document.activeElement.closest('.grid')") is None
    ada.page.keyboard.press("Shift+Tab")
    expect(ada.tile("clock.png")).to_be_focused()


@all_sizes
def test_wide_pages_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    upload_two(visitor)
    visitor.check("library-counts")
    visitor.go("/labels")
    expect(visitor.page.locator(".tag-cover img")).to_have_count(2)
    visitor.check("tag-cards")
    visitor.go("/find")
    payload = {"name": SIGN[0], "mimeType": "image/png", "buffer": SIGN[1]}
    visitor.page.get_by_label("Photo to search by").set_input_files(payload)  # type: ignore[arg-type]
    results = visitor.page.get_by_role("heading", name="Matching photos")
    expect(results).to_be_visible()
    if size == DESKTOP:
        assert left(results) > left(visitor.page.get_by_role("img", name="Search example")) + 200
    visitor.check("find-beside")


@all_sizes
def test_text_from_right_to_left_mirrors_the_layout(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    upload_two(visitor)
    width = size[0]
    visitor.page.evaluate("document.documentElement.dir = 'rtl'")
    visitor.page.evaluate(DRAWN)

    assert left(visitor.tile("sign.png")) > left(visitor.tile("clock.png"))
    assert left(visitor.page.get_by_role("link", name="PixTag home")) > width / 2
    visitor.tile("sign.png").focus()
    visitor.page.keyboard.press("ArrowLeft")
    expect(visitor.tile("clock.png")).to_be_focused()
    if size != PHONE:
        box = visitor.tile("clock.png").bounding_box()
        assert box
        visitor.page.mouse.move(box["x"] - 30, box["y"] + 60)
        visitor.page.mouse.down()
        visitor.page.mouse.move(box["x"] + 60, box["y"] + 80, steps=4)
        visitor.page.mouse.up()
        expect(visitor.page.get_by_role("toolbar", name="Selection")).to_contain_text("1 selected")
        expect(visitor.page.get_by_role("checkbox", name="Select clock.png")).to_be_checked()
        visitor.page.keyboard.press("Escape")
    visitor.check("right-to-left")
    visitor.page.get_by_role("link", name="Your account").click()
    expect(visitor.page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    visitor.check("right-to-left-account")
