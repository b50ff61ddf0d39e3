from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from app.adapters.aws.topics import EmailState, Topics
from tests.support.aws import before, mails
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef


def list_subscriptions(sns: "SNSClient", owner: str) -> list["SubscriptionTypeDef"]:
    return sns.list_subscriptions_by_topic(TopicArn=SETTINGS.topic_prefix + owner)["Subscriptions"]


def test_state_without_subscription_is_none(topics: Topics, sns: "SNSClient", owner: str) -> None:
    assert topics.state(owner) is EmailState.NONE

    sns.create_topic(Name=f"pixtag-{owner}")

    assert topics.state(owner) is EmailState.NONE


def test_subscribe_of_new_address_returns_the_state_in_sns(topics: Topics, sns: "SNSClient", owner: str) -> None:
    assert topics.subscribe(owner, "ada@example.com") is EmailState.CONFIRMED

    assert [(each["Protocol"], each["Endpoint"]) for each in list_subscriptions(sns, owner)] == [
        ("email", "ada@example.com")
    ]


def test_subscribe_twice_sends_one_confirmation(topics: Topics, sns: "SNSClient", owner: str) -> None:
    calls: list[str] = []

    with before(sns, "sns.Subscribe", lambda: calls.append("Subscribe")):
        states = [topics.subscribe(owner, "ada@example.com") for _ in range(2)]

    assert states == [EmailState.CONFIRMED] * 2
    assert (len(calls), len(list_subscriptions(sns, owner))) == (1, 1)


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
    topics: Topics, sns: "SNSClient", owner: str, arns: list[str], state: EmailState
) -> None:
    with Stubber(sns) as stub:
        stub.add_response("list_subscriptions_by_topic", {"Subscriptions": [{"SubscriptionArn": arn} for arn in arns]})

        assert topics.state(owner) is state


def test_subscribe_with_mailbox_url_subscribes_the_mailbox(sns: "SNSClient", owner: str) -> None:
    Topics(sns, SETTINGS.topic_prefix, "http://127.0.0.1:8025/mailbox").subscribe(owner, "ada+dogs@example.com")

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
    topics: Topics, owner: str, subject: str, sent: str
) -> None:
    topics.subscribe(owner, "ada@example.com")

    topics.publish(owner, subject, "café …")

    assert mails(owner) == [(sent, "café …")]


def test_state_after_delete_is_none(topics: Topics, owner: str) -> None:
    topics.subscribe(owner, "ada@example.com")

    for _ in range(2):
        topics.delete(owner)

    assert topics.state(owner) is EmailState.NONE


def test_publish_sends_nothing_to_other_owners(topics: Topics, owner: str) -> None:
    topics.subscribe(owner, "ada@example.com")
    topics.subscribe("grace", "grace@example.com")

    topics.publish(owner, "For Ada", "")

    assert mails("grace") == []
