"""API keys on the account screen."""

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import Visit, all_sizes


@all_sizes
def test_key_is_created_copied_used_and_revoked(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size, permissions=["clipboard-read", "clipboard-write"])
    visitor.start()
    visitor.go("/account")
    page, card = visitor.page, visitor.page.get_by_role("region", name="API keys")
    new = card.get_by_role("button", name="New key…")
    expect(new).to_be_enabled()
    new.press("Enter")
    create = page.get_by_role("button", name="Create key")
    page.get_by_label("Name").fill("Phone")
    expect(create).to_be_disabled()
    page.get_by_label("Read: list, search and download photos").check()
    page.get_by_label("It works").select_option("until I revoke it")
    visitor.check("new-key")
    page.get_by_label("Name").press("Enter")

    card.get_by_role("button", name="Copy key").click()

    expect(page.get_by_label("Messages")).to_contain_text("Copied the key")
    key = card.get_by_label("Key of Phone").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == key
    card.get_by_text("How to use a key").click()
    card.scroll_into_view_if_needed()
    visitor.check("keys")
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{visitor.instance.url}/images", headers=headers).status_code == 200
    page.reload()
    expect(card.get_by_role("list")).to_contain_text("Read · Last used on")
    expect(card.get_by_label("Key of Phone")).to_have_count(0)
    card.get_by_role("button", name="Revoke… Phone").click()
    page.get_by_role("button", name="Revoke key").click()
    expect(page.get_by_label("Messages")).to_contain_text("Revoked Phone.")
    expect(card.get_by_role("list")).to_have_count(0)
    assert httpx.get(f"{visitor.instance.url}/images", headers=headers).status_code == 401
