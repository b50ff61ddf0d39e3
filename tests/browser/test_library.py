import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, for_everybody

DIST = Path(__file__).parents[2] / "static" / "dist"
MOST_SCRIPT_BYTES = 60_000
LARGE = 400
STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
DAMAGED = ("damaged.png", STREET[1][:20_000])


def test_an_uploaded_photograph_is_in_the_library_with_its_tags(ada: Visitor) -> None:
    ada.upload(STREET)

    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    expect(ada.page.get_by_label("Uploads")).to_contain_text("1 photograph added")
    expect(ada.page.get_by_role("heading", name="Today")).to_be_visible()


def test_what_is_no_photograph_is_shown_with_its_reason_and_can_be_removed(ada: Visitor) -> None:
    ada.upload(DAMAGED, ("notes.png", b""))

    main = ada.page.get_by_role("main")
    expect(main.get_by_text("This photograph is damaged or cut off.")).to_be_visible()
    expect(ada.page.get_by_label("Uploads")).to_contain_text("The file is empty.")
    ada.page.get_by_role("button", name="Remove damaged.png").click()

    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def test_a_search_is_in_the_address_and_the_way_back_leads_to_the_library(ada: Visitor) -> None:
    ada.upload(STREET, SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()

    ada.page.get_by_label("Search your photographs").fill("stop sign>=2")
    ada.page.keyboard.press("Enter")

    expect(ada.tile("sign.png")).to_have_count(0)
    expect(ada.tile("street.png")).to_be_visible()
    assert ada.page.url.endswith("/?q=stop%20sign%3E%3D2")
    ada.page.go_back()
    expect(ada.tile("sign.png")).to_be_visible()
    expect(ada.page.get_by_label("Search your photographs")).to_have_value("")


def test_a_query_that_cannot_be_read_is_said(ada: Visitor) -> None:
    ada.expected = {422}

    ada.go("/?q=dog%3E%3E1")

    expect(ada.page.get_by_role("alert")).to_contain_text("at character")


def test_arrow_keys_go_from_picture_to_picture_and_enter_opens_one(ada: Visitor) -> None:
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


def test_two_people_never_see_each_others_photographs(ada: Visitor, visit: Visit) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.tile("sign.png").click()
    path = ada.page.url.removeprefix(ada.cloud.api_url)
    grace = visit()
    grace.arrive()
    grace.expected = {404}

    grace.go(path)

    expect(grace.page.get_by_text("This photograph is not here")).to_be_visible()
    grace.page.get_by_role("link", name="Go to the library").click()
    expect(grace.page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def test_what_is_not_read_yet_has_its_place_already(ada: Visitor) -> None:
    ada.upload(STREET)
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    lists, pictures = held_back(ada, "**/images?*"), held_back(ada, "**/thumbnails/**")

    ada.page.reload()

    expect(ada.page.get_by_role("status", name="Loading").locator(".skeleton")).not_to_have_count(0)
    let_go(lists)
    expect(ada.page.get_by_role("status", name="Loading")).to_have_count(0)
    tile = ada.tile("street.png: stop sign 2, clock 1")
    expect(tile).to_be_visible()
    before = tile.bounding_box()
    let_go(pictures)
    ada.page.unroute_all()
    tile.locator("img").evaluate("(picture) => picture.decode()")
    assert before == tile.bounding_box()
    assert before
    assert before["width"] / before["height"] == pytest.approx(1200 / 480, rel=0.02)


def held_back(visitor: Visitor, pattern: str) -> list[Route]:
    """The requests of a kind that are made from now on and wait."""
    held: list[Route] = []
    visitor.page.route(pattern, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    return held


def let_go(held: list[Route]) -> None:
    for route in held:
        route.continue_()


def test_who_wants_no_motion_sees_none(ada: Visitor) -> None:
    seconds = ada.page.evaluate(
        """[...document.querySelectorAll("*")].flatMap((one) => {
            const { animationDuration, transitionDuration } = getComputedStyle(one);
            return `${animationDuration}, ${transitionDuration}`.split(", ").map(parseFloat);
        })"""
    )

    assert max(seconds) < 0.001


def test_a_large_library_is_scrolled_to_its_end_with_few_tiles_in_the_page(ada: Visitor) -> None:
    ada.fill(*(f"{number:03}.jpg" for number in range(LARGE)))
    expect(ada.tile(f"{LARGE - 1}.jpg: no tags")).to_be_visible()
    most = 0

    while not ada.tile("000.jpg: no tags").count():
        ada.page.keyboard.press("End")
        ada.page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
        most = max(most, ada.page.locator(".tile").count())

    expect(ada.tile("000.jpg: no tags")).to_be_visible()
    assert most < 150


def test_a_thumbnail_is_fetched_once_though_one_comes_back_to_it(ada: Visitor) -> None:
    ada.upload(STREET, SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    ada.page.reload()  # until then the pictures are those on this machine
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
    """The addresses of both thumbnails, once they are seen."""
    pictures = visitor.page.locator(".tile img")
    expect(pictures).to_have_count(2)
    return [
        picture.evaluate("(picture) => picture.decode().then(() => picture.currentSrc)") for picture in pictures.all()
    ]


@for_everybody
def test_everything_can_be_used_by_everybody(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    for path in ("sign-in", "register", "confirm", "forgot"):
        visitor.go(f"/{path}")
        visitor.page.get_by_role("heading", level=1).wait_for()
        visitor.look(path)
    visitor.arrive()
    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    visitor.look("empty")
    pictures = [(f"street-{count}.png", scene(stop_signs=count, clocks=1)) for count in range(4)]
    visitor.upload(*pictures, SIGN, DAMAGED, ("notes.txt", b""))
    expect(visitor.page.get_by_text("5 photographs added, 2 not")).to_be_visible()
    expect(visitor.page.locator(".tile.pending")).to_have_count(0)
    visitor.look("library")
    visitor.page.get_by_label("Uploads").get_by_role("button", name="Close").click()
    visitor.page.keyboard.press("?")
    expect(visitor.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    visitor.look("shortcuts")
    visitor.page.keyboard.press("Escape")
    visitor.go("/?q=zebra")
    expect(visitor.page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    visitor.look("nothing-found")
    for path in ("find", "labels", "alerts", "trash", "account"):
        visitor.go(f"/{path}")
        visitor.page.get_by_role("heading", level=1).wait_for()
        visitor.look(path)


def test_the_documentation_stands_its_own_policy(visit: Visit) -> None:
    visitor = visit()

    visitor.go("/docs")

    expect(visitor.page.get_by_text("Search by a query")).to_be_visible()


def test_the_first_load_is_small(visit: Visit) -> None:
    visitor = visit()
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))

    visitor.go("/sign-in")
    expect(visitor.page.get_by_role("button", name="Sign in")).to_be_visible()

    scripts = [DIST / "assets" / url.rsplit("/", 1)[1] for url in asked if url.endswith(".js")]
    assert scripts
    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts) < MOST_SCRIPT_BYTES
