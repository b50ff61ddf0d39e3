from playwright.sync_api import Route, expect

from tests.browser.conftest import PASSWORD, Visit, Visitor


def test_registration_with_code_signs_in(visit: Visit) -> None:
    visitor = visit()

    visitor.register()

    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def test_registration_with_weak_password_shows_rules_and_keeps_inputs(visit: Visit) -> None:
    visitor = visit()
    visitor.expected = {422}
    page = visitor.page
    visitor.go("/register")

    visitor.submit_registration("short")

    expect(page.get_by_role("alert")).to_contain_text("at least 12 characters")
    expect(page.get_by_label("E-mail address")).to_have_value(visitor.email)
    expect(page.get_by_label("Password", exact=True)).to_have_value("short")


def test_second_registration_keeps_first_password(visit: Visit) -> None:
    visitor = visit()
    visitor.expected = {401}
    page = visitor.page
    visitor.go("/register")
    visitor.submit_registration(PASSWORD)
    page.get_by_role("link", name="correct the address").click()
    expect(page.get_by_label("Given name")).to_have_value("Ada")
    visitor.submit_registration(f"{PASSWORD} any more")
    visitor.confirm()

    expect(page.get_by_label("Messages")).to_contain_text("Sign in with the password from your first registration")
    expect(page.get_by_label("E-mail address")).to_have_value(visitor.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()


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

    expect(visitor.page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()


def test_password_reset_with_code_changes_password(ada: Visitor) -> None:
    sign_out(ada)
    page = ada.page
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(ada.email)
    page.get_by_role("button", name="Send code").click()
    page.get_by_label("Code").wait_for()
    page.get_by_label("Code").fill(ada.instance.find_code(ada.email))
    page.get_by_label("New password").fill(f"{PASSWORD} any more")
    page.get_by_role("button", name="Change password").click()

    page.get_by_label("Password", exact=True).fill(f"{PASSWORD} any more")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()


def test_confirmation_code_is_sent_again_on_request(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/confirm")
    visitor.page.get_by_label("E-mail address").fill(visitor.email)

    visitor.page.get_by_role("button", name="send a new code").click()

    expect(visitor.page.get_by_label("Messages")).to_contain_text("We've sent a new code")


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


def sign_out(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Your account").click()
    visitor.page.get_by_role("button", name="Sign out").click()
    expect(visitor.page.get_by_role("button", name="Sign in")).to_be_visible()
