"""Manages one SNS topic per owner, to which the owner's e-mail address is subscribed."""

from textwrap import shorten
from typing import TYPE_CHECKING
from urllib.parse import quote

from typing_extensions import override

from app.domain.mail import EmailState, MailContent
from app.domain.ports import Mail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef


class SnsMail(Mail):
    """Manages the owners' topics. A topic's ARN is the prefix followed by the owner.

    If `mailbox_url` is set, SNS posts each message to this URL instead of sending an e-mail. A message for
    ada@example.com is posted to `{mailbox_url}/ada%40example.com`.
    """

    def __init__(self, client: "SNSClient", prefix: str, mailbox_url: str = "") -> None:
        self._client = client
        self._prefix = prefix
        self._mailbox_url = mailbox_url

    @override
    def subscribe(self, owner: str, email: str, *, again: bool = False) -> EmailState:
        mailbox = f"{self._mailbox_url}/{quote(email)}"
        protocol, endpoint = ("http", mailbox) if self._mailbox_url else ("email", email)
        self._create_topic(owner)
        subscriptions = self._list(owner)
        if any(each["Endpoint"].lower() != endpoint.lower() for each in subscriptions):
            self.delete(owner)  # SNS cannot end the subscription of an earlier address that was not confirmed
            self._create_topic(owner)
            subscriptions = []
        state = _find_state(subscriptions)
        if state is EmailState.NONE or (again and state is EmailState.PENDING):  # SNS sends the confirmation again
            self._client.subscribe(TopicArn=self._arn(owner), Protocol=protocol, Endpoint=endpoint)
        return self.state(owner)

    @override
    def state(self, owner: str) -> EmailState:
        return _find_state(self._list(owner))

    @override
    def publish(self, owner: str, content: MailContent) -> None:
        ascii_subject = shorten(content.subject.encode("ascii", "replace").decode(), 99, placeholder=" ...")
        self._client.publish(TopicArn=self._arn(owner), Subject=ascii_subject, Message=content.body)

    @override
    def notify(self, owner: str, email: str, content: MailContent) -> None:
        if self.state(owner) is EmailState.CONFIRMED:
            self.publish(owner, content)

    @override
    def delete(self, owner: str) -> None:
        self._client.delete_topic(TopicArn=self._arn(owner))

    def _list(self, owner: str) -> "list[SubscriptionTypeDef]":
        """Return the subscriptions of the owner's topic. A missing topic has none."""
        try:
            return self._client.list_subscriptions_by_topic(TopicArn=self._arn(owner))["Subscriptions"]
        except self._client.exceptions.NotFoundException:
            return []

    def _create_topic(self, owner: str) -> None:
        self._client.create_topic(Name=self._arn(owner).rpartition(":")[2])

    def _arn(self, owner: str) -> str:
        return self._prefix + owner


def _find_state(subscriptions: "Sequence[SubscriptionTypeDef]") -> EmailState:
    # For a pending or ended subscription, SNS lists "PendingConfirmation" or "Deleted" in place of the ARN.
    arns = [subscription["SubscriptionArn"] for subscription in subscriptions]
    if any(arn.startswith("arn:") for arn in arns):
        return EmailState.CONFIRMED
    return EmailState.PENDING if "PendingConfirmation" in arns else EmailState.NONE
