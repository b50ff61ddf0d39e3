"""Viewing photos: the slideshow, the full screen, and the link of a photo."""

from playwright.sync_api import Locator, expect

from infra.local.scenes import scene
from tests.browser.conftest import DRAWN, PHONE, Visit, Visitor, wait_until

PHOTOS = [(f"{name}.png", scene(stop_signs=count)) for count, name in enumerate(("old", "middle", "new"), start=1)]
SHOWN_MS = 5000
IDLE_MS = 3100
MIN_TOOL = 39.5  # CSS pixels


def open_newest(visitor: Visitor) -> None:
    """Add three photos, and open the newest one. Time passes only in `pass_time`."""
    visitor.page.clock.install()
    for count, (name, data) in enumerate(PHOTOS, start=1):
        visitor.upload((name, data))
        expect(visitor.tile(f"{name}: stop sign {count}")).to_be_visible()
    visitor.tile("new.png").click()
    expect(photo(visitor, "new").get_by_role("button", name="Favourite")).to_be_visible()


def photo(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("dialog", name=f"{name}.png")


def choose(visitor: Visitor, action: str) -> None:
    visitor.page.get_by_role("button", name="More", exact=True).click()
    visitor.page.get_by_role("menuitem", name=action).click()


def pass_time(visitor: Visitor, milliseconds: int) -> None:
    visitor.page.clock.run_for(milliseconds)


def is_full_screen(visitor: Visitor) -> bool:
    return bool(visitor.page.evaluate("document.fullscreenElement !== null"))


def test_slideshow_shows_photos_until_the_last_one_or_for_ever(ada: Visitor) -> None:
    open_newest(ada)
    bar = ada.page.get_by_role("group", name="Slideshow")

    choose(ada, "Slideshow")
    wait_until(ada.page, lambda: is_full_screen(ada), "the slideshow has the full screen")
    expect(ada.page.get_by_label("Photo details")).to_have_count(0)
    ada.screenshot("slideshow")
    pass_time(ada, SHOWN_MS)
    expect(photo(ada, "middle")).to_be_visible()
    expect(bar).to_have_css("opacity", "0")
    ada.page.mouse.move(500, 500)
    expect(bar).to_have_css("opacity", "1")

    ada.page.keyboard.press("Space")
    expect(bar.get_by_role("button", name="Play")).to_be_visible()
    pass_time(ada, 2 * SHOWN_MS)
    expect(photo(ada, "middle")).to_be_visible()
    ada.page.keyboard.press("Space")
    pass_time(ada, SHOWN_MS)
    expect(photo(ada, "old")).to_be_visible()
    pass_time(ada, SHOWN_MS)
    expect(bar.get_by_role("button", name="Play")).to_be_visible()

    bar.get_by_role("button", name="Start again").click()
    bar.get_by_label("Time per photo").select_option("3 seconds")
    bar.get_by_role("button", name="Play").click()
    pass_time(ada, 3000)
    expect(photo(ada, "new")).to_be_visible()
    ada.page.keyboard.press("ArrowRight")
    expect(photo(ada, "middle")).to_be_visible()

    ada.page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    expect(photo(ada, "middle").get_by_label("Photo details")).to_be_visible()
    assert not is_full_screen(ada)
    pass_time(ada, SHOWN_MS)
    ada.page.keyboard.press("s")
    expect(bar.get_by_label("Time per photo")).to_have_value("3")
    ada.page.keyboard.press("s")
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    expect(ada.tile("middle.png")).to_be_focused()


def test_full_screen_on_phone_without_the_fullscreen_api_fills_the_window(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.start()
    visitor.tab.add_init_script("delete Element.prototype.requestFullscreen")
    open_newest(visitor)
    bar = visitor.page.locator(".stage-bar")
    visitor.check("lightbox-toolbar")
    visitor.page.get_by_role("button", name="More", exact=True).tap()
    visitor.check("lightbox-menu")

    visitor.page.get_by_role("menuitem", name="Full screen").tap()

    area = visitor.page.locator(".stage-area").bounding_box()
    assert area
    assert (area["width"], area["height"]) == PHONE
    pass_time(visitor, IDLE_MS)
    expect(bar).to_have_css("opacity", "0")
    visitor.page.touchscreen.tap(20, 20)  # where the button that closes the photo will appear
    expect(bar).to_have_css("opacity", "1")
    visitor.check("full-view")
    visitor.page.get_by_role("button", name="Leave full screen").tap()
    expect(visitor.page.get_by_role("button", name="More", exact=True)).to_be_visible()
    choose(visitor, "Slideshow")
    visitor.check("slideshow")
    visitor.page.get_by_role("button", name="End slideshow").tap()
    expect(photo(visitor, "new").get_by_role("button", name="More", exact=True)).to_be_visible()


def test_link_of_photo_is_copied_without_permission(ada: Visitor) -> None:
    ada.tab.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
    open_newest(ada)
    url = ada.page.url

    ada.page.keyboard.press("c")

    expect(ada.page.get_by_label("Messages")).to_contain_text("Link copied. Only you can open it.")
    ada.page.get_by_role("combobox", name="New tag").focus()
    ada.page.keyboard.press("Control+v")
    expect(ada.page.get_by_role("combobox", name="New tag")).to_have_value(url)


def test_tools_keep_their_size_beside_the_panel_and_on_small_phones(ada: Visitor) -> None:
    ada.fill("street.jpg", dog=1)
    ada.tile("street.jpg").click()
    expect(ada.page.get_by_role("button", name="Move to trash")).to_be_visible()

    for width in (360, 390, 640, 768, 1440):
        ada.page.set_viewport_size({"width": width, "height": 800})
        ada.page.evaluate(DRAWN)
        boxes = [tool.bounding_box() for tool in ada.page.locator(".stage-tool:visible").all()]
        assert all(box and box["width"] >= MIN_TOOL for box in boxes), width
        assert not ada.page.locator(".stage-bar").evaluate("bar => bar.scrollWidth > bar.clientWidth"), width


def test_next_photo_is_on_the_left_where_text_runs_to_the_left(ada: Visitor) -> None:
    ada.fill("old.png", "new.png")
    ada.tile("new.png").click()
    expect(photo(ada, "new")).to_be_visible()
    ada.page.evaluate("document.documentElement.dir = 'rtl'")

    ada.page.keyboard.press("ArrowLeft")

    expect(photo(ada, "old")).to_be_visible()
    tool = ada.page.get_by_role("button", name="Previous").bounding_box()
    assert tool
    assert tool["x"] > ada.page.evaluate("document.querySelector('.stage').getBoundingClientRect().width") / 2
