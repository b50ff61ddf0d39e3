"""Boxes are confirmed, drawn and changed on the photo, with a pointer, fingers and the keyboard."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from infra.local.scenes import scene
from tests.browser.conftest import DESKTOP, DRAWN, PHONE, Visit, Visitor, all_sizes
from tests.browser.touch import hold, lift, move

STREET = ("street.png", scene(stop_signs=2, clocks=1))  # 1200 x 480


def open_street(visitor: Visitor) -> Locator:
    """Upload a photo, open it, and return the stage."""
    visitor.upload(STREET)
    tile = visitor.tile("street.png: stop sign 2, clock 1")
    expect(tile).to_be_visible()
    tile.focus()
    visitor.page.keyboard.press("Enter")
    expect(boxes(visitor)).to_have_count(3)
    return visitor.page.locator(".stage-picture")


def boxes(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("group", name="Boxes").get_by_role("button")


def handle(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("slider", name=f"{name} edge")


def count(visitor: Visitor, tag: str) -> Locator:
    return visitor.page.get_by_role("group", name=f"Count of {tag}")


def row(visitor: Visitor, tag: str) -> Locator:
    return visitor.page.locator(".tag-row").filter(has=visitor.page.get_by_role("link", name=tag, exact=True))


def edge(visitor: Visitor, name: str) -> float:
    """Return the position of an edge of the draft, in pixels of the photo."""
    return float(handle(visitor, name).get_attribute("aria-valuenow") or "nan")


def frame(picture: Locator) -> Any:
    picture.page.evaluate(DRAWN)
    box = picture.bounding_box()
    assert box
    return box


def drag(visitor: Visitor, start: tuple[float, float], end: tuple[float, float]) -> None:
    visitor.page.mouse.move(*start)
    visitor.page.mouse.down()
    visitor.page.mouse.move(*end, steps=4)
    visitor.page.mouse.up()


def test_box_is_drawn_with_the_mouse_and_counts_follow(ada: Visitor) -> None:
    picture = frame(open_street(ada))
    ada.page.get_by_role("button", name="Draw a missing box").click()
    expect(ada.page.get_by_text("Drag from one corner")).to_be_visible()

    scale = picture["width"] / 1200
    start = picture["x"] + 300 * scale, picture["y"] + 300 * scale
    drag(ada, start, (picture["x"] + 500 * scale, picture["y"] + 450 * scale))
    assert [edge(ada, name) for name in ("Left", "Top", "Right", "Bottom")] == pytest.approx(
        [300, 300, 500, 450], abs=2
    )
    field = ada.page.get_by_role("combobox", name="Label")
    expect(field).to_be_focused()
    field.fill("cl")
    ada.page.get_by_role("option", name="clock").click()

    expect(count(ada, "clock")).to_have_text("2")
    expect(row(ada, "clock")).to_contain_text("drawn by you")
    expect(boxes(ada)).to_have_count(4)
    ada.page.get_by_role("button", name="Remove box clock", exact=True).click()
    expect(count(ada, "clock")).to_have_text("1")
    expect(boxes(ada)).to_have_count(3)


def test_box_is_drawn_and_resized_with_the_keyboard(ada: Visitor) -> None:
    open_street(ada)
    press = ada.page.keyboard.press
    press("d")
    expect(ada.page.get_by_role("button", name="Place in the middle")).to_be_focused()
    press("Enter")
    expect(ada.page.get_by_role("combobox", name="Label")).to_be_focused()
    left, top = edge(ada, "Left"), edge(ada, "Top")

    handle(ada, "Left").focus()
    press("ArrowLeft")
    press("ArrowUp")
    handle(ada, "Top").focus()
    press("ArrowDown")
    press("Shift+ArrowDown")
    step = left - edge(ada, "Left")
    assert step > 1
    assert edge(ada, "Top") - top == pytest.approx(step * 9 / 8, abs=2)
    ada.page.get_by_role("button", name="Move box", exact=True).focus()
    press("ArrowRight")
    assert edge(ada, "Left") == pytest.approx(left, abs=1)
    ada.page.get_by_role("combobox", name="Label").focus()
    ada.page.keyboard.type("lamp")
    press("Enter")

    expect(count(ada, "lamp")).to_have_text("1")
    expect(boxes(ada)).to_have_count(4)


def test_escape_cancels_the_box_and_keeps_the_photo_open(ada: Visitor) -> None:
    open_street(ada)
    ada.page.keyboard.press("d")
    ada.page.get_by_role("button", name="Place in the middle").click()
    expect(handle(ada, "Left")).to_be_visible()

    ada.page.keyboard.press("Escape")
    expect(handle(ada, "Left")).to_have_count(0)
    ada.page.keyboard.press("d")
    expect(ada.page.get_by_text("Drag from one corner")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_text("Drag from one corner")).to_have_count(0)

    expect(ada.page.get_by_role("dialog", name="street.png")).to_be_visible()
    expect(boxes(ada)).to_have_count(3)


def test_box_is_relabelled_and_resized_by_its_handles(ada: Visitor) -> None:
    picture = frame(open_street(ada))
    ada.page.get_by_role("button", name="Change box clock").click()
    expect(ada.page.get_by_role("combobox", name="Label")).to_have_value("clock")
    right = edge(ada, "Right")
    grip = handle(ada, "Right").bounding_box()
    assert grip
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2

    drag(ada, (x, y), (x - 30, y))
    assert edge(ada, "Right") == pytest.approx(right - 30 * 1200 / picture["width"], abs=2)
    ada.page.get_by_role("combobox", name="Label").fill("watch")
    ada.page.get_by_role("button", name="Save box").click()

    expect(count(ada, "watch")).to_have_text("1")
    expect(row(ada, "watch")).to_contain_text("detected as clock, moved by you")


def test_box_is_confirmed_dismissed_and_restored(ada: Visitor) -> None:
    open_street(ada)

    ada.page.get_by_role("button", name="Confirm box clock").click()
    expect(row(ada, "clock")).to_contain_text("confirmed")
    expect(ada.page.get_by_role("button", name="Confirm box clock")).to_have_count(0)
    ada.page.get_by_role("button", name="Remove box clock").click()
    expect(count(ada, "clock")).to_have_count(0)
    ada.page.get_by_role("button", name="Restore box clock").click()

    expect(count(ada, "clock")).to_have_text("1")
    expect(boxes(ada)).to_have_count(3)


def test_finger_draws_and_two_fingers_still_zoom(visit: Visit) -> None:
    phone = visit(PHONE)
    phone.start()
    picture = open_street(phone)
    before = frame(picture)
    phone.page.get_by_role("button", name="More", exact=True).tap()
    phone.page.get_by_role("menuitem", name="Draw a box").tap()
    expect(phone.page.get_by_text("Drag from one corner")).to_be_visible()
    touch = phone.page.context.new_cdp_session(phone.page)

    pinch(touch, 390 / 2, before["y"] + before["height"] / 2)
    assert frame(picture)["width"] > before["width"] * 2
    expect(handle(phone, "Left")).to_have_count(0)
    hold(touch, 100, 300)
    move(touch, 150, 340)
    move(touch, 250, 420)
    lift(touch)
    expect(handle(phone, "Left")).to_be_visible()
    grip = handle(phone, "Right").bounding_box()
    assert grip
    right = edge(phone, "Right")
    hold(touch, grip["x"] + 16, grip["y"] + 16)
    move(touch, grip["x"] + 26, grip["y"] + 16)
    move(touch, grip["x"] + 56, grip["y"] + 16)
    lift(touch)
    assert edge(phone, "Right") > right
    phone.page.get_by_role("combobox", name="Label").fill("pole")
    phone.page.keyboard.press("Enter")  # Chromium ignores a tap within a quarter of a second after a drag

    expect(boxes(phone)).to_have_count(4)


def pinch(touch: Any, x: float, y: float) -> None:
    """Move two fingers apart."""

    def send(kind: str, distance: float) -> None:
        points = [{"x": x - distance, "y": y, "id": 0}, {"x": x + distance, "y": y, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 20)
    for distance in (30, 50, 80):
        send("touchMove", distance)
    lift(touch)


@all_sizes
def test_drawing_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    open_street(visitor)
    visitor.page.keyboard.press("d")
    expect(visitor.page.get_by_role("button", name="Place in the middle")).to_be_visible()
    visitor.check("box-new")
    visitor.page.get_by_role("button", name="Place in the middle").click()
    field = visitor.page.get_by_role("combobox", name="Label")
    field.fill("st")
    expect(visitor.page.get_by_role("option", name="stop sign")).to_be_visible()
    visitor.check("box-label")
    handle(visitor, "Left").focus()
    visitor.check("box-handle")
    if size == DESKTOP:
        visitor.page.keyboard.press("Escape")
        visitor.page.get_by_role("button", name="Confirm box clock").click()
        expect(row(visitor, "clock")).to_contain_text("confirmed")
        visitor.check("box-confirmed")
