"""The pages behind the links in digests."""

import base64
import hashlib
import re
from collections.abc import Iterator
from html import escape

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.api.mail_link_texts import TEXTS
from app.domain.mail_links import LINK_DAYS, LinkAction
from app.domain.ports import Subscriptions
from app.domain.query import parse
from app.domain.subscriptions import Choices, Subscription
from app.main import app
from app.services import mail_links as mail_links_module
from app.services.mail_links import MailLinks
from tests.support.fakes import Clock

NAME = "<b>Dogs</b> {name}"


@pytest.fixture
def links(subscriptions: Subscriptions) -> MailLinks:
    return MailLinks(subscriptions, "")


@pytest.fixture
def backend() -> str:
    return "aws"


@pytest.fixture
def reader(links: MailLinks) -> Iterator[TestClient]:
    """A person who has the e-mail, and who is not signed in."""
    app.dependency_overrides[provide(wiring.mail_links)] = lambda: links
    yield TestClient(app, "http://127.0.0.1:8000")
    app.dependency_overrides.clear()


@pytest.fixture
def dog(subscriptions: Subscriptions, owner: str) -> Subscription:
    return subscriptions.add(owner, parse("dog"), Choices(NAME))


@pytest.mark.parametrize(
    ("action", "question", "result", "again"),
    [
        (LinkAction.PAUSE, "Pause “&lt;b&gt;Dogs&lt;/b&gt; {name}”?", "is paused", "is already paused or deleted"),
        (LinkAction.END, "Delete “&lt;b&gt;Dogs&lt;/b&gt; {name}”?", "is deleted", "is already deleted"),
        (LinkAction.STOP, "Stop all e-mails?", "are off", "are already off"),
    ],
)
def test_link_asks_and_then_acts_once(
    reader: TestClient,
    links: MailLinks,
    subscriptions: Subscriptions,
    owner: str,
    dog: Subscription,
    action: LinkAction,
    question: str,
    result: str,
    again: str,
) -> None:
    url = links.write_url(action, owner, dog)

    asked = [reader.get(url) for _ in range(2)]
    unchanged = subscriptions.list(owner)
    done = [reader.post(url, data={"List-Unsubscribe": "One-Click"}) for _ in range(2)]

    assert [f"<h1>{question}</h1>" in page.text and '<form method="post">' in page.text for page in asked] == [True] * 2
    assert unchanged == [dog]
    assert [page.status_code for page in (*asked, *done)] == [200] * 4
    assert [
        re.findall("<h1>(.*)</h1>", page.text)[0].endswith(text)
        for page, text in zip(done, (result, again), strict=True)
    ] == [
        True,
        True,
    ]
    assert again in reader.get(url).text
    assert subscriptions.list(owner) != [dog]


def test_page_policy_allows_only_its_own_style_and_form(
    reader: TestClient, links: MailLinks, owner: str, dog: Subscription
) -> None:
    response = reader.get(links.write_url(LinkAction.END, owner, dog))

    (style,) = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert response.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert (response.headers["Referrer-Policy"], response.headers["Cache-Control"]) == ("same-origin", "no-store")
    assert "<script" not in response.text


@pytest.mark.parametrize("action", LinkAction)
def test_pages_in_german_browser_are_in_german(
    reader: TestClient, links: MailLinks, owner: str, dog: Subscription, action: LinkAction
) -> None:
    url, headers, texts = links.write_url(action, owner, dog), {"Accept-Language": "de"}, TEXTS["de"]

    pages = [reader.request(method, url, headers=headers) for method in ("GET", "POST", "GET")]
    altered = reader.get(f"{url}x", headers=headers)

    question = texts.questions[action][0].format(name=escape(NAME))
    titles = (question, texts.results[action][0], texts.done_before[action][0])
    assert [f"<h1>{title}</h1>" in page.text for page, title in zip(pages, titles, strict=True)] == [True] * 3
    assert '<html lang="de">' in altered.text
    assert f"<h1>{texts.not_valid[0]}</h1>" in altered.text
    assert {"Accept-Language", "Cookie"} <= set(altered.headers["Vary"].split(", "))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_expired_link_says_what_to_do(
    reader: TestClient,
    links: MailLinks,
    subscriptions: Subscriptions,
    owner: str,
    dog: Subscription,
    method: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = links.write_url(LinkAction.END, owner, dog)
    monkeypatch.setattr(mail_links_module, "time", Clock(LINK_DAYS * 86_400 + 1))

    page = reader.request(method, url)

    assert (page.status_code, "<h1>This link has expired</h1>" in page.text) == (410, True)
    assert (NAME in page.text, subscriptions.list(owner)) == (False, [dog])


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("search", [True, False])
def test_altered_link_does_not_reveal_whether_a_search_exists(
    reader: TestClient,
    links: MailLinks,
    subscriptions: Subscriptions,
    owner: str,
    dog: Subscription,
    method: str,
    search: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    url = links.write_url(LinkAction.END, owner, dog)
    altered = url.replace("/end.", "/pause.") if search else url.replace(dog.id, "0" * 26)

    page = reader.request(method, altered)

    assert (page.status_code, "<h1>This link is not valid</h1>" in page.text) == (403, True)
    assert subscriptions.list(owner) == [dog]
