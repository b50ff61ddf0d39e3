import cv2
import numpy as np
from playwright.sync_api import FilePayload, expect

from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, all_sizes

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
CLOCK = ("clock.png", scene(clocks=1))
MAX_BYTES = 4 * 2**20


def fill(visitor: Visitor) -> None:
    visitor.upload(STREET, SIGN, CLOCK)
    for name in ("street.png: stop sign 2, clock 1", "sign.png: stop sign 1", "clock.png: clock 1"):
        expect(visitor.tile(name)).to_be_visible()
    visitor.page.get_by_label("Uploads").get_by_role("button", name="Close").click()


def show(visitor: Visitor, data: bytes, name: str = "like-this.png") -> None:
    payload: FilePayload = {"name": name, "mimeType": "image/png", "buffer": data}
    visitor.page.get_by_label("Photo to search by").set_input_files(payload)


def test_find_by_photo_shows_matches_and_close_matches_with_reasons(ada: Visitor) -> None:
    fill(ada)
    ada.page.get_by_role("link", name="Find").click()

    show(ada, STREET[1])

    seen = ada.page.get_by_role("list", name="Detected objects")
    expect(seen.get_by_role("listitem")).to_have_text(["stop sign 2", "clock 1"])
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    near = ada.page.get_by_role("region", name="Close matches").get_by_role("link")
    expect(near).to_have_text(["stop sign missing", "stop sign 1 of 2, clock missing"])
    near.last.click()
    expect(ada.page.get_by_role("dialog", name="sign.png")).to_be_visible()
    ada.page.go_back()
    ada.page.get_by_role("link", name="Search for these tags").click()
    expect(ada.page.get_by_label("Search photos")).to_have_value("stop sign>=2, clock")


def test_find_by_dropped_or_pasted_photo_uploads_nothing(ada: Visitor) -> None:
    ada.go("/find")
    for kind, (name, data) in {"drop": SIGN, "paste": CLOCK}.items():
        expect(ada.page.get_by_label("Photo to search by")).to_be_attached()
        ada.page.evaluate(
            """([kind, name, data]) => {
                const files = new DataTransfer();
                files.items.add(new File([new Uint8Array(data)], name, { type: "image/png" }));
                const event = kind === "paste"
                    ? new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true })
                    : new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
                document.body.dispatchEvent(event);
            }""",
            [kind, name, list(data)],
        )
        seen = ada.page.get_by_role("list", name="Detected objects")
        expect(seen).to_contain_text("stop sign" if kind == "drop" else "clock")

    expect(ada.page.get_by_role("heading", name="No matching photos")).to_be_visible()
    expect(ada.page.get_by_role("region", name="Uploads")).to_have_count(0)


def test_find_by_photo_without_objects_shows_notice(ada: Visitor) -> None:
    ada.go("/find")

    show(ada, scene())

    expect(ada.page.get_by_role("heading", name="No objects detected")).to_be_visible()


def test_find_by_large_photo_scales_it_down(ada: Visitor) -> None:
    street = cv2.imdecode(np.frombuffer(STREET[1], np.uint8), cv2.IMREAD_COLOR)
    assert street is not None
    large = cv2.resize(street, None, fx=2, fy=2)
    data = cv2.imencode(".png", large, [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes()
    assert len(data) > MAX_BYTES
    ada.go("/find")

    show(ada, data)

    seen = ada.page.get_by_role("list", name="Detected objects")
    expect(seen.get_by_role("listitem")).to_have_text(["stop sign 2", "clock 1"])


def test_find_by_invalid_file_shows_error_and_accepts_another(ada: Visitor) -> None:
    ada.expected = {422}
    ada.go("/find")

    show(ada, b"no picture at all")

    expect(ada.page.get_by_role("alert")).to_be_visible()
    expect(ada.page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(ada.page.get_by_role("img", name="Search example")).to_have_count(0)
    show(ada, SIGN[1])
    expect(ada.page.get_by_role("list", name="Detected objects")).to_contain_text("stop sign")
    expect(ada.page.get_by_role("alert")).to_have_count(0)


def test_find_by_link_with_keyboard_opens_photo(ada: Visitor) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.page.reload()
    path = ada.tile("sign.png").get_attribute("href")
    link = ada.page.locator(".tile-picture").get_attribute("src") or ""
    press = ada.page.keyboard.press

    for text in (link, link.partition("?")[0], f"{ada.instance.url}{path}"):
        ada.go("/find")
        ada.page.get_by_role("tab", name="By photo").focus()
        press("ArrowRight")
        expect(ada.page.get_by_role("tab", name="By link")).to_be_focused()
        press("Tab")
        ada.page.keyboard.insert_text(text)
        press("Enter")

        expect(ada.page).to_have_url(f"{ada.instance.url}{path}")
        expect(ada.page.get_by_role("dialog", name="sign.png")).to_be_visible()
        ada.page.go_back()
        expect(ada.page.get_by_label("Link", exact=True)).to_have_value(text)


def test_find_by_tags_with_keyboard_starts_search(ada: Visitor) -> None:
    fill(ada)
    ada.go("/find")
    ada.page.get_by_role("tab", name="By photo").focus()
    press = ada.page.keyboard.press

    press("ArrowLeft")

    expect(ada.page).to_have_url(f"{ada.instance.url}/find?by=tags")
    clock = ada.page.get_by_role("checkbox", name="clock 2")
    expect(clock).to_be_visible()
    expect(ada.page.get_by_role("button", name="Find photos")).to_be_disabled()
    for key in ("Tab", "Space", "Tab", "Space", "Enter"):
        press(key)
    expect(ada.page.get_by_label("Search photos")).to_have_value("clock, stop sign")
    expect(ada.tile("street.png")).to_be_visible()
    expect(ada.tile("sign.png")).to_have_count(0)


def test_find_by_tags_in_empty_library_shows_notice(ada: Visitor) -> None:
    ada.go("/find?by=tags")

    expect(ada.page.get_by_text("No tags yet. Upload photos to get some.")).to_be_visible()


def test_find_by_unknown_link_shows_error_and_keeps_link(ada: Visitor) -> None:
    ada.expected = {404}
    ada.go("/find?by=link")
    ada.page.get_by_label("Link", exact=True).fill("https://example.com/cat.jpg")

    ada.page.get_by_role("button", name="Find photo").click()

    expect(ada.page.get_by_role("alert")).to_have_text("There is no such image in your library.")
    expect(ada.page.get_by_label("Link", exact=True)).to_have_value("https://example.com/cat.jpg")


@all_sizes
def test_find_screen_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    fill(visitor)
    visitor.go("/find")
    expect(visitor.page.get_by_role("tab", name="By photo")).to_be_visible()
    visitor.check("find")
    show(visitor, STREET[1])
    expect(visitor.page.get_by_text("stop sign 1 of 2")).to_be_visible()
    visitor.check("find-results")
    visitor.expected = {404}
    visitor.go("/find?by=link")
    visitor.page.get_by_label("Link", exact=True).fill("https://example.com/cat.jpg")
    visitor.page.get_by_role("button", name="Find photo").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.check("find-link")
    visitor.go("/find?by=tags")
    visitor.page.get_by_role("checkbox", name="clock").check()
    visitor.check("find-tags")
