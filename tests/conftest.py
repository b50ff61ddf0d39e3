"""Fixtures of all tests: the local cloud, or AWS by moto with a detector whose detections the test sets.

This module imports no heavy library. Each fixture imports what it needs, so that a focused test starts quickly.
"""

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from anyio.from_thread import BlockingPortal
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

    from app.domain.ports import (
        Albums,
        ApiKeys,
        Images,
        Mail,
        Objects,
        Operations,
        Outbox,
        OwnerPreferences,
        Queue,
        Quotas,
        Redetections,
        Shares,
        Subscriptions,
    )
    from app.services.ingest import Ingest
    from app.services.library import Library
    from app.services.outbox_worker import OutboxWorker
    from app.services.part_uploads import PartUploads
    from app.services.queue_worker import QueueWorker
    from app.services.undo import Undo
    from infra.local.cloud import LocalCloud
    from infra.local.pixtag import PixTag
    from tests.support.fakes import Clock, FakeDetector
    from tests.support.services import Services
    from tests.support.stored_data import StoredData


SCHEDULE_SECONDS = 2
NEW_OBJECTS = 50_000


def pytest_configure() -> None:
    """Search for reference cycles less often, because a search visits the objects of all collected tests."""
    gc.set_threshold(NEW_OBJECTS)


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> None:
    """Hash passwords with the cheapest parameters in this process."""
    from tests.support.fast_hashes import speed_up

    speed_up()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[LocalCloud]":
    """PixTag on emulated AWS, on free ports and with its own state, for the whole session."""
    from infra.local.cloud import Ports, local_cloud

    folder = tmp_path_factory.mktemp("cloud")
    with local_cloud(folder, Ports.find_free(), quiet=True, schedule_seconds=SCHEDULE_SECONDS) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def pixtag(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[PixTag]":
    """PixTag as `make run` starts it, on a free port and with its own data folder, for the whole session."""
    from infra.local.pixtag import run_pixtag

    with run_pixtag(tmp_path_factory.mktemp("pixtag") / "data") as pixtag:
        yield pixtag


@pytest.fixture
def disk(tmp_path: "Path") -> "Iterator[Path]":
    """A file system of 100 MiB, which other programs can fill."""
    from tests.support.small_disk import MIB, small_disk

    with small_disk(tmp_path / "disk", 100 * MIB) as folder:
        yield folder


@pytest.fixture
def pixtag_on_disk(disk: "Path") -> "Iterator[PixTag]":
    """PixTag on a port of its own, whose data folder is on `disk`."""
    from infra.local.pixtag import run_pixtag

    with run_pixtag(disk / "data", log=disk.with_name("pixtag.log")) as pixtag:
        yield pixtag


@pytest.fixture
def schedule(pixtag: "PixTag") -> Callable[[], None]:
    """A function that processes all due outboxes of `pixtag`. PixTag's own worker does the same every minute."""
    from tests.support.schedule import process_due_outboxes

    return partial(process_due_outboxes, pixtag.data)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS by moto, without any resource."""
    from tests.support.aws import mock_aws

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in {"AWS_ENDPOINT_URL", *(name for name in os.environ if name.startswith("AWS_ENDPOINT_URL_"))}:
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws: None) -> "DynamoDBClient":
    from tests.support.aws import dynamodb_client, make_table

    client = dynamodb_client()
    make_table(client)
    return client


@pytest.fixture
def s3(aws: None) -> "S3Client":
    from tests.support.aws import make_bucket, s3_client

    client = s3_client()
    make_bucket(client)
    return client


@pytest.fixture
def sns(aws: None) -> "SNSClient":
    from tests.support.aws import sns_client

    return sns_client()


@pytest.fixture
def sqs(aws: None) -> "SQSClient":
    from tests.support.aws import make_queue, sqs_client

    client = sqs_client()
    make_queue(client)
    return client


@pytest.fixture
def detector() -> "FakeDetector":
    from tests.support.fakes import FakeDetector

    return FakeDetector()


@pytest.fixture
def backend() -> str:
    """The stores of the test: `aws` or `local`. Other folders have other values, or both."""
    return "aws"


@pytest.fixture
def services(backend: str, detector: "FakeDetector", request: pytest.FixtureRequest) -> "Iterator[Services]":
    """PixTag's stores and services. A test uses the fixtures below, which also create the resources of AWS."""
    if backend == "aws":
        from tests.support.aws import connect_aws

        yield connect_aws(lambda: detector)
    else:
        from tests.support.new_database import add_database
        from tests.support.services import connect_local

        add_database(folder := request.getfixturevalue("tmp_path"))
        with connect_local(folder, lambda: detector) as services:
            yield services


def create_resources(request: pytest.FixtureRequest, *names: str) -> None:
    """Create the resources with these fixtures, if the test uses the stores on AWS."""
    if request.getfixturevalue("backend") == "aws":
        for name in names:
            request.getfixturevalue(name)


@pytest.fixture
def images(services: "Services", request: pytest.FixtureRequest) -> "Images":
    create_resources(request, "dynamodb")
    return services.images


@pytest.fixture
def objects(services: "Services", request: pytest.FixtureRequest) -> "Objects":
    create_resources(request, "s3")
    return services.objects


@pytest.fixture
def library(services: "Services", request: pytest.FixtureRequest) -> "Library":
    create_resources(request, "dynamodb", "s3")
    return services.library


@pytest.fixture
def ingest(services: "Services", request: pytest.FixtureRequest) -> "Ingest":
    create_resources(request, "dynamodb", "s3")
    return services.ingest


@pytest.fixture
def part_uploads(services: "Services", request: pytest.FixtureRequest) -> "PartUploads":
    create_resources(request, "dynamodb", "s3")
    return services.part_uploads


@pytest.fixture
def small_parts(part_uploads: "PartUploads", backend: str, monkeypatch: pytest.MonkeyPatch) -> "PartUploads":
    """Uploads in parts of 400 bytes, for files of more than 100 bytes."""
    from tests.support.parts import RULE

    if backend == "aws":  # S3 needs 5 MiB in each part except the last one
        monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
    part_uploads.rule = RULE
    return part_uploads


@pytest.fixture
def outbox(services: "Services", request: pytest.FixtureRequest) -> "Outbox":
    create_resources(request, "dynamodb")
    return services.outbox


@pytest.fixture
def subscriptions(services: "Services", request: pytest.FixtureRequest) -> "Subscriptions":
    create_resources(request, "dynamodb")
    return services.subscriptions


@pytest.fixture
def quotas(services: "Services", request: pytest.FixtureRequest) -> "Quotas":
    create_resources(request, "dynamodb")
    return services.quotas


@pytest.fixture
def mail(services: "Services", request: pytest.FixtureRequest) -> "Mail":
    create_resources(request, "sns")
    return services.mail


@pytest.fixture
def redetections(services: "Services", request: pytest.FixtureRequest) -> "Redetections":
    create_resources(request, "dynamodb")
    return services.redetections


@pytest.fixture
def albums(services: "Services", request: pytest.FixtureRequest) -> "Albums":
    create_resources(request, "dynamodb")
    return services.albums


@pytest.fixture
def shares(services: "Services", request: pytest.FixtureRequest) -> "Shares":
    create_resources(request, "dynamodb")
    return services.shares


@pytest.fixture
def api_keys(services: "Services", request: pytest.FixtureRequest) -> "ApiKeys":
    create_resources(request, "dynamodb")
    return services.api_keys


@pytest.fixture
def operations(services: "Services", request: pytest.FixtureRequest) -> "Operations":
    create_resources(request, "dynamodb")
    return services.operations


@pytest.fixture
def undo(services: "Services", images: "Images", operations: "Operations") -> "Undo":
    return services.undo


@pytest.fixture
def preferences(services: "Services", request: pytest.FixtureRequest) -> "OwnerPreferences":
    create_resources(request, "dynamodb")
    return services.preferences


@pytest.fixture
def queue(services: "Services", request: pytest.FixtureRequest) -> "Queue":
    create_resources(request, "sqs")
    return services.queue


@pytest.fixture
def outbox_worker(services: "Services", request: pytest.FixtureRequest) -> "OutboxWorker":
    create_resources(request, "dynamodb", "s3", "sns", "sqs")
    return services.outbox_worker


@pytest.fixture
def queue_worker(services: "Services", outbox_worker: "OutboxWorker") -> "QueueWorker":
    return services.queue_worker


@pytest.fixture
def rival(backend: str, detector: "FakeDetector", request: pytest.FixtureRequest) -> "Iterator[Services]":
    """The stores and services of another process."""
    if backend == "aws":
        from tests.support.aws import connect_aws

        yield connect_aws(lambda: detector)
    else:
        from tests.support.services import connect_local

        with connect_local(request.getfixturevalue("tmp_path"), lambda: detector) as rival:
            yield rival


@pytest.fixture
def stored(backend: str, request: pytest.FixtureRequest) -> "StoredData":
    """What the stores contain."""
    if backend == "aws":
        from tests.support.aws import MotoData

        return MotoData()
    from tests.support.stored_data import LocalData

    return LocalData(request.getfixturevalue("tmp_path"))


@pytest.fixture
def check_rows(stored: "StoredData") -> Callable[[], None]:
    """A function that asserts the invariants of all rows, for tests that store images without objects."""
    return partial(stored.check, with_objects=False)


@pytest.fixture
def check_consistency(stored: "StoredData") -> Callable[[], None]:
    """A function that asserts the invariants of all rows and objects."""
    return stored.check


@pytest.fixture
def clock(backend: str, monkeypatch: pytest.MonkeyPatch) -> "Clock":
    """The clock of the outbox and its worker."""
    from app.domain import announcements
    from app.services import notifications, outbox_worker
    from tests.support.fakes import Clock

    clock = Clock()
    adapters = ["outbox", "outbox_owners"] if backend == "aws" else ["outbox"]
    modules = [import_module(f"app.adapters.{backend}.{name}") for name in adapters]
    for module in (*modules, announcements, notifications, outbox_worker):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def owner() -> str:
    return str(uuid4())


@pytest.fixture(scope="session")
def portal() -> "Iterator[BlockingPortal]":
    """An event loop for the requests of all tests, like that of a server. A loop for each request takes much longer."""
    from anyio.from_thread import start_blocking_portal

    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG of 64 x 48 pixels."""
    import cv2
    import numpy as np

    slope = np.linspace(0, 255, 64, dtype=np.uint8)
    return cv2.imencode(".jpg", np.repeat(np.tile(slope, (48, 1))[:, :, None], 3, axis=2))[1].tobytes()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Reject tests that share an id when pytest-xdist runs: it runs only one of them and reports nothing."""
    duplicates = [node_id for node_id, count in Counter(item.nodeid for item in session.items).items() if count > 1]
    if "PYTEST_XDIST_WORKER" in os.environ and duplicates:
        raise pytest.UsageError(f"These tests share an id. Run them without --numprocesses: {', '.join(duplicates)}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shots", help="Save the screenshots of the browser tests in this folder.")
