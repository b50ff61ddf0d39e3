"""The density of the grid: with two fingers, buttons and keys."""

import pytest
from playwright.sync_api import FloatRect, expect

from tests.browser.conftest import DRAWN, PHONE, Visit, Visitor
from tests.browser.touch import drag

NAMES = tuple(f"{number:02}.jpg" for number in range(60))
PHOTO = "40.jpg"


def edges(visitor: Visitor, name: str) -> FloatRect:
    """Return the place of a photo's tile in the window."""
    box = visitor.page.locator(".tile", has=visitor.tile(name)).bounding_box()
    assert box
    return box


def page_zoom(visitor: Visitor) -> float:
    return float(visitor.page.evaluate("visualViewport.scale"))


def test_pinch_on_phone_resizes_photos_around_the_fingers(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.start()
    visitor.fill(*NAMES)
    expect(visitor.tile("59.jpg")).to_be_visible()
    visitor.page.mouse.wheel(0, 1100)
    expect(visitor.tile(PHOTO)).to_be_in_viewport()
    before = edges(visitor, PHOTO)
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] * 0.75
    fingers = visitor.page.context.new_cdp_session(visitor.page)

    drag(fingers, [(x, y - 30), (x, y + 30)], [(x, y - 60), (x, y + 60)])

    visitor.page.evaluate(DRAWN)
    after = edges(visitor, PHOTO)
    assert after["height"] > before["height"] * 1.5
    assert after["y"] + after["height"] * 0.75 == pytest.approx(y, abs=2)
    assert page_zoom(visitor) == 1
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    visitor.page.reload()
    expect(visitor.tile(PHOTO)).to_be_in_viewport()
    assert edges(visitor, PHOTO)["height"] == pytest.approx(after["height"], abs=1)
    drag(fingers, [(200, 300), (200, 600)], [(200, 440), (200, 460)])
    visitor.page.evaluate(DRAWN)
    assert edges(visitor, PHOTO)["height"] < before["height"]


def test_keys_and_buttons_resize_photos(ada: Visitor) -> None:
    ada.fill(*NAMES)
    usual = edges(ada, "59.jpg")["height"]
    ada.tile("59.jpg").focus()

    ada.page.keyboard.press("+")  # one step may fit the same number of photos into a row
    ada.page.keyboard.press("+")
    ada.page.evaluate(DRAWN)
    assert edges(ada, "59.jpg")["height"] > usual
    expect(ada.tile("59.jpg")).to_be_focused()
    ada.page.keyboard.press("-")
    ada.page.keyboard.press("-")
    ada.page.evaluate(DRAWN)
    assert edges(ada, "59.jpg")["height"] == pytest.approx(usual)
    for _ in range(9):
        ada.page.get_by_role("button", name="Smaller photos").click(force=True)

    ada.page.evaluate(DRAWN)
    assert edges(ada, "59.jpg")["height"] < usual
    expect(ada.page.get_by_role("button", name="Smaller photos")).to_have_attribute("aria-disabled", "true")
    ada.screenshot("density-smallest")
