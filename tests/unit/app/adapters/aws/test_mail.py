from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from app.adapters.aws.mail import SnsMail
from app.domain.mail import EmailState, MailContent
from tests.support.aws import before, mails
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef


def list_subscriptions(sns: "SNSClient", owner: str) -> list["SubscriptionTypeDef"]:
    return sns.list_subscriptions_by_topic(TopicArn=SETTINGS.topic_prefix + owner)["Subscriptions"]


def test_state_without_subscription_is_none(mail: SnsMail, sns: "SNSClient", owner: str) -> None:
    assert mail.state(owner) is EmailState.NONE

    sns.create_topic(Name=f"pixtag-{owner}")

    assert mail.state(owner) is EmailState.NONE


def test_subscribe_of_new_address_returns_the_state_in_sns(mail: SnsMail, sns: "SNSClient", owner: str) -> None:
    assert mail.subscribe(owner, "ada@example.com") is EmailState.CONFIRMED

    assert [(each["Protocol"], each["Endpoint"]) for each in list_subscriptions(sns, owner)] == [
        ("email", "ada@example.com")
    ]


def test_subscribe_twice_sends_one_confirmation(mail: SnsMail, sns: "SNSClient", owner: str) -> None:
    calls: list[str] = []

    with before(sns, "sns.Subscribe", lambda: calls.append("Subscribe")):
        states = [mail.subscribe(owner, "ada@example.com") for _ in range(2)]

    assert states == [EmailState.CONFIRMED] * 2
    assert (len(calls), len(list_subscriptions(sns, owner))) == (1, 1)


@pytest.mark.parametrize(
    ("arns", "again", "sends"),
    [
        (["PendingConfirmation"], True, True),
        (["PendingConfirmation"], False, False),
        (["Deleted"], True, True),
        (["arn:aws:sns:us-east-1:123456789012:pixtag-o:1"], True, False),
    ],
)
def test_subscribe_again_sends_only_a_pending_confirmation_again(
    mail: SnsMail,
    sns: "SNSClient",
    owner: str,
    arns: list[str],
    again: bool,  # noqa: FBT001 - a parameter of pytest
    sends: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    topic = SETTINGS.topic_prefix + owner
    listed = {"Subscriptions": [{"SubscriptionArn": arn, "Endpoint": "ada@example.com"} for arn in arns]}
    with Stubber(sns) as stub:
        stub.add_response("create_topic", {"TopicArn": topic}, {"Name": f"pixtag-{owner}"})
        stub.add_response("list_subscriptions_by_topic", listed)
        if sends:
            request = {"TopicArn": topic, "Protocol": "email", "Endpoint": "ada@example.com"}
            stub.add_response("subscribe", {"SubscriptionArn": "pending confirmation"}, request)
        stub.add_response("list_subscriptions_by_topic", listed)

        mail.subscribe(owner, "ada@example.com", again=again)

        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("arns", "state"),
    [
        (["PendingConfirmation"], EmailState.PENDING),
        (["Deleted"], EmailState.NONE),
        (["Deleted", "PendingConfirmation"], EmailState.PENDING),
        (["Deleted", "arn:aws:sns:us-east-1:123456789012:pixtag-o:1"], EmailState.CONFIRMED),
    ],
)
def test_state_is_confirmed_only_with_an_arn(
    mail: SnsMail, sns: "SNSClient", owner: str, arns: list[str], state: EmailState
) -> None:
    with Stubber(sns) as stub:
        stub.add_response("list_subscriptions_by_topic", {"Subscriptions": [{"SubscriptionArn": arn} for arn in arns]})

        assert mail.state(owner) is state


def test_subscribe_with_mailbox_url_subscribes_the_mailbox(sns: "SNSClient", owner: str) -> None:
    SnsMail(sns, SETTINGS.topic_prefix, "http://127.0.0.1:8025/mailbox").subscribe(owner, "ada+dogs@example.com")

    endpoint = "http://127.0.0.1:8025/mailbox/ada%2Bdogs%40example.com"
    assert [(each["Protocol"], each["Endpoint"]) for each in list_subscriptions(sns, owner)] == [("http", endpoint)]


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("1 new image: dog", "1 new image: dog"),
        ("1 new image:\r\nBcc: eve@example.com", "1 new image: Bcc: eve@example.com"),
        ("1 new image: café", "1 new image: caf?"),
        ("2 new images: " + "dog, " * 40, "2 new images: " + "dog, " * 15 + "dog, ..."),
    ],
)
def test_publish_reduces_the_subject_to_one_short_line_of_ascii(
    mail: SnsMail, owner: str, subject: str, sent: str
) -> None:
    mail.subscribe(owner, "ada@example.com")

    mail.publish(owner, MailContent(subject, "café …"))

    assert mails(owner) == [(sent, "café …")]


def test_subscribe_of_another_address_replaces_the_earlier_one(mail: SnsMail, sns: "SNSClient", owner: str) -> None:
    mail.subscribe(owner, "ada@example.com")

    mail.subscribe(owner, "ada@example.org")

    assert [each["Endpoint"] for each in list_subscriptions(sns, owner)] == ["ada@example.org"]


def test_notify_without_subscription_sends_nothing(mail: SnsMail, sns: "SNSClient", owner: str) -> None:
    calls: list[str] = []
    with before(sns, "sns.Publish", lambda: calls.append("Publish")):
        mail.notify(owner, "ada@example.com", MailContent("A notice", "text"))
        assert calls == []
        mail.subscribe(owner, "ada@example.com")

        mail.notify(owner, "ada@example.com", MailContent("A notice", "text"))

    assert calls == ["Publish"]
