"""The frame around the screens: unknown addresses, no connection, messages, dialogs and paper."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.chromium import launch
from tests.browser.conftest import DRAWN, Visit, Visitor, all_sizes


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Run a browser with scrollbars that take space, as on most desktops."""
    browser = launch(ignore_default_args=["--hide-scrollbars"])
    yield browser
    browser.close()


@all_sizes
def test_unknown_address_shows_a_page_with_a_way_out(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.expected = {404}

    visitor.go("/photo/1")

    expect(visitor.page.get_by_role("heading", name="Page not found")).to_be_visible()
    visitor.check("not-found")
    visitor.page.get_by_role("link", name="Go to library").click()
    expect(visitor.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_lost_connection_is_shown_until_it_is_back(ada: Visitor) -> None:
    page = ada.page
    main = page.get_by_role("main")
    page.get_by_label("Search photos").fill("dog")
    page.get_by_role("link", name="Trash", exact=True).click()
    expect(page.get_by_label("Search photos")).to_have_value("")  # text that was not sent
    page.evaluate("window.isSame = true")
    with ada.offline():
        page.get_by_role("link", name="Library", exact=True).click()
        page.get_by_role("link", name="Trash", exact=True).click()
        expect(main.get_by_role("alert")).to_contain_text("You're offlineCheck that PixTag is running. PixTag tries")
        expect(main.get_by_role("status").first).to_contain_text("You're offline. You can look at")
        page.get_by_role("link", name="Tags", exact=True).click()
        expect(main.get_by_role("heading", name="You're offline")).to_be_visible()
        ada.screenshot("offline")

    expect(page.get_by_role("heading", name="Tags", exact=True)).to_be_visible()
    assert page.evaluate("window.isSame")  # not reloaded: uploads would end
    expect(main.get_by_role("alert").or_(page.get_by_text("You're offline"))).to_have_count(0)


def test_messages_end_with_the_session(ada: Visitor) -> None:
    page = ada.page
    ada.go("/account")
    page.route("**/auth/session", lambda route: route.abort())
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_label("Messages")).to_contain_text("Can't reach PixTag.")
    page.unroute_all()

    page.get_by_role("button", name="Sign out", exact=True).click()

    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_label("Messages")).to_be_empty()
    ada.problems[:] = [problem for problem in ada.problems if "ERR_FAILED" not in problem]


def test_dialog_covers_the_window_and_paper_has_no_controls(ada: Visitor) -> None:
    page = ada.page
    ada.go("/account")
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    assert page.evaluate("innerWidth - document.documentElement.clientWidth") > 0

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate(DRAWN)
    window = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    width, height = window.size
    dimmed, gutter = window.getpixel((width - 40, height // 2)), window.getpixel((width - 4, height // 2))
    assert isinstance(dimmed, tuple)
    assert isinstance(gutter, tuple)
    assert max(abs(one - other) for one, other in zip(dimmed, gutter, strict=True)) <= 3
    page.keyboard.press("Escape")

    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    for region in ("banner", "navigation"):
        expect(page.get_by_role(region)).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(251, 251, 250)"
