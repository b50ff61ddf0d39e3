from dataclasses import dataclass

import boto3
import httpx
import pytest

from app.adapters.aws.items import between, partition_of
from app.adapters.aws.mail import SnsMail
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.domain.mail import EmailState, StoredMail
from app.domain.query import parse
from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.emulator import confirmation_code
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.integration.conftest import Person, Schedule
from tests.support.http_uploads import upload

SECONDS = 30


@dataclass
class Subscriber:
    """A person with subscriptions. It subscribes and checks the results with the adapters instead of the API."""

    client: httpx.Client
    cloud: LocalCloud
    aws: boto3.Session

    def __post_init__(self) -> None:
        account = self.client.get("/auth/me").raise_for_status().json()
        self.owner, self.email = account["id"], account["email"]
        self.table = self.cloud.environment["PIXTAG_TABLE"]
        self.dynamodb = self.aws.client("dynamodb", endpoint_url=self.cloud.endpoint_url)
        self.sns = self.aws.client("sns", endpoint_url=self.cloud.endpoint_url)
        self.topic = self.cloud.environment["PIXTAG_TOPIC_PREFIX"] + self.owner

    def subscribe(self, query: str) -> EmailState:
        """Subscribe to a query, and wait until the mailbox has confirmed the address."""
        DynamoSubscriptions(self.dynamodb, self.table).add(self.owner, parse(query))
        variables = self.cloud.environment
        mail = SnsMail(self.sns, variables["PIXTAG_TOPIC_PREFIX"], variables["PIXTAG_MAILBOX_URL"])
        mail.subscribe(self.owner, self.email)
        wait_until(self._is_confirmed, SECONDS, "The address stays unconfirmed.")
        return mail.state(self.owner)

    def upload(self, data: bytes) -> str:
        """Upload a picture, wait until it is ready and the outbox is empty, and return its URL."""
        url = upload(self.client, data)
        wait_until(lambda: not self._count_outbox_rows(), SECONDS, "The outbox does not become empty.")
        return url

    def list_digests(self) -> list[StoredMail]:
        """Return the mails that contain no confirmation code."""
        return [mail for mail in self.cloud.list_mails(self.email) if "code" not in mail.subject]

    def _is_confirmed(self) -> bool:
        # MiniStack lists every subscription as confirmed. Only the attributes show whether it is.
        (subscription,) = self.sns.list_subscriptions_by_topic(TopicArn=self.topic)["Subscriptions"]
        response = self.sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])
        return response["Attributes"]["PendingConfirmation"] == "false"

    def _count_outbox_rows(self) -> int:
        return self.dynamodb.query(TableName=self.table, **between(partition_of(self.owner), "OUT#", "OUT$"))["Count"]


@pytest.fixture
def subscriber(person: Person, cloud: LocalCloud) -> Subscriber:
    return Subscriber(person(), cloud, emulator.session())


def test_upload_that_matches_subscription_sends_one_mail(subscriber: Subscriber) -> None:
    assert subscriber.subscribe("stop sign>=2") is EmailState.CONFIRMED

    subscriber.upload(scene(stop_signs=1))
    url = subscriber.upload(scene(stop_signs=2, clocks=1))

    wait_until(lambda: subscriber.list_digests() != [], SECONDS, "No mail arrives.")
    (mail,) = subscriber.list_digests()
    assert mail.subject == "1 new image: clock, stop sign"
    name_and_tags, link = mail.body.splitlines()
    assert name_and_tags == "street.png: stop sign 2, clock 1"
    assert link.startswith(f"{subscriber.cloud.url}/")
    assert link.endswith(url.removeprefix("/images"))


def test_upload_that_matches_no_subscription_sends_no_mail(subscriber: Subscriber) -> None:
    subscriber.subscribe("dog")

    subscriber.upload(scene(stop_signs=1))

    assert subscriber.list_digests() == []


def test_confirmation_code_is_in_the_mailbox(subscriber: Subscriber) -> None:
    (mail,) = subscriber.cloud.list_mails(subscriber.email)

    assert confirmation_code(subscriber.cloud.endpoint_url, subscriber.email) in mail.body


def test_edit_that_makes_images_match_subscription_sends_one_mail_for_all(
    subscriber: Subscriber, schedule: Schedule
) -> None:
    ids = [subscriber.upload(scene(stop_signs=signs)).rpartition("/")[2] for signs in (1, 2)]
    subscriber.subscribe("beach")

    edit = {"images": {"ids": ids}, "add": [{"tag": "beach"}]}
    subscriber.client.post("/tags", json=edit).raise_for_status()
    schedule()

    wait_until(lambda: subscriber.list_digests() != [], SECONDS, "No mail arrives.")
    (mail,) = subscriber.list_digests()
    assert mail.subject == "2 new images: beach, stop sign"
    assert all(image_id in mail.body for image_id in ids)
