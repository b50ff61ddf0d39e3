"""The mail services of AWS and of one machine behave in the same way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.adapters.local.database import Database
from app.adapters.local.mail import SqliteMail
from app.domain.mail import EmailState
from app.domain.ports import Mail
from tests.support.aws import connect_aws, mails
from tests.support.fakes import FakeDetector

OWNER, OTHER = "zenobia", "yorick"


@dataclass(frozen=True)
class Service:
    """The mail service, and a function that returns the subjects and bodies of the e-mails to an owner."""

    mail: Mail
    list_mails: Callable[[str], Sequence[tuple[str | None, str]]]

    def subscribe(self, owner: str) -> EmailState:
        return self.mail.subscribe(owner, f"{owner}@example.com")


@pytest.fixture(params=["aws", "local"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Service:
    if request.param == "aws":
        request.getfixturevalue("sns")
        return Service(connect_aws(FakeDetector).mail, mails)
    mail = SqliteMail(Database(tmp_path / "pixtag.db"))
    return Service(
        mail, lambda owner: [(each.subject, each.body) for each in mail.list_mails(f"{owner}@example.com")][::-1]
    )


def test_state_without_subscription_is_none(service: Service) -> None:
    assert service.mail.state(OWNER) is EmailState.NONE


def test_subscribe_twice_returns_confirmed(service: Service) -> None:
    assert [service.subscribe(OWNER) for _ in range(2)] == [EmailState.CONFIRMED] * 2
    assert (service.mail.state(OWNER), service.mail.state(OTHER)) == (EmailState.CONFIRMED, EmailState.NONE)


def test_publish_sends_one_e_mail_to_the_owner_only(service: Service) -> None:
    for owner in (OWNER, OTHER):
        service.subscribe(owner)

    service.mail.publish(OWNER, "1 new image: dog", "café …")

    assert service.list_mails(OWNER) == [("1 new image: dog", "café …")]
    assert service.list_mails(OTHER) == []


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("1 new image:\r\nBcc: eve@example.com", "1 new image: Bcc: eve@example.com"),
        ("2 new images: " + "dog, " * 40, "2 new images: " + "dog, " * 15 + "dog, ..."),
    ],
)
def test_publish_reduces_the_subject_to_one_short_line(service: Service, subject: str, sent: str) -> None:
    service.subscribe(OWNER)

    service.mail.publish(OWNER, subject, "")

    assert service.list_mails(OWNER) == [(sent, "")]


def test_state_after_delete_is_none(service: Service) -> None:
    service.subscribe(OWNER)

    for _ in range(2):
        service.mail.delete(OWNER)

    assert service.mail.state(OWNER) is EmailState.NONE


def test_subscribe_after_delete_returns_confirmed(service: Service) -> None:
    service.subscribe(OWNER)
    service.mail.delete(OWNER)

    assert service.subscribe(OWNER) is EmailState.CONFIRMED
