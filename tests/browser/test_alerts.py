from playwright.sync_api import Route, expect

from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, all_sizes

SIGN = ("sign.png", scene(stop_signs=1))
CLOCK = ("clock.png", scene(clocks=1))
MAIL_SECONDS = 30


def subscribe(visitor: Visitor, query: str) -> None:
    visitor.page.get_by_label("Tag or search").fill(query)
    visitor.page.keyboard.press("Enter")


def test_alert_on_new_match_sends_mail(ada: Visitor) -> None:
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.go("/alerts")
    expect(ada.page.get_by_role("heading", name="No saved searches yet")).to_be_visible()

    subscribe(ada, "Clock")
    expect(ada.page.get_by_label("Your saved searches")).to_contain_text("Counting the matching photos")
    subscribe(ada, "stop sign >= 1")
    expect(ada.page.get_by_role("link", name="stop sign")).to_be_visible()
    expect(ada.page.get_by_label("Tag or search")).to_have_value("")
    expect(ada.page.get_by_role("region", name="E-mail")).to_contain_text("E-mails go to the mailbox")
    ada.upload(CLOCK)

    wait_until(
        lambda: any("clock" in mail.body for mail in ada.instance.list_mails(ada.email)), MAIL_SECONDS, "No mail came."
    )
    with ada.page.context.expect_page() as opened:
        ada.page.get_by_role("link", name="Open the mailbox").click()
    expect(opened.value.get_by_text("clock.png").first).to_be_visible()

    def is_counted() -> bool:
        ada.page.reload()
        text = ada.page.get_by_label("Your saved searches").inner_text()
        return text.count("1 photo matches") == 2

    wait_until(is_counted, MAIL_SECONDS, "The matches are not counted.")


def test_alert_for_unknown_tag_shows_suggestions_before_it_is_saved(ada: Visitor) -> None:
    ada.upload(CLOCK)
    expect(ada.tile("clock.png: clock 1")).to_be_visible()
    ada.go("/alerts")

    subscribe(ada, "clocks")
    expect(ada.page.get_by_role("button", name="clock 1 photo")).to_be_visible()
    expect(ada.page.get_by_role("heading", name="No saved searches yet")).to_be_visible()
    ada.screenshot("alert-suggested")
    ada.page.get_by_role("button", name="clock 1 photo").click()
    expect(ada.page.get_by_label("Your saved searches")).to_contain_text("clock")
    subscribe(ada, "watches")
    ada.page.get_by_role("button", name="Save “watches” anyway").click()

    expect(ada.page.get_by_label("Your saved searches")).to_contain_text("watches")


def test_alert_with_invalid_query_selects_error_and_keeps_input(ada: Visitor) -> None:
    ada.expected = {422}
    ada.go("/alerts")

    subscribe(ada, "dog, cat>>2")

    box = ada.page.get_by_label("Tag or search")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_value("dog, cat>>2")
    expect(ada.page.locator(".field-error")).to_contain_text("at character")
    expect(box).to_be_focused()
    assert box.evaluate("input => input.value.slice(input.selectionStart, input.selectionEnd)").endswith(">2")


def test_alert_with_invalid_query_offers_the_corrected_one(ada: Visitor) -> None:
    ada.fill("cat.jpg", cat=1, dog=1)
    ada.expected = {422}
    ada.go("/alerts")
    subscribe(ada, "dog AND cat")
    offer = ada.page.get_by_role("button", name="Save dog, cat")
    expect(offer).to_be_visible()
    ada.page.get_by_label("Tag or search").press_sequentially("s")
    expect(offer).to_have_count(0)
    subscribe(ada, "dog AND cat")

    offer.click()

    expect(ada.page.get_by_label("Your saved searches").get_by_role("link", name="dog, cat")).to_be_visible()
    expect(ada.page.locator(".field-error")).to_have_count(0)
    expect(offer).to_have_count(0)


def test_alert_after_removal_is_restored_by_undo(ada: Visitor) -> None:
    ada.go("/alerts")
    subscribe(ada, "dog>=2")
    expect(ada.page.get_by_role("link", name="dog>=2")).to_be_visible()

    ada.page.get_by_role("button", name="Remove dog>=2").press("Enter")
    expect(ada.page.get_by_role("heading", name="No saved searches yet")).to_be_visible()
    ada.page.get_by_role("button", name="Undo").press("Enter")

    expect(ada.page.get_by_role("link", name="dog>=2")).to_be_visible()


def test_alert_with_keyboard_only_is_added_and_removed(ada: Visitor) -> None:
    page = ada.page
    ada.tab_to(page.get_by_role("link", name="Saved", exact=True))
    page.keyboard.press("Enter")
    ada.tab_to(page.get_by_label("Tag or search"))
    page.keyboard.type("dog>=2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="dog>=2")).to_be_visible()
    ada.tab_to(page.get_by_role("button", name="Remove dog>=2"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No saved searches yet")).to_be_visible()
    ada.tab_to(page.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="dog>=2")).to_be_visible()


def test_alerts_without_subscription_offer_new_confirmation(ada: Visitor) -> None:
    ada.go("/alerts")
    subscribe(ada, "dog")
    expect(ada.page.get_by_role("region", name="E-mail")).to_contain_text("E-mails go to")
    ada.accounts.mail.delete(ada.accounts.admin.find_owner(ada.email))  # on AWS, SNS can do this
    ada.page.reload()

    expect(ada.page.get_by_role("region", name="E-mail")).to_contain_text("E-mails are off")
    ada.page.get_by_role("button", name="Send new confirmation").click()

    expect(ada.page.get_by_role("region", name="E-mail")).to_contain_text("E-mails go to")


def test_alert_can_be_paused_and_continued(ada: Visitor) -> None:
    ada.go("/alerts")
    subscribe(ada, "dog")
    choice = ada.page.get_by_label("E-mails about dog")
    expect(choice).to_have_value("at-once")

    for value in ("paused", "weekly", "off"):
        with ada.page.expect_response("**/subscriptions"):  # the list after the change
            choice.select_option(value)
        ada.page.reload()
        expect(choice).to_have_value(value)
    ada.check("alert-without-e-mails")
    ada.page.get_by_role("button", name="Remove dog").click()
    ada.page.get_by_role("button", name="Undo").click()

    expect(choice).to_have_value("off")


def test_pending_confirmation_can_be_sent_again(ada: Visitor) -> None:
    """The responses are those of AWS. On one machine, no confirmation is needed."""
    sent: list[str] = []

    def respond(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
        route.fulfill(json={"email": "pending", "mailbox": None, "subscriptions": []})

    ada.page.route("**/subscriptions", respond)
    ada.page.route("**/subscriptions/confirmation", respond)
    ada.go("/alerts")
    ada.page.get_by_role("button", name="Send it again").click()

    expect(ada.page.get_by_text(f"Sent the confirmation to {ada.email} again.")).to_be_attached()
    assert [url.rpartition("/")[2] for url in sent] == ["confirmation"]
    ada.check("alerts-pending")


def test_alerts_of_other_account_are_hidden(ada: Visitor, visit: Visit) -> None:
    ada.go("/alerts")
    subscribe(ada, "dog")
    expect(ada.page.get_by_role("link", name="dog")).to_be_visible()
    other = visit()
    other.start()

    other.go("/alerts")

    expect(other.page.get_by_role("heading", name="No saved searches yet")).to_be_visible()


@all_sizes
def test_alerts_screen_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.expected = {422}
    visitor.start()
    visitor.go("/alerts")
    visitor.page.get_by_role("heading", name="No saved searches yet").wait_for()
    visitor.check("no-alerts")
    for query in ("dog", "person>=2, !car", "cat|bird"):
        subscribe(visitor, query)
        expect(visitor.page.get_by_role("link", name=query)).to_be_visible()
    subscribe(visitor, "cat>>2")
    expect(visitor.page.locator(".field-error")).to_be_visible()
    visitor.check("alerts")
