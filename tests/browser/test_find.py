import cv2
import numpy as np
from playwright.sync_api import FilePayload, expect

from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, for_everybody

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
CLOCK = ("clock.png", scene(clocks=1))
MOST_BYTES = 4 * 2**20


def fill(visitor: Visitor) -> None:
    visitor.upload(STREET, SIGN, CLOCK)
    for name in ("street.png: stop sign 2, clock 1", "sign.png: stop sign 1", "clock.png: clock 1"):
        expect(visitor.tile(name)).to_be_visible()
    visitor.page.get_by_label("Uploads").get_by_role("button", name="Close").click()


def show(visitor: Visitor, data: bytes, name: str = "like-this.png") -> None:
    payload: FilePayload = {"name": name, "mimeType": "image/png", "buffer": data}
    visitor.page.get_by_label("Picture to show").set_input_files(payload)


def test_a_picture_finds_what_shows_as_much_and_what_comes_near_with_the_reason(ada: Visitor) -> None:
    fill(ada)
    ada.page.get_by_role("link", name="Find").click()

    show(ada, STREET[1])

    seen = ada.page.get_by_role("list", name="Seen on it")
    expect(seen.get_by_role("listitem")).to_have_text(["stop sign 2", "clock 1"])
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    near = ada.page.get_by_role("region", name="These come near").get_by_role("link")
    expect(near).to_have_text(["stop sign missing", "stop sign 1 of 2, clock missing"])
    near.last.click()
    expect(ada.page.get_by_role("dialog", name="sign.png")).to_be_visible()
    ada.page.go_back()
    ada.page.get_by_role("link", name="Search for these tags").click()
    expect(ada.page.get_by_label("Search your photographs")).to_have_value("stop sign>=2, clock")


def test_a_picture_that_is_dropped_or_pasted_there_is_searched_for_and_not_uploaded(ada: Visitor) -> None:
    ada.go("/find")
    for kind, (name, data) in {"drop": SIGN, "paste": CLOCK}.items():
        expect(ada.page.get_by_label("Picture to show")).to_be_attached()
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
        seen = ada.page.get_by_role("list", name="Seen on it")
        expect(seen).to_contain_text("stop sign" if kind == "drop" else "clock")

    expect(ada.page.get_by_role("heading", name="Nothing shows as much")).to_be_visible()
    expect(ada.page.get_by_role("region", name="Uploads")).to_have_count(0)


def test_a_picture_without_any_object_says_so(ada: Visitor) -> None:
    ada.go("/find")

    show(ada, scene())

    expect(ada.page.get_by_role("heading", name="No object was seen on this picture")).to_be_visible()


def test_a_picture_that_is_too_large_is_made_smaller_first(ada: Visitor) -> None:
    street = cv2.imdecode(np.frombuffer(STREET[1], np.uint8), cv2.IMREAD_COLOR)
    assert street is not None
    large = cv2.resize(street, None, fx=2, fy=2)
    data = cv2.imencode(".png", large, [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes()
    assert len(data) > MOST_BYTES
    ada.go("/find")

    show(ada, data)

    seen = ada.page.get_by_role("list", name="Seen on it")
    expect(seen.get_by_role("listitem")).to_have_text(["stop sign 2", "clock 1"])


def test_what_is_no_picture_is_said_and_another_can_be_shown(ada: Visitor) -> None:
    ada.expected = {422}
    ada.go("/find")

    show(ada, b"no picture at all")

    expect(ada.page.get_by_role("alert")).to_be_visible()
    expect(ada.page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(ada.page.get_by_role("img", name="What you show")).to_have_count(0)
    show(ada, SIGN[1])
    expect(ada.page.get_by_role("list", name="Seen on it")).to_contain_text("stop sign")
    expect(ada.page.get_by_role("alert")).to_have_count(0)


def test_a_link_to_a_thumbnail_or_a_page_leads_to_its_photograph_by_keyboard(ada: Visitor) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.page.reload()
    path = ada.tile("sign.png").get_attribute("href")
    link = ada.page.locator(".tile-picture").get_attribute("src") or ""
    press = ada.page.keyboard.press

    for text in (link, link.partition("?")[0], f"{ada.cloud.api_url}{path}"):
        ada.go("/find")
        ada.page.get_by_role("tab", name="By picture").focus()
        press("ArrowRight")
        expect(ada.page.get_by_role("tab", name="By link")).to_be_focused()
        press("Tab")
        ada.page.keyboard.insert_text(text)
        press("Enter")

        expect(ada.page).to_have_url(f"{ada.cloud.api_url}{path}")
        expect(ada.page.get_by_role("dialog", name="sign.png")).to_be_visible()
        ada.page.go_back()
        expect(ada.page.get_by_label("Link", exact=True)).to_have_value(text)


def test_tags_are_chosen_from_a_list_by_keyboard_and_become_a_search(ada: Visitor) -> None:
    fill(ada)
    ada.go("/find")
    ada.page.get_by_role("tab", name="By picture").focus()
    press = ada.page.keyboard.press

    press("ArrowLeft")

    expect(ada.page).to_have_url(f"{ada.cloud.api_url}/find?by=tags")
    clock = ada.page.get_by_role("checkbox", name="clock 2")
    expect(clock).to_be_visible()
    expect(ada.page.get_by_role("button", name="Find the photographs")).to_be_disabled()
    for key in ("Tab", "Space", "Tab", "Space", "Enter"):
        press(key)
    expect(ada.page.get_by_label("Search your photographs")).to_have_value("clock, stop sign")
    expect(ada.tile("street.png")).to_be_visible()
    expect(ada.tile("sign.png")).to_have_count(0)


def test_without_tags_there_are_none_to_choose(ada: Visitor) -> None:
    ada.go("/find?by=tags")

    expect(ada.page.get_by_text("No tags yet: they come with your photographs.")).to_be_visible()


def test_a_link_that_leads_nowhere_is_said_and_stays(ada: Visitor) -> None:
    ada.expected = {404}
    ada.go("/find?by=link")
    ada.page.get_by_label("Link", exact=True).fill("https://example.com/cat.jpg")

    ada.page.get_by_role("button", name="Find the photograph").click()

    expect(ada.page.get_by_role("alert")).to_have_text("There is no such image in your library.")
    expect(ada.page.get_by_label("Link", exact=True)).to_have_value("https://example.com/cat.jpg")


@for_everybody
def test_finding_can_be_done_by_everybody(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.arrive()
    fill(visitor)
    visitor.go("/find")
    expect(visitor.page.get_by_role("tab", name="By picture")).to_be_visible()
    visitor.look("find")
    show(visitor, STREET[1])
    expect(visitor.page.get_by_text("stop sign 1 of 2")).to_be_visible()
    visitor.look("find-results")
    visitor.expected = {404}
    visitor.go("/find?by=link")
    visitor.page.get_by_label("Link", exact=True).fill("https://example.com/cat.jpg")
    visitor.page.get_by_role("button", name="Find the photograph").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.look("find-link")
    visitor.go("/find?by=tags")
    visitor.page.get_by_role("checkbox", name="clock").check()
    visitor.look("find-tags")
