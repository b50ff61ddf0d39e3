"""Registration that is closed, invitations, a new password, and the end of all sessions."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.domain.errors import SessionEnded
from infra.local.pixtag import PixTag, run_pixtag
from tests.browser.conftest import PASSWORD, Visit, Visitor, all_sizes

NEW_PASSWORD = "another good password"


@pytest.fixture(scope="module")
def pixtag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PixTag]:
    """A PixTag with closed registration. Its administrator is not one of the visitors."""
    variables = {"PIXTAG_REGISTRATION": "closed"}
    with run_pixtag(tmp_path_factory.mktemp("closed") / "data", variables=variables) as pixtag:
        yield pixtag


def make_administrator(visitor: Visitor) -> None:
    """Make the visitor the only administrator."""
    with visitor.accounts.database.write() as connection:
        connection.execute("UPDATE account SET admin = address = ?", (visitor.email,))


def invite(visitor: Visitor, guest: Visitor) -> str:
    """Let the visitor invite the guest on the administration screen. Return the link."""
    page = visitor.page
    make_administrator(visitor)
    visitor.go("/administration")
    page.get_by_label("E-mail address of the person").fill(guest.email)
    page.get_by_role("button", name="Create link").click()
    expect(page.get_by_label("Link", exact=True)).to_be_visible()
    return page.get_by_label("Link", exact=True).input_value()


@all_sizes
def test_closed_registration_says_whom_to_ask(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    page = visitor.page
    visitor.go("/sign-in")

    page.get_by_role("link", name="Create an account").click()

    expect(page.get_by_role("heading", name="Registration is closed")).to_be_visible()
    expect(page.get_by_text("Ask the person who runs this PixTag for an invitation")).to_be_visible()
    assert page.get_by_role("textbox").count() == 0
    visitor.check("registration-closed")
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@all_sizes
def test_invited_guest_registers_with_the_link(visit: Visit, size: tuple[int, int]) -> None:
    administrator, guest = visit(size), visit(size)
    administrator.start()
    link = invite(administrator, guest)
    administrator.check("administration-invitation")
    page = guest.page
    page.goto(link)
    address = page.get_by_label("E-mail address")
    expect(address).to_have_value(guest.email)
    assert not address.is_editable()
    guest.check("registration-invited")

    complete(page)
    guest.confirm()

    expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    guest.go("/account")
    expect(page.get_by_role("heading", name="Grace Hopper")).to_be_visible()
    assert page.get_by_role("link", name="Open administration").count() == 0


def test_copy_link_puts_the_link_on_the_clipboard(visit: Visit) -> None:
    administrator = visit(permissions=["clipboard-read", "clipboard-write"])
    administrator.start()
    link = invite(administrator, visit())

    administrator.page.get_by_role("button", name="Copy link").click()

    expect(administrator.page.get_by_label("Messages")).to_contain_text("Copied the link")
    assert administrator.page.evaluate("navigator.clipboard.readText()") == link


def test_used_invitation_shows_why_it_is_refused(visit: Visit) -> None:
    administrator, guest, late = visit(), visit(), visit()
    administrator.start()
    link = invite(administrator, guest)
    guest.page.goto(link)
    complete(guest.page)
    guest.confirm()
    expect(guest.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    late.expected = {403}

    late.page.goto(link)
    complete(late.page)

    expect(late.page.get_by_role("alert")).to_contain_text("This invitation was used, has expired")


def complete(page: Page) -> None:
    """Fill in the form of an invited guest, and send it."""
    page.get_by_label("Given name").fill("Grace")
    page.get_by_label("Family name").fill("Hopper")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


def test_limited_registration_shows_the_form_and_the_rule(visit: Visit) -> None:
    def limit(route: Route) -> None:
        health: dict[str, Any] = route.fetch().json()
        route.fulfill(json=health | {"registration": "limited"})

    visitor = visit()
    visitor.expected = {403}
    visitor.page.route("**/health", limit)
    visitor.go("/register")
    expect(visitor.page.get_by_text("Only some addresses can register")).to_be_visible()

    visitor.submit_registration(PASSWORD)

    expect(visitor.page.get_by_role("alert")).to_contain_text("Ask the person who runs this PixTag")
    expect(visitor.page.get_by_label("E-mail address")).to_have_value(visitor.email)


def test_registration_without_server_shows_the_form(visit: Visit) -> None:
    visitor = visit()
    visitor.page.route("**/health", lambda route: route.abort())
    visitor.go("/register")

    expect(visitor.page.get_by_role("button", name="Create account")).to_be_visible()
    visitor.problems[:] = [problem for problem in visitor.problems if "ERR_FAILED" not in problem]


@all_sizes
def test_new_password_keeps_this_tab_signed_in_and_ends_other_sessions(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    page = visitor.page
    visitor.start()
    other = visitor.accounts.sign_in(visitor.email, PASSWORD)
    visitor.go("/account")
    visitor.expected = {403}
    page.get_by_role("button", name="Change password…").click()
    visitor.check("change-password")
    page.get_by_label("Current password", exact=True).fill("not this one")
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The current password is wrong")

    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_label("Messages")).to_contain_text("Changed your password")
    page.reload()
    expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    with pytest.raises(SessionEnded):
        visitor.accounts.refresh(other)


def test_sign_out_everywhere_ends_the_session_of_another_browser(visit: Visit) -> None:
    first, second = visit(), visit()
    first.start()
    second.go("/sign-in")
    second.email = first.email
    second.sign_in()
    second.expected = {401}
    first.go("/account")

    first.page.get_by_role("button", name="Sign out everywhere…").click()
    expect(first.page.get_by_text("You can revoke them under")).to_be_visible()
    first.check("sign-out-everywhere")
    first.page.get_by_role("button", name="Sign out everywhere", exact=True).press("Enter")

    expect(first.page.get_by_role("button", name="Sign in")).to_be_visible()
    second.page.get_by_role("link", name="Tags", exact=True).click()
    expect(second.page.get_by_role("heading", name="Sign in to continue")).to_be_visible()
