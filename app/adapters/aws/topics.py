"""SNS: a topic per owner, the subscription of their address to it, and what is published there."""

from enum import StrEnum
from textwrap import shorten
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient


class EmailState(StrEnum):
    """Whether e-mail reaches the owner."""

    NONE = "none"  # nobody has asked for any, or SNS has ended it: subscribe (again)
    PENDING = "pending"  # SNS has sent a confirmation that waits for a click
    CONFIRMED = "confirmed"


class Topics:
    """The topics of everybody: their ARNs are a prefix and the owner.

    Where no e-mail can be sent, `mailbox_url` stands in for it: mail to ada@example.com is posted to
    `{mailbox_url}/ada%40example.com`.
    """

    def __init__(self, client: "SNSClient", prefix: str, mailbox_url: str = "") -> None:
        self._client = client
        self._prefix = prefix
        self._mailbox_url = mailbox_url

    def subscribe(self, owner: str, email: str) -> EmailState:
        """Make sure that the owner's topic reaches the address; SNS asks it to confirm, once."""
        self._client.create_topic(Name=self._arn(owner).rpartition(":")[2])
        if self.state(owner) is EmailState.NONE:
            mailbox = f"{self._mailbox_url}/{quote(email)}"
            protocol, endpoint = ("http", mailbox) if self._mailbox_url else ("email", email)
            self._client.subscribe(TopicArn=self._arn(owner), Protocol=protocol, Endpoint=endpoint)
        return self.state(owner)

    def state(self, owner: str) -> EmailState:
        """Whether e-mail reaches the owner."""
        try:
            found = self._client.list_subscriptions_by_topic(TopicArn=self._arn(owner))["Subscriptions"]
        except self._client.exceptions.NotFoundException:
            return EmailState.NONE
        # Of a subscription that waits or has ended, SNS lists a word in place of the ARN: the latter is "Deleted".
        arns = [one["SubscriptionArn"] for one in found]
        if any(arn.startswith("arn:") for arn in arns):
            return EmailState.CONFIRMED
        return EmailState.PENDING if "PendingConfirmation" in arns else EmailState.NONE

    def publish(self, owner: str, subject: str, body: str) -> None:
        """Send the owner a mail.

        Source: a subject is ASCII without line breaks, shorter than 100 characters:
        https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
        """
        ascii_subject = shorten(subject.encode("ascii", "replace").decode(), 99, placeholder=" ...")
        self._client.publish(TopicArn=self._arn(owner), Subject=ascii_subject, Message=body)

    def delete(self, owner: str) -> None:
        """End the owner's topic and everything subscribed to it; one that is not there is no error."""
        self._client.delete_topic(TopicArn=self._arn(owner))

    def _arn(self, owner: str) -> str:
        return self._prefix + owner
