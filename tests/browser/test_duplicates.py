"""Duplicates: photos that look the same are shown in groups. One of each is kept, and the others move to the trash."""

from dataclasses import replace

import cv2
import numpy as np
from playwright.sync_api import FilePayload, Locator, expect

from app.adapters.local.images import SqliteImages
from infra.local.scenes import scene
from tests.browser.conftest import DESKTOP, Visit, Visitor, all_sizes, wait_until
from tests.browser.test_lightbox import call

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
HASH = "638e9f9bcc08979b0001020304"  # pragma: allowlist secret
GROUP_SIZE = 14  # a list of groups shows 12


def shrink(data: bytes) -> bytes:
    """Return a picture at half size and quality 60."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", half, [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes()


SMALL = ("small.jpg", shrink(STREET[1]))


def upload_copies(visitor: Visitor) -> None:
    """Add a photo, its copy and another photo, and open the duplicates."""
    visitor.upload(SMALL, STREET, SIGN)
    for name in ("small.jpg: ", "street.png: stop sign 2, clock 1", "sign.png: stop sign 1"):
        expect(visitor.tile(name)).to_be_visible()
    visitor.go("/copies")


def fill_group(visitor: Visitor) -> None:
    """Add copies without files, the first one is the best, and open the duplicates."""
    table = SqliteImages(visitor.accounts.database)
    for each in visitor.fill(*(f"copy-{number}.jpg" for number in range(GROUP_SIZE))):
        before = table.get_image(each.owner, each.id)
        table.save(replace(before, picture_hash=HASH), before)
    visitor.go("/copies")


def groups(visitor: Visitor) -> Locator:
    return visitor.page.locator(".duplicates-group")


def names(group: Locator) -> Locator:
    return group.locator(".duplicate-name")


def library(visitor: Visitor) -> set[str]:
    return {image["name"] for image in call(visitor, "GET", "/images")["images"]}


def test_best_photo_is_kept_until_undo(ada: Visitor) -> None:
    upload_copies(ada)
    expect(groups(ada)).to_have_count(1)
    group = ada.page.get_by_role("region", name="street.png: 2 photos")
    expect(names(group)).to_have_text(["street.png", "small.jpg"])
    expect(group).to_contain_text("Best: more pixels")
    expect(group).to_contain_text("1,200 \N{MULTIPLICATION SIGN} 480, PNG")
    expect(group).to_contain_text("600 \N{MULTIPLICATION SIGN} 240, JPEG")
    expect(group.get_by_role("radio", name="Keep street.png")).to_be_checked()

    group.get_by_role("button", name="Keep the best").click()

    expect(ada.page.get_by_text("1 photo moved to the trash.")).to_be_visible()
    expect(ada.page.get_by_role("heading", name="No duplicates")).to_be_visible()
    assert library(ada) == {"street.png", "sign.png"}
    ada.page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(names(group)).to_have_text(["street.png", "small.jpg"])
    assert library(ada) == {"street.png", "small.jpg", "sign.png"}
    ada.page.reload()
    expect(names(group)).to_have_text(["street.png", "small.jpg"])


def test_chosen_photo_is_kept_by_keyboard(ada: Visitor) -> None:
    upload_copies(ada)
    press = ada.page.keyboard.press
    ada.tab_to(ada.page.get_by_role("button", name="Compare: street.png"))
    press("Enter")
    dialog = ada.page.get_by_role("dialog", name="Compare photos")
    expect(dialog.get_by_role("button", name="This one is kept")).to_be_visible()
    expect(dialog.get_by_role("img", name="street.png")).to_be_visible()

    press("Space")
    expect(dialog.get_by_role("status")).to_contain_text("Photo 2 of 2 small.jpg")
    expect(dialog.get_by_role("img", name="small.jpg")).to_be_visible()
    for key in ("Tab", "Enter"):
        press(key)
    expect(dialog.get_by_role("button", name="Zoom out")).to_be_focused()
    view = dialog.get_by_role("group", name="Picture")
    assert view.evaluate("view => view.scrollWidth > 2 * view.clientWidth && view.scrollLeft > 0")
    dialog.get_by_role("button", name="Keep this one").focus()
    for key in ("Enter", "Escape"):
        press(key)
    expect(ada.page.get_by_role("radio", name="Keep small.jpg")).to_be_checked()
    ada.tab_to(ada.page.get_by_role("button", name="Keep the chosen one: small.jpg"))
    press("Enter")

    expect(ada.page.get_by_role("heading", name="No duplicates")).to_be_visible()
    assert library(ada) == {"small.jpg", "sign.png"}


def test_nothing_moves_if_the_photo_to_keep_is_gone(ada: Visitor) -> None:
    upload_copies(ada)
    keep = groups(ada).get_by_role("button", name="Keep the best")
    expect(keep).to_be_visible()
    street = next(each["id"] for each in call(ada, "GET", "/images")["images"] if each["name"] == "street.png")
    call(ada, "POST", "/images/trash", json={"images": {"ids": [street]}})

    keep.click()

    expect(ada.page.get_by_text("Some of these photos have changed.")).to_be_visible()
    expect(ada.page.get_by_role("heading", name="No duplicates")).to_be_visible()
    assert library(ada) == {"small.jpg", "sign.png"}


def test_large_group_is_kept_with_all_loaded_photos(ada: Visitor) -> None:
    fill_group(ada)
    group = groups(ada)
    expect(group.get_by_role("heading")).to_have_text("copy-2.jpg: 12+ photos")

    group.get_by_role("button", name="Show more photos").click()
    expect(group.get_by_role("heading")).to_have_text(f"copy-0.jpg: {GROUP_SIZE} photos")
    ada.page.get_by_role("button", name="Keep the best in all groups shown").click()
    dialog = ada.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{GROUP_SIZE - 1} photos will move to the trash")
    dialog.get_by_role("button", name="Move to trash").click()

    expect(ada.page.get_by_role("heading", name="No duplicates")).to_be_visible()
    wait_until(ada.page, lambda: library(ada) == {"copy-0.jpg"}, "one photo is left")


def test_rest_of_large_group_follows(ada: Visitor) -> None:
    fill_group(ada)

    groups(ada).get_by_role("button", name="Keep the best").click()

    expect(ada.page.get_by_text("11 photos moved to the trash.")).to_be_visible()
    expect(names(groups(ada))).to_have_text(["copy-0.jpg", "copy-1.jpg", "copy-2.jpg"])


def test_find_by_photo_shows_its_copies_first(ada: Visitor) -> None:
    upload_copies(ada)
    ada.go("/find")
    payload: FilePayload = {"name": "like-this.jpg", "mimeType": "image/jpeg", "buffer": SMALL[1]}

    ada.page.get_by_label("Photo to search by").set_input_files(payload)

    same = ada.page.get_by_role("region", name="The same photo")
    expect(same.locator(".near-reason")).to_contain_text(
        ["600 \N{MULTIPLICATION SIGN} 240", "1,200 \N{MULTIPLICATION SIGN} 480"]
    )
    expect(ada.page.get_by_role("link", name="street.png")).to_have_count(1)
    ada.page.get_by_role("link", name="Find duplicates").click()
    expect(groups(ada)).to_have_count(1)


@all_sizes
def test_duplicates_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    upload_copies(visitor)
    expect(groups(visitor)).to_have_count(1)
    visitor.check("duplicates")
    visitor.page.get_by_role("button", name="Compare: street.png").click()
    expect(visitor.page.get_by_role("dialog").get_by_role("img", name="street.png")).to_be_visible()
    visitor.check("duplicates-compare")
    visitor.page.keyboard.press("Escape")
    visitor.page.get_by_role("button", name="Keep the best in all groups shown").click()
    expect(visitor.page.get_by_role("dialog")).to_contain_text("1 photo will move")
    visitor.check("duplicates-all")
    visitor.page.keyboard.press("Escape")
    if size == DESKTOP:
        visitor.page.evaluate("document.documentElement.dir = 'rtl'")
        visitor.page.set_viewport_size({"width": 320, "height": 256})  # a zoom of 400 %
        visitor.check("duplicates-right-to-left")
        visitor.page.get_by_role("button", name="Compare: street.png").click()
        visitor.check("duplicates-compare-right-to-left")
