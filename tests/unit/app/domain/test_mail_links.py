from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.mail_links import LINK_DAYS, LinkAction, make_link, read_link, sign_link
from app.domain.query import parse
from app.domain.subscriptions import Subscription

NOW = 1_800_000_000
SECRET, OTHER_SECRET = b"s" * 32, b"t" * 32
OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
DOG = Subscription("5f2b0c1d9e8a7b6c5d4e3f2a1b", parse("dog"), datetime(2026, 1, 31, 12, 0, 0, 7, UTC))


@pytest.mark.parametrize("action", LinkAction)
@pytest.mark.parametrize("subscription", [DOG, None])
def test_read_link_returns_the_signed_link(action: LinkAction, subscription: Subscription | None) -> None:
    link = make_link(action, OWNER, subscription, NOW)

    assert read_link(sign_link(link, SECRET), SECRET) == link
    assert link.expires == NOW + LINK_DAYS * 86_400
    assert read_link(sign_link(link, SECRET), OTHER_SECRET) is None


def test_link_is_about_one_saved_search_only() -> None:
    link = make_link(LinkAction.END, OWNER, DOG, NOW)
    again = replace(DOG, created_at=DOG.created_at + timedelta(microseconds=1))

    assert [link.is_about(each) for each in (DOG, again, replace(DOG, id="0" * 26))] == [True, False, False]


def test_read_link_with_any_altered_character_returns_none() -> None:
    token = sign_link(make_link(LinkAction.PAUSE, OWNER, DOG, NOW), SECRET)
    altered = [
        token[:at] + other + token[at + 1 :] for at in range(len(token)) for other in "a1." if token[at] != other
    ]

    assert [each for each in altered if read_link(each, SECRET)] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: token[:-1],
        lambda token: f"{token}=",
        lambda token: f"{token}\n",
        lambda token: f" {token}",
        lambda token: token.replace("pause", "end"),
        lambda token: token.replace(OWNER, "0" * 36),
        lambda token: token.replace(".", "..", 1),
        lambda token: 100_000 * "pause.",
        lambda token: token.replace("1", "\N{ARABIC-INDIC DIGIT ONE}"),
        lambda token: f"{token.rpartition('.')[0]}.{'ä' * 43}",
    ],
    ids=range(11),
)
def test_read_link_of_altered_token_returns_none(change: Callable[[str], str]) -> None:
    token = sign_link(make_link(LinkAction.PAUSE, OWNER, DOG, NOW), SECRET)

    assert read_link(change(token), SECRET) is None
