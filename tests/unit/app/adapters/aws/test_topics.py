from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from app.adapters.aws.topics import EmailState, Topics
from tests.support.aws import before, mails
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef


def listed(sns: "SNSClient", owner: str) -> list["SubscriptionTypeDef"]:
    return sns.list_subscriptions_by_topic(TopicArn=SETTINGS.topic_prefix + owner)["Subscriptions"]


def test_nobody_is_reached_before_anybody_has_subscribed(topics: Topics, sns: "SNSClient", owner: str) -> None:
    assert topics.state(owner) is EmailState.NONE

    sns.create_topic(Name=f"pixtag-{owner}")

    assert topics.state(owner) is EmailState.NONE


def test_a_subscribed_address_is_reached_as_soon_as_sns_says_so(topics: Topics, sns: "SNSClient", owner: str) -> None:
    assert topics.subscribe(owner, "ada@example.com") is EmailState.CONFIRMED

    assert [(one["Protocol"], one["Endpoint"]) for one in listed(sns, owner)] == [("email", "ada@example.com")]


def test_subscribing_twice_makes_one_subscription(topics: Topics, sns: "SNSClient", owner: str) -> None:
    asked: list[str] = []

    with before(sns, "sns.Subscribe", lambda: asked.append("to confirm")):
        states = [topics.subscribe(owner, "ada@example.com") for _ in range(2)]

    assert states == [EmailState.CONFIRMED] * 2
    assert (len(asked), len(listed(sns, owner))) == (1, 1)


@pytest.mark.parametrize(
    ("arns", "state"),
    [
        (["PendingConfirmation"], EmailState.PENDING),
        (["Deleted"], EmailState.NONE),
        (["Deleted", "PendingConfirmation"], EmailState.PENDING),
        (["Deleted", "arn:aws:sns:us-east-1:123456789012:pixtag-o:1"], EmailState.CONFIRMED),
    ],
)
def test_an_address_counts_as_reached_only_with_an_arn(
    topics: Topics, sns: "SNSClient", owner: str, arns: list[str], state: EmailState
) -> None:
    with Stubber(sns) as stub:
        stub.add_response("list_subscriptions_by_topic", {"Subscriptions": [{"SubscriptionArn": arn} for arn in arns]})

        assert topics.state(owner) is state


def test_where_no_mail_can_be_sent_a_mailbox_stands_in(sns: "SNSClient", owner: str) -> None:
    Topics(sns, SETTINGS.topic_prefix, "http://127.0.0.1:8025/mailbox").subscribe(owner, "ada+dogs@example.com")

    endpoint = "http://127.0.0.1:8025/mailbox/ada%2Bdogs%40example.com"
    assert [(one["Protocol"], one["Endpoint"]) for one in listed(sns, owner)] == [("http", endpoint)]


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("1 new image: dog", "1 new image: dog"),
        ("1 new image:\r\nBcc: eve@example.com", "1 new image: Bcc: eve@example.com"),
        ("1 new image: café", "1 new image: caf?"),
        ("2 new images: " + "dog, " * 40, "2 new images: " + "dog, " * 15 + "dog, ..."),
    ],
)
def test_a_subject_is_one_short_line_of_ascii(topics: Topics, owner: str, subject: str, sent: str) -> None:
    topics.subscribe(owner, "ada@example.com")

    topics.publish(owner, subject, "café …")

    assert mails(owner) == [(sent, "café …")]


def test_a_topic_that_was_deleted_reaches_nobody(topics: Topics, owner: str) -> None:
    topics.subscribe(owner, "ada@example.com")

    for _ in range(2):
        topics.delete(owner)

    assert topics.state(owner) is EmailState.NONE


def test_each_owner_has_a_topic_of_their_own(topics: Topics, owner: str) -> None:
    topics.subscribe(owner, "ada@example.com")
    topics.subscribe("grace", "grace@example.com")

    topics.publish(owner, "For Ada", "")

    assert mails("grace") == []
