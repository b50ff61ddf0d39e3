import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import FloatRect, Locator, Request, Route, expect

from app.adapters.local.files import OBJECTS
from app.adapters.local.objects import FileObjects
from app.domain.ids import Rendition
from app.domain.uploads import Upload
from infra.local.pixtag import PixTag
from infra.local.scenes import scene
from tests.browser.conftest import DRAWN, PASSWORD, PHONE, Visit, Visitor, all_sizes, wait_until
from tests.browser.touch import drag

STREET = ("street.png", scene(stop_signs=2, clocks=1))  # 1200 x 480
SIGN = ("sign.png", scene(stop_signs=1))  # 800 x 480
CLOCK = ("clock.png", scene(clocks=1))
WIDE = ("wide.png", scene(stop_signs=3, clocks=2))  # 2000 x 480, larger than its preview
DAMAGED = ("damaged.png", STREET[1][:100])  # no row can be decoded
LARGE = 200
DESCRIPTIONS = {
    "street.png": "street.png: stop sign 2, clock 1",
    "sign.png": "sign.png: stop sign 1",
    "clock.png": "clock.png: clock 1",
    "wide.png": "wide.png: stop sign 3, clock 2",
    "damaged.png": "damaged.png",
}


def add(visitor: Visitor, *files: tuple[str, bytes]) -> None:
    """Upload files one after the other. The last one is first in the library."""
    for file in files:
        visitor.upload(file)
        expect(visitor.tile(DESCRIPTIONS[file[0]])).to_be_visible()


def open_photo(visitor: Visitor, name: str) -> Locator:
    """Open a photo from its tile. Return the lightbox after its details are loaded."""
    visitor.tile(name).click()
    lightbox = dialog(visitor, name)
    expect(lightbox.get_by_text("Added", exact=True)).to_be_visible()
    return lightbox


def dialog(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("dialog", name=name)


def row(lightbox: Locator, tag: str) -> Locator:
    """Return the row of a tag in the panel."""
    return lightbox.locator(".tag-row").filter(has=lightbox.page.get_by_role("link", name=tag, exact=True))


def count(lightbox: Locator, tag: str) -> Locator:
    return lightbox.get_by_role("group", name=f"Count of {tag}")


def wait_until_saved(lightbox: Locator) -> None:
    """Wait until all edits are saved."""
    expect(lightbox.get_by_role("region", name="Tags", exact=True)).to_have_attribute("aria-busy", "false")


def scale(lightbox: Locator) -> float:
    """Return CSS pixels per pixel of the original, in percent."""
    lightbox.page.evaluate(DRAWN)
    text = lightbox.get_by_role("button", name="fit to screen").inner_text()
    return float(text.removesuffix("%").replace(",", ""))


def edges(lightbox: Locator, selector: str) -> FloatRect:
    """Return the position and size of an element on the screen."""
    lightbox.page.evaluate(DRAWN)
    box = lightbox.locator(selector).bounding_box()
    assert box
    return box


def test_lightbox_opened_from_tile_returns_focus_to_it(ada: Visitor) -> None:
    add(ada, SIGN)

    lightbox = open_photo(ada, "sign.png")

    preview = lightbox.get_by_role("img", name="sign.png: stop sign 1")
    expect(preview).to_be_visible()
    assert preview.evaluate("image => image.naturalWidth") == 800
    expect(lightbox.get_by_label("Photo details")).to_contain_text("800 \N{MULTIPLICATION SIGN} 480")
    expect(lightbox.get_by_label("Photo details")).to_contain_text("PNG")
    lightbox.get_by_role("button", name="Close photo").click()
    expect(ada.tile("sign.png")).to_be_focused()
    assert ada.page.url == f"{ada.instance.url}/"


def test_lightbox_zooms_with_keys_wheel_double_click_and_buttons(ada: Visitor) -> None:
    add(ada, SIGN)
    lightbox = open_photo(ada, "sign.png")
    fit = scale(lightbox)

    ada.page.keyboard.press("+")
    assert scale(lightbox) == pytest.approx(fit * 1.5, abs=1)
    ada.page.keyboard.press("-")
    assert scale(lightbox) == fit
    lightbox.get_by_role("button", name="Zoom in").click()
    assert scale(lightbox) == pytest.approx(fit * 1.5, abs=1)
    ada.page.keyboard.press("0")
    assert scale(lightbox) == fit
    ada.page.mouse.move(300, 300)
    ada.page.mouse.wheel(0, -400)
    expect(lightbox.get_by_role("button", name="fit to screen")).not_to_have_text(f"{fit:.0f}%")
    lightbox.get_by_role("button", name="fit to screen").click()
    assert scale(lightbox) == fit
    ada.page.mouse.dblclick(300, 300)
    assert scale(lightbox) == pytest.approx(fit * 3, abs=1)
    ada.page.mouse.dblclick(300, 300)
    assert scale(lightbox) == fit


def test_lightbox_when_zoomed_pans_by_dragging_and_arrow_keys(ada: Visitor) -> None:
    add(ada, CLOCK, SIGN)
    lightbox = open_photo(ada, "sign.png")
    ada.page.mouse.dblclick(400, 400)
    expect(lightbox.locator(".stage-area.zoomed")).to_have_count(1)
    before = edges(lightbox, ".stage-picture")

    ada.page.mouse.move(500, 500)
    ada.page.mouse.down()
    ada.page.mouse.move(450, 460, steps=4)
    ada.page.mouse.up()
    dragged = edges(lightbox, ".stage-picture")
    ada.page.keyboard.press("ArrowRight")
    ada.page.keyboard.press("ArrowDown")
    moved = edges(lightbox, ".stage-picture")

    assert (dragged["x"] - before["x"], dragged["y"] - before["y"]) == pytest.approx((-50, -40))
    assert (moved["x"] - dragged["x"], moved["y"] - dragged["y"]) == pytest.approx((-80, -80))
    expect(lightbox).to_have_accessible_name("sign.png")


def test_lightbox_when_zoomed_beyond_preview_loads_original(ada: Visitor) -> None:
    add(ada, WIDE)
    requested: list[str] = []
    ada.page.on("request", lambda request: requested.append(request.url))
    lightbox = open_photo(ada, "wide.png")
    assert lightbox.get_by_role("img", name="wide.png").evaluate("image => image.naturalWidth") == 1600
    assert not any("/originals/" in url for url in requested)

    ada.page.keyboard.press("+")
    ada.page.keyboard.press("+")

    original = lightbox.locator(".stage-original:not(.loading)")
    expect(original).to_be_visible()
    assert original.evaluate("image => image.naturalWidth") == 2000


# Presses a key before the browser paints the dialog.
PRESS_AT_ONCE = """
new MutationObserver((_, observer) => {
  if (document.querySelector("dialog.photo:modal")) {
    observer.disconnect();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  }
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["open"] });
"""


def test_lightbox_arrow_keys_and_buttons_show_neighbours(ada: Visitor) -> None:
    add(ada, CLOCK, SIGN, STREET)
    lightbox = open_photo(ada, "street.png")
    expect(lightbox.get_by_role("button", name="Previous")).to_have_count(0)

    ada.page.keyboard.press("ArrowRight")
    dialog(ada, "sign.png").get_by_role("button", name="Next").click()
    expect(dialog(ada, "clock.png").get_by_role("button", name="Next")).to_have_count(0)
    ada.page.keyboard.press("ArrowLeft")
    expect(dialog(ada, "sign.png")).to_be_visible()

    ada.page.keyboard.press("Escape")
    expect(ada.tile("sign.png")).to_be_focused()
    assert ada.page.url == f"{ada.instance.url}/"

    ada.page.evaluate(PRESS_AT_ONCE)
    ada.tile("sign.png").click()
    expect(dialog(ada, "clock.png")).to_be_visible()


def test_lightbox_preloads_neighbours(ada: Visitor) -> None:
    add(ada, CLOCK, SIGN)
    clock = call(ada, "GET", "/images")["images"][1]["id"]
    requested: list[str] = []
    with ada.page.expect_request_finished(lambda request: "/previews/" in request.url and clock in request.url):
        open_photo(ada, "sign.png")
    ada.page.on("request", lambda request: requested.append(request.url))

    ada.page.keyboard.press("ArrowRight")

    expect(dialog(ada, "clock.png").get_by_role("img", name="clock.png")).to_be_visible()
    assert not any("/previews/" in url for url in requested)


def test_lightbox_opened_from_search_shows_neighbours_of_search(ada: Visitor) -> None:
    add(ada, CLOCK, SIGN, STREET)
    ada.go("/?q=clock")
    open_photo(ada, "street.png")

    ada.page.keyboard.press("ArrowRight")
    expect(dialog(ada, "clock.png")).to_be_visible()
    ada.page.keyboard.press("Escape")

    expect(ada.tile("clock.png")).to_be_focused()
    assert ada.page.url == f"{ada.instance.url}/?q=clock"


def test_lightbox_opened_from_link_closes_to_library(ada: Visitor) -> None:
    add(ada, CLOCK, SIGN)
    path = f"/photos/{newest(ada)['id']}"

    ada.go(path)

    expect(dialog(ada, "sign.png").get_by_role("img", name="sign.png")).to_be_visible()
    ada.page.keyboard.press("ArrowRight")
    expect(dialog(ada, "clock.png")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.tile("clock.png")).to_be_focused()
    assert ada.page.url == f"{ada.instance.url}/"


def test_lightbox_of_deleted_photo_shows_notice_and_link_to_library(ada: Visitor) -> None:
    ada.expected = {404}
    ada.go("/photos/01m8ae8bzgbmhes7nnq2s8ngzz")

    expect(ada.page.get_by_role("alert")).to_contain_text("Photo not found")
    expect(ada.page.get_by_role("button", name="Try again")).to_have_count(0)
    ada.check("photo-gone")
    ada.page.get_by_role("link", name="Go to library").click()

    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def test_lightbox_at_end_of_page_loads_next_page(ada: Visitor) -> None:
    images = ada.fill(*(f"{number:03}.jpg" for number in range(LARGE)))
    ada.go(f"/photos/{images[50].id}")
    expect(dialog(ada, "050.jpg")).to_be_visible()
    expect(ada.page.get_by_role("button", name="Previous")).to_be_visible()
    expect(ada.page.get_by_role("button", name="Next")).to_be_visible()

    for number in range(49, 44, -1):
        ada.page.keyboard.press("ArrowRight")
        expect(dialog(ada, f"{number:03}.jpg")).to_be_visible()

    ada.page.keyboard.press("Escape")
    expect(ada.tile("045.jpg")).to_be_focused()


def test_boxes_at_any_zoom_match_detections(ada: Visitor) -> None:
    add(ada, STREET)
    detections = call(ada, "GET", f"/images/{newest(ada)['id']}")["detections"]
    lightbox = open_photo(ada, "street.png")
    boxes = lightbox.get_by_role("group", name="Boxes").get_by_role("button")
    expect(boxes).to_have_count(3)

    for zoom in (1, 2):
        picture, stage = edges(lightbox, ".stage-picture"), edges(lightbox, ".stage-area")
        pixel = picture["width"] / 1200
        for number, detection in enumerate(detections):
            drawn = lightbox.locator(".box-line").nth(number)
            x, y = (float(drawn.get_attribute(name) or "nan") for name in ("x", "y"))
            width, height = (float(drawn.get_attribute(name) or "nan") for name in ("width", "height"))
            box = detection["box"]
            assert x == pytest.approx(picture["x"] + box["x1"] * pixel, abs=0.5), zoom
            assert y == pytest.approx(picture["y"] - stage["y"] + box["y1"] * pixel, abs=0.5), zoom
            assert width == pytest.approx((box["x2"] - box["x1"]) * pixel, abs=0.5), zoom
            assert height == pytest.approx((box["y2"] - box["y1"]) * pixel, abs=0.5), zoom
        ada.page.keyboard.press("+")
    label = f"{detections[0]['label']} {detections[0]['confidence']:.0%}"
    expect(lightbox.locator(".box-label").first).to_have_text(label)
    lightbox.get_by_role("button", name="Show boxes").click()
    expect(boxes).to_have_count(0)


def test_tag_and_box_when_hovered_or_focused_highlight_each_other(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")
    ada.page.keyboard.press("b")
    lit_boxes = lightbox.locator(".box.lit")

    row(lightbox, "stop sign").get_by_role("link", name="stop sign").hover()
    expect(lit_boxes).to_have_count(2)
    row(lightbox, "clock").get_by_role("link", name="clock").focus()
    ada.page.mouse.move(5, 700)
    lightbox.get_by_role("button", name="Increase count of clock").focus()
    expect(lit_boxes).to_have_count(1)
    ada.page.keyboard.press("b")
    box = lightbox.get_by_role("group", name="Boxes").get_by_role("button", name="clock")
    lightbox.get_by_role("button", name="Close photo").focus()
    expect(lit_boxes).to_have_count(0)
    box.hover()

    expect(row(lightbox, "clock")).to_have_class(re.compile("lit"))
    expect(row(lightbox, "stop sign")).not_to_have_class(re.compile("lit"))
    ada.page.mouse.move(5, 700)
    expect(row(lightbox, "clock")).not_to_have_class(re.compile("lit"))
    box.focus()
    expect(row(lightbox, "clock")).to_have_class(re.compile("lit"))
    ada.page.keyboard.press("Enter")
    expect(lightbox.get_by_role("button", name="Change box clock")).to_be_focused()


def test_panel_names_the_model_only_when_asked(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")
    model = lightbox.get_by_text(re.compile(r"Last detected with the model yolov3-tiny-int8@\w+\."))
    expect(lightbox.get_by_text("Your corrections are kept.")).to_be_visible()
    expect(model).not_to_be_visible()

    lightbox.get_by_text("How the tags were found").click()

    expect(model).to_be_visible()


def test_tag_count_change_shows_at_once_and_has_its_own_key(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")
    keys: list[str | None] = []

    def see(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/tags"):
            keys.append(request.headers.get("idempotency-key"))

    ada.page.on("request", see)
    expect(row(lightbox, "stop sign")).to_contain_text("2 boxes")

    for _ in range(3):
        lightbox.get_by_role("button", name="Increase count of stop sign").click()
    lightbox.get_by_role("button", name="Increase count of clock").click()
    lightbox.get_by_role("button", name="Decrease count of clock").click()

    expect(count(lightbox, "stop sign")).to_have_text("5")
    expect(row(lightbox, "stop sign")).to_contain_text("2 boxes, 5 set by you")
    wait_until_saved(lightbox)
    assert {tag["tag"]: tag["count"] for tag in newest(ada)["tags"]} == {"stop sign": 5, "clock": 1}
    assert len(set(keys)) == len(keys) >= 2
    assert None not in keys
    ada.page.keyboard.press("Escape")
    expect(ada.tile("street.png: stop sign 5, clock 1")).to_be_visible()


def test_removed_tag_can_be_restored(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")

    lightbox.get_by_role("button", name="Remove clock").click()
    expect(count(lightbox, "clock")).to_have_count(0)
    expect(lightbox.get_by_role("button", name="Remove stop sign")).to_be_focused()
    ada.page.reload()
    lightbox.get_by_role("button", name="Restore clock").click()

    expect(count(lightbox, "clock")).to_have_text("1")
    expect(lightbox.get_by_role("button", name="Restore clock")).to_have_count(0)


def test_new_tag_is_added_with_suggestions(ada: Visitor) -> None:
    add(ada, CLOCK, SIGN)
    lightbox = open_photo(ada, "sign.png")
    field = lightbox.get_by_role("combobox", name="New tag")

    field.fill("cl")
    expect(lightbox.get_by_role("option", name="clock")).to_be_visible()
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Enter")
    expect(count(lightbox, "clock")).to_have_text("1")
    expect(row(lightbox, "clock")).to_contain_text("set by you")
    field.fill("Guide  Dog")
    ada.page.keyboard.press("Enter")
    expect(count(lightbox, "guide dog")).to_have_text("1")
    field.fill("a|b")
    ada.page.keyboard.press("Enter")

    expect(lightbox.get_by_role("alert")).to_contain_text("can't contain |")
    expect(field).to_have_value("a|b")
    field.press("Escape")
    expect(lightbox).to_be_visible()


def test_rejected_tag_edit_is_undone(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")
    call(ada, "DELETE", f"/images/{newest(ada)['id']}")

    lightbox.get_by_role("button", name="Increase count of clock").click()

    expect(lightbox.get_by_label("Messages")).to_contain_text("clock: ")
    expect(count(lightbox, "clock")).to_have_text("1")


def test_tag_edit_without_response_is_retried_with_same_key(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")
    keys: list[str] = []
    ada.page.on("request", lambda request: keys.append(request.headers.get("idempotency-key", "")))

    with ada.offline(), ada.page.expect_event("requestfailed"):
        lightbox.get_by_role("button", name="Increase count of clock").click()
    wait_until_saved(lightbox)

    assert {tag["tag"]: tag["count"] for tag in newest(ada)["tags"]} == {"stop sign": 2, "clock": 2}
    sent = [key for key in keys if key]
    assert len(sent) > 1
    assert len(set(sent)) == 1


def test_detection_is_relabelled_removed_and_restored(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")

    lightbox.get_by_role("button", name="Change box clock").click()
    lightbox.get_by_role("combobox", name="Label").fill("watch")
    ada.page.keyboard.press("Enter")
    expect(count(lightbox, "watch")).to_have_text("1")
    expect(lightbox.get_by_text("detected as clock")).to_be_visible()
    lightbox.get_by_role("button", name="Remove box stop sign").first.click()
    expect(count(lightbox, "stop sign")).to_have_text("1")
    expect(lightbox.get_by_role("heading", name="Tags", exact=True)).to_be_focused()  # the button is gone
    lightbox.get_by_role("button", name="Restore box stop sign").click()

    expect(count(lightbox, "stop sign")).to_have_text("2")
    expect(lightbox.get_by_role("button", name="Remove box stop sign")).to_have_count(2)


def test_late_response_to_a_removed_box_leaves_the_focus_where_the_person_types(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")
    held: list[Route] = []
    ada.page.route("**/detections/*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    lightbox.get_by_role("button", name="Remove box stop sign").first.click()
    wait_until(ada.page, lambda: held, "the change is sent")
    field = lightbox.get_by_role("combobox", name="New tag")
    field.fill("st")
    expect(lightbox.get_by_role("option")).to_have_count(1)

    with ada.page.expect_response("**/detections/*"):
        held.pop().continue_()

    expect(count(lightbox, "stop sign")).to_have_text("1")
    ada.page.evaluate(DRAWN)
    expect(field).to_be_focused()
    expect(lightbox.get_by_role("option")).to_have_count(1)


def test_detection_change_on_outdated_photo_reloads_it(ada: Visitor) -> None:
    ada.expected = {412}
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")
    edit = {"add": [{"tag": "zebra"}], "images": {"ids": [newest(ada)["id"]]}}
    call(ada, "POST", "/tags", json=edit)

    lightbox.get_by_role("button", name="Remove box clock").click()

    expect(lightbox.get_by_label("Messages")).to_contain_text("changed in another tab or app")
    expect(count(lightbox, "zebra")).to_have_text("1")
    expect(count(lightbox, "clock")).to_have_text("1")
    lightbox.get_by_role("button", name="Remove box clock").click()
    expect(count(lightbox, "clock")).to_have_count(0)


def test_redetection_of_photo_keeps_corrections(ada: Visitor) -> None:
    add(ada, STREET)
    lightbox = open_photo(ada, "street.png")
    lightbox.get_by_role("button", name="Remove clock").click()

    lightbox.get_by_role("button", name="Redetect").click()

    expect(lightbox.get_by_label("Messages")).to_contain_text("Redetected.")
    expect(count(lightbox, "stop sign")).to_have_text("2")
    expect(count(lightbox, "clock")).to_have_count(0)


def test_download_returns_original_bytes(ada: Visitor) -> None:
    add(ada, SIGN)
    lightbox = open_photo(ada, "sign.png")

    with ada.page.expect_download() as download:
        lightbox.get_by_role("link", name="Download original").click()

    assert download.value.suggested_filename == "sign.png"
    assert download.value.path().read_bytes() == SIGN[1]
    expect(lightbox).to_be_visible()


def test_photo_moved_to_trash_is_restored_by_undo(ada: Visitor) -> None:
    add(ada, CLOCK, SIGN)
    lightbox = open_photo(ada, "sign.png")

    lightbox.get_by_role("button", name="Move to trash").click()
    expect(dialog(ada, "clock.png")).to_be_visible()
    ada.page.get_by_label("Messages").get_by_role("button", name="Undo").last.click()
    expect(dialog(ada, "sign.png").get_by_role("img", name="sign.png")).to_be_visible()
    ada.page.keyboard.press("Delete")
    expect(dialog(ada, "clock.png")).to_be_visible()
    ada.page.keyboard.press("Delete")

    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    ada.page.get_by_role("button", name="Undo").last.click()
    expect(ada.tile("clock.png: clock 1")).to_be_visible()


def test_trashed_photo_is_restored_from_lightbox(ada: Visitor) -> None:
    add(ada, SIGN)
    image_id = newest(ada)["id"]
    call(ada, "DELETE", f"/images/{image_id}")
    ada.go(f"/photos/{image_id}")
    lightbox = dialog(ada, "sign.png")
    expect(lightbox).to_contain_text("This photo is in the trash.")

    lightbox.get_by_role("button", name="Restore photo").click()

    expect(count(lightbox, "stop sign")).to_have_text("1")
    ada.page.keyboard.press("Escape")
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()


def test_similar_photos_have_at_least_same_tags(ada: Visitor) -> None:
    add(ada, CLOCK, SIGN, STREET)
    lightbox = open_photo(ada, "sign.png")
    similar = lightbox.get_by_role("region", name="Similar photos")

    expect(similar.get_by_role("img")).to_have_count(1)
    similar.get_by_role("link", name="street.png").click()
    expect(dialog(ada, "street.png")).to_contain_text("No similar photos.")
    ada.page.keyboard.press("ArrowRight")
    similar.get_by_role("link", name="Show all in library").click()

    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    expect(ada.tile("street.png")).to_be_visible()
    expect(ada.tile("clock.png")).to_have_count(0)
    assert ada.page.url.endswith("/?q=stop%20sign")


def test_failed_photo_shows_reason_and_can_be_retried(ada: Visitor) -> None:
    ada.expected = {422}
    add(ada, SIGN)
    ada.upload(DAMAGED)
    ada.page.get_by_role("link", name="damaged.png").click()
    lightbox = dialog(ada, "damaged.png")
    expect(lightbox.get_by_role("alert")).to_contain_text("This photo is damaged or cut off.")

    lightbox.get_by_role("button", name="Try again").click()
    expect(lightbox.get_by_label("Messages")).to_contain_text("damaged or cut off")
    lightbox.get_by_role("button", name="Delete").click()
    ada.page.get_by_role("dialog", name="Delete photo").get_by_role("button", name="Delete").click()

    expect(dialog(ada, "sign.png")).to_be_visible()
    expect(dialog(ada, "sign.png").get_by_label("Messages")).to_contain_text("Deleted.")


def test_damage_is_shown_on_the_photo_while_the_details_are_closed(ada: Visitor) -> None:
    ada.upload(("cut.png", STREET[1][: len(STREET[1]) // 2]))
    ada.tile("cut.png: ").click()
    lightbox = dialog(ada, "cut.png")
    expect(lightbox.get_by_label("Photo details")).to_contain_text("Damaged: ")
    expect(lightbox.get_by_role("status").filter(has_text="Damaged: ")).to_have_count(0)

    ada.page.keyboard.press("i")

    expect(lightbox.get_by_role("status").filter(has_text="Damaged: ")).to_be_visible()


def test_original_of_failed_photo_is_downloaded(ada: Visitor, pixtag: PixTag) -> None:
    name, data = "letter.png", b"<html>not a photo"
    ada.upload((name, data))
    ada.page.get_by_role("main").get_by_role("link", name=name).click()
    lightbox = dialog(ada, name)
    expect(lightbox.get_by_role("alert")).to_contain_text("This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo.")
    owner = ada.accounts.admin.find_owner(ada.email)
    key = Rendition.ORIGINAL.key(owner, ada.page.url.rpartition("/")[2])
    FileObjects(pixtag.data / OBJECTS, ada.accounts.database).claim(key, Upload(data, "image/png", name))
    ada.page.reload()

    with ada.page.expect_download() as download:
        lightbox.get_by_role("link", name="Download original").click()

    assert download.value.suggested_filename == name
    assert download.value.path().read_bytes() == data
    ada.check("lightbox-failed-original")
    ada.page.keyboard.press("Delete")
    question = dialog(ada, "Delete photo")
    expect(question).to_contain_text("letter.png will be deleted permanently.")
    ada.check("lightbox-delete-failed")
    question.get_by_role("button", name="Cancel").click()
    expect(lightbox.get_by_role("button", name="Delete")).to_be_visible()


def test_pending_photo_appears_when_ready(ada: Visitor) -> None:
    name, data = SIGN
    offer = call(ada, "POST", "/uploads", json={"name": name, "type": "image/png", "size": len(data)})
    ada.go(f"/photos/{offer['id']}")
    lightbox = dialog(ada, "sign.png")
    expect(lightbox.get_by_role("status")).to_contain_text("Detecting objects")

    form = offer["form"]
    httpx.post(form["url"], data=form["fields"], files={"file": data}, trust_env=False).raise_for_status()

    expect(lightbox.get_by_role("img", name="sign.png: stop sign 1")).to_be_visible()
    expect(count(lightbox, "stop sign")).to_have_text("1")


def test_lightbox_with_keyboard_only_edits_tags(ada: Visitor) -> None:
    add(ada, CLOCK, STREET)
    press = ada.page.keyboard.press
    ada.tile("street.png").focus()
    press("Enter")
    lightbox = dialog(ada, "street.png")
    expect(lightbox).to_be_focused()
    expect(count(lightbox, "clock")).to_have_text("1")

    press("Tab")
    expect(lightbox.get_by_role("group", name="Boxes").get_by_role("button").first).to_be_focused()
    ada.tab_to(lightbox.get_by_role("button", name="Increase count of clock"))
    press("Enter")
    expect(count(lightbox, "clock")).to_have_text("2")
    ada.tab_to(lightbox.get_by_role("combobox", name="New tag"))
    ada.page.keyboard.type("bi0-+")  # shortcuts are off while the person types
    expect(lightbox.get_by_role("group", name="Boxes").get_by_role("button")).to_have_count(3)
    press("Enter")
    expect(count(lightbox, "bi0-+")).to_have_text("1")
    press("Escape")
    press("?")
    expect(dialog(ada, "Keyboard shortcuts")).to_contain_text("Show boxes")
    press("ArrowRight")
    press("Escape")
    expect(lightbox).to_be_visible()
    press("ArrowRight")
    expect(dialog(ada, "clock.png")).to_be_visible()
    press("Escape")
    expect(ada.tile("clock.png")).to_be_focused()


def test_lightbox_on_phone_supports_swipe_and_pinch(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.start()
    add(visitor, CLOCK, SIGN)
    visitor.page.get_by_label("Uploads").get_by_role("button", name="Close").click()
    visitor.tile("sign.png").tap()
    fingers = visitor.page.context.new_cdp_session(visitor.page)
    lightbox = dialog(visitor, "sign.png")
    expect(lightbox.get_by_role("img", name="sign.png")).to_be_visible()
    expect(lightbox.get_by_label("Photo details")).to_have_count(0)

    drag(fingers, [(300, 400)], [(100, 410)])
    expect(dialog(visitor, "clock.png")).to_be_visible()
    drag(fingers, [(100, 400)], [(300, 410)])
    expect(lightbox).to_be_visible()
    drag(fingers, [(200, 300)], [(210, 500)])
    expect(lightbox).to_have_count(0)
    visitor.tile("sign.png").press("Enter")  # a tap right after a swipe only ends the swipe
    expect(lightbox.get_by_role("img", name="sign.png")).to_be_visible()
    before = edges(lightbox, ".stage-picture")["width"]
    drag(fingers, [(180, 400), (210, 400)], [(120, 400), (270, 400)])
    assert edges(lightbox, ".stage-picture")["width"] == pytest.approx(before * 5, rel=0.05)
    lightbox.get_by_role("button", name="Show details").tap()
    lightbox.get_by_role("button", name="Increase count of stop sign").tap()
    expect(count(lightbox, "stop sign")).to_have_text("2")
    lightbox.get_by_role("button", name="Close details").tap()
    expect(lightbox.get_by_label("Photo details")).to_have_count(0)


@all_sizes
def test_lightbox_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    add(visitor, SIGN, WIDE, STREET)
    visitor.upload(DAMAGED)
    expect(visitor.page.get_by_text("This photo is damaged or cut off.").first).to_be_visible()
    visitor.tile("street.png").click()
    lightbox = dialog(visitor, "street.png")
    expect(lightbox.get_by_role("button", name="Move to trash")).to_be_visible()
    if size == PHONE:
        visitor.check("lightbox-picture")
        visitor.page.keyboard.press("i")
    expect(lightbox.get_by_role("region", name="Similar photos").get_by_role("img")).to_have_count(1)
    visitor.check("lightbox-boxes")
    lightbox.get_by_role("button", name="Remove clock").click()
    lightbox.get_by_role("button", name="Remove box stop sign").first.click()
    expect(lightbox.get_by_text("Removed", exact=True)).to_be_visible()
    lightbox.get_by_role("button", name="Change box").first.click()
    expect(lightbox.get_by_role("combobox", name="Label")).to_be_focused()
    lightbox.get_by_role("combobox", name="New tag").fill("st")
    expect(lightbox.get_by_role("option")).to_have_count(1)
    visitor.check("lightbox-edited")
    lightbox.get_by_role("button", name="Show boxes").focus()
    for _ in range(3):
        visitor.page.keyboard.press("+")
    visitor.check("lightbox-zoomed")
    visitor.page.keyboard.press("0")
    visitor.page.keyboard.press("ArrowLeft")
    expect(dialog(visitor, "damaged.png").get_by_role("alert")).to_be_visible()
    visitor.check("lightbox-failed")


def call(visitor: Visitor, method: str, path: str, **options: Any) -> Any:
    """Call the API as the visitor."""
    token = visitor.accounts.sign_in(visitor.email, PASSWORD).access_token
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=visitor.instance.url, headers=headers, timeout=30, trust_env=False) as client:
        response = client.request(method, path, **options).raise_for_status()
    return response.json() if response.content else None


def newest(visitor: Visitor) -> Any:
    """Return the newest image from the API."""
    return call(visitor, "GET", "/images")["images"][0]
