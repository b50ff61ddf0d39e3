"""Tests that the page stays still, and that gestures end however the pointer is lost."""

import re
from collections.abc import Callable
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Locator, Route, expect

from infra.local.pixtag import PixTag
from infra.local.scenes import scene
from tests.browser.conftest import DRAWN, PHONE, Visit, Visitor, pause_worker, wait_until
from tests.support.sampling import sample

MAX_SHIFT = 0.1  # "good" at https://web.dev/articles/cls
ORIENTATION = 0x0112
MANY = 230
MONTHS = [{"month": f"2026-{month:02}", "images": 60} for month in range(11, 6, -1)]
TIMELINE = {"months": MONTHS, "implausible": 0, "exact": True}
COLUMNS = [(1, 0), (3, 2), (0, 1), (2, 2), (1, 1), (3, 0)]
SIGN = ("sign.png", scene(stop_signs=1))  # 800 x 480
CLOCK = ("clock.png", scene(clocks=1))
WATCH_SHIFTS = """() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) {
            shift += value;
        }
    }).observe({ type: "layout-shift" });
}"""


def test_library_while_photos_are_uploaded_and_tagged_does_not_shift(ada: Visitor) -> None:
    ada.upload(("street.png", scene(stop_signs=2, clocks=1)))
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    ada.page.evaluate(WATCH_SHIFTS)

    ada.upload(*((f"{signs}-{clocks}.png", scene(stop_signs=signs, clocks=clocks)) for signs, clocks in COLUMNS))

    expect(ada.page.get_by_label("Uploads")).to_contain_text("6 photos added")
    assert ada.page.evaluate("shift") < MAX_SHIFT


def encode(encoder: str, **options: object) -> bytes:
    picture = Image.open(BytesIO(SIGN[1])).convert("RGB")
    data = BytesIO()
    if encoder == "HEIF":
        pillow_heif.from_pillow(picture).save(data, quality=80)
    else:
        picture.save(data, encoder, **options)
    return data.getvalue()


def test_pending_photo_has_shape_of_its_file(ada: Visitor, pixtag: PixTag) -> None:
    turned = Image.Exif()
    turned[ORIENTATION] = 6  # the camera was turned by 90 degrees
    shapes = {"sign.png": 800 / 480, "turned.jpg": 480 / 800, "sign.heic": 800 / 480}
    with pause_worker(pixtag.data):
        ada.upload(SIGN, ("turned.jpg", encode("JPEG", exif=turned)), ("sign.heic", encode("HEIF")))
        expect(ada.page.locator("[data-state=pending] .tile-picture")).to_have_count(2)  # Chromium can't draw HEIC

        wait_until(
            ada.page,
            lambda: {name: ratio(ada.tile(name)) for name in shapes} == pytest.approx(shapes, rel=0.02),
            f"the tiles have the shapes {shapes}",
        )


def ratio(tile: Locator) -> float:
    box = tile.bounding_box()
    assert box
    return box["width"] / box["height"]


@pytest.mark.parametrize("path", sample(["/", "/?q=dog"], 2))
def test_list_after_reload_shows_same_photos(ada: Visitor, path: str) -> None:
    ada.fill(*(f"{number:03}.jpg" for number in range(MANY)), dog=1)
    ada.go(path)
    scroll_to_end(ada, "000.jpg: dog 1")
    ada.page.evaluate("scrollBy(0, -700)")  # to photos that aren't on the first page
    wait_until_saved(ada)
    shown = ada.page.evaluate(
        "[...document.querySelectorAll('[data-id]')].find((tile) => tile.getBoundingClientRect().top > 300).dataset.id"
    )
    target = ada.page.locator(f"[data-id='{shown}']")
    before = top(target)

    ada.page.reload()

    expect(target).to_be_visible()
    # Pages above and below are still being loaded.
    wait_until(ada.page, lambda: abs(top(target) - before) <= 1, "the photo is where it was before the reload")


def scroll_to_end(visitor: Visitor, last: str) -> None:
    """Scroll until the last photo of the list is loaded."""

    def is_loaded() -> bool:
        visitor.page.keyboard.press("End")
        return bool(visitor.tile(last).count())

    wait_until(visitor.page, is_loaded, f"the list ends with {last}")


def wait_until_saved(visitor: Visitor) -> None:
    """Wait until the scroll position is saved."""
    wait_until(
        visitor.page, lambda: visitor.page.evaluate("history.state?.scroll === scrollY"), "the scroll position is saved"
    )


def top(element: Locator) -> float:
    return float(element.evaluate("(element) => element.getBoundingClientRect().top"))


def test_page_after_reloads_is_scrolled_as_before(visit: Visit) -> None:
    visitor = visit((800, 400))
    visitor.start()
    open_account(visitor)
    visitor.page.keyboard.press("End")
    wait_until(visitor.page, lambda: scroll_position(visitor) > 300, "the page is scrolled to its end")
    wait_until_saved(visitor)
    end = scroll_position(visitor)
    held: list[Route] = []
    visitor.page.route("**/auth/me", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers

    visitor.page.reload()

    # Without the e-mail address, the page is shorter.
    wait_until(visitor.page, lambda: held and 300 < scroll_position(visitor) < end, "the page is being loaded")
    visitor.page.evaluate("new Promise((done) => setTimeout(done, 300))")  # after each scroll, it is saved in 150 ms
    visitor.page.unroute_all(behavior="ignoreErrors")
    visitor.page.reload()
    wait_until(visitor.page, lambda: scroll_position(visitor) == end, "the page is scrolled as before")


def open_account(visitor: Visitor) -> None:
    """Open the account page, and wait until each part has its height."""
    visitor.go("/account")
    expect(visitor.page.get_by_text(visitor.email)).to_be_attached()
    expect(visitor.page.get_by_text("free on the disk of this PixTag")).to_be_attached()


def scroll_position(visitor: Visitor) -> int:
    return int(visitor.page.evaluate("scrollY"))


def test_double_click_opens_one_photo(ada: Visitor) -> None:
    for name, data, tags in ((*CLOCK, "clock 1"), (*SIGN, "stop sign 1")):
        ada.upload((name, data))
        expect(ada.tile(f"{name}: {tags}")).to_be_visible()
    sign = ada.page.get_by_role("dialog", name="sign.png")

    ada.tile("sign.png").dblclick()  # before the code of the photo view is loaded
    expect(sign).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    ada.tile("sign.png").click()
    following = sign.get_by_role("button", name="Next")
    following.hover()
    ada.page.mouse.down(click_count=2)  # where the tile was, there is a button now
    ada.page.mouse.up(click_count=2)
    ada.page.evaluate(DRAWN)
    expect(sign).to_be_visible()

    following.click()
    expect(ada.page.get_by_role("dialog", name="clock.png")).to_be_visible()


def leave_window(visitor: Visitor) -> None:
    visitor.page.evaluate("dispatchEvent(new Event('blur'))")


def release_outside(visitor: Visitor) -> None:
    """Move the mouse without a button, after a release that the browser did not report."""
    visitor.page.evaluate(
        """() => {
            const target = document.querySelector(".scrubber, .stage-area");
            const { x, y } = target.getBoundingClientRect();
            target.dispatchEvent(new PointerEvent("pointermove",
                { pointerType: "mouse", pointerId: 1, buttons: 0, clientX: x + 5, clientY: y + 5, bubbles: true }));
        }"""
    )


def cancel_pointer(visitor: Visitor) -> None:
    visitor.page.evaluate(
        """document.querySelector(".scrubber, .stage-area")
            .dispatchEvent(new PointerEvent("pointercancel", { pointerId: 1, bubbles: true }))"""
    )


LOST = [leave_window, release_outside, cancel_pointer]


@pytest.mark.parametrize("lose", sample(LOST, 3))
def test_scrubber_drag_when_pointer_is_lost_ends_without_jump(ada: Visitor, lose: Callable[[Visitor], None]) -> None:
    ada.page.route(re.compile(r"/timeline(\?|$)"), lambda route: route.fulfill(json=TIMELINE))
    ada.fill(*(f"{number:03}.jpg" for number in range(MANY)), dog=1)
    slider = ada.page.get_by_role("slider", name="Date")
    box = slider.bounding_box()
    assert box
    ada.page.mouse.move(box["x"] + 5, box["y"] + 5)
    ada.page.mouse.down()
    ada.page.mouse.move(box["x"] + 5, box["y"] + box["height"] - 5, steps=3)
    expect(slider).to_have_attribute("data-dragging", "true")

    lose(ada)

    expect(slider).to_have_attribute("data-dragging", "false")
    ada.page.mouse.up()
    ada.page.evaluate(DRAWN)
    assert ada.page.evaluate("scrollY") == 0


@pytest.mark.parametrize("lose", sample(LOST, 3, start=1))
def test_photo_drag_when_pointer_is_lost_ends(ada: Visitor, lose: Callable[[Visitor], None]) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.tile("sign.png").click()
    picture = ada.page.locator(".stage-picture")
    picture.hover()
    for _ in range(3):
        ada.page.keyboard.press("+")
    ada.page.mouse.down()
    ada.page.mouse.move(400, 400, steps=3)

    lose(ada)

    ada.page.evaluate(DRAWN)
    before = picture.bounding_box()
    ada.page.evaluate(
        """document.querySelector(".stage-area").dispatchEvent(new PointerEvent("pointermove",
            { pointerType: "mouse", pointerId: 1, buttons: 1, clientX: 300, clientY: 300, bubbles: true }))"""
    )
    ada.page.evaluate(DRAWN)
    assert picture.bounding_box() == before
    ada.page.mouse.up()


def test_swipe_when_window_is_left_ends(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.start()
    visitor.upload(SIGN)
    expect(visitor.tile("sign.png: stop sign 1")).to_be_visible()
    visitor.tile("sign.png").press("Enter")
    picture = visitor.page.locator(".stage-picture")
    expect(picture).to_be_visible()
    before = picture.bounding_box()
    session = visitor.page.context.new_cdp_session(visitor.page)
    for kind, x in (("touchStart", 300), ("touchMove", 250), ("touchMove", 100)):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": 400, "id": 0}]})
    visitor.page.evaluate(DRAWN)
    assert picture.bounding_box() != before

    leave_window(visitor)

    visitor.page.evaluate(DRAWN)
    assert picture.bounding_box() == before
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_picture_that_cannot_be_fetched_has_name_and_retry(ada: Visitor) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.expected = {503}
    pictures = re.compile("/(thumbnails|large-thumbnails|previews)/")
    waiting: list[Route] = []
    ada.page.route(pictures, lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright needs a function

    ada.page.reload()
    wait_until(ada.page, lambda: waiting, "the picture is requested")
    ada.page.route(pictures, lambda route: route.fulfill(status=503))
    ada.tile("sign.png").hover()
    ada.page.mouse.down()
    for route in waiting:
        route.fulfill(status=503)

    again = ada.page.get_by_role("button", name="Try again: sign.png")
    expect(again).to_be_visible()
    ada.page.mouse.up()
    expect(ada.page.get_by_role("dialog", name="sign.png")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.page.locator(".tile").get_by_text("sign.png", exact=True)).to_be_visible()
    ada.check("picture-failed")
    ada.tile("sign.png").click()
    photo = ada.page.get_by_role("dialog", name="sign.png")
    expect(photo.get_by_role("alert").get_by_role("heading", name="sign.png")).to_be_visible()
    ada.check("photo-failed")
    ada.page.unroute_all()
    photo.get_by_role("button", name="Try again").click()
    expect(photo.get_by_role("img", name="sign.png: stop sign 1")).to_be_visible()
    ada.page.keyboard.press("Escape")
    again.click()

    expect(ada.tile("sign.png").locator("img")).to_have_js_property("complete", value=True)
    expect(again).to_have_count(0)
