from dataclasses import dataclass
from http import HTTPStatus

import boto3
import httpx
import pytest

from app.adapters.aws.items import between, partition_of
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.topics import EmailState, Topics
from app.domain.query import parse
from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.emulator import confirmation_code
from infra.local.mail import Mail
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.integration.conftest import Person, Schedule

SECONDS = 30


@dataclass
class Subscriber:
    """A person who is told of their images; subscribed and looked at through the stores, not the API."""

    client: httpx.Client
    cloud: LocalCloud
    aws: boto3.Session

    def __post_init__(self) -> None:
        me = self.client.get("/auth/me").raise_for_status().json()
        self.owner, self.email = me["id"], me["email"]
        self.table = self.cloud.environment["PIXTAG_TABLE"]
        self.dynamodb = self.aws.client("dynamodb", endpoint_url=self.cloud.endpoint_url)
        self.sns = self.aws.client("sns", endpoint_url=self.cloud.endpoint_url)
        self.topic = self.cloud.environment["PIXTAG_TOPIC_PREFIX"] + self.owner

    def subscribe(self, query: str) -> EmailState:
        """Subscribe, and wait until the mailbox has confirmed the address."""
        Subscriptions(self.dynamodb, self.table).add(self.owner, parse(query))
        variables = self.cloud.environment
        topics = Topics(self.sns, variables["PIXTAG_TOPIC_PREFIX"], variables["PIXTAG_MAILBOX_URL"])
        topics.subscribe(self.owner, self.email)
        wait_until(self._confirmed, SECONDS, "The address stays unconfirmed.")
        return topics.state(self.owner)

    def upload(self, data: bytes) -> str:
        """Upload a picture and wait until it is ready and whatever it gave to do is done; return its address."""
        answer = self.client.post("/images", files={"file": ("street.png", data, "image/png")})
        address = answer.raise_for_status().headers["Location"]
        wait_until(lambda: self._ready(address) and not self._left_to_do(), SECONDS, "It is not worked off.")
        return address

    def digests(self) -> list[Mail]:
        """The mails that are no codes."""
        return [mail for mail in self.cloud.mails(self.email) if "code" not in mail.subject]

    def _confirmed(self) -> bool:
        # MiniStack lists a subscription as if it were confirmed from the start; only its attributes know.
        (found,) = self.sns.list_subscriptions_by_topic(TopicArn=self.topic)["Subscriptions"]
        answer = self.sns.get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])
        return answer["Attributes"]["PendingConfirmation"] == "false"

    def _ready(self, address: str) -> bool:
        return self.client.get(address).raise_for_status().status_code != HTTPStatus.ACCEPTED

    def _left_to_do(self) -> int:
        return self.dynamodb.query(TableName=self.table, **between(partition_of(self.owner), "OUT#", "OUT$"))["Count"]


@pytest.fixture
def subscriber(person: Person, cloud: LocalCloud) -> Subscriber:
    return Subscriber(person(), cloud, emulator.session())


def test_a_subscriber_gets_one_mail_about_the_image_that_matches(subscriber: Subscriber) -> None:
    assert subscriber.subscribe("stop sign>=2") is EmailState.CONFIRMED

    subscriber.upload(scene(stop_signs=1))
    address = subscriber.upload(scene(stop_signs=2, clocks=1))

    wait_until(lambda: subscriber.digests() != [], SECONDS, "No mail comes.")
    (mail,) = subscriber.digests()
    assert mail.subject == "1 new image: clock, stop sign"
    name_and_tags, link = mail.body.splitlines()
    assert name_and_tags == "street.png: stop sign 2, clock 1"
    assert link.startswith(f"{subscriber.cloud.api_url}/")
    assert link.endswith(address.removeprefix("/images"))


def test_who_subscribed_to_something_else_gets_no_mail(subscriber: Subscriber) -> None:
    subscriber.subscribe("dog")

    subscriber.upload(scene(stop_signs=1))

    assert subscriber.digests() == []


def test_the_code_is_in_the_mailbox(subscriber: Subscriber) -> None:
    (mail,) = subscriber.cloud.mails(subscriber.email)

    assert confirmation_code(subscriber.cloud.endpoint_url, subscriber.email) in mail.body


def test_an_image_that_is_changed_so_that_it_matches_is_told_of_with_the_others(
    subscriber: Subscriber, schedule: Schedule
) -> None:
    ids = [subscriber.upload(scene(stop_signs=signs)).rpartition("/")[2] for signs in (1, 2)]
    subscriber.subscribe("beach")

    edit = {"images": {"ids": ids}, "add": [{"tag": "beach"}]}
    subscriber.client.post("/tags", json=edit).raise_for_status()
    schedule()

    wait_until(lambda: subscriber.digests() != [], SECONDS, "No mail comes.")
    (mail,) = subscriber.digests()
    assert mail.subject == "2 new images: beach, stop sign"
    assert all(image_id in mail.body for image_id in ids)
