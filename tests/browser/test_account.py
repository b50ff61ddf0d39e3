import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.local.scenes import scene
from tests.browser.conftest import PASSWORD, Visit, Visitor, for_everybody

STREET = ("street.png", scene(stop_signs=2, clocks=1))
MINUTE = 90_000


@pytest.fixture
def settled(ada: Visitor) -> Visitor:
    """Ada at her account, with one photograph: two stop signs and a clock."""
    ada.upload(STREET)
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    ada.go("/account")
    expect(ada.page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    return ada


def export(visitor: Visitor, name: str) -> tuple[str, str]:
    """Export, and answer with the file's name and text."""
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name=f"Export {name}").press("Enter")
    return download.value.suggested_filename, Path(download.value.path()).read_text()


def test_the_library_is_exported_as_a_table(settled: Visitor) -> None:
    name, text = export(settled, "CSV")

    assert name.startswith("pixtag-")
    assert name.endswith(".csv")
    rows = [(row["name"], row["tag"], row["count"]) for row in csv.DictReader(io.StringIO(text))]
    assert rows == [("street.png", "stop sign", "2"), ("street.png", "clock", "1")]


def test_the_library_is_exported_with_its_boxes(settled: Visitor) -> None:
    name, text = export(settled, "COCO")

    assert name.endswith(".json")
    document = json.loads(text)
    assert [(image["id"], image["file_name"]) for image in document["images"]] == [(1, "street.png")]
    names = {category["id"]: category["name"] for category in document["categories"]}
    boxes = sorted(names[annotation["category_id"]] for annotation in document["annotations"])
    assert boxes == ["clock", "stop sign", "stop sign"]


def test_what_the_library_holds_is_told_beside_what_it_may(settled: Visitor) -> None:
    usage = settled.page.get_by_role("region", name="What it holds")

    expect(usage).to_contain_text("1 photograph of 100,000")
    expect(usage).to_contain_text(f"{round(len(STREET[1]) / 1000)} kB of 500 GB")


def test_all_photographs_are_looked_at_again(settled: Visitor) -> None:
    settled.page.get_by_role("button", name="Look at all photographs again").click()
    expect(settled.page.get_by_text("You can leave this page")).to_be_visible()
    settled.shot("redetection")
    settled.page.reload()
    expect(settled.page.get_by_text("You can leave this page")).to_be_visible()

    expect(settled.page.get_by_label("Messages")).to_contain_text("looked at again", timeout=MINUTE)

    expect(settled.page.get_by_role("button", name="Look at all photographs again")).to_be_visible()


def test_the_account_needs_no_mouse(ada: Visitor) -> None:
    page = ada.page
    ada.tab_to(page.get_by_role("link", name="Your account"))
    page.keyboard.press("Enter")
    ada.tab_to(page.get_by_role("button", name="Export CSV"))
    with page.expect_download():
        page.keyboard.press("Enter")
    ada.tab_to(page.get_by_role("button", name="Delete the account…"))
    page.keyboard.press("Enter")
    ada.tab_to(page.get_by_label(f"Type {ada.email} to confirm"))
    page.keyboard.type(ada.email)
    ada.tab_to(page.get_by_role("button", name="Delete everything"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()


def test_an_account_is_deleted_once_its_address_is_typed(settled: Visitor) -> None:
    page = settled.page
    page.get_by_role("button", name="Delete the account…").press("Enter")
    erase = page.get_by_role("button", name="Delete everything")
    expect(erase).to_be_disabled()
    page.get_by_label(f"Type {settled.email} to confirm").fill("ada@example.com")
    expect(erase).to_be_disabled()
    page.get_by_label(f"Type {settled.email} to confirm").fill(settled.email.upper())
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    settled.shot("deleted")
    settled.expected = {401}
    page.get_by_label("E-mail address").fill(settled.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_nobody_deletes_or_exports_what_is_somebody_elses(settled: Visitor, visit: Visit) -> None:
    other = visit()
    other.arrive()
    other.go("/account")
    assert export(other, "CSV")[1].count("\n") == 1  # the header
    other.page.get_by_role("button", name="Delete the account…").click()
    other.page.get_by_label(f"Type {other.email} to confirm").fill(other.email)
    other.page.keyboard.press("Enter")
    expect(other.page.get_by_role("heading", name="Your account is deleted")).to_be_visible()

    settled.go("/")

    expect(settled.tile("street.png: stop sign 2, clock 1")).to_be_visible()


@for_everybody
def test_the_account_is_for_everybody(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.arrive()
    visitor.go("/account")
    expect(visitor.page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    visitor.look("account")
    visitor.page.get_by_role("button", name="Delete the account…").click()
    visitor.look("delete")
