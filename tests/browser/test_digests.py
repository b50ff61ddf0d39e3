"""A digest about three saved searches in the mailbox, and its links."""

from playwright.sync_api import expect

from app.adapters.local.mail import SqliteMail
from app.adapters.local.subscriptions import SqliteSubscriptions
from app.domain.query import parse
from app.domain.subscriptions import Choices
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.browser.conftest import Visitor

MAIL_SECONDS = 60
SEARCHES = (("clock", "Clocks"), ("stop sign", "Signs & such"), ("stop sign|clock", ""))


def test_digest_in_the_mailbox_shows_photos_and_pauses_a_saved_search(ada: Visitor) -> None:
    owner = ada.accounts.admin.find_owner(ada.email)
    subscriptions = SqliteSubscriptions(ada.accounts.database)
    SqliteMail(ada.accounts.database).subscribe(owner, ada.email)
    for query, title in SEARCHES:
        subscriptions.add(owner, parse(query), Choices(title))
    ada.upload(("both.png", scene(stop_signs=1, clocks=1)))
    wait_until(
        lambda: any("New photos" in mail.subject for mail in ada.instance.list_mails(ada.email)),
        MAIL_SECONDS,
        "No mail.",
    )

    ada.go(f"/mailbox?to={ada.email}")
    expect(ada.page.get_by_role("heading", name="New photos: Clocks (1), Signs & such (1)")).to_be_visible()
    wait_until(
        lambda: (
            ada.page.evaluate("[...document.images].filter((each) => each.naturalWidth > 0).length") == len(SEARCHES)
        ),
        MAIL_SECONDS,
        "The thumbnails are not shown.",
    )
    ada.check("mailbox-with-digest")
    ada.page.get_by_role("link", name="/links/pause.").first.click()
    expect(ada.page.get_by_role("heading", name="Pause “Clocks”?")).to_be_visible()
    assert [each.choices.paused for each in subscriptions.list(owner)] == [False] * 3
    ada.check("mail-link")
    ada.page.get_by_role("button", name="Pause").click()

    expect(ada.page.get_by_role("heading", name="This saved search is paused")).to_be_visible()
    assert [each.choices.paused for each in subscriptions.list(owner)] == [True, False, False]
