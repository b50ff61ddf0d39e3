"""Photos that always fail in the worker: they go to the dead-letter queue, are marked failed, and can be redriven."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import boto3
import cv2
import numpy as np
import pytest
from typing_extensions import override

from app import local_worker, wiring, worker
from app.adapters.local import queue as queue_module
from app.adapters.local.queue import LEASE_SECONDS
from app.adapters.local.stores import LocalStores
from app.domain.ids import Rendition
from app.domain.images import GIVEN_UP, Image
from app.domain.ports import Images
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.queue_worker import TRIES, QueueWorker
from detector import Detection, pixels
from detector.pixels import DecodedPhoto, Header, Pixels
from infra.local.poller import Poller
from infra.local.redrive import redrive
from tests.robustness.world import notification
from tests.support.fakes import Clock, FakeDetector
from tests.support.services import Services

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

POISON = "poison.jpg"
POISONOUS_WIDTH = 5
POISONOUS = cv2.imencode(".jpg", np.zeros((3, POISONOUS_WIDTH, 3), np.uint8))[1].tobytes()


class Killed(BaseException):
    """Simulates that the worker's process is killed. No `except Exception` catches it."""


class Queues(ABC):
    """The worker's queue and its dead letters, without a wait between tries."""

    @abstractmethod
    def notify(self, image: Image) -> None:
        """Send the message about an upload, unless the upload has already sent it."""

    @abstractmethod
    def poll(self) -> None:
        """Let the worker receive one message. If that kills it, the next poll is a new worker's."""

    @abstractmethod
    def count(self) -> tuple[int, int]:
        """Return the numbers of messages and of dead letters."""

    @abstractmethod
    def redrive(self) -> int:
        """Move the dead letters back to the queue. Return their number."""

    def process(self) -> None:
        """Poll until the queue is empty."""
        while self.count()[0]:
            self.poll()


class SqsQueues(Queues):
    """The queues as the template declares them."""

    def __init__(self, sqs: "SQSClient") -> None:
        self.sqs = sqs
        self.dead_letters = sqs.create_queue(QueueName="dead")["QueueUrl"]
        response = sqs.get_queue_attributes(QueueUrl=self.dead_letters, AttributeNames=["QueueArn"])
        policy = {"deadLetterTargetArn": response["Attributes"]["QueueArn"], "maxReceiveCount": TRIES + 1}
        self.uploads = sqs.create_queue(
            QueueName="work", Attributes={"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(policy)}
        )["QueueUrl"]
        self.poller = Poller(sqs, self.uploads, worker.handler)

    @override
    def notify(self, image: Image) -> None:
        body = notification(Rendition.INCOMING.key(image.owner, image.id))
        self.sqs.send_message(QueueUrl=self.uploads, MessageBody=body)

    @override
    def poll(self) -> None:
        with suppress(Killed):
            self.poller.poll()

    @override
    def count(self) -> tuple[int, int]:
        return self._count_messages(self.uploads), self._count_messages(self.dead_letters)

    @override
    def redrive(self) -> int:
        return redrive(self.sqs, self.dead_letters, self.uploads)

    def _count_messages(self, queue: str) -> int:
        response = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
        return int(response["Attributes"]["ApproximateNumberOfMessages"])


class LocalQueues(Queues):
    """The table of messages, and the worker process of one machine. Storing an upload sends its message."""

    def __init__(self, stores: LocalStores, clock: Clock) -> None:
        self.stores = stores
        self.clock = clock

    @override
    def notify(self, image: Image) -> None: ...

    @override
    def poll(self) -> None:
        self.clock.ahead += LEASE_SECONDS
        self.stores.queue.release_all(counts=True)  # as after a crash of the worker
        with suppress(Killed):
            local_worker.process_next()

    @override
    def count(self) -> tuple[int, int]:
        with self.stores.database.read() as connection:
            dead = [row["dead"] for row in connection.execute("SELECT dead FROM message")]
        return dead.count(0), dead.count(1)

    @override
    def redrive(self) -> int:
        return self.stores.queue.redrive()


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def queues(services: Services, queue_worker: QueueWorker, monkeypatch: pytest.MonkeyPatch) -> Queues:
    monkeypatch.setattr(wiring, "queue_worker", lambda: queue_worker)
    if isinstance(services.stores, LocalStores):
        stores = services.stores
        monkeypatch.setattr(wiring, "local_stores", lambda: stores)
        clock = Clock()
        monkeypatch.setattr(queue_module, "time", clock)
        return LocalQueues(stores, clock)
    monkeypatch.setattr("infra.local.poller.WAIT_SECONDS", 0)
    return SqsQueues(boto3.client("sqs"))


@pytest.fixture
def poison(ingest: Ingest, owner: str) -> Image:
    return ingest.receive(owner, Upload(POISONOUS, "image/jpeg", POISON), max_bytes=10_000)


BreakIngest = Callable[[BaseException], None]


@pytest.fixture(params=["decoding it", "the model"])
def break_ingest(
    request: pytest.FixtureRequest, detector: FakeDetector, monkeypatch: pytest.MonkeyPatch
) -> BreakIngest:
    """Return a function that makes one step of the ingest raise an error, only for the poisonous photo."""
    decode, detect = pixels.decode_photo, detector.detect

    def break_ingest(error: BaseException) -> None:
        def decode_or_raise(data: bytes, header: Header, *, long_side: int) -> DecodedPhoto:
            if data == POISONOUS:
                raise error
            return decode(data, header, long_side=long_side)

        def detect_or_raise(decoded: Pixels, *, width: int, height: int) -> list[Detection]:
            if width == POISONOUS_WIDTH:
                raise error
            return detect(decoded, width=width, height=height)

        if request.param == "the model":
            monkeypatch.setattr(detector, "detect", detect_or_raise)
        else:
            monkeypatch.setattr(pixels, "decode_photo", decode_or_raise)

    return break_ingest


@pytest.mark.parametrize("error", [ZeroDivisionError(), Killed()])
def test_ingest_of_a_poisonous_photo_marks_only_it_failed(
    ingest: Ingest,
    images: Images,
    queues: Queues,
    poison: Image,
    break_ingest: BreakIngest,
    error: BaseException,
    photo: bytes,
    check_consistency: Callable[[], None],
) -> None:
    break_ingest(error)
    sound_images = [
        ingest.receive(poison.owner, Upload(photo + more, "image/jpeg", "a.jpg"), max_bytes=10_000)
        for more in (b"0", b"1")
    ]
    for image in (sound_images[0], poison, sound_images[1]):
        queues.notify(image)

    queues.process()

    failed = images.get_image(poison.owner, poison.id)
    assert (failed.state, failed.reason, failed.name) == ("failed", GIVEN_UP, POISON)
    assert queues.count()[1] == 1
    assert [images.get_image(image.owner, image.id).state for image in sound_images] == ["ready", "ready"]
    check_consistency()


def test_image_before_its_last_try_stays_pending(
    images: Images, queues: Queues, poison: Image, break_ingest: BreakIngest
) -> None:
    break_ingest(Killed())
    queues.notify(poison)

    states = []
    for _ in range(TRIES + 1):
        queues.poll()
        states.append(str(images.get_image(poison.owner, poison.id).state))

    assert states == ["pending"] * TRIES + ["failed"]


def test_ingest_that_succeeds_at_the_last_try_makes_the_image_ready(
    ingest: Ingest,
    images: Images,
    queues: Queues,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    check_consistency: Callable[[], None],
) -> None:
    image = ingest.receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
    queues.notify(image)
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "ingest", lambda *_: 1 / 0)
        for _ in range(TRIES - 1):
            queues.poll()

    queues.process()

    ready = images.get_image(owner, image.id)
    assert (ready.state, ready.reason) == ("ready", "")
    assert queues.count()[1] == 0
    check_consistency()


def test_redrive_after_the_cause_is_fixed_makes_the_image_ready(
    ingest: Ingest,
    images: Images,
    queues: Queues,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    check_consistency: Callable[[], None],
) -> None:
    image = ingest.receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
    queues.notify(image)
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "ingest", lambda *_: 1 / 0)
        queues.process()
    assert images.get_image(owner, image.id).reason == GIVEN_UP

    assert queues.redrive() == 1
    queues.process()

    assert images.get_image(owner, image.id).state == "ready"
    assert queues.count() == (0, 0)
    check_consistency()
