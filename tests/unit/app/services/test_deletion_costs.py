"""The cost of deletions: at most three calls of the stores per image, so that 100,000 images take less than an hour.

The variable `IMAGES` sets the number of images. With `--log-cli-level INFO`, pytest shows the figures of
docs/benchmarks.md.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.adapters.local import database as database_module
from app.adapters.local.schema import transaction
from app.domain.images import Image, ImageState
from app.domain.outbox import LEASE_SECONDS, MAX_LEASED, TRASH_LIFE
from app.domain.ports import Images, Outbox
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker
from tests.support.aws import dynamodb_client, s3_client, sns_client, sqs_client
from tests.support.fakes import Clock, image
from tests.support.sampling import rounds

logger = logging.getLogger(__name__)

IMAGES = int(os.environ.get("IMAGES", rounds(40, 250)))
MAX_CALLS = 3  # per image
READ_SECONDS, WRITE_SECONDS = 0.004, 0.012
LIBRARY = 100_000
BUSY_SHARE = 40 / 60  # the worker starts no new work in the last 20 seconds of each minute
HOUR_SECONDS = 3_600
READS = ("GetItem", "BatchGetItem", "Query", "ListObjectsV2", "GetObject", "ListSubscriptionsByTopic")
NAMES = [f"name {number}" for number in range(24)]


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@dataclass
class Calls:
    """The calls of AWS's services, or the transactions of the database on one machine."""

    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    def record(self, event_name: str, **_: object) -> None:
        """Record a call of AWS. This is a hook of botocore."""
        call = event_name.rpartition(".")[2]
        (self.reads if call in READS else self.writes).append(call)

    def check(self) -> None:
        """Assert that the number of calls per image is small enough."""
        assert 0 < len(self.reads) + len(self.writes) <= MAX_CALLS * IMAGES, (self.reads, self.writes)

    def check_time(self) -> None:
        """Assert that the calls would take less than an hour for a library of `LIBRARY` images."""
        reads, writes = len(self.reads) / IMAGES, len(self.writes) / IMAGES
        seconds = (reads * READ_SECONDS + writes * WRITE_SECONDS) * LIBRARY / BUSY_SHARE
        logger.info("%.2f reads and %.2f writes per image, %.0f minutes", reads, writes, seconds / 60)
        assert seconds <= HOUR_SECONDS, (self.reads, self.writes)


@pytest.fixture
def count_calls(backend: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """A function that returns a context, which records the calls in it."""

    @contextmanager
    def count_on_aws() -> Iterator[Calls]:
        calls = Calls()
        clients = [dynamodb_client(), s3_client(), sns_client(), sqs_client()]
        for client in clients:
            client.meta.events.register("before-call", calls.record)
        yield calls
        for client in clients:
            client.meta.events.unregister("before-call", calls.record)

    @contextmanager
    def count_on_one_machine() -> Iterator[Calls]:
        calls = Calls()

        def count(connection: Any, begin: str) -> Any:
            (calls.reads if begin == "BEGIN" else calls.writes).append(begin)
            return transaction(connection, begin)

        with monkeypatch.context() as patch:
            patch.setattr(database_module, "transaction", count)
            yield calls

    return count_on_aws if backend == "aws" else count_on_one_machine


def fill(images: Images, owner: str, state: ImageState) -> list[Image]:
    """Save images with three tags each, of 24 different ones."""
    tags = [dict.fromkeys((NAMES[(number + step) % 24] for step in range(3)), 1) for number in range(IMAGES)]
    return [images.save(image(owner, state, each)) for each in tags]


def drain(worker: OutboxWorker, owner: str, clock: Clock) -> None:
    """Process all due rows of the owner: one for each image."""
    for _ in range(IMAGES // MAX_LEASED + 1):
        worker.process(owner)
    clock.ahead += LEASE_SECONDS + 1


def test_account_deletion_needs_few_calls(
    outbox_worker: OutboxWorker,
    images: Images,
    outbox: Outbox,
    owner: str,
    clock: Clock,
    count_calls: Callable[[], Any],
) -> None:
    fill(images, owner, ImageState.READY)
    drain(outbox_worker, owner, clock)
    outbox.put_account_deletion(owner)

    with count_calls() as calls:
        while outbox.has_account_deletion(owner):
            outbox_worker.process(owner)
            clock.ahead += HOUR_SECONDS

    calls.check()
    calls.check_time()
    assert images.find_images(owner, list(images.list_ids(owner))) == []


def test_purge_by_age_needs_few_calls(
    outbox_worker: OutboxWorker, images: Images, owner: str, clock: Clock, count_calls: Callable[[], Any]
) -> None:
    fill(images, owner, ImageState.TRASHED)
    clock.run_for(TRASH_LIFE.total_seconds() - 60, lambda: outbox_worker.process(owner))
    clock.ahead += 120

    with count_calls() as calls:
        drain(outbox_worker, owner, clock)

    calls.check()
    calls.check_time()
    assert list(images.list_ids(owner)) == []


def test_emptying_the_trash_needs_few_calls(
    outbox_worker: OutboxWorker,
    library: Library,
    images: Images,
    owner: str,
    clock: Clock,
    count_calls: Callable[[], Any],
) -> None:
    ids = [each.id for each in fill(images, owner, ImageState.TRASHED)]

    with count_calls() as calls:
        for start in range(0, IMAGES, 100):
            assert {*library.purge_all(owner, ids[start : start + 100]).values()} == {None}
        drain(outbox_worker, owner, clock)
        assert list(images.list_ids(owner)) == []
        calls.check_time()
        clock.ahead += int(TRASH_LIFE.total_seconds())  # the rows that were written with the move to the trash
        drain(outbox_worker, owner, clock)

    calls.check()
