"""E-mails about new matches, on the stores of this machine and on emulated AWS."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from app.adapters.aws.row_keys import between, partition_of
from app.domain.mail import StoredMail
from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.pixtag import PixTag
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.support.http_uploads import upload
from tests.support.local_invariants import connect

SECONDS = 60


@dataclass
class Subscriber:
    """A person with subscriptions."""

    client: httpx.Client
    instance: PixTag | LocalCloud

    def __post_init__(self) -> None:
        account = self.client.get("/auth/me").raise_for_status().json()
        self.owner, self.email = account["id"], account["email"]

    def subscribe(self, query: str) -> None:
        """Subscribe to a query, and wait until e-mails are confirmed."""
        self.client.post("/subscriptions", json={"query": query}).raise_for_status()
        wait_until(self._is_confirmed, SECONDS, "The address stays unconfirmed.")
        assert self.client.get("/subscriptions").json()["email"] == "confirmed"

    def upload(self, data: bytes) -> str:
        """Upload a picture, wait until it is ready and the outbox is empty, and return its URL."""
        url = upload(self.client, data)
        wait_until(lambda: not self._count_outbox_rows(), SECONDS, "The outbox does not become empty.")
        return url

    def list_digests(self) -> list[StoredMail]:
        """Return the e-mails that contain no confirmation code."""
        return [mail for mail in self.instance.list_mails(self.email) if "code" not in mail.subject]

    def _is_confirmed(self) -> bool:
        if isinstance(self.instance, PixTag):
            return True
        # MiniStack lists every subscription as confirmed. Only the attributes show whether it is.
        sns = emulator.session().client("sns", endpoint_url=self.instance.endpoint_url)
        topic = self.instance.environment["PIXTAG_TOPIC_PREFIX"] + self.owner
        (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        response = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])
        return response["Attributes"]["PendingConfirmation"] == "false"

    def _count_outbox_rows(self) -> int:
        if isinstance(self.instance, PixTag):
            with closing(connect(self.instance.data)) as connection:
                return len(connection.execute("SELECT 1 FROM outbox WHERE owner = ?", (self.owner,)).fetchall())
        dynamodb = emulator.session().client("dynamodb", endpoint_url=self.instance.endpoint_url)
        table = self.instance.environment["PIXTAG_TABLE"]
        return dynamodb.query(TableName=table, **between(partition_of(self.owner), "OUT#", "OUT$"))["Count"]


@pytest.fixture(params=["pixtag", "cloud"])
def subscriber(request: pytest.FixtureRequest) -> Iterator[Subscriber]:
    instance = request.getfixturevalue(request.param)
    with instance.person(f"{uuid4()}@example.com") as client:
        yield Subscriber(client, instance)


def test_upload_that_matches_subscription_sends_one_mail(subscriber: Subscriber) -> None:
    subscriber.subscribe("stop sign>=2")

    subscriber.upload(scene(stop_signs=1))
    url = subscriber.upload(scene(stop_signs=2, clocks=1))

    wait_until(lambda: subscriber.list_digests() != [], SECONDS, "No mail arrives.")
    (mail,) = subscriber.list_digests()
    assert mail.subject == "New photos: stop sign>=2 (1)"
    _, _, name_and_tags, link, *_ = mail.body.splitlines()
    assert name_and_tags == "street.png: stop sign | 2, clock | 1"
    assert link.startswith(f"{subscriber.instance.url}/")
    assert link.endswith(url.removeprefix("/images"))


def test_upload_that_matches_no_subscription_sends_no_mail(subscriber: Subscriber) -> None:
    subscriber.subscribe("dog")

    subscriber.upload(scene(stop_signs=1))

    assert subscriber.list_digests() == []


def test_confirmation_code_is_in_the_mailbox(subscriber: Subscriber) -> None:
    (mail,) = subscriber.instance.list_mails(subscriber.email)

    assert subscriber.instance.find_code(subscriber.email) in mail.body


def test_edit_that_makes_images_match_subscription_sends_one_mail_for_all(
    subscriber: Subscriber, schedule: Callable[[], None]
) -> None:
    ids = [subscriber.upload(scene(stop_signs=signs)).rpartition("/")[2] for signs in (1, 2)]
    subscriber.subscribe("beach")

    edit = {"images": {"ids": ids}, "add": [{"tag": "beach"}]}
    subscriber.client.post("/tags", json=edit).raise_for_status()
    schedule()  # emulated AWS has its own

    wait_until(lambda: subscriber.list_digests() != [], SECONDS, "No mail arrives.")
    (mail,) = subscriber.list_digests()
    assert mail.subject == "New photos: beach (2)"
    assert all(image_id in mail.body for image_id in ids)
