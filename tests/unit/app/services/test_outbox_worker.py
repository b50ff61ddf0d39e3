import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from app.adapters.aws.items import attributes, redetection_key
from app.domain.errors import ImageNotFound
from app.domain.images import ImageState, make_tombstone
from app.domain.outbox import LEASE_SECONDS, TRASH_LIFE
from app.domain.ports import Images, Outbox, Redetections
from app.services import outbox_worker as outbox_worker_module
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.outbox_worker import QUEUED_PAUSE_SECONDS, OutboxWorker
from tests.support.aws import BUCKET_NAME, TABLE_NAME, before, mails
from tests.support.fakes import Clock, image
from tests.support.injected_fault import InjectedFault, fail
from tests.support.tokens import SETTINGS
from tests.support.uploads import MAX_BYTES, make_upload

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient


def count_objects(s3: "S3Client") -> int:
    return s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"]


@pytest.fixture
def take_queued(sqs: "SQSClient") -> Callable[[], list[str]]:
    """A function that receives all messages and returns the ids of the images to redetect."""

    def take() -> list[str]:
        ids: list[str] = []
        while messages := sqs.receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10).get("Messages"):
            ids += [json.loads(message["Body"])["redetect"]["image"] for message in messages]
        return sorted(ids)

    return take


@pytest.fixture
def filled_library(images: Images, owner: str) -> list[str]:
    """The ids of seven ready images in a library that contains other images too."""
    ids = [images.save(image(owner, dog=1)).id for _ in range(7)]
    for state in (ImageState.PENDING, ImageState.FAILED, ImageState.TRASHED):
        images.save(image(owner, state))
    images.save(image("another owner", dog=1))
    return ids


@pytest.fixture(autouse=True)
def use_small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_worker_module, "QUEUED_PAGE", 2)
    monkeypatch.setattr(outbox_worker_module, "MAX_QUEUED", 5)


def test_process_of_empty_outbox_sends_nothing(outbox_worker: OutboxWorker, ada: str) -> None:
    outbox_worker.process(ada)

    assert mails(ada) == []


def test_purge_after_thirty_days_removes_the_image(
    outbox_worker: OutboxWorker, images: Images, s3: "S3Client", owner: str, trashed_id: str, clock: Clock
) -> None:
    outbox_worker.process(owner)
    state_before = images.get_image(owner, trashed_id).state

    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1
    outbox_worker.process(owner)

    assert state_before == "trashed"
    with pytest.raises(ImageNotFound):
        images.get_image(owner, trashed_id)
    assert count_objects(s3) == 0


def test_purge_leaves_no_outbox_row(
    outbox_worker: OutboxWorker,
    s3: "S3Client",
    owner: str,
    trashed_id: str,
    clock: Clock,
    check_finished: Callable[[], None],
) -> None:
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1

    for _ in range(2):
        outbox_worker.process(owner)

    assert count_objects(s3) == 0
    check_finished()


def test_purge_of_restored_image_changes_nothing(
    outbox_worker: OutboxWorker,
    images: Images,
    library: Library,
    owner: str,
    trashed_id: str,
    clock: Clock,
    check_finished: Callable[[], None],
) -> None:
    library.restore(owner, trashed_id)
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1

    outbox_worker.process(owner)

    assert images.get_image(owner, trashed_id).state == "ready"
    check_finished()


def test_purge_row_of_earlier_trash_changes_nothing(
    outbox_worker: OutboxWorker, images: Images, library: Library, owner: str, trashed_id: str, clock: Clock
) -> None:
    outbox_worker.process(owner)
    clock.ahead = int(TRASH_LIFE.total_seconds()) + 1
    (row,) = outbox_worker.outbox.lease(owner)
    clock.ahead = 0
    outbox_worker.outbox.postpone(row, int(clock.time()))
    library.restore(owner, trashed_id)
    library.trash(owner, trashed_id)

    outbox_worker.process(owner)

    assert images.get_image(owner, trashed_id).state == "trashed"


def test_purge_row_of_duplicate_keeps_the_first_image(
    outbox_worker: OutboxWorker, images: Images, library: Library, owner: str, check_finished: Callable[[], None]
) -> None:
    first = images.save(image(owner, dog=1))
    second = images.save(image(owner, ImageState.PENDING))
    images.save(make_tombstone(second, duplicate_of=first.id), second)
    library.trash(owner, first.id)  # now both are at the same version

    outbox_worker.process(owner)

    assert images.get_image(owner, first.id).state == "trashed"


def test_purge_that_was_interrupted_is_finished(
    outbox_worker: OutboxWorker,
    library: Library,
    s3: "S3Client",
    owner: str,
    trashed_id: str,
    check_finished: Callable[[], None],
) -> None:
    with before(s3, "s3.DeleteObjects", fail), pytest.raises(InjectedFault):
        library.purge(owner, trashed_id)
    remaining = count_objects(s3)

    outbox_worker.process(owner)

    assert (remaining, count_objects(s3)) == (3, 0)
    check_finished()


def test_purge_of_pending_image_removes_its_upload(
    outbox_worker: OutboxWorker,
    library: Library,
    ingest: Ingest,
    s3: "S3Client",
    owner: str,
    photo: bytes,
    check_finished: Callable[[], None],
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    library.trash(owner, pending.id)

    outbox_worker.process(owner)

    assert count_objects(s3) == 0
    check_finished()


def test_redetection_queues_the_library_page_by_page(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    outbox: Outbox,
    owner: str,
    filled_library: list[str],
    take_queued: Callable[[], list[str]],
    clock: Clock,
) -> None:
    started = redetections.start(owner)

    outbox_worker.process(owner)
    first = redetections.get(owner)
    clock.ahead += QUEUED_PAUSE_SECONDS
    outbox_worker.process(owner)
    second = redetections.get(owner)
    for _ in range(2):
        redetections.record_done(owner, started.id)
    clock.ahead += QUEUED_PAUSE_SECONDS
    outbox_worker.process(owner)

    assert (first.queued, first.queued_all) == (6, False)
    assert second == first
    assert (redetections.get(owner).queued, redetections.get(owner).queued_all) == (7, True)
    assert take_queued() == filled_library
    clock.ahead += LEASE_SECONDS + 1
    assert outbox.lease(owner) == []


def test_redetection_of_deleted_job_queues_nothing(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    dynamodb: "DynamoDBClient",
    outbox: Outbox,
    owner: str,
    clock: Clock,
) -> None:
    started = redetections.start(owner)
    dynamodb.delete_item(TableName=TABLE_NAME, Key=attributes(redetection_key(owner, started.id)))

    outbox_worker.process(owner)

    clock.ahead += LEASE_SECONDS + 1
    assert outbox.lease(owner) == []


def test_redetection_with_crash_queues_a_page_twice_and_counts_it_once(
    outbox_worker: OutboxWorker,
    redetections: Redetections,
    owner: str,
    filled_library: list[str],
    take_queued: Callable[[], list[str]],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = redetections.start(owner)
    with monkeypatch.context() as patch:
        patch.setattr(redetections, "record_queued", lambda *_: fail())
        with pytest.raises(InjectedFault):
            outbox_worker.process(owner)
    assert redetections.get(owner) == started

    for _ in filled_library:
        clock.ahead += LEASE_SECONDS + 1
        outbox_worker.process(owner)
        redetections.record_done(owner, started.id)

    assert redetections.get(owner).queued == len(filled_library)
    assert take_queued() == sorted([*filled_library, *filled_library[-2:]])
