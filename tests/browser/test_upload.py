import io
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Dialog, FilePayload, Locator, Page, Route, expect

from infra.local.pixtag import PixTag
from infra.local.scenes import scene
from tests.browser.conftest import PHONE, Visit, Visitor, all_sizes, pause_worker, wait_until
from tests.support.sampling import sample

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
CLOCK = ("clock.png", scene(clocks=1))
BYTES_PER_SECOND = 2_000
MANY = 150


def uploads(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name="Uploads")


@contextmanager
def slow_connection(visitor: Visitor) -> Iterator[None]:
    """Limit the upload rate to a few kilobytes per second inside the context."""
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": BYTES_PER_SECOND}
    session.send("Network.emulateNetworkConditions", slow)
    yield
    session.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    session.detach()


@contextmanager
def blocked_uploads(visitor: Visitor) -> Iterator[None]:
    """Make POST /uploads fail inside the context."""
    visitor.page.route("**/uploads", lambda route: route.abort())
    yield
    visitor.page.unroute_all()
    visitor.problems[:] = [problem for problem in visitor.problems if "ERR_FAILED" not in problem]


def test_upload_when_ready_shows_tags(ada: Visitor) -> None:
    ada.upload(STREET, SIGN)

    expect(uploads(ada).get_by_role("listitem").filter(has_text="street.png")).to_contain_text("stop sign 2, clock")
    expect(uploads(ada).get_by_role("listitem").filter(has_text="sign.png")).to_contain_text("stop sign")
    expect(uploads(ada)).to_contain_text("2 photos added")
    expect(ada.tile("sign.png: stop sign 1").locator("img")).to_have_attribute("src", re.compile("^http"))


def test_upload_of_undrawable_format_shows_server_preview(ada: Visitor) -> None:
    photo = pillow_heif.from_pillow(Image.open(io.BytesIO(STREET[1])).convert("RGB"))
    data = io.BytesIO()
    photo.save(data, quality=90)

    ada.upload(("street.heic", data.getvalue()))

    tile = ada.tile("street.heic: stop sign 2, clock 1")
    expect(tile).to_be_visible()
    expect(tile.locator("img")).to_have_js_property("complete", value=True)
    ada.go("/find")
    ada.page.get_by_label("Photo to search by").set_input_files(
        {"name": "street.heic", "mimeType": "image/heic", "buffer": data.getvalue()}
    )
    expect(ada.page.get_by_role("list", name="Detected objects")).to_contain_text("stop sign")
    expect(ada.page.get_by_role("img", name="Search example")).to_have_count(0)


def test_upload_of_known_file_sends_nothing(ada: Visitor) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    sent: list[str] = []
    ada.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    ada.upload(("again.png", SIGN[1]))

    expect(uploads(ada).get_by_role("listitem").filter(has_text="again.png")).to_contain_text("Duplicate")
    expect(uploads(ada).get_by_role("status")).to_have_text(["1 duplicate", "1 photo added"])
    assert sent == [f"{ada.instance.url}/uploads"]


def test_batches_have_headlines_and_failed_files_can_be_retried_downloaded_and_dismissed(
    ada: Visitor, pixtag: PixTag
) -> None:
    headlines = uploads(ada).get_by_role("status")
    letter = b"<html>not a photo"
    with pause_worker(pixtag.data):
        ada.upload(SIGN)
        expect(headlines).to_have_text(["Finding tags in 1 photo"])
    expect(headlines).to_have_text(["1 photo added"])
    ada.upload(("letter.png", letter), CLOCK, ("notes.txt", b"x"))
    expect(headlines).to_have_text(["1 photo added, 2 failed", "1 photo added"])
    expect(uploads(ada).get_by_role("listitem")).to_have_count(3)  # the files of the last batch
    ada.screenshot("upload-batches")

    with ada.page.expect_response("**/redetect"):
        uploads(ada).get_by_role("button", name="Try again: letter.png").click()
    expect(headlines.first).to_have_text("1 photo added, 2 failed")
    with ada.page.expect_download() as download:
        uploads(ada).get_by_role("button", name="Download letter.png").click()
    assert (download.value.suggested_filename, Path(download.value.path()).read_bytes()) == ("letter.png", letter)
    uploads(ada).get_by_role("button", name="Dismiss notes.txt").click()
    expect(headlines.first).to_have_text("1 photo added, 1 failed")
    uploads(ada).get_by_role("button", name="Dismiss letter.png").click()
    expect(headlines).to_have_text(["1 photo added", "1 photo added"])
    uploads(ada).get_by_role("button", name="Close").click()

    expect(uploads(ada)).to_have_count(0)
    ada.page.reload()
    expect(ada.page.get_by_role("link", name="letter.png")).to_be_visible()  # the library keeps the failed photo


def test_upload_of_same_file_twice_adds_one_photo(ada: Visitor) -> None:
    ada.upload(SIGN, ("twin.png", SIGN[1]))

    expect(uploads(ada)).to_contain_text("1 photo added, 1 duplicate")
    expect(ada.page.locator(".tile")).to_have_count(1)


def test_upload_of_folder_skips_other_files(ada: Visitor, tmp_path: Path) -> None:
    holiday = tmp_path / "holiday"
    (holiday / "day 2").mkdir(parents=True)
    (holiday / STREET[0]).write_bytes(STREET[1])
    (holiday / "day 2" / SIGN[0]).write_bytes(SIGN[1])
    (holiday / "notes.txt").write_text("It rained.")
    ada.page.get_by_role("button", name="More ways to upload").click()

    with ada.page.expect_file_chooser() as chooser:
        ada.page.get_by_role("banner").get_by_role("button", name="Choose folder").click()
    chooser.value.set_files(holiday)

    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(uploads(ada).get_by_role("listitem")).to_have_count(2)


def test_upload_by_drop_or_paste_adds_photos(ada: Visitor) -> None:
    for kind, (name, data) in {"drop": SIGN, "paste": CLOCK}.items():
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

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.tile("clock.png: clock 1")).to_be_visible()


def drag(page: Page, session: CDPSession, data: dict[str, Any]) -> None:
    """Drag files over the page."""
    for kind, x in (("dragEnter", 600), ("dragOver", 600), ("dragOver", 610)):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": 400, "data": data})
    expect(page.get_by_text("Drop to upload")).to_be_visible()


def drop(page: Page, session: CDPSession, data: dict[str, Any]) -> None:
    """Drop the dragged files. Chromium ignores a drop before the page has answered the drag. Then it is repeated."""
    page.evaluate("void addEventListener('drop', () => { window.isDropped = true; }, { capture: true })")

    def is_dropped() -> bool:
        if page.evaluate("window.isDropped === true"):
            return True
        drag(page, session, data)
        session.send("Input.dispatchDragEvent", {"type": "drop", "x": 610, "y": 400, "data": data})
        return bool(
            page.evaluate(
                "new Promise((done) => { let n = 30; (function next() {"
                " n-- && !window.isDropped ? requestAnimationFrame(next) : done(window.isDropped) })() })"
            )
        )

    wait_until(page, is_dropped, "the files are dropped")


def test_upload_of_dropped_folder_includes_all_subfolders(ada: Visitor, tmp_path: Path) -> None:
    inner = tmp_path / "holiday" / "day 2"
    inner.mkdir(parents=True)
    (inner.parent / "first.png").write_bytes(SIGN[1])
    for number in range(MANY):
        (inner / f"{number}.png").write_bytes(SIGN[1] + bytes([number]))
    session = ada.page.context.new_cdp_session(ada.page)
    data = {"items": [], "files": [str(inner.parent)], "dragOperationsMask": 1}
    with slow_connection(ada):
        drag(ada.page, session, data)
        ada.screenshot("upload-drop")
        drop(ada.page, session, data)

        expect(uploads(ada)).to_contain_text(re.compile(rf"Uploading \d+ of {MANY + 1}"))
        expect(uploads(ada)).to_contain_text(f"and {MANY + 1 - 60} more")
        uploads(ada).get_by_role("button", name="Cancel all").click()
        expect(uploads(ada)).to_have_count(0)


def test_upload_cancelled_alone_or_with_all_leaves_nothing(ada: Visitor) -> None:
    ada.expected = {404}  # the image may be gone when the page deletes it
    with slow_connection(ada):
        ada.upload(STREET, SIGN, CLOCK)
        expect(uploads(ada)).to_contain_text("Uploading 1 of 3")
        expect(uploads(ada)).to_contain_text(re.compile(r"kB/s, \d+ (s|min) left"))
        ada.screenshot("upload-sending")
        uploads(ada).get_by_role("button", name="Cancel street.png").click()
        expect(uploads(ada)).to_contain_text("Uploading 1 of 2")

        uploads(ada).get_by_role("button", name="Cancel all").click()

        expect(uploads(ada)).to_have_count(0)
    ada.page.reload()
    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    expect(uploads(ada)).to_have_count(0)


def test_upload_while_offline_waits_for_connection(ada: Visitor) -> None:
    with ada.offline():
        ada.upload(SIGN)
        expect(uploads(ada)).to_contain_text("You're offline. Uploads continue when you're back online.")
        ada.screenshot("upload-offline")

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(uploads(ada)).to_contain_text("1 photo added")


def test_upload_while_computer_is_offline_reaches_pixtag_on_it(ada: Visitor) -> None:
    ada.page.evaluate("Object.defineProperty(navigator, 'onLine', { value: false })")
    ada.page.evaluate("dispatchEvent(new Event('offline'))")

    ada.upload(SIGN)

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()


def test_upload_after_lost_connection_is_retried(ada: Visitor) -> None:
    with ExitStack() as offline, blocked_uploads(ada):
        ada.upload(SIGN, CLOCK)
        expect(uploads(ada)).to_contain_text("0 photos added, 2 failed")
        offline.enter_context(ada.offline())

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.tile("clock.png: clock 1")).to_be_visible()


def test_failed_upload_is_retried_alone_or_with_all(ada: Visitor) -> None:
    with blocked_uploads(ada):
        ada.upload(SIGN, CLOCK)
        expect(uploads(ada)).to_contain_text("0 photos added, 2 failed")
        expect(uploads(ada).get_by_text("Can't reach PixTag.")).to_have_count(2)
        ada.screenshot("upload-failed")

    uploads(ada).get_by_role("button", name="Try again: sign.png").click()
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    uploads(ada).get_by_role("button", name="Try again", exact=True).first.click()

    expect(ada.tile("clock.png: clock 1")).to_be_visible()
    expect(uploads(ada)).to_contain_text("2 photos added")


REFUSALS = [
    (400, "The file didn't arrive completely."),
    (403, "The upload took too long to start."),
    (507, "The disk of this PixTag is full, so the file wasn't stored."),
]


@pytest.mark.parametrize(("status", "reason"), sample(REFUSALS, 3, start=1))
def test_refused_upload_shows_reason_and_can_be_retried(ada: Visitor, status: int, reason: str) -> None:
    ada.expected = {status}
    ada.page.route("**/objects", lambda route: route.fulfill(status=status, json={"detail": "For programs."}))
    ada.upload(SIGN)
    expect(uploads(ada)).to_contain_text("0 photos added, 1 failed")
    expect(uploads(ada)).to_contain_text(reason)
    expect(ada.page.locator(".tile")).to_have_count(0)
    ada.check(f"upload-refused-{status}")

    ada.page.unroute_all()
    uploads(ada).get_by_role("button", name="Try again: sign.png").click()

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(uploads(ada)).to_contain_text("1 photo added")
    expect(ada.page.locator(".tile")).to_have_count(1)


def test_upload_that_is_too_large_for_server_cannot_be_retried(ada: Visitor) -> None:
    ada.expected = {413}
    ada.page.route("**/objects", lambda route: route.fulfill(status=413, body="<html>"))

    ada.upload(SIGN)

    expect(uploads(ada)).to_contain_text("The file is too large. Choose a smaller file.")
    expect(uploads(ada).get_by_role("button", name="Try again")).to_have_count(0)


def test_upload_while_service_is_unavailable_continues_by_itself(ada: Visitor) -> None:
    ada.expected = {503}
    answers = iter([503, 503])

    def refuse_twice(route: Route) -> None:
        if status := next(answers, None):
            route.fulfill(status=status, headers={"Retry-After": "1"})
        else:
            route.continue_()

    ada.page.route("**/objects", refuse_twice)
    ada.upload(SIGN)
    expect(uploads(ada)).to_contain_text("PixTag is busy. The upload continues in 1 s.")

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(uploads(ada)).to_contain_text("1 photo added")


def test_upload_interrupted_by_reload_is_offered_again(ada: Visitor) -> None:
    warned: list[str] = []

    def accept(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    ada.page.on("dialog", accept)
    ada.page.get_by_role("button", name="More ways to upload").click()  # browsers warn only after an interaction
    ada.page.keyboard.press("Escape")
    with slow_connection(ada):
        ada.upload(STREET, SIGN)
        expect(uploads(ada).get_by_text(re.compile(r"([1-9]|\d\d)%"))).to_have_count(2)
        wait_until_saved(ada, 2)

        ada.page.reload()

        expect(uploads(ada)).to_contain_text("2 files weren't uploaded.")
        assert warned == ["beforeunload"]
        ada.screenshot("upload-left-behind")
    uploads(ada).get_by_role("button", name="Upload now").click()

    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.page.locator(".tile")).to_have_count(2)
    ada.page.reload()
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(uploads(ada)).to_have_count(0)


def test_upload_with_lost_response_leaves_no_pending_image(ada: Visitor) -> None:
    offered: list[int] = []

    def drop_response(route: Route) -> None:
        offered.append(route.fetch().status)

    ada.page.route("**/uploads", drop_response)
    ada.upload(SIGN)
    expect(uploads(ada)).to_contain_text("Uploading 1 of 1")
    expect(ada.page.get_by_text("sign.png")).to_be_visible()
    wait_until(ada.page, lambda: offered, "the upload is offered")
    wait_until_saved(ada, 1)

    ada.page.reload()

    expect(uploads(ada)).to_contain_text("sign.png wasn't uploaded.")
    ada.page.unroute_all()
    uploads(ada).get_by_role("button", name="Upload now").click()
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.page.locator(".tile")).to_have_count(1)


def test_retry_after_lost_response_adds_one_photo(ada: Visitor) -> None:
    def drop_response(route: Route) -> None:
        route.fetch()
        route.abort()

    ada.page.route("**/uploads", drop_response)
    ada.upload(SIGN)
    expect(uploads(ada)).to_contain_text("0 photos added, 1 failed")
    ada.page.unroute_all()

    uploads(ada).get_by_role("button", name="Try again: sign.png").click()

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(uploads(ada)).to_contain_text("1 photo added")
    ada.page.reload()
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.page.locator(".tile")).to_have_count(1)
    ada.problems[:] = [problem for problem in ada.problems if "ERR_FAILED" not in problem]


def test_interrupted_upload_when_dismissed_is_forgotten(ada: Visitor) -> None:
    with left_behind(ada):
        uploads(ada).get_by_role("button", name="Dismiss").click()
        expect(uploads(ada)).to_have_count(0)
        ada.page.reload()

        expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
        expect(uploads(ada)).to_have_count(0)


def test_interrupted_upload_after_sign_out_is_forgotten(ada: Visitor) -> None:
    with left_behind(ada):
        ada.page.get_by_role("link", name="Your account").click()
        ada.page.get_by_role("button", name="Sign out", exact=True).click()
        expect(ada.page.get_by_role("button", name="Sign in")).to_be_visible()
        ada.sign_in()
        expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
        ada.page.reload()

        expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
        expect(uploads(ada)).to_have_count(0)


def test_sign_out_during_upload_cancels_it(ada: Visitor) -> None:
    with slow_connection(ada):
        ada.upload(STREET)
        expect(uploads(ada).get_by_text(re.compile(r"[1-9]%"))).to_be_visible()
        ada.page.get_by_role("link", name="Your account").click()
        ada.page.get_by_role("button", name="Sign out", exact=True).click()
        expect(ada.page.get_by_role("button", name="Sign in")).to_be_visible()
    ada.sign_in()

    expect(ada.page.locator(".tile, .notice")).not_to_have_count(0)
    expect(uploads(ada)).to_have_count(0)


def test_interrupted_upload_without_saved_file_is_chosen_again(ada: Visitor) -> None:
    ada.page.evaluate(
        """([name, size]) => new Promise((resolve) => {
            const asked = indexedDB.open("pixtag", 1);
            asked.onupgradeneeded = () => asked.result.createObjectStore("uploads", { keyPath: "key" });
            asked.onsuccess = () => {
                const record = { key: "old/1", page: "old", name, size, file: null, imageId: "" };
                const put = asked.result.transaction("uploads", "readwrite").objectStore("uploads").put(record);
                put.onsuccess = () => resolve(asked.result.close());
            };
        })""",
        [SIGN[0], len(SIGN[1])],
    )
    ada.page.reload()
    expect(uploads(ada)).to_contain_text("Choose these files again: sign.png.")

    with ada.page.expect_file_chooser() as chooser:
        uploads(ada).get_by_role("button", name="Choose files").click()
    chooser.value.set_files(FilePayload(name=SIGN[0], mimeType="image/png", buffer=SIGN[1]))

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(uploads(ada).get_by_role("button", name="Choose files")).to_have_count(0)
    ada.page.reload()
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(uploads(ada)).to_have_count(0)


def wait_until_saved(visitor: Visitor, count: int) -> None:
    """Wait until the page has saved its pending uploads, which a reload could interrupt."""
    script = """new Promise((resolve) => {
        const open = indexedDB.open("pixtag", 1);
        open.onupgradeneeded = () => open.result.createObjectStore("uploads", { keyPath: "key" });
        open.onsuccess = () => {
            const count = open.result.transaction("uploads").objectStore("uploads").count();
            count.onsuccess = () => {
                open.result.close();
                resolve(count.result);
            };
        };
    })"""
    wait_until(visitor.page, lambda: visitor.page.evaluate(script) >= count, f"{count} pending uploads are saved")


@contextmanager
def left_behind(visitor: Visitor) -> Iterator[None]:
    """Interrupt an upload with a reload."""
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    with slow_connection(visitor):
        visitor.upload(STREET)
        expect(uploads(visitor)).to_contain_text("Uploading 1 of 1")
        wait_until_saved(visitor, 1)
        visitor.page.reload()
        expect(uploads(visitor)).to_contain_text("street.png wasn't uploaded.")
        yield


@all_sizes
def test_upload_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    if size != PHONE:
        visitor.page.get_by_role("button", name="More ways to upload").click()
        visitor.check("upload-menu")
        visitor.page.keyboard.press("Escape")
    visitor.upload(SIGN, CLOCK)
    expect(visitor.tile("clock.png: clock 1")).to_be_visible()
    with slow_connection(visitor):
        visitor.upload(STREET, ("again.png", SIGN[1]), ("notes.txt", b"x"))
        expect(uploads(visitor)).to_contain_text("Duplicate")
        expect(uploads(visitor)).to_contain_text("kB/s")
        visitor.check("uploads")


def test_picture_that_is_too_large_is_rejected_before_its_upload(ada: Visitor) -> None:
    sent: list[str] = []
    ada.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (10_000).to_bytes(4) + (9_000).to_bytes(4)

    ada.upload(("scan.png", header + bytes(100)))

    expect(uploads(ada)).to_contain_text("9,000 pixels (90 megapixels)")
    expect(uploads(ada)).to_contain_text("The limit for PNG files is 75 megapixels. Choose a smaller picture.")
    expect(uploads(ada).get_by_role("button", name="Try again")).to_have_count(0)
    ada.check("upload-too-large")
    assert sent == []
