import re
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from app.domain.errors import InvalidCredentials
from tests.browser.conftest import PASSWORD, Visit, Visitor, all_sizes, wait_until

RELOADS = 3


def test_registration_with_code_signs_in(visit: Visit) -> None:
    visitor = visit()

    visitor.register()

    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()


@all_sizes
def test_registration_links_to_code_in_mailbox(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    page = visitor.page
    visitor.go("/register")
    visitor.submit_registration(PASSWORD)
    link = page.get_by_role("link", name="Open the mailbox")
    expect(link).to_be_visible()
    visitor.check("confirm-with-mailbox")
    with page.context.expect_page() as opened:
        link.click()
    mailbox = opened.value
    expect(mailbox.get_by_text("1 e-mail to")).to_contain_text(visitor.email)
    mailbox.locator("code").click()
    page.get_by_label("Code").fill(mailbox.evaluate("getSelection().toString()"))
    page.get_by_role("button", name="Confirm address").click()

    expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    visitor.go(f"/mailbox?to={visitor.email}")
    visitor.check("mailbox-with-code")


def test_mailbox_shows_emails_to_one_address(visit: Visit) -> None:
    visitors = [visit(), visit()]
    for visitor in visitors:
        visitor.go("/register")
        visitor.submit_registration(PASSWORD)
        expect(visitor.page.get_by_label("Code")).to_be_visible()
    page = visitors[0].page
    visitors[0].go("/mailbox")
    codes = page.get_by_role("article")
    expect(codes.first).to_contain_text(visitors[1].email)

    page.get_by_label("E-mail address").fill(visitors[0].email.upper())
    page.get_by_role("button", name="Show").click()

    expect(codes).to_have_count(1)
    expect(codes).to_contain_text(visitors[0].email)
    page.get_by_role("link", name="Show all").click()
    expect(codes.nth(1)).to_contain_text(visitors[0].email)


def test_registration_with_weak_password_shows_rules_and_keeps_inputs(visit: Visit) -> None:
    visitor = visit()
    visitor.expected = {422}
    page = visitor.page
    visitor.go("/register")

    visitor.submit_registration("short")

    expect(page.get_by_role("alert")).to_contain_text("at least 12 characters")
    expect(page.get_by_label("E-mail address")).to_have_value(visitor.email)
    expect(page.get_by_label("Password", exact=True)).to_have_value("short")


def test_second_registration_replaces_first_password(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/register")
    visitor.submit_registration(PASSWORD)
    page.get_by_role("link", name="correct the address").click()
    expect(page.get_by_label("Given name")).to_have_value("Ada")
    visitor.submit_registration(f"{PASSWORD} any more")
    visitor.confirm()

    expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    assert visitor.accounts.sign_in(visitor.email, f"{PASSWORD} any more").expires_in == 3600


@all_sizes
def test_code_for_the_registration_of_a_stranger_sets_the_own_password(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    page = visitor.page
    visitor.accounts.accounts.register(visitor.email, "password of a stranger", given_name="M", family_name="M")
    visitor.go("/confirm")
    page.get_by_label("E-mail address").fill(visitor.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.check("confirm-with-password")

    visitor.confirm()

    expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    with pytest.raises(InvalidCredentials):
        visitor.accounts.sign_in(visitor.email, "password of a stranger")


def test_registration_with_invalid_address_is_rejected_by_form(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/register")
    address = visitor.page.get_by_label("E-mail address")

    address.fill("ada@nowhere")

    assert address.evaluate("input => input.validity.patternMismatch")


def test_sign_in_with_wrong_password_shows_error_and_keeps_inputs(ada: Visitor) -> None:
    ada.expected = {401}
    sign_out(ada)
    ada.page.get_by_label("E-mail address").fill(ada.email)
    ada.page.get_by_label("Password", exact=True).fill("not this one at all")

    ada.page.get_by_role("button", name="Sign in").click()

    expect(ada.page.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    expect(ada.page.get_by_label("E-mail address")).to_have_value(ada.email)


def test_sign_in_from_deep_link_returns_to_it(ada: Visitor) -> None:
    sign_out(ada)

    ada.go("/?q=stop%20sign")
    expect(ada.page.get_by_role("heading", name="Sign in to continue")).to_be_visible()
    ada.sign_in()

    expect(ada.page).to_have_url(f"{ada.instance.url}/?q=stop%20sign")
    expect(ada.page.get_by_label("Search photos")).to_have_value("stop sign")


def test_sign_in_after_expired_session_returns_to_same_screen(ada: Visitor) -> None:
    def with_expired_token(route: Route) -> None:
        route.continue_(headers=route.request.headers | {"authorization": "Bearer ended"})

    ada.expected = {401}
    ada.page.context.clear_cookies()
    ada.page.route("**/tags", with_expired_token)

    ada.page.get_by_role("link", name="Tags", exact=True).click()

    expect(ada.page.get_by_role("heading", name="Sign in to continue")).to_be_visible()
    ada.page.unroute_all()
    ada.sign_in()
    expect(ada.page).to_have_url(f"{ada.instance.url}/labels")


def test_registration_from_deep_link_returns_to_it(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/alerts")
    expect(visitor.page.get_by_role("heading", name="Sign in to continue")).to_be_visible()
    visitor.page.get_by_role("link", name="Create an account").click()

    visitor.complete_registration()

    expect(visitor.page.get_by_role("heading", name="Saved searches", exact=True)).to_be_visible()


def test_password_reset_with_code_changes_password(ada: Visitor) -> None:
    sign_out(ada)
    page = ada.page
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(ada.email)
    page.get_by_role("button", name="Send code").click()
    expect(page.get_by_role("link", name="Open the mailbox")).to_have_attribute("href", re.compile("/mailbox[?]to="))
    page.get_by_label("Code").fill(ada.instance.find_code(ada.email))
    page.get_by_label("New password").fill(f"{PASSWORD} any more")
    page.get_by_role("button", name="Change password").click()

    page.get_by_label("Password", exact=True).fill(f"{PASSWORD} any more")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def test_registration_of_own_address_is_explained_by_e_mail(ada: Visitor) -> None:
    page = ada.page
    sign_out(ada)
    ada.go("/register")
    ada.submit_registration(f"{PASSWORD} any more")
    expect(page.get_by_text(f"The mailbox has an e-mail for {ada.email}.")).to_be_visible()
    assert ada.instance.list_mails(ada.email)[0].subject == "You already have a PixTag account"

    page.get_by_role("link", name="reset your password").click()

    expect(page.get_by_label("E-mail address")).to_have_value(ada.email)
    expect(page.get_by_role("button", name="Send code")).to_be_visible()


def test_confirmation_code_is_sent_again_on_request(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/confirm")
    expect(visitor.page.get_by_role("link", name="Open the mailbox")).to_be_visible()
    visitor.page.get_by_label("E-mail address").fill(visitor.email)

    visitor.page.get_by_role("button", name="send a new code").click()

    expect(visitor.page.get_by_label("Messages")).to_contain_text("The mailbox shows a new code")


def test_sign_in_with_keyboard_only_opens_library(ada: Visitor) -> None:
    sign_out(ada)
    press = ada.page.keyboard.press
    expect(ada.page.get_by_label("E-mail address")).to_be_focused()
    ada.page.keyboard.type(ada.email)
    press("Tab")
    ada.page.keyboard.type(PASSWORD)
    press("Enter")

    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    press("/")
    expect(ada.page.get_by_label("Search photos")).to_be_focused()
    ada.page.keyboard.type("u?")  # shortcuts are off while the person types
    expect(ada.page.get_by_label("Search photos")).to_have_value("u?")
    press("Escape")
    press("Escape")  # the first one closes the suggestions if they are open
    press("?")
    expect(ada.page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Upload photos")
    press("Escape")
    expect(ada.page.get_by_role("dialog")).to_have_count(0)


def test_sign_out_in_one_tab_signs_out_other_tabs(ada: Visitor) -> None:
    other = ada.page.context.new_page()
    other.goto(ada.instance.url)
    expect(other.get_by_role("link", name="Your account")).to_be_visible()

    sign_out(ada)

    expect(other.get_by_role("button", name="Sign in")).to_be_visible()


def test_tabs_refresh_their_session_one_at_a_time(ada: Visitor) -> None:
    tabs = [ada.page, ada.page.context.new_page(), ada.page.context.new_page()]
    for tab in tabs[1:]:
        tab.goto(ada.instance.url)
        expect(tab.get_by_role("link", name="Your account")).to_be_visible()
    counts = count_running_refreshes(ada.page.context)

    for reloads in range(1, RELOADS + 1):
        for tab in tabs:
            tab.evaluate("setTimeout(() => location.reload())")
        has_all = partial(has_length, counts, 2 * len(tabs) * reloads)
        wait_until(ada.page, has_all, "all tabs have refreshed their session")
        for tab in tabs:
            expect(tab.get_by_role("link", name="Your account")).to_be_visible()

    assert counts == [1, 0] * len(tabs) * RELOADS


def has_length(counts: list[int], length: int) -> bool:
    return len(counts) >= length


def count_running_refreshes(context: BrowserContext) -> list[int]:
    """Return a list that will contain the number of running refreshes after each start and end of one.

    A refresh ends before its tab gets the response: the events of several tabs have no order.
    """
    counts: list[int] = []

    def refresh(route: Route) -> None:
        counts.append((counts or [0])[-1] + 1)
        response = route.fetch()
        counts.append(counts[-1] - 1)
        route.fulfill(response=response)

    context.route("**/auth/session/refresh", refresh)
    return counts


@all_sizes
def test_start_without_server_waits_for_it(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.page.route("**/auth/session/refresh", lambda route: route.abort())
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="Can't reach PixTag")).to_be_visible()
    visitor.check("unreachable")

    visitor.page.unroute_all()

    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    visitor.problems[:] = [problem for problem in visitor.problems if "ERR_FAILED" not in problem]


def test_start_with_full_disk_shows_reason_and_keeps_session(ada: Visitor) -> None:
    ada.expected = {507}
    full = {"type": "urn:pixtag:storage-full", "detail": "The disk of this PixTag is full."}
    ada.page.route("**/auth/session/refresh", lambda route: route.fulfill(status=507, json=full))
    ada.page.reload()
    expect(ada.page.get_by_role("alert")).to_contain_text("The disk of this PixTag is full.")

    ada.page.unroute_all()
    ada.page.get_by_role("button", name="Try again").click()

    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def sign_out(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Your account").click()
    visitor.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(visitor.page.get_by_role("button", name="Sign in")).to_be_visible()
