"""All parts of PixTag in one journey, on the stores of this machine and on emulated AWS."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from infra.local.cloud import LocalCloud
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.browser.conftest import PASSWORD, Instance, Visit, Visitor

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
MAIL_SECONDS = 60


@pytest.fixture(params=["pixtag", "cloud"])
def instance(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture
def hosts(instance: Instance) -> set[str]:
    urls = [instance.url, *([instance.endpoint_url] if isinstance(instance, LocalCloud) else [])]
    return {urlsplit(url).netloc for url in urls}


def action(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("toolbar", name="Selection").get_by_role("button", name=name)


def confirm(visitor: Visitor, name: str) -> None:
    form = visitor.page.get_by_role("dialog", name=name)
    form.locator("[type=submit]").click()
    expect(form).to_have_count(0)


@pytest.mark.timeout(240)
def test_journey_from_registration_to_deletion_of_the_account(visit: Visit) -> None:
    visitor = visit()
    register_and_sign_in(visitor)
    upload_and_search(visitor)
    rename_a_tag(visitor)
    get_an_alert(visitor)
    trash_and_purge(visitor)
    delete_the_account(visitor)


def register_and_sign_in(visitor: Visitor) -> None:
    visitor.register()
    visitor.page.get_by_role("link", name="Your account").click()
    visitor.page.get_by_role("button", name="Sign out", exact=True).click()
    visitor.sign_in()


def upload_and_search(visitor: Visitor) -> None:
    visitor.go("/")
    visitor.upload(STREET, SIGN)
    expect(visitor.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    expect(visitor.tile("sign.png: stop sign 1")).to_be_visible()
    visitor.go("/labels")
    expect(visitor.page.get_by_text("2 tags, 4 objects")).to_be_visible()
    visitor.go("/?q=stop%20sign%3E%3D2")
    expect(visitor.tile("street.png")).to_be_visible()
    expect(visitor.tile("street.png").locator("img")).to_have_js_property("complete", value=True)
    expect(visitor.tile("sign.png")).to_have_count(0)


def rename_a_tag(visitor: Visitor) -> None:
    visitor.go("/labels")
    visitor.page.get_by_role("button", name="Rename clock").click()
    visitor.page.get_by_label("New name").fill("station clock")
    expect(visitor.page.get_by_role("dialog")).to_contain_text("1 photo will change.")
    confirm(visitor, "Rename clock")
    visitor.go("/?q=station%20clock")
    expect(visitor.tile("street.png: stop sign 2, station clock 1")).to_be_visible()


def get_an_alert(visitor: Visitor) -> None:
    visitor.go("/alerts")
    visitor.page.get_by_label("Tag or search").fill("clock")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_role("button", name="Save “clock” anyway").click()
    expect(visitor.page.get_by_role("region", name="E-mail")).to_contain_text("E-mails go to the mailbox")
    visitor.go("/")
    visitor.upload(("clock.png", scene(clocks=1)))
    expect(visitor.tile("clock.png: clock 1")).to_be_visible()
    wait_until(
        lambda: any("clock.png" in mail.body for mail in visitor.instance.list_mails(visitor.email)),
        MAIL_SECONDS,
        "No mail came.",
    )


def trash_and_purge(visitor: Visitor) -> None:
    visitor.page.keyboard.press("Control+a")
    action(visitor, "Move to trash").click()
    confirm(visitor, "Move to trash")
    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    visitor.go("/trash")
    visitor.page.get_by_role("button", name="Empty trash").click()
    confirm(visitor, "Delete permanently")
    expect(visitor.page.get_by_role("heading", name="The trash is empty")).to_be_visible()


def delete_the_account(visitor: Visitor) -> None:
    visitor.go("/account")
    visitor.page.get_by_role("button", name="Delete account…").click()
    visitor.page.get_by_label(f"Type {visitor.email} to confirm").fill(visitor.email)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("heading", name="Your account has been deleted")).to_be_visible()
    visitor.expected = {401}
    visitor.page.get_by_label("E-mail address").fill(visitor.email)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
