import pytest
from playwright.sync_api import Locator, expect

from infra.local.scenes import scene
from tests.browser.conftest import SECONDS, Visit, Visitor, all_sizes

CLOCK = ("clock.png", scene(clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))


@pytest.fixture
def two(ada: Visitor) -> Visitor:
    """Ada with two photos in the trash: clock.png and sign.png."""
    trash_two(ada)
    return ada


def trash_two(visitor: Visitor) -> None:
    visitor.upload(SIGN, CLOCK)
    expect(visitor.tile("sign.png: stop sign 1")).to_be_visible()
    expect(visitor.tile("clock.png: clock 1")).to_be_visible()
    visitor.page.keyboard.press("Control+a")
    action(visitor, "Move to trash").click()
    confirm_bulk(visitor, "Move to trash")
    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    visitor.go("/trash")
    expect(visitor.tile("sign.png")).to_be_visible()


def confirm_bulk(visitor: Visitor, name: str) -> None:
    form = visitor.page.get_by_role("dialog", name=name)
    form.locator("[type=submit]").click()
    expect(form).to_have_count(0)


def action(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("toolbar", name="Selection").get_by_role("button", name=name)


def test_trash_restores_and_deletes_selected_photos(two: Visitor) -> None:
    expect(two.page.get_by_text("30 days left")).to_have_count(2)
    two.tile("clock.png").click()
    action(two, "Restore").click()
    expect(two.page.get_by_role("dialog", name="Restore photos")).to_contain_text("1 photo will return to the library")
    confirm_bulk(two, "Restore photos")
    expect(two.tile("clock.png")).to_have_count(0)

    two.tile("sign.png").click()
    action(two, "Delete permanently").click()
    expect(two.page.get_by_role("dialog", name="Delete permanently")).to_contain_text("This can't be undone.")
    confirm_bulk(two, "Delete permanently")

    expect(two.page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    two.page.get_by_role("link", name="Library", exact=True).click()
    expect(two.tile("clock.png: clock 1")).to_be_visible()
    two.page.reload()
    expect(two.tile("clock.png: clock 1")).to_be_visible()
    expect(two.tile("sign.png")).to_have_count(0)


def test_trash_is_emptied_only_after_confirmation(two: Visitor) -> None:
    two.page.get_by_role("button", name="Empty trash").click()
    expect(two.page.get_by_role("dialog", name="Delete permanently")).to_contain_text(
        "2 photos will be deleted permanently"
    )
    two.page.get_by_role("button", name="Cancel").click()
    expect(two.tile("sign.png")).to_be_visible()

    two.page.get_by_role("button", name="Restore all").click()
    confirm_bulk(two, "Restore photos")
    expect(two.page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    two.go("/")
    expect(two.tile("sign.png: stop sign 1")).to_be_visible()
    expect(two.tile("clock.png: clock 1")).to_be_visible()


def test_trash_with_keyboard_only_restores_photo(two: Visitor) -> None:
    press = two.page.keyboard.press
    two.tile("sign.png").focus()
    press("Enter")
    action(two, "Restore").focus()
    press("Enter")
    expect(two.page.get_by_role("dialog", name="Restore photos")).to_contain_text("1 photo")
    two.page.get_by_role("button", name="Cancel").focus()
    press("Tab")
    press("Enter")

    expect(two.tile("sign.png")).to_have_count(0)
    expect(two.tile("clock.png")).to_be_visible()


def test_trash_of_other_account_is_hidden(two: Visitor, visit: Visit) -> None:
    other = visit()
    other.start()

    other.go("/trash")

    expect(other.page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    expect(two.tile("sign.png")).to_be_visible()


@all_sizes
def test_trash_screen_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    trash_two(visitor)
    visitor.page.get_by_label("Messages").get_by_role("button", name="Undo").wait_for(
        state="detached", timeout=SECONDS * 1000
    )
    visitor.check("trash")
    visitor.tile("sign.png").click()
    action(visitor, "Delete permanently").click()
    expect(visitor.page.get_by_role("dialog", name="Delete permanently")).to_contain_text("1 photo")
    visitor.check("purge")
