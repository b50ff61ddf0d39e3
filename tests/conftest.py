"""What tests stand on: the laptop's cloud; or AWS by moto, in process, and a detector that sees what the test says."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import cv2
import numpy as np
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import settings
from moto import mock_aws
from moto.sns.models import sns_backends
from samtranslator.yaml_helper import yaml_parse

from app.adapters.aws import outbox as outbox_module
from app.adapters.aws.bucket import Bucket
from app.adapters.aws.outbox import Outbox
from app.adapters.aws.queue import Queue
from app.adapters.aws.quotas import Quotas
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table
from app.adapters.aws.topics import Topics
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.services import notifications as notifications_module
from app.services import outbox_worker as outbox_worker_module
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.notifications import Notifications
from app.services.outbox_worker import OutboxWorker
from detector import BoundingBox, Detection
from detector.pixels import Pixels
from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import TEMPLATE
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

settings.register_profile("pixtag", deadline=None)
settings.load_profile("pixtag")

TABLE_NAME = "library"
BUCKET_NAME = "photographs"


@dataclass
class FakeDetector:
    """Sees the objects that a test says, one below the other, on whatever photograph."""

    sees: dict[str, int] = field(default_factory=dict)
    model: str = "fake@1"

    def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
        assert pixels.ndim == 3
        labels = [label for label, count in self.sees.items() for _ in range(count)]
        strip = height / max(1, len(labels))
        return [
            Detection(label, 0.9, BoundingBox(0.0, number * strip, float(width), (number + 1) * strip))
            for number, label in enumerate(labels)
        ]


@dataclass
class Clock:
    """Stands in for the module `time`, and can be moved ahead."""

    ahead: int = 0

    def time(self) -> float:
        return time.time() + self.ahead


def image(
    owner: str, state: ImageState = ImageState.READY, counts: Mapping[str, int] | None = None, **more: int
) -> Image:
    """An image that shows so many of these, of bytes like no other's."""
    image_id = new_id()
    labels = [label for label, count in {**(counts or {}), **more}.items() for _ in range(count)]
    return Image(
        owner=owner,
        id=image_id,
        sha256=image_id,
        state=state,
        name="beach.jpg",
        media_type="image/jpeg",
        size=1,
        detections=tuple(
            Detection(label, 0.9, BoundingBox(1.5, 2.0 * number, 30.0, 2.0 * number + 1.5))
            for number, label in enumerate(labels)
        ),
    )


def mails(owner: str) -> list[tuple[str | None, str]]:
    """Subject and body of every mail that the owner was sent."""
    topic = sns_backends["123456789012"]["us-east-1"].topics[SETTINGS.topic_prefix + owner]
    return [(subject, body) for _, body, subject, *_ in topic.sent_notifications]


@contextmanager
def before(client: BaseClient, call: str, act: Callable[[], object]) -> Iterator[None]:
    """Act just before every such call, like `sns.Publish`, is sent; what that raises is how the call fails."""

    def hook(**_: object) -> None:
        act()

    client.meta.events.register(f"before-call.{call}", hook)
    try:
        yield
    finally:
        client.meta.events.unregister(f"before-call.{call}", hook)


def make_table(client: "DynamoDBClient") -> None:
    """The table as the template declares it, as far as moto takes it."""
    client.create_table(TableName=TABLE_NAME, **table_shape())


@cache
def table_shape() -> dict[str, Any]:
    declared: dict[str, Any] = yaml_parse(TEMPLATE.read_text())["Resources"]["Table"]["Properties"]
    shape = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
    return {name: declared[name] for name in shape}


@cache
def session() -> boto3.Session:
    """A session whose clients are made once for all tests: making one costs more than most tests."""
    return boto3.Session("test", "test", region_name="us-east-1")


def credentials() -> Credentials:
    """Those that the clients sign with."""
    found = session().get_credentials()
    assert found
    return found


@cache
def dynamodb_client() -> "DynamoDBClient":
    return session().client("dynamodb")


@cache
def s3_client() -> "S3Client":
    return session().client("s3", config=Config(signature_version="s3v4"))


@cache
def sqs_client() -> "SQSClient":
    return session().client("sqs")


@cache
def sns_client() -> "SNSClient":
    return session().client("sns")


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """PixTag as `make run` runs it, on free ports and with a state of its own, for the whole session."""
    with local_cloud(tmp_path_factory.mktemp("cloud"), Ports.free(), quiet=True) as running:
        yield running


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws: None) -> "DynamoDBClient":
    client = dynamodb_client()
    make_table(client)
    return client


@pytest.fixture
def s3(aws: None) -> "S3Client":
    client = s3_client()
    client.create_bucket(Bucket=BUCKET_NAME)
    return client


@pytest.fixture
def sns(aws: None) -> "SNSClient":
    return sns_client()


@pytest.fixture
def sqs(aws: None) -> "SQSClient":
    client = sqs_client()
    client.create_queue(QueueName=SETTINGS.queue_url.rpartition("/")[2])
    return client


@pytest.fixture
def table(dynamodb: "DynamoDBClient") -> Table:
    return Table(dynamodb, TABLE_NAME, backoff_seconds=0)


@pytest.fixture
def bucket(s3: "S3Client") -> Bucket:
    return Bucket(s3, BUCKET_NAME, credentials())


@pytest.fixture
def detector() -> FakeDetector:
    return FakeDetector()


@pytest.fixture
def library(table: Table, bucket: Bucket) -> Library:
    return Library(table, bucket)


@pytest.fixture
def ingest(table: Table, bucket: Bucket, library: Library, detector: FakeDetector) -> Ingest:
    return Ingest(table, bucket, library, lambda: detector)


@pytest.fixture
def outbox(dynamodb: "DynamoDBClient") -> Outbox:
    return Outbox(dynamodb, TABLE_NAME)


@pytest.fixture
def subscriptions(dynamodb: "DynamoDBClient") -> Subscriptions:
    return Subscriptions(dynamodb, TABLE_NAME)


@pytest.fixture
def quotas(dynamodb: "DynamoDBClient") -> Quotas:
    return Quotas(dynamodb, TABLE_NAME)


@pytest.fixture
def topics(sns: "SNSClient") -> Topics:
    return Topics(sns, SETTINGS.topic_prefix)


@pytest.fixture
def redetections(dynamodb: "DynamoDBClient") -> Redetections:
    return Redetections(dynamodb, TABLE_NAME)


@pytest.fixture
def queue(sqs: "SQSClient") -> Queue:
    return Queue(sqs, SETTINGS.queue_url)


@pytest.fixture
def notifications(outbox: Outbox, table: Table, subscriptions: Subscriptions, topics: Topics) -> Notifications:
    return Notifications(outbox=outbox, table=table, subscriptions=subscriptions, topics=topics, ui_url=SETTINGS.ui_url)


@pytest.fixture
def outbox_worker(
    outbox: Outbox,
    table: Table,
    library: Library,
    notifications: Notifications,
    topics: Topics,
    redetections: Redetections,
    queue: Queue,
) -> OutboxWorker:
    return OutboxWorker(
        outbox=outbox,
        table=table,
        library=library,
        notifications=notifications,
        topics=topics,
        redetections=redetections,
        queue=queue,
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (outbox_module, notifications_module, outbox_worker_module):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def owner() -> str:
    return str(uuid4())


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG of 64 x 48 pixels."""
    slope = np.linspace(0, 255, 64, dtype=np.uint8)
    return cv2.imencode(".jpg", np.repeat(np.tile(slope, (48, 1))[:, :, None], 3, axis=2))[1].tobytes()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to leave tests out: of those that share an id, pytest-xdist runs one and says nothing of the others."""
    shared = [node_id for node_id, count in Counter(item.nodeid for item in session.items).items() if count > 1]
    if "PYTEST_XDIST_WORKER" in os.environ and shared:
        raise pytest.UsageError(f"To be run without --numprocesses, as they share an id: {', '.join(shared)}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shots", help="Keep the pictures that the browser tests take in this folder.")
