import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.local.pixtag import PixTag
from infra.local.scenes import scene
from tests.browser.conftest import PASSWORD, Visit, Visitor, all_sizes, pause_worker

STREET = ("street.png", scene(stop_signs=2, clocks=1))


@pytest.fixture
def settled(ada: Visitor) -> Visitor:
    """Ada on the account screen, with one photo: two stop signs and a clock."""
    ada.upload(STREET)
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    ada.go("/account")
    expect(ada.page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    return ada


def export(visitor: Visitor, name: str) -> tuple[str, str]:
    """Export the library. Return the file's name and text."""
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name=f"Export {name}").press("Enter")
    return download.value.suggested_filename, Path(download.value.path()).read_text()


def test_export_as_csv_has_a_row_per_tag(settled: Visitor) -> None:
    name, text = export(settled, "CSV")

    assert name.startswith("pixtag-")
    assert name.endswith(".csv")
    rows = [(row["name"], row["tag"], row["count"]) for row in csv.DictReader(io.StringIO(text))]
    assert rows == [("street.png", "stop sign", "2"), ("street.png", "clock", "1")]


def test_export_as_coco_has_all_boxes(settled: Visitor) -> None:
    name, text = export(settled, "COCO")

    assert name.endswith(".json")
    document = json.loads(text)
    assert [(image["id"], image["file_name"]) for image in document["images"]] == [(1, "street.png")]
    names = {category["id"]: category["name"] for category in document["categories"]}
    boxes = sorted(names[annotation["category_id"]] for annotation in document["annotations"])
    assert boxes == ["clock", "stop sign", "stop sign"]


def test_usage_of_library_shows_size_and_limits(settled: Visitor) -> None:
    usage = settled.page.get_by_role("region", name="Usage")

    expect(usage).to_contain_text("1 photo of 100,000")
    expect(usage).to_contain_text(f"{round(len(STREET[1]) / 1000)} kB of 500 GB")


@all_sizes
def test_places_are_removed_on_request(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.go("/account")
    places = visitor.page.get_by_role("region", name="Places")
    choice = places.get_by_role("checkbox", name="Remove the places where my photos were taken")
    expect(choice).to_be_enabled()

    choice.check()

    expect(places.get_by_role("status")).to_contain_text("Removing the places.")
    places.scroll_into_view_if_needed()
    visitor.check("places")
    visitor.page.reload()
    expect(choice).to_be_checked()
    choice.uncheck()
    expect(places.get_by_role("status")).to_have_count(0)
    expect(choice).to_be_enabled()


def test_redetection_of_library_survives_reload_and_reports_end(
    settled: Visitor, pixtag: PixTag, schedule: Callable[[], None]
) -> None:
    with pause_worker(pixtag.data):  # it could complete the redetection during the reload
        settled.page.get_by_role("button", name="Redetect all photos").click()
        expect(settled.page.get_by_text("You can leave this page")).to_be_visible()
        settled.screenshot("redetection")
        settled.page.reload()
        expect(settled.page.get_by_text("You can leave this page")).to_be_visible()
    schedule()

    expect(settled.page.get_by_label("Messages")).to_contain_text("Redetected all photos.")

    expect(settled.page.get_by_role("button", name="Redetect all photos")).to_be_visible()


def test_redetection_with_lost_connection_is_followed_after_reload(settled: Visitor, pixtag: PixTag) -> None:
    with pause_worker(pixtag.data):
        settled.page.get_by_role("button", name="Redetect all photos").click()
        expect(settled.page.get_by_text("You can leave this page")).to_be_visible()
        with settled.offline():
            expect(settled.page.get_by_role("region", name="Redetect")).to_contain_text("You're offline.")
        settled.page.reload()

        expect(settled.page.get_by_text("You can leave this page")).to_be_visible()


def test_account_with_keyboard_only_is_exported_and_deleted(ada: Visitor) -> None:
    page = ada.page
    ada.tab_to(page.get_by_role("link", name="Your account"))
    page.keyboard.press("Enter")
    ada.tab_to(page.get_by_role("button", name="Export CSV"))
    with page.expect_download():
        page.keyboard.press("Enter")
    ada.tab_to(page.get_by_role("button", name="Delete account…"))
    page.keyboard.press("Enter")
    ada.tab_to(page.get_by_label(f"Type {ada.email} to confirm"))
    page.keyboard.type(ada.email)
    ada.tab_to(page.get_by_role("button", name="Delete everything"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your account has been deleted")).to_be_visible()


def test_account_deletion_needs_typed_address(settled: Visitor) -> None:
    page = settled.page
    page.get_by_role("button", name="Delete account…").press("Enter")
    erase = page.get_by_role("button", name="Delete everything")
    expect(erase).to_be_disabled()
    page.get_by_label(f"Type {settled.email} to confirm").fill("ada@example.com")
    expect(erase).to_be_disabled()
    page.get_by_label(f"Type {settled.email} to confirm").fill(settled.email.upper())
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your account has been deleted")).to_be_visible()
    settled.screenshot("deleted")
    settled.expected = {401}
    page.get_by_label("E-mail address").fill(settled.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_export_and_deletion_of_other_account_keep_library(settled: Visitor, visit: Visit) -> None:
    other = visit()
    other.start()
    other.go("/account")
    assert export(other, "CSV")[1].count("\n") == 1  # the header
    other.page.get_by_role("button", name="Delete account…").click()
    other.page.get_by_label(f"Type {other.email} to confirm").fill(other.email)
    other.page.keyboard.press("Enter")
    expect(other.page.get_by_role("heading", name="Your account has been deleted")).to_be_visible()

    settled.go("/")

    expect(settled.tile("street.png: stop sign 2, clock 1")).to_be_visible()


@all_sizes
def test_name_and_address_are_changed(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.go("/account")
    page, new = visitor.page, f"new.{visitor.email}"
    expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    page.get_by_role("button", name="Change name…").press("Enter")
    visitor.check("change-name")
    page.get_by_label("Given name").fill("Augusta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Augusta Lovelace")).to_be_visible()

    visitor.expected = {400, 403}
    page.get_by_role("button", name="Change e-mail address…").press("Enter")
    page.get_by_label("New e-mail address").fill(new.upper())
    page.get_by_label("Current password", exact=True).fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The current password is wrong")
    visitor.check("change-address")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open the mailbox")).to_be_visible()
    visitor.check("change-address-code")
    page.get_by_label("Code").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The code is wrong")
    page.get_by_label("Code").fill(visitor.instance.find_code(new))
    page.keyboard.press("Enter")

    expect(page.get_by_label("Messages")).to_contain_text(f"Your e-mail address is now {new}.")
    page.reload()
    expect(page.get_by_text(new, exact=True)).to_be_visible()
    assert visitor.accounts.sign_in(new, PASSWORD).expires_in == 3600


def test_theme_is_kept_and_applied_before_the_app_starts(visit: Visit) -> None:
    visitor = visit(color_scheme="light")
    visitor.start()
    visitor.go("/account")
    page, other = visitor.page, visitor.page.context.new_page()
    other.goto(f"{visitor.instance.url}/sign-in")
    ground = "getComputedStyle(document.body).backgroundColor"
    bars = "[...document.querySelectorAll('meta[name=theme-color]')].map(({ content }) => content)"
    assert (page.evaluate(ground), page.evaluate(bars)) == ("rgb(251, 251, 250)", ["#fbfbfa", "#111312"])

    page.get_by_role("radio", name="Dark").check()

    assert (page.evaluate(ground), page.evaluate(bars)) == ("rgb(17, 19, 18)", ["#111312", "#111312"])
    expect(other.locator("html[data-theme=dark]")).to_be_attached()
    other.route("**/assets/index-*.js", lambda route: route.abort())
    other.reload()
    assert other.evaluate(ground) == "rgb(17, 19, 18)"
    assert other.evaluate("document.fonts.load('16px \"Figtree Variable\"').then((fonts) => fonts.length)") == 1
    page.reload()
    page.get_by_role("radio", name="Same as the system").check()
    assert page.evaluate(ground) == "rgb(251, 251, 250)"


@all_sizes
def test_account_screen_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.go("/account")
    expect(visitor.page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    visitor.check("account")
    visitor.page.get_by_role("button", name="Delete account…").click()
    visitor.check("delete")
