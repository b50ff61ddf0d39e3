"""The administration of one machine."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from infra.local.pixtag import PixTag, run_pixtag
from tests.browser.conftest import Visit, Visitor, all_sizes


@pytest.fixture(scope="module")
def pixtag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PixTag]:
    """A PixTag whose registration these tests close."""
    with run_pixtag(tmp_path_factory.mktemp("administration") / "data") as pixtag:
        yield pixtag


def start_administrator(visitor: Visitor) -> None:
    """Make the visitor the only administrator, and open the administration from the account screen."""
    visitor.start()
    with visitor.accounts.database.write() as connection:
        connection.execute("UPDATE account SET admin = address = ?", (visitor.email,))
    visitor.go("/account")
    visitor.page.get_by_role("link", name="Open administration").click()
    expect(visitor.page.get_by_role("heading", name="Administration")).to_be_visible()


@all_sizes
def test_administrator_closes_registration_and_deletes_an_account(visit: Visit, size: tuple[int, int]) -> None:
    visitor, other, stranger = visit(size), visit(), visit()
    other.start()
    start_administrator(visitor)
    page = visitor.page
    people = page.get_by_role("list", name="Accounts")
    expect(people).to_contain_text("Administrator · 0 photos, 0 B · Last sign-in")
    expect(page.get_by_role("region", name="Disk")).to_contain_text("free.")

    page.get_by_role("checkbox", name="Close registration").press("Space")

    expect(page.get_by_role("heading", name="Invitations")).to_be_visible()
    visitor.check("administration")
    stranger.go("/register")
    expect(stranger.page.get_by_role("heading", name="Registration is closed")).to_be_visible()
    page.get_by_role("checkbox", name="Close registration").uncheck()
    expect(page.get_by_text("Everyone who can open this PixTag can register.")).to_be_visible()

    page.get_by_role("button", name=f"Delete… {other.email}").press("Enter")
    erase = page.get_by_role("button", name="Delete account", exact=True)
    expect(erase).to_be_disabled()
    visitor.check("administration-delete")
    page.get_by_label(f"Type {other.email} to confirm").fill(other.email.upper())
    page.keyboard.press("Enter")

    expect(page.get_by_label("Messages")).to_contain_text(f"Deleted {other.email}.")
    expect(people).not_to_contain_text(other.email)
    assert other.email not in [account.email for account in visitor.accounts.admin.list_accounts()]


def test_other_people_have_no_administration(visit: Visit) -> None:
    start_administrator(visit())
    visitor = visit()
    visitor.start()
    visitor.expected = {403}
    visitor.go("/account")
    expect(visitor.page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    assert visitor.page.get_by_role("link", name="Open administration").count() == 0

    visitor.go("/administration")

    expect(visitor.page.get_by_role("alert")).to_contain_text("Only the administrator of this PixTag can do this.")
