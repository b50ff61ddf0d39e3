"""One owner's PixTag on moto. It delivers messages as AWS does, and delivers those that failed again."""

import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from moto.s3.models import s3_backends

from app import wiring, worker
from app.adapters.aws import outbox as outbox_module
from app.adapters.aws import outbox_owners as outbox_owners_module
from app.domain import announcements as announcements_module
from app.domain import uploads as uploads_module
from app.domain.errors import RedetectionNotFound, Unavailable
from app.domain.ids import Rendition
from app.domain.images import ImageState
from app.domain.query import parse
from app.domain.uploads import Upload
from app.services import notifications as notifications_module
from app.services import outbox_worker as outbox_worker_module
from app.services import queue_worker as queue_worker_module
from tests.support.aws import (
    BUCKET_NAME,
    TABLE_NAME,
    connect_aws,
    dynamodb_client,
    mails,
    make_resources,
    mock_aws,
    s3_client,
    session,
    sns_client,
    sqs_client,
)
from tests.support.fakes import Clock, FakeDetector
from tests.support.invariants import ACCOUNT, check_invariants, list_leftovers
from tests.support.parts import RULE, send_parts
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_sqs import SQSClient

OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
EMAIL: Final = "ada@example.com"
FAILURES: Final = (BotoCoreError, ClientError, Unavailable)
SETTLE_ROUNDS: Final = 4
ROUND_SECONDS: Final = 3 * 3600
ID: Final = re.compile("[0-7][0-9a-hjkmnp-tv-z]{25}")


class DeliveryFailed(Exception):
    """The worker failed to handle some messages. SQS would deliver them again."""


@dataclass
class World:
    """The adapters and services of PixTag, and the worker, for one owner.

    Attributes:
        clock: The clock of the outbox and its worker.
        sqs: The client with which the world itself reads the queue. Its calls are not PixTag's.
        detector: What PixTag detects in every photo.
        unacknowledged: The bodies of the messages that the worker has not handled, in the order of their arrival.
        tries: How often SQS says that it has delivered a message.
        offered: The id of the last image that was offered in parts.
    """

    clock: Clock
    sqs: "SQSClient"
    detector: FakeDetector = field(default_factory=lambda: FakeDetector({"dog": 1}))
    unacknowledged: dict[str, None] = field(default_factory=dict)
    tries: int = 1
    offered: str = ""

    def __post_init__(self) -> None:
        services = connect_aws(lambda: self.detector)
        self.images, self.objects, self.outbox = services.images, services.objects, services.outbox
        self.subscriptions, self.redetections = services.subscriptions, services.redetections
        self.preferences, self.albums = services.preferences, services.albums
        self.operations = services.operations
        self.quotas, self.mail = services.quotas, services.mail
        self.library, self.ingest, self.outbox_worker = services.library, services.ingest, services.outbox_worker
        self.queue_worker, self.part_uploads = services.queue_worker, services.part_uploads
        self.part_uploads.rule = RULE

    @property
    def clients(self) -> "list[BaseClient]":
        """The clients with which PixTag calls AWS."""
        return [dynamodb_client(), s3_client(), sqs_client(), sns_client()]

    def upload(self, data: bytes, name: str) -> str:
        """Upload bytes in one request, and return the id of their image."""
        return self.ingest.receive(OWNER, Upload(data, "image/jpeg", name), max_bytes=100_000).id

    def offer_parts(self, data: bytes, name: str) -> None:
        """Begin to upload bytes in parts."""
        image, _ = self.part_uploads.offer(OWNER, name=name, media_type="image/jpeg", size=len(data))
        self.offered = image.id

    def send_missing_parts(self, data: bytes) -> None:
        """Send those parts of the last offered image that have not arrived."""
        _, links = self.part_uploads.resume(OWNER, self.offered)
        send_parts(self.objects, links, data)

    def add_photo(self, data: bytes, name: str) -> str:
        """Upload a photo, let the worker ingest it, and return the id of its image."""
        image_id = self.upload(data, name)
        self.deliver()
        return image_id

    def subscribe(self, text: str) -> None:
        """Subscribe the owner to a query."""
        self.subscriptions.add(OWNER, parse(text))
        self.mail.subscribe(OWNER, EMAIL)

    def deliver(self) -> None:
        """Deliver to the worker each notification and message that it has not handled successfully.

        Raises:
            DeliveryFailed: the worker failed to handle some of them.
        """
        keys = s3_backends[ACCOUNT]["aws"].buckets[BUCKET_NAME].keys
        notifications = [notification(key) for key in keys if key.startswith(f"{Rendition.INCOMING}/")]
        self.unacknowledged |= dict.fromkeys([*notifications, *self._receive_messages()])
        for body in list(self.unacknowledged):
            attributes = {"ApproximateReceiveCount": str(self.tries)}
            record = {"messageId": body, "body": body, "attributes": attributes}
            if not worker.handler({"Records": [record]}, None)["batchItemFailures"]:
                del self.unacknowledged[body]
        if self.unacknowledged:
            raise DeliveryFailed

    def _receive_messages(self) -> Iterator[str]:
        while messages := self.sqs.receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=SETTINGS.queue_url, ReceiptHandle=message["ReceiptHandle"])
                yield message["Body"]

    def run_schedule(self) -> None:
        """Invoke the worker as the schedule does."""
        worker.handler({"source": "aws.events"}, None)

    def settle(self) -> None:
        """Let hours pass, and process the owner's outbox and the messages that it queues."""
        for _ in range(SETTLE_ROUNDS):
            self.clock.ahead += ROUND_SECONDS
            self.outbox_worker.process(OWNER)
            self.deliver()
        self.clock.ahead += ROUND_SECONDS

    def check(self) -> None:
        """Assert the invariants of all rows and objects. They hold for objects only when no work is left."""
        check_invariants(TABLE_NAME, BUCKET_NAME)

    def outcome(self) -> dict[str, Any]:
        """Return what the owner can see, without ids and times.

        The images are a set because a file that is not a photo fails once per upload, and a retry uploads it again.
        """
        states = frozenset({ImageState.READY, ImageState.TRASHED, ImageState.FAILED})
        summaries = self.images.list_images(OWNER, 100, states=states).images
        images = self.images.list_details(OWNER, 100).images
        counts = self.albums.count(OWNER)
        return {
            "images": {
                (summary.name, str(summary.state), summary.reason, *sorted(summary.tags.items()))
                for summary in summaries
            },
            "detections": sorted(
                (image.name, *((each.detection.label, each.label) for each in image.corrected_detections))
                for image in images
            ),
            "albums": {album.title: counts.get(album.id, 0) for album in self.albums.list(OWNER)},
            "images in albums": sorted((image.name, image.albums) for image in images if image.albums),
            "subscriptions": [subscription.text for subscription in self.subscriptions.list(OWNER)],
            "redetection finished": self._is_redetection_finished(),
            "announcements": {
                part.strip()
                for _, body in self.mails()
                for part in ID.sub("ID", body).split("\n\n")
                if "/photos/" in part  # the numbers in the headings depend on the times of the digests
            },
            "owners with due work": sorted({row.owner for row in self.outbox.list_due()}),
            "deleted": not list_leftovers(OWNER, TABLE_NAME, BUCKET_NAME),
        }

    def _is_redetection_finished(self) -> bool | None:
        try:
            return self.redetections.get(OWNER).finished
        except RedetectionNotFound:
            return None

    def mails(self) -> list[tuple[str | None, str]]:
        """Return the subject and body of each e-mail that the owner received."""
        try:
            return mails(OWNER)
        except KeyError:  # the owner has no topic
            return []


@contextmanager
def make_world() -> Iterator[World]:
    """Return an empty world, in which `worker.handler` uses its services.

    The images of all worlds have the same ids, in the order of their upload, so that their rows can be compared. A slow
    machine makes the same calls as a fast one, because an outbox is processed without a time limit.
    """
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        make_resources()
        world = World(Clock(), _world_sqs_client())
        modules = (
            outbox_module,
            outbox_owners_module,
            announcements_module,
            notifications_module,
            outbox_worker_module,
        )
        for module in modules:
            patch.setattr(module, "time", world.clock)
        patch.setattr(queue_worker_module, "SLICE_SECONDS", math.inf)
        patch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
        numbers = count()
        patch.setattr(uploads_module, "new_id", lambda: f"01jd8xk3v5m0z8q4n2c7{next(numbers):06}")
        for name in ("library", "ingest", "outbox_worker", "queue_worker"):
            patch.setattr(wiring, name, _return_always(getattr(world, name)))
        yield world


@cache
def _world_sqs_client() -> "SQSClient":
    return session().client("sqs")


def _return_always(value: object) -> Callable[[], object]:
    return lambda: value


def notification(key: str) -> str:
    """Return the notification that S3 sends for a new object."""
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})


def redetect(world: World, image_id: str) -> None:
    world.ingest.redetect(OWNER, image_id)


def trash(world: World, image_id: str) -> None:
    world.library.trash(OWNER, image_id)


def restore(world: World, image_id: str) -> None:
    world.library.restore(OWNER, image_id)
