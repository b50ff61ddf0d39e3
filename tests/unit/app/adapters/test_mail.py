from typing import TYPE_CHECKING

import pytest

from app.domain.mail import EmailState, MailContent
from app.domain.ports import Mail

if TYPE_CHECKING:
    from tests.support.stored_data import StoredData

OWNER, OTHER = "zenobia", "yorick"


def subscribe(mail: Mail, owner: str) -> EmailState:
    return mail.subscribe(owner, f"{owner}@example.com")


def test_state_without_subscription_is_none(mail: Mail) -> None:
    assert mail.state(OWNER) is EmailState.NONE


def test_subscribe_twice_returns_confirmed(mail: Mail) -> None:
    assert [subscribe(mail, OWNER) for _ in range(2)] == [EmailState.CONFIRMED] * 2
    assert (mail.state(OWNER), mail.state(OTHER)) == (EmailState.CONFIRMED, EmailState.NONE)


def test_publish_sends_one_e_mail_to_the_owner_only(mail: Mail, stored: "StoredData") -> None:
    for owner in (OWNER, OTHER):
        subscribe(mail, owner)

    mail.publish(OWNER, MailContent("1 new image: dog", "café …"))

    assert stored.mails(OWNER) == [("1 new image: dog", "café …")]
    assert stored.mails(OTHER) == []


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("1 new image:\r\nBcc: eve@example.com", "1 new image: Bcc: eve@example.com"),
        ("2 new images: " + "dog, " * 40, "2 new images: " + "dog, " * 15 + "dog, ..."),
    ],
)
def test_publish_reduces_the_subject_to_one_short_line(
    mail: Mail, stored: "StoredData", subject: str, sent: str
) -> None:
    subscribe(mail, OWNER)

    mail.publish(OWNER, MailContent(subject, "body"))

    assert stored.mails(OWNER) == [(sent, "body")]


def test_state_after_delete_is_none_until_the_next_subscription(mail: Mail) -> None:
    subscribe(mail, OWNER)

    for _ in range(2):
        mail.delete(OWNER)

    assert mail.state(OWNER) is EmailState.NONE
    assert subscribe(mail, OWNER) is EmailState.CONFIRMED
