import time
from datetime import UTC, datetime

import pytest

from app.adapters.local.accounts import BODY
from app.api.mailbox_page import render_page
from app.domain.mail import Picture, StoredMail

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ENDS = [(1, 1, 1), (9999, 12, 31)]
CODE_MARKUP = "<code>091234</code>"


def mail(body: str) -> StoredMail:
    return StoredMail("ada@example.com", "Subject", body, NOON)


def test_email_with_code_shows_code_apart_from_text() -> None:
    assert CODE_MARKUP in render_page([mail(BODY.format(code="091234"))], "", str)


@pytest.mark.parametrize("body", ["street.png: stop sign 2", "IMG 091234 is your PixTag code", "0912345 is your code"])
def test_email_without_code_shows_only_text(body: str) -> None:
    assert "<code>" not in render_page([mail(body)], "", str)


@pytest.mark.parametrize(
    ("count", "to", "summary"),
    [
        (0, "", "No e-mails yet. Codes appear here"),
        (1, "", "1 e-mail<"),
        (2, "ada@example.com", "2 e-mails to <strong>ada@example.com</strong>"),
        (0, "ada@example.com", "No e-mails to <strong>ada@example.com</strong>"),
    ],
)
def test_page_contains_number_of_emails(count: int, to: str, summary: str) -> None:
    assert f'<p class="summary">{summary}' in render_page([mail("text")] * count, to, str)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_page_with_a_time_at_the_end_of_the_calendar_shows_it(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    ends = [StoredMail("", "", "", NOON.replace(year=year, month=month, day=day)) for year, month, day in ENDS]

    page = render_page(ends, "", str)
    monkeypatch.undo()
    time.tzset()

    assert "December 9999" in page


def test_email_with_picture_shows_it_in_the_link_to_its_photo() -> None:
    url, other = "https://pixtag.example/photos/1?a=1&b=2", "https://pixtag.example/photos/2"
    digest = StoredMail("", "", f"a.jpg: dog | 1\n{url}\n\n{other}\n", NOON, pictures=(Picture(url, "thumbnails/1"),))

    page = render_page([digest], "", lambda key: f'/objects/{key}?"<')

    assert (
        '<a href="https://pixtag.example/photos/1?a=1&amp;b=2">'
        '<img src="/objects/thumbnails/1?&quot;&lt;" alt="" height="96" loading="lazy">https://'
    ) in page
    assert (page.count("<img"), f'<a href="{other}">{other}</a>' in page) == (1, True)
