import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, all_sizes, wait_until

DIST = Path(__file__).parents[2] / "static" / "dist"
MAX_FIRST_BYTES = 60_000
LARGE = 400
MIN_ROW, LOW_ROW = 75, 110  # no row is lower on a phone; lower rows may cut long reasons, which the photo view shows
WHOLE_LINES = 4
RESTART_MS, STOPPED_MS = 4_000, 5_000  # as in static/src/library/worker-monitor.ts
STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
DAMAGED = ("damaged.png", STREET[1][:100])  # no row can be decoded


def test_library_after_upload_shows_photo_with_tags(ada: Visitor) -> None:
    ada.upload(STREET)

    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    expect(ada.page.get_by_label("Uploads")).to_contain_text("1 photo added")
    expect(ada.page.get_by_role("heading", name="Today")).to_be_visible()


def test_library_after_upload_of_damaged_file_shows_reason_and_removes_it(ada: Visitor) -> None:
    ada.upload(DAMAGED, ("notes.png", b""))

    main = ada.page.get_by_role("main")
    expect(main.get_by_text("This photo is damaged or cut off.")).to_be_visible()
    expect(ada.page.get_by_label("Uploads")).to_contain_text("The file is empty.")
    ada.page.get_by_role("button", name="Delete damaged.png").click()
    ada.page.get_by_role("dialog", name="Delete photo").get_by_role("button", name="Delete").click()

    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def test_library_search_is_in_url_and_history(ada: Visitor) -> None:
    ada.upload(STREET, SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()

    ada.page.get_by_label("Search photos").fill("stop sign>=2")
    ada.page.keyboard.press("Enter")

    expect(ada.tile("sign.png")).to_have_count(0)
    expect(ada.tile("street.png")).to_be_visible()
    assert ada.page.url.endswith("/?q=stop%20sign%3E%3D2")
    ada.page.go_back()
    expect(ada.tile("sign.png")).to_be_visible()
    expect(ada.page.get_by_label("Search photos")).to_have_value("")


def test_library_with_invalid_query_shows_error(ada: Visitor) -> None:
    ada.expected = {422}

    ada.go("/?q=dog%3E%3E1")

    expect(ada.page.get_by_role("alert")).to_contain_text("at character")


def test_library_with_arrow_keys_moves_focus_and_opens_photo(ada: Visitor) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.upload(STREET)
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()

    ada.tile("street.png").focus()
    ada.page.keyboard.press("ArrowRight")
    expect(ada.tile("sign.png")).to_be_focused()
    ada.page.keyboard.press("Enter")

    expect(ada.page.get_by_role("dialog", name="sign.png")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.tile("sign.png")).to_be_focused()


def test_library_of_other_account_is_hidden(ada: Visitor, visit: Visit) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.tile("sign.png").click()
    path = ada.page.url.removeprefix(ada.instance.url)
    grace = visit()
    grace.start()
    grace.expected = {404}

    grace.go(path)

    expect(grace.page.get_by_text("Photo not found")).to_be_visible()
    grace.page.get_by_role("link", name="Go to library").click()
    expect(grace.page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def test_library_while_loading_has_stable_layout(ada: Visitor) -> None:
    ada.upload(STREET)
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    lists, pictures = hold_back(ada, "**/images?*"), hold_back(ada, "**/thumbnails/**")

    ada.page.reload()

    expect(ada.page.get_by_role("status", name="Loading").locator(".skeleton")).not_to_have_count(0)
    ada.page.unroute("**/images?*")
    release(lists)
    expect(ada.page.get_by_role("status", name="Loading")).to_have_count(0)
    tile = ada.tile("street.png: stop sign 2, clock 1")
    expect(tile).to_be_visible()
    before = tile.bounding_box()
    release(pictures)
    ada.page.unroute_all()
    tile.locator("img").evaluate("(picture) => picture.decode()")
    assert before == tile.bounding_box()
    assert before
    assert before["width"] / before["height"] == pytest.approx(1200 / 480, rel=0.02)


def hold_back(visitor: Visitor, pattern: str) -> list[Route]:
    """Hold back all further requests that match a pattern."""
    held: list[Route] = []
    visitor.page.route(pattern, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    return held


def release(held: list[Route]) -> None:
    for route in held:
        route.continue_()


def test_library_with_reduced_motion_has_no_animations(ada: Visitor) -> None:
    seconds = ada.page.evaluate(
        """[...document.querySelectorAll("*")].flatMap((element) => {
            const { animationDuration, transitionDuration } = getComputedStyle(element);
            return `${animationDuration}, ${transitionDuration}`.split(", ").map(parseFloat);
        })"""
    )

    assert max(seconds) < 0.001


def test_large_library_when_scrolled_keeps_few_tiles_in_page(ada: Visitor) -> None:
    ada.fill(*(f"{number:03}.jpg" for number in range(LARGE)))
    expect(ada.tile(f"{LARGE - 1}.jpg: no tags")).to_be_visible()
    max_tiles = 0

    def is_at_end() -> bool:
        nonlocal max_tiles
        ada.page.keyboard.press("End")
        max_tiles = max(max_tiles, ada.page.locator(".tile").count())
        return bool(ada.tile("000.jpg: no tags").count())

    wait_until(ada.page, is_at_end, "the list is scrolled to its end")

    expect(ada.tile("000.jpg: no tags")).to_be_visible()
    assert max_tiles < 150


def test_thumbnail_when_screen_is_reopened_comes_from_cache(ada: Visitor) -> None:
    ada.upload(STREET, SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    ada.page.reload()  # before, the pictures are local files
    first = thumbnails(ada)
    fetched: dict[str, str] = {}
    session = ada.page.context.new_cdp_session(ada.page)
    session.send("Network.enable")
    session.on("Network.requestWillBeSent", lambda event: fetched.update({event["requestId"]: event["request"]["url"]}))
    session.on("Network.requestServedFromCache", lambda event: fetched.update({event["requestId"]: ""}))

    ada.go("/trash")
    ada.page.get_by_role("heading", name="Trash", exact=True).wait_for()
    ada.go("/")

    assert thumbnails(ada) == first
    assert not set(fetched.values()) & set(first)


def thumbnails(visitor: Visitor) -> list[str]:
    """Return the URLs of both thumbnails after they are loaded."""
    pictures = visitor.page.locator(".tile img")
    expect(pictures).to_have_count(2)
    return [
        picture.evaluate("(picture) => picture.decode().then(() => picture.currentSrc)") for picture in pictures.all()
    ]


def test_library_while_worker_is_stopped_says_so(visit: Visit) -> None:
    visitor = visit()
    visitor.page.clock.install()
    visitor.page.route("**/health", lambda route: route.fulfill(json={"status": "ok", "worker": "stopped"}))
    visitor.start()
    notice = visitor.page.get_by_role("status").filter(has_text="The worker isn't running.")
    visitor.page.clock.fast_forward(RESTART_MS)

    expect(notice).to_contain_text("New photos stay pending until it starts again.")
    visitor.page.get_by_role("link", name="Tags", exact=True).click()
    expect(notice).to_have_count(0)
    visitor.page.get_by_role("link", name="Library", exact=True).click()
    expect(notice).to_be_visible()
    visitor.page.unroute_all()
    visitor.page.clock.fast_forward(STOPPED_MS)

    expect(notice).to_have_count(0)


@all_sizes
def test_reasons_of_failed_photos_have_whole_lines_in_rows_of_any_height(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.upload(DAMAGED, ("notes.png", b"These are notes."))
    expect(visitor.page.locator(".tile-failed-reason")).to_have_count(2)

    rows = visitor.page.evaluate(
        """(heights) => heights.map((height) => {
            const reasons = [...document.querySelectorAll(".tile-failed-reason")];
            for (const { style } of reasons.map((reason) => reason.closest(".tile"))) {
                Object.assign(style, { width: `${height * 4 / 3}px`, height: `${height}px` });
            }
            const line = parseFloat(getComputedStyle(reasons[0]).lineHeight);
            return { height, lines: reasons.map(({ clientHeight, scrollHeight }) =>
                [clientHeight / line, Math.round(scrollHeight / line)]) };
        })""",
        list(range(MIN_ROW, 250)),
    )

    for row in rows:
        for shown, needed in row["lines"]:
            assert shown == pytest.approx(round(shown), abs=0.05), row
            assert round(shown) >= min(needed, WHOLE_LINES if row["height"] >= LOW_ROW else 2), row


@all_sizes
def test_screens_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    for path in ("sign-in", "register", "confirm", "forgot", "mailbox"):
        visitor.go(f"/{path}")
        visitor.page.get_by_role("heading", level=1).wait_for()
        visitor.check(path)
    visitor.start()
    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    visitor.check("empty")
    pictures = [(f"street-{count}.png", scene(stop_signs=count, clocks=1)) for count in range(4)]
    visitor.upload(*pictures, SIGN, DAMAGED, ("notes.txt", b""), ("notes.png", b"These are notes."))
    expect(visitor.page.get_by_text("5 photos added, 3 failed")).to_be_visible()
    expect(visitor.page.locator(".tile[data-state=pending]")).to_have_count(0)
    expect(visitor.page.locator(".tile-failed-reason")).to_have_count(2)
    visitor.check("library")
    visitor.page.get_by_label("Uploads").get_by_role("button", name="Close").click()
    visitor.page.keyboard.press("?")
    expect(visitor.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    visitor.check("shortcuts")
    visitor.page.keyboard.press("Escape")
    visitor.go("/?q=zebra")
    expect(visitor.page.get_by_role("heading", name="No matching photos")).to_be_visible()
    visitor.check("nothing-found")
    for path in ("find", "labels", "copies", "alerts", "shared-links", "trash", "account"):
        visitor.go(f"/{path}")
        visitor.page.get_by_role("heading", level=1).wait_for()
        visitor.check(path)
    visitor.page.clock.install()
    visitor.page.route("**/health", lambda route: route.fulfill(json={"status": "ok", "worker": "stopped"}))
    visitor.go("/")
    visitor.page.get_by_role("link", name="Your account").wait_for()
    visitor.page.clock.fast_forward(RESTART_MS)
    expect(visitor.page.get_by_text("The worker isn't running.")).to_be_visible()
    visitor.check("worker-stopped")


def test_api_documentation_under_content_security_policy_loads(visit: Visit) -> None:
    visitor = visit()

    visitor.go("/docs")

    expect(visitor.page.get_by_text("Search by a query")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_first_load_of_scripts_and_styles_stays_small(visit: Visit, locale: str) -> None:
    visitor = visit(locale=locale)
    requested: list[str] = []
    visitor.page.on("request", lambda request: requested.append(request.url))

    visitor.go("/sign-in")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()

    files = [DIST / "assets" / url.rsplit("/", 1)[1] for url in requested if url.endswith((".js", ".css"))]
    assert {file.suffix for file in files} == {".js", ".css"}
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < MAX_FIRST_BYTES
