"""The idea is visible: tags with their counts on photos, and boxes that follow the tags."""

import re

import pytest
from playwright.sync_api import Locator, expect

from infra.local.scenes import scene
from tests.browser.conftest import DESKTOP, DRAWN, PHONE, Visit, Visitor, all_sizes, wait_until
from tests.browser.touch import hold, lift, move, swipe_up
from tests.support.sampling import sample

STREET = ("street.png", scene(stop_signs=2, clocks=1))
MANY = {f"tag{number}": number for number in range(1, 10)}


def marks(visitor: Visitor, name: str) -> Locator:
    """Return the tags on the tile of a photo."""
    return visitor.page.locator(".tile").filter(has=visitor.tile(name)).locator(".tile-tags > *")


def box_buttons(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("group", name="Boxes").get_by_role("button")


def row(visitor: Visitor, tag: str) -> Locator:
    return visitor.page.locator(".tag-row").filter(has=visitor.page.get_by_role("link", name=tag, exact=True))


def open_street(visitor: Visitor) -> None:
    visitor.upload(STREET)
    tile = visitor.tile("street.png: stop sign 2, clock 1")
    expect(tile).to_be_visible()
    tile.click()


def checks(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("checkbox", checked=True)


@pytest.fixture
def phone(visit: Visit) -> Visitor:
    """A visitor with a phone and 60 photos."""
    visitor = visit(PHONE)
    visitor.start()
    with visitor.page.expect_response(lambda response: "touch-select" in response.url):
        visitor.fill(*(f"{number:02}.jpg" for number in range(60)), dog=1)
    expect(visitor.tile("59.jpg")).to_be_visible()
    visitor.page.evaluate(DRAWN)  # touches select soon after their code is loaded
    return visitor


def centre(tile: Locator) -> tuple[float, float]:
    box = tile.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_boxes_are_shown_first_then_as_the_person_left_them(ada: Visitor) -> None:
    open_street(ada)
    button = ada.page.get_by_role("button", name="Show boxes")
    expect(box_buttons(ada)).to_have_count(3)
    expect(button).to_have_text("Boxes")

    button.click()
    expect(box_buttons(ada)).to_have_count(0)
    ada.page.reload()
    expect(row(ada, "clock")).to_be_visible()
    expect(box_buttons(ada)).to_have_count(0)
    ada.page.keyboard.press("b")
    ada.page.reload()

    expect(box_buttons(ada)).to_have_count(3)


def test_removed_tag_hides_its_boxes_until_it_is_restored(ada: Visitor) -> None:
    open_street(ada)
    expect(row(ada, "stop sign")).to_contain_text("2 boxes")
    expect(row(ada, "stop sign").get_by_role("list", name="Boxes of stop sign").get_by_role("listitem")).to_have_count(
        2
    )

    ada.page.get_by_role("button", name="Remove stop sign").click()
    expect(box_buttons(ada)).to_have_count(1)
    expect(box_buttons(ada)).to_have_accessible_name(re.compile("^clock"))
    ada.page.get_by_role("button", name="Restore stop sign").click()
    expect(box_buttons(ada)).to_have_count(3)
    for _ in range(2):
        ada.page.get_by_role("button", name="Increase count of stop sign").click()

    expect(row(ada, "stop sign")).to_contain_text("2 boxes, 4 set by you")
    expect(box_buttons(ada)).to_have_count(3)


def test_tiles_show_tags_until_the_person_hides_them(ada: Visitor) -> None:
    ada.fill("beach.jpg", person=3, dog=1)
    shown = ada.page.locator(".tile-tags").first
    expect(marks(ada, "beach.jpg")).to_have_text(["person 3", "dog 1"])
    expect(marks(ada, "beach.jpg").first).to_be_visible()
    expect(shown).to_have_css("opacity", "1")

    ada.page.get_by_role("button", name="Show tags").click()
    ada.page.mouse.move(700, 300)
    expect(shown).to_have_css("opacity", "0")
    ada.page.reload()
    expect(ada.page.get_by_role("button", name="Show tags", pressed=False)).to_be_visible()
    expect(shown).to_have_css("opacity", "0")
    ada.go("/?q=dog")
    ada.page.get_by_role("button", name="Show tags").click()

    expect(marks(ada, "beach.jpg").first).to_be_visible()
    expect(shown).to_have_css("opacity", "1")


@all_sizes
def test_tile_shows_tags_in_one_line_and_counts_the_others(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.fill("beach.jpg", "street.jpg", **MANY)
    tags = marks(visitor, "beach.jpg")
    number = 2 if size == PHONE else 3

    expect(tags).to_have_count(number)
    expect(tags.last).to_have_text(f"+{len(MANY) - number + 1}")
    tops = {round(mark.bounding_box()["y"]) for mark in tags.all()}  # type: ignore[index]
    assert max(tops) - min(tops) <= 1
    visitor.check("tags-on-tiles")


def test_phone_shows_no_check_marks_before_a_long_press(phone: Visitor) -> None:
    check = phone.page.get_by_role("checkbox", name="Select 59.jpg")
    for colour in ("background-color", "border-top-color"):
        expect(check).to_have_css(colour, "rgba(0, 0, 0, 0)")
    expect(check.locator(".icon")).to_be_hidden()

    x, y = centre(check)
    phone.page.touchscreen.tap(x, y)

    expect(phone.page.get_by_role("dialog", name="59.jpg")).to_be_visible()


def test_long_press_selects_and_drag_extends(phone: Visitor) -> None:
    touch = phone.page.context.new_cdp_session(phone.page)
    hold(touch, *centre(phone.tile("59.jpg")))
    expect(checks(phone)).to_have_count(1)

    move(touch, *centre(phone.tile("56.jpg")))
    expect(checks(phone)).to_have_count(4)
    move(touch, *centre(phone.tile("58.jpg")))
    expect(checks(phone)).to_have_count(2)
    lift(touch)
    assert phone.page.evaluate("scrollY") == 0
    phone.tile("57.jpg").tap()

    expect(checks(phone)).to_have_count(3)
    expect(phone.page.get_by_role("dialog")).to_have_count(0)
    expect(phone.page.get_by_role("button", name="Try again: 59.jpg")).to_be_visible()  # it has no file
    phone.check("selected-by-touch")


def test_drag_to_the_edge_scrolls_and_selects_what_appears(phone: Visitor) -> None:
    touch = phone.page.context.new_cdp_session(phone.page)
    hold(touch, *centre(phone.tile("59.jpg")))
    expect(checks(phone)).to_have_count(1)

    move(touch, 300, PHONE[1] - 20)
    expect(phone.page.get_by_role("toolbar", name="Selection")).to_contain_text("60 selected")

    lift(touch)
    assert phone.page.evaluate("scrollY") > PHONE[1]


def test_short_touch_that_moves_scrolls_and_selects_nothing(phone: Visitor) -> None:
    touch = phone.page.context.new_cdp_session(phone.page)
    swipe_up(touch, *centre(phone.tile("50.jpg")))

    expect(phone.page.get_by_role("toolbar", name="Selection")).to_have_count(0)
    wait_until(phone.page, lambda: phone.page.evaluate("scrollY") > 0, "the page is scrolled")


@pytest.mark.parametrize("end", sample(["blur", "second finger"], 2))
def test_long_press_that_is_lost_ends(phone: Visitor, end: str) -> None:
    touch = phone.page.context.new_cdp_session(phone.page)
    hold(touch, *centre(phone.tile("59.jpg")))
    expect(checks(phone)).to_have_count(1)

    if end == "blur":
        phone.page.evaluate("dispatchEvent(new Event('blur'))")
    else:
        x, y = centre(phone.tile("59.jpg"))
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": "touchMove", "touchPoints": [{"x": x, "y": y, "id": 0}, {"x": 300, "y": 600, "id": 1}]},
        )
    move(touch, *centre(phone.tile("56.jpg")))
    phone.page.evaluate(DRAWN)

    expect(checks(phone)).to_have_count(1)
    lift(touch)


def test_chips_of_the_search_have_the_same_mark(visit: Visit) -> None:
    visitor = visit(DESKTOP)
    visitor.start()
    visitor.fill("beach.jpg", person=3, dog=1)

    visitor.go("/?q=person>=2, dog")

    expect(visitor.page.get_by_role("group", name="person")).to_contain_text("≥ 2")
    expect(marks(visitor, "beach.jpg").first).to_be_visible()
    visitor.check("search-with-tags")
