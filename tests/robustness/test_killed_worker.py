"""The worker is killed at every call to AWS, again and again: no image and no announcement is lost."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from inspect import getsource
from itertools import pairwise
from typing import Any, Final
from uuid import uuid4

import cv2
import httpx
import numpy as np
import pytest
from mypy_boto3_sqs.literals import QueueAttributeNameType

from app import worker
from app.adapters.aws import outbox
from app.services import ingest, library, notifications, outbox_worker
from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import TEMPLATE, Stack, session
from infra.local.program import wait_until
from infra.local.redrive import redrive
from tests.robustness.kills.worker import SHADE, WORK, End, Life
from tests.robustness.stores import check_cloud, keys, rows
from tests.robustness.torture import cases
from tests.support.invariants import list_leftovers_in
from tests.support.sampling import TORTURE, rounds

SECONDS: Final = 300
CALLS: Final = 28  # as many as any message costs
LIFE_SECONDS: Final = 130  # longer than a lease and the pause between two mails
MONTH_SECONDS: Final = 31 * 24 * 3600  # longer than anything is kept in the trash
LATE_WRITE_SECONDS: Final = 3 * 3600  # longer than whoever wants to be forgotten may still have a token
ATTEMPTS: Final = 2  # to find that nothing is left: what was left for later comes with a later life
PHOTOS: Final = 5
KILLS: Final = rounds(20, 2_000)
# The calls of each work at which the worker has to have ended: what it reads and what it changes.
NAMED: Final = {
    *(("", f"sqs.{call}") for call in ("ReceiveMessage", "DeleteMessage")),
    *(("ingest", f"s3.{call}") for call in ("GetObject", "PutObject", "DeleteObjects")),
    *(("ingest", f"dynamodb.{call}") for call in ("GetItem", "TransactWriteItems")),
    *(("lease", f"dynamodb.{call}") for call in ("Query", "UpdateItem")),
    *(("announce", f"dynamodb.{call}") for call in ("Query", "GetItem", "UpdateItem", "DeleteItem")),
    *(("announce", f"sns.{call}") for call in ("ListSubscriptionsByTopic", "Publish")),
    *(("queue_redetection", call) for call in ("dynamodb.Query", "sqs.SendMessageBatch", "dynamodb.UpdateItem")),
    *(("redetect", call) for call in ("dynamodb.GetItem", "s3.GetObject", "dynamodb.TransactWriteItems")),
    *(("purge", call) for call in ("dynamodb.GetItem", "s3.DeleteObjects", "dynamodb.DeleteItem")),
    *(("delete_account", f"dynamodb.{call}") for call in ("Query", "TransactWriteItems", "DeleteItem")),
    *(("delete_account", call) for call in ("sns.DeleteTopic", "s3.ListObjectsV2", "s3.DeleteObjects")),
}


def shuffled(many: int) -> Iterator[int]:
    """Each of so many numbers, and all of them again, without end and in another order each time."""
    chance = random.Random(7)  # noqa: S311 - places, no secrets
    while True:
        yield from chance.sample(range(many), many)


@dataclass
class Mortal:
    """The worker, and what was seen of its ends."""

    cloud: LocalCloud
    process: subprocess.Popen[str]
    places: Iterator[int] = field(default_factory=lambda: shuffled(2 * CALLS))
    ahead: int = 0
    sees_cats: bool = False
    ends: list[End] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sqs = session().client("sqs", endpoint_url=self.cloud.endpoint_url)
        self.queues = Stack(self.cloud.endpoint_url).find_queues()
        # The template's six minutes are for Lambda, which takes a while to see that a function has ended.
        self.sqs.set_queue_attributes(QueueUrl=self.queues["Uploads"], Attributes={"VisibilityTimeout": "1"})

    @property
    def spared(self) -> set[tuple[str, str]]:
        """The named calls at which it has not ended yet."""
        return NAMED - {(end.work, end.call) for end in self.ends}

    def begin_anew(self) -> None:
        """Live today again, and see no cats: so that what the next person throws away is not purged at once."""
        self.ahead = 0
        self.sees_cats = False

    def live(self, *, spared: bool = False) -> bool:
        """Let it live once, if it is not spared until the next of all calls; tell whether it ended by itself."""
        number, answered = divmod(0 if spared else next(self.places), 2)
        self.ahead += LIFE_SECONDS
        end = self._lived(Life(0 if spared else 1 + number, bool(answered), self.ahead, self.sees_cats))
        self.ends += [end] if end.call else []
        return not end.call

    def _lived(self, life: Life) -> End:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asdict(life)) + "\n")
        self.process.stdin.flush()
        return End(**json.loads(self.process.stdout.readline()))

    def drain(self) -> None:
        """Let it live until nothing is left to do, what was set aside brought back."""
        for _ in range(ATTEMPTS):
            wait_until(lambda: self._all_are_back() and self.live() and self._nothing_waits(), SECONDS, "No end of it.")

    def settle(self) -> None:
        """The same, and then spare it, so that nothing can be left."""
        self.drain()
        for _ in range(ATTEMPTS):
            wait_until(lambda: self.live(spared=True) and self._nothing_waits(), SECONDS, "No end of it.")

    def _all_are_back(self) -> bool:
        """Whether every message that a killed worker had been given is in the queue again."""
        return self._count("ApproximateNumberOfMessagesNotVisible") == 0

    def _nothing_waits(self) -> bool:
        back = redrive(self.sqs, self.queues["DeadLetters"], self.queues["Uploads"])
        return back == 0 and self._all_are_back() and self._count("ApproximateNumberOfMessages") == 0

    def _count(self, name: QueueAttributeNameType) -> int:
        found = self.sqs.get_queue_attributes(QueueUrl=self.queues["Uploads"], AttributeNames=[name])
        return int(found["Attributes"][name])


@pytest.fixture
def mortal(tmp_path: Any) -> Iterator[Mortal]:
    """A cloud whose worker is only there to be killed."""
    with local_cloud(tmp_path, Ports.find_free(), quiet=True) as cloud:
        cloud.worker.stop()
        with subprocess.Popen(
            [sys.executable, "-m", "tests.robustness.kills.worker"],
            env=cloud.environment,
            cwd=TEMPLATE.parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield Mortal(cloud, process)


@dataclass
class Person:
    """Somebody who waits for dogs, cats and wolves, and what they should find and be told."""

    client: httpx.Client
    mortal: Mortal
    email: str

    def upload(self, data: bytes, name: str) -> str:
        """Send a file, let the worker be killed once, and return the image's id."""
        answer = self.client.post("/images", files={"file": (name, data, "image/jpeg")}).raise_for_status()
        self.mortal.live()
        return answer.headers["Location"].rpartition("/")[2]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask for something, and let the worker be killed once."""
        answer = self.client.request(method, path, json=body).raise_for_status()
        self.mortal.live()
        return answer.json() if answer.content else None

    def subscribe(self, *queries: str) -> None:
        """Wait for images, and for the address to be confirmed by the mailbox."""
        for query in queries:
            self.ask("POST", "/subscriptions", {"query": query})
        sns = session().client("sns", endpoint_url=self.mortal.cloud.endpoint_url)
        topic = self.mortal.cloud.environment["PIXTAG_TOPIC_PREFIX"] + self.owner
        (found,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]

        def confirmed() -> bool:
            answer = sns.get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])
            return answer["Attributes"]["PendingConfirmation"] == "false"

        wait_until(confirmed, SECONDS, "The address stays unconfirmed.")

    @property
    def owner(self) -> str:
        return str(self.client.get("/auth/me").raise_for_status().json()["id"])

    def image(self, image_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/images/{image_id}").raise_for_status().json()
        return found

    def tags(self, image_id: str) -> dict[str, int]:
        return {tag["tag"]: tag["count"] for tag in self.image(image_id)["tags"]}

    def told(self, image_id: str) -> list[str]:
        """What the mails say of an image's tags, each time."""
        lines = [line for mail in self.mortal.cloud.list_mails(self.email) for line in mail.body.splitlines()]
        return [said for said, link in pairwise(lines) if image_id in link]

    def was_told(self, image_id: str, said: str) -> bool:
        return any(said in line for line in self.told(image_id))


def photo(number: int) -> bytes:
    """A photograph with so many dogs and one, its bytes like those of no other."""
    shade = np.full((8, 8, 3), SHADE * (1 + number % 4), np.uint8)
    return cv2.imencode(".jpg", shade)[1].tobytes() + uuid4().bytes


def fill(person: Person) -> list[str]:
    """Send photographs, the first of them twice, and something that is none; give the images of the photographs."""
    photos = [photo(number) for number in range(PHOTOS)]
    ids = [person.upload(data, f"{number}.jpg") for number, data in enumerate(photos)]
    again, page = person.upload(photos[0], "again.jpg"), person.upload(b"<html>" + uuid4().bytes, "page.jpg")
    person.mortal.drain()
    assert [person.tags(image_id) for image_id in ids] == [{"dog": 1 + number % 4} for number in range(PHOTOS)]
    assert person.image(page)["state"] == "failed"
    found = [person.image(image_id)["id"] for image_id in ids]  # of the same bytes, those that were seen first
    assert person.image(again)["id"] == found[0]
    wait_until(lambda: all(map(person.told, found)), SECONDS, "A dog was not announced.")
    return found


def edit(person: Person, ids: list[str]) -> list[str]:
    """Say that there is a wolf on one, throw two away and take one of them back, and see cats: which images stay."""
    wolf, thrown, back, *_ = ids
    person.ask("POST", "/tags", {"images": {"ids": [wolf]}, "add": [{"tag": "wolf"}]})
    person.ask("POST", "/images/trash", {"images": {"ids": [thrown, back]}})
    person.ask("POST", "/images/restore", {"images": {"ids": [back]}})
    person.mortal.drain()
    person.mortal.sees_cats = True
    person.ask("POST", "/redetection")
    person.mortal.drain()
    person.mortal.ahead += MONTH_SECONDS
    person.mortal.settle()
    assert person.ask("GET", "/redetection")["finished"]
    assert person.client.get(f"/images/{thrown}").status_code == httpx.codes.NOT_FOUND
    kept = [image_id for image_id in ids if image_id != thrown]
    assert all("cat" in person.tags(image_id) for image_id in kept)
    return kept


def check_told(person: Person, ids: list[str]) -> None:
    """Each image was announced when it came, when the wolf was and when the cat was; more only after a kill."""
    for image_id in ids:
        wait_until(partial(person.was_told, image_id, "cat 1"), SECONDS, "A cat was not announced.")
        told = person.told(image_id)
        explained = sum(image_id in end.told for end in person.mortal.ends)
        news = 2 + (image_id == ids[0])
        assert person.was_told(image_id, "wolf 1") or image_id != ids[0]
        assert len(told) <= news + explained, (told, explained)


def leave(person: Person) -> None:
    """End the account; nothing that says anything is left of it in the end."""
    cloud, owner = person.mortal.cloud, person.owner
    person.ask("DELETE", f"/auth/me?confirm={person.email}")
    person.mortal.ahead += LATE_WRITE_SECONDS

    def is_forgotten() -> bool:
        return person.mortal.live() and not list_leftovers_in(rows(cloud), keys(cloud), owner)

    wait_until(is_forgotten, SECONDS, "Something is left.")


def test_the_works_are_still_called_so() -> None:
    called = {
        name
        for module in (ingest, library, notifications, outbox, outbox_worker, worker)
        for name in re.findall(r"def (\w+)", getsource(module))
    }

    assert called >= WORK


@pytest.mark.timeout(0)
def test_killed_wherever_it_calls_the_worker_loses_nothing(mortal: Mortal) -> None:
    while len(mortal.ends) < KILLS or (TORTURE and mortal.spared and len(mortal.ends) < 2 * KILLS):
        email = f"{uuid4()}@example.com"
        with mortal.cloud.person(email) as client:
            mortal.begin_anew()
            person = Person(client, mortal, email)
            person.subscribe("dog", "cat", "wolf")
            ids = edit(person, fill(person))
            check_cloud(mortal.cloud)
            check_told(person, ids)
            leave(person)
    cases.append(len(mortal.ends))
    spared = mortal.spared
    assert not (TORTURE and spared), spared
