"""Pictures that the worker cannot get done with: alone in the dead-letter queue, told of, and brought back."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import cv2
import numpy as np
import pytest

from app import wiring, worker
from app.adapters.aws.bucket import Upload
from app.adapters.aws.table import Table
from app.domain.ids import Rendition
from app.domain.images import Image
from app.services.ingest import GIVEN_UP, Ingest
from app.services.outbox_worker import OutboxWorker
from app.worker import TRIES
from detector import Detection, pixels
from detector.pixels import Header, Pixels
from infra.local.poller import Poller
from infra.local.redrive import redrive
from tests.support.aws import BUCKET_NAME, TABLE_NAME
from tests.support.fakes import FakeDetector
from tests.support.invariants import check_invariants

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

POISON = "poison.jpg"
POISONOUS_WIDTH = 5
POISONOUS = cv2.imencode(".jpg", np.zeros((3, POISONOUS_WIDTH, 3), np.uint8))[1].tobytes()


class Killed(BaseException):
    """The end of the worker's process, as far as a test outlives it."""


class Queues:
    """The worker's queue with its dead letters as the template declares them, but without a wait between the tries."""

    def __init__(self, sqs: "SQSClient") -> None:
        self.sqs = sqs
        self.dead_letters = sqs.create_queue(QueueName="dead")["QueueUrl"]
        named = sqs.get_queue_attributes(QueueUrl=self.dead_letters, AttributeNames=["QueueArn"])
        policy = {"deadLetterTargetArn": named["Attributes"]["QueueArn"], "maxReceiveCount": TRIES + 1}
        self.uploads = sqs.create_queue(
            QueueName="work", Attributes={"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(policy)}
        )["QueueUrl"]
        self.poller = Poller(sqs, self.uploads, worker.handler)

    def notify(self, image: Image) -> None:
        record = {"s3": {"object": {"key": Rendition.INCOMING.key(image.owner, image.id)}}}
        self.sqs.send_message(QueueUrl=self.uploads, MessageBody=json.dumps({"Records": [record]}))

    def poll(self) -> None:
        """Bring a message to the worker; of what ends that, another worker's first poll knows nothing."""
        try:
            self.poller.poll()
        except Killed:
            return

    def process(self) -> None:
        while self.waiting(self.uploads):
            self.poll()

    def waiting(self, queue: str) -> int:
        answer = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])


@pytest.fixture
def queues(ingest: Ingest, outbox_worker: OutboxWorker, monkeypatch: pytest.MonkeyPatch) -> Queues:
    monkeypatch.setattr(wiring, "ingest", lambda: ingest)
    monkeypatch.setattr(wiring, "outbox_worker", lambda: outbox_worker)
    monkeypatch.setattr("infra.local.poller.WAIT_SECONDS", 0)
    return Queues(boto3.client("sqs"))


@pytest.fixture
def poison(ingest: Ingest, owner: str) -> Image:
    return ingest.receive(owner, Upload(POISONOUS, "image/jpeg", POISON), max_bytes=10_000)


Spoil = Callable[[BaseException], None]


@pytest.fixture(params=["decoding it", "the model"])
def spoil(request: pytest.FixtureRequest, detector: FakeDetector, monkeypatch: pytest.MonkeyPatch) -> Spoil:
    """Lets one part of looking at poison, and at nothing else, end like this."""
    decode, detect = pixels.decode, detector.detect

    def spoil(end: BaseException) -> None:
        def decode_or_end(data: bytes, header: Header, *, long_side: int) -> Pixels:
            if data == POISONOUS:
                raise end
            return decode(data, header, long_side=long_side)

        def detect_or_end(decoded: Pixels, *, width: int, height: int) -> list[Detection]:
            if width == POISONOUS_WIDTH:
                raise end
            return detect(decoded, width=width, height=height)

        if request.param == "the model":
            monkeypatch.setattr(detector, "detect", detect_or_end)
        else:
            monkeypatch.setattr(pixels, "decode", decode_or_end)

    return spoil


@pytest.mark.parametrize("end", [ZeroDivisionError(), Killed()])
def test_poison_is_set_aside_alone_and_its_owner_is_told(
    ingest: Ingest, table: Table, queues: Queues, poison: Image, spoil: Spoil, end: BaseException, photo: bytes
) -> None:
    spoil(end)
    sound = [
        ingest.receive(poison.owner, Upload(photo + more, "image/jpeg", "a.jpg"), max_bytes=10_000)
        for more in (b"0", b"1")
    ]
    for image in (sound[0], poison, sound[1]):
        queues.notify(image)

    queues.process()

    failed = table.get_image(poison.owner, poison.id)
    assert (failed.state, failed.reason, failed.name) == ("failed", GIVEN_UP, POISON)
    assert queues.waiting(queues.dead_letters) == 1
    assert [table.get_image(image.owner, image.id).state for image in sound] == ["ready", "ready"]
    check_invariants(TABLE_NAME, BUCKET_NAME)


def test_until_it_is_given_up_an_image_is_pending(table: Table, queues: Queues, poison: Image, spoil: Spoil) -> None:
    spoil(Killed())
    queues.notify(poison)

    states = []
    for _ in range(TRIES + 1):
        queues.poll()
        states.append(str(table.get_image(poison.owner, poison.id).state))

    assert states == ["pending"] * TRIES + ["failed"]


def test_what_comes_right_at_the_last_try_is_ready(
    ingest: Ingest,
    table: Table,
    queues: Queues,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = ingest.receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
    queues.notify(image)
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "ingest", lambda *_: 1 / 0)
        for _ in range(TRIES - 1):
            queues.poll()

    queues.process()

    ready = table.get_image(owner, image.id)
    assert (ready.state, ready.reason) == ("ready", "")
    assert queues.waiting(queues.dead_letters) == 0
    check_invariants(TABLE_NAME, BUCKET_NAME)


def test_what_is_brought_back_once_it_can_be_looked_at_is_ready(
    ingest: Ingest,
    table: Table,
    queues: Queues,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = ingest.receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
    queues.notify(image)
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "ingest", lambda *_: 1 / 0)
        queues.process()
    assert table.get_image(owner, image.id).reason == GIVEN_UP

    assert redrive(queues.sqs, queues.dead_letters, queues.uploads) == 1
    queues.process()

    assert table.get_image(owner, image.id).state == "ready"
    assert (queues.waiting(queues.uploads), queues.waiting(queues.dead_letters)) == (0, 0)
    check_invariants(TABLE_NAME, BUCKET_NAME)
