"""One owner's PixTag on moto, with the messages that AWS would bring: those that failed come again."""

import json
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
from app.adapters.aws.bucket import Upload
from app.domain.errors import RedetectionNotFound, Unavailable
from app.domain.ids import Rendition
from app.domain.images import ImageState
from app.domain.query import parse
from app.services import ingest as ingest_module
from app.services import notifications as notifications_module
from app.services import outbox_worker as outbox_worker_module
from tests.support.aws import (
    BUCKET_NAME,
    TABLE_NAME,
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
from tests.support.services import connect
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_sqs import SQSClient

OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
EMAIL: Final = "ada@example.com"
FAILURES: Final = (BotoCoreError, ClientError, Unavailable)
ROUNDS: Final = 4
HOURS_AHEAD: Final = 3 * 3600
ID: Final = re.compile("[0-7][0-9a-hjkmnp-tv-z]{25}")


class ComesAgain(Exception):
    """A message failed: SQS brings it once more."""


@dataclass
class World:
    """Everything of one owner, and the worker."""

    clock: Clock
    sqs: "SQSClient"  # AWS's own: what it does is no call of PixTag
    detector: FakeDetector = field(default_factory=lambda: FakeDetector({"dog": 1}))
    unacknowledged: dict[str, None] = field(default_factory=dict)
    tries: int = 1

    def __post_init__(self) -> None:
        services = connect(lambda: self.detector)
        self.table, self.bucket, self.outbox = services.table, services.bucket, services.outbox
        self.subscriptions, self.redetections = services.subscriptions, services.redetections
        self.quotas, self.topics = services.quotas, services.topics
        self.library, self.ingest, self.outbox_worker = services.library, services.ingest, services.outbox_worker

    @property
    def clients(self) -> "list[BaseClient]":
        """What PixTag calls AWS with."""
        return [dynamodb_client(), s3_client(), sqs_client(), sns_client()]

    def upload(self, data: bytes, name: str) -> str:
        """Send bytes in one request, and return the id of their image."""
        return self.ingest.receive(OWNER, Upload(data, "image/jpeg", name), max_bytes=100_000).id

    def uploaded(self, data: bytes, name: str) -> str:
        """Upload, have the worker look at it, and return the id of the image."""
        image_id = self.upload(data, name)
        self.deliver()
        return image_id

    def subscribe(self, text: str) -> None:
        """Wait for images that match."""
        self.subscriptions.add(OWNER, parse(text))
        self.topics.subscribe(OWNER, EMAIL)

    def deliver(self) -> None:
        """Bring the worker each notification and message that it has not succeeded with.

        Raises:
            ComesAgain: some failed.
        """
        keys = s3_backends[ACCOUNT]["aws"].buckets[BUCKET_NAME].keys
        arrived = [notification(key) for key in keys if key.startswith(f"{Rendition.INCOMING}/")]
        self.unacknowledged |= dict.fromkeys([*arrived, *self._queued()])
        for body in list(self.unacknowledged):
            attributes = {"ApproximateReceiveCount": str(self.tries)}
            record = {"messageId": body, "body": body, "attributes": attributes}
            if not worker.handler({"Records": [record]}, None)["batchItemFailures"]:
                del self.unacknowledged[body]
        if self.unacknowledged:
            raise ComesAgain

    def _queued(self) -> Iterator[str]:
        while messages := self.sqs.receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=SETTINGS.queue_url, ReceiptHandle=message["ReceiptHandle"])
                yield message["Body"]

    def tick(self) -> None:
        """What the schedule does."""
        worker.handler({"source": "aws.events"}, None)

    def settle(self) -> None:
        """Let hours pass, with the owner's outbox and what it queues."""
        for _ in range(ROUNDS):
            self.clock.ahead += HOURS_AHEAD
            self.outbox_worker.process(OWNER)
            self.deliver()
        self.clock.ahead += HOURS_AHEAD

    def check(self) -> None:
        """Assert what must always hold, of the objects as well: so once nothing is left to do."""
        check_invariants(TABLE_NAME, BUCKET_NAME)

    def outcome(self) -> dict[str, Any]:
        """What the owner would find, without ids and times; what is no photograph and sent twice fails twice."""
        states = frozenset({ImageState.READY, ImageState.TRASHED, ImageState.FAILED})
        cards = self.table.list_images(OWNER, 100, states=states).images
        whole = self.table.list_details(OWNER, 100).images
        return {
            "cards": {(card.name, str(card.state), card.reason, *sorted(card.tags.items())) for card in cards},
            "boxes": sorted(
                (one.name, *((box.detection.label, box.label) for box in one.corrected_detections)) for one in whole
            ),
            "subscriptions": [str(one.query) for one in self.subscriptions.list(OWNER)],
            "redetected": self._redetected(),
            "told": {told.strip() for _, body in self.mails() for told in ID.sub("ID", body).split("\n\n")},
            "to do": sorted({row.owner for row in self.outbox.list_due()}),
            "nothing left": not list_leftovers(OWNER, TABLE_NAME, BUCKET_NAME),
        }

    def _redetected(self) -> bool | None:
        try:
            return self.redetections.get(OWNER).finished
        except RedetectionNotFound:
            return None

    def mails(self) -> list[tuple[str | None, str]]:
        try:
            return mails(OWNER)
        except KeyError:  # no topic (any more)
            return []


@contextmanager
def world() -> Iterator[World]:
    """An empty one, whose worker `worker.handler` is; its images, and so its rows, have the same ids as any other's."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        make_resources()
        made = World(Clock(), _aws_itself())
        for module in (outbox_module, notifications_module, outbox_worker_module):
            patch.setattr(module, "time", made.clock)
        numbers = count()
        patch.setattr(ingest_module, "new_id", lambda: f"01jd8xk3v5m0z8q4n2c7{next(numbers):06}")
        for name in ("library", "ingest", "outbox_worker", "redetections"):
            patch.setattr(wiring, name, _always(getattr(made, name)))
        yield made


@cache
def _aws_itself() -> "SQSClient":
    return session().client("sqs")


def _always(value: object) -> Callable[[], object]:
    return lambda: value


def notification(key: str) -> str:
    """What S3 says of a new object."""
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})


def redetect(world: World, image_id: str) -> None:
    world.ingest.redetect(OWNER, image_id)


def trash(world: World, image_id: str) -> None:
    world.library.trash(OWNER, image_id)


def restore(world: World, image_id: str) -> None:
    world.library.restore(OWNER, image_id)
