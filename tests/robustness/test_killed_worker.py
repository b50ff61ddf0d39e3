"""The worker is killed many times at every kind of call to AWS: no image and no announcement is lost."""

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

import httpx
import pytest
from mypy_boto3_sqs.literals import QueueAttributeNameType

from app import worker
from app.adapters.aws import outbox, outbox_owners
from app.services import ingest, library, notifications, outbox_worker, queue_worker
from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import TEMPLATE, Stack, session
from infra.local.program import wait_until
from infra.local.redrive import redrive
from tests.robustness.kills.worker import SHADE, WORK, End, Run
from tests.robustness.stores import check_cloud, keys, rows
from tests.robustness.torture import cases
from tests.support.invariants import list_leftovers_in
from tests.support.photos import make_gray_jpeg
from tests.support.sampling import TORTURE, rounds

SECONDS: Final = 300
MAX_CALLS: Final = 60  # for one message
RUN_SECONDS: Final = 130  # longer than a lease and the pause between two e-mails
MONTH_SECONDS: Final = 31 * 24 * 3600  # longer than an image stays in the trash
LATE_WRITE_SECONDS: Final = 3 * 3600  # longer than an access token is valid
ATTEMPTS: Final = 2  # to find that no work is left, because a later run does postponed work
PHOTOS: Final = 5
KILLS: Final = rounds(10, 2_000)
# The calls of each kind of work, reads and writes, at which the worker must be killed.
REQUIRED_KILLS: Final = {
    *(("", f"sqs.{call}") for call in ("ReceiveMessage", "DeleteMessage")),
    *(("ingest", f"s3.{call}") for call in ("GetObject", "PutObject", "DeleteObjects")),
    *(("ingest", f"dynamodb.{call}") for call in ("GetItem", "TransactWriteItems")),
    *(("lease", f"dynamodb.{call}") for call in ("Query", "UpdateItem")),
    *(("announce", f"dynamodb.{call}") for call in ("Query", "GetItem", "UpdateItem", "DeleteItem")),
    *(("announce", f"sns.{call}") for call in ("ListSubscriptionsByTopic", "Publish")),
    *(("queue_redetection", call) for call in ("dynamodb.Query", "sqs.SendMessageBatch", "dynamodb.UpdateItem")),
    *(("redetect", call) for call in ("dynamodb.GetItem", "s3.GetObject", "dynamodb.TransactWriteItems")),
    *(("purge", f"dynamodb.{call}") for call in ("BatchGetItem", "TransactWriteItems", "DeleteItem")),
    ("purge", "s3.DeleteObjects"),
    *(("delete_account", f"dynamodb.{call}") for call in ("Query", "TransactWriteItems", "BatchWriteItem")),
    ("delete_account", "dynamodb.DeleteItem"),
    *(("delete_account", call) for call in ("sns.DeleteTopic", "s3.ListObjectsV2", "s3.DeleteObjects")),
}


def shuffled_numbers(count: int) -> Iterator[int]:
    """Yield all numbers below `count` in a random order, again and again."""
    generator = random.Random(7)  # noqa: S311 - an order, not secrets
    while True:
        yield from generator.sample(range(count), count)


@dataclass
class KilledWorker:
    """Runs the worker in processes that are killed, and records their ends.

    Attributes:
        cloud: The local cloud, without its own worker.
        process: The program that runs the worker.
        places: The next places of a kill: the number of the call, and before or after it.
        ahead: How many seconds the worker's clock is ahead.
        sees_cats: Whether the worker detects a cat in every photo.
        ends: The ends of the killed runs.
    """

    cloud: LocalCloud
    process: subprocess.Popen[str]
    places: Iterator[int] = field(default_factory=lambda: shuffled_numbers(2 * MAX_CALLS))
    ahead: int = 0
    sees_cats: bool = False
    ends: list[End] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sqs = session().client("sqs", endpoint_url=self.cloud.endpoint_url)
        self.queues = Stack(self.cloud.endpoint_url).find_queues()
        # The template's six minutes are for Lambda. Here, SQS delivers the message of a killed worker at once.
        self.sqs.set_queue_attributes(QueueUrl=self.queues["Uploads"], Attributes={"VisibilityTimeout": "0"})

    @property
    def missing_kills(self) -> set[tuple[str, str]]:
        """The required calls at which the worker has not been killed yet."""
        return REQUIRED_KILLS - {(end.work, end.call) for end in self.ends}

    def reset(self) -> None:
        """Reset the clock and the detector, so that the next person's trash is not purged at once."""
        self.ahead = 0
        self.sees_cats = False

    def run(self, *, kill: bool = True) -> bool:
        """Run the worker once, and kill it at the next place. Return whether it exited by itself."""
        number, after_response = divmod(next(self.places) if kill else 0, 2)
        self.ahead += RUN_SECONDS
        end = self._run(Run(1 + number if kill else 0, bool(after_response), self.ahead, self.sees_cats))
        self.ends += [end] if end.call else []
        return not end.call

    def _run(self, run: Run) -> End:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asdict(run)) + "\n")
        self.process.stdin.flush()
        return End(**json.loads(self.process.stdout.readline()))

    def drain(self) -> None:
        """Run the worker until no work is left, and redrive dead letters."""
        for _ in range(ATTEMPTS):
            wait_until(lambda: self._is_all_visible() and self.run() and self._is_queue_empty(), SECONDS, "Work stays.")

    def settle(self) -> None:
        """Drain, and then run the worker without a kill, so that no work can be left."""
        self.drain()
        for _ in range(ATTEMPTS):
            wait_until(lambda: self.run(kill=False) and self._is_queue_empty(), SECONDS, "Work stays.")

    def _is_all_visible(self) -> bool:
        """Return whether all messages that killed workers had received are visible in the queue again."""
        return self._count("ApproximateNumberOfMessagesNotVisible") == 0

    def _is_queue_empty(self) -> bool:
        redriven = redrive(self.sqs, self.queues["DeadLetters"], self.queues["Uploads"])
        return redriven == 0 and self._is_all_visible() and self._count("ApproximateNumberOfMessages") == 0

    def _count(self, name: QueueAttributeNameType) -> int:
        response = self.sqs.get_queue_attributes(QueueUrl=self.queues["Uploads"], AttributeNames=[name])
        return int(response["Attributes"][name])


@pytest.fixture
def killed_worker(tmp_path: Any) -> Iterator[KilledWorker]:
    """A local cloud in which only the worker that is killed runs."""
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
            yield KilledWorker(cloud, process)


@dataclass
class Person:
    """A person who subscribes to dogs, cats and wolves. After each change, the worker runs once and may be killed."""

    client: httpx.Client
    worker: KilledWorker
    email: str

    def upload(self, data: bytes, name: str) -> str:
        """Upload a file, run the worker once, and return the image's id."""
        response = self.client.post("/images", files={"file": (name, data, "image/jpeg")}).raise_for_status()
        self.worker.run()
        return response.headers["Location"].rpartition("/")[2]

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request, run the worker once, and return the body of the response."""
        response = self.client.request(method, path, json=body).raise_for_status()
        self.worker.run()
        return response.json() if response.content else None

    def subscribe(self, *queries: str) -> None:
        """Subscribe to queries, and wait until the mailbox has confirmed the address."""
        for query in queries:
            self.request("POST", "/subscriptions", {"query": query})
        sns = session().client("sns", endpoint_url=self.worker.cloud.endpoint_url)
        topic = self.worker.cloud.environment["PIXTAG_TOPIC_PREFIX"] + self.owner
        (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]

        def is_confirmed() -> bool:
            response = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])
            return response["Attributes"]["PendingConfirmation"] == "false"

        wait_until(is_confirmed, SECONDS, "The address stays unconfirmed.")

    @property
    def owner(self) -> str:
        return str(self.client.get("/auth/me").raise_for_status().json()["id"])

    def get_image(self, image_id: str) -> dict[str, Any]:
        image: dict[str, Any] = self.client.get(f"/images/{image_id}").raise_for_status().json()
        return image

    def count_tags(self, image_id: str) -> dict[str, int]:
        return {tag["tag"]: tag["count"] for tag in self.get_image(image_id)["tags"]}

    def announcements(self, image_id: str) -> list[str]:
        """Return the image's tags from each e-mail that announced it."""
        lines = [line for mail in self.worker.cloud.list_mails(self.email) for line in mail.body.splitlines()]
        return [tags for tags, link in pairwise(lines) if image_id in link]

    def is_announced(self, image_id: str, tag: str) -> bool:
        return any(tag in tags for tags in self.announcements(image_id))


def photo(number: int) -> bytes:
    """Return a photo with unique bytes, in which the worker detects 1 + `number` % 4 dogs."""
    return make_gray_jpeg(SHADE * (1 + number % 4)) + uuid4().bytes


def fill(person: Person) -> list[str]:
    """Upload photos, the first of them twice, and a file that is not a photo. Return the ids of the photos' images."""
    photos = [photo(number) for number in range(PHOTOS)]
    ids = [person.upload(data, f"{number}.jpg") for number, data in enumerate(photos)]
    duplicate, page = person.upload(photos[0], "duplicate.jpg"), person.upload(b"<html>" + uuid4().bytes, "page.jpg")
    person.worker.drain()
    assert [person.count_tags(image_id) for image_id in ids] == [{"dog": 1 + number % 4} for number in range(PHOTOS)]
    assert person.get_image(page)["state"] == "failed"
    stored = [person.get_image(image_id)["id"] for image_id in ids]  # of equal photos, the one ingested first
    assert person.get_image(duplicate)["id"] == stored[0]
    wait_until(lambda: all(map(person.announcements, stored)), SECONDS, "A dog was not announced.")
    return stored


def edit(person: Person, ids: list[str]) -> list[str]:
    """Tag one image, trash two and restore one of them, redetect all, and return the ids of the images that stay."""
    wolf, trashed, restored, *_ = ids
    person.request("POST", "/tags", {"images": {"ids": [wolf]}, "add": [{"tag": "wolf"}]})
    person.request("POST", "/images/trash", {"images": {"ids": [trashed, restored]}})
    person.request("POST", "/images/restore", {"images": {"ids": [restored]}})
    person.worker.drain()
    person.worker.sees_cats = True
    person.request("POST", "/redetection")
    person.worker.drain()
    person.worker.ahead += MONTH_SECONDS
    person.worker.settle()
    assert person.request("GET", "/redetection")["finished"]
    assert person.client.get(f"/images/{trashed}").status_code == httpx.codes.NOT_FOUND
    remaining = [image_id for image_id in ids if image_id != trashed]
    assert all("cat" in person.count_tags(image_id) for image_id in remaining)
    return remaining


def check_announcements(person: Person, ids: list[str]) -> None:
    """Assert that each image was announced with its dogs, its wolf and its cat, and more often only after a kill."""
    for image_id in ids:
        wait_until(partial(person.is_announced, image_id, "cat | 1"), SECONDS, "A cat was not announced.")
        announcements = person.announcements(image_id)
        explained = sum(image_id in end.announced for end in person.worker.ends)
        expected = 2 + (image_id == ids[0])
        assert person.is_announced(image_id, "wolf | 1") or image_id != ids[0]
        assert len(announcements) <= expected + explained, (announcements, explained)


def delete_account(person: Person) -> None:
    """Delete the account, and run the worker until no data of it is left."""
    cloud, owner = person.worker.cloud, person.owner
    person.request("DELETE", f"/auth/me?confirm={person.email}")
    person.worker.ahead += LATE_WRITE_SECONDS

    def is_deleted() -> bool:
        return person.worker.run() and not list_leftovers_in(rows(cloud), keys(cloud), owner)

    wait_until(is_deleted, SECONDS, "Some data of the account is left.")


def test_work_names_only_existing_functions() -> None:
    functions = {
        name
        for module in (ingest, library, notifications, outbox, outbox_owners, outbox_worker, queue_worker, worker)
        for name in re.findall(r"def (\w+)", getsource(module))
    }

    assert functions >= WORK


@pytest.mark.timeout(0)
def test_worker_killed_at_every_kind_of_call_loses_nothing(killed_worker: KilledWorker) -> None:
    ends = killed_worker.ends
    while len(ends) < KILLS or (TORTURE and killed_worker.missing_kills and len(ends) < 2 * KILLS):
        email = f"{uuid4()}@example.com"
        with killed_worker.cloud.person(email) as client:
            killed_worker.reset()
            person = Person(client, killed_worker, email)
            person.subscribe("dog", "cat", "wolf")
            ids = edit(person, fill(person))
            check_cloud(killed_worker.cloud)
            check_announcements(person, ids)
            delete_account(person)
    cases.append(len(ends))
    missing = killed_worker.missing_kills
    assert not (TORTURE and missing), missing
