"""Fixtures of the tests of services: images, an owner with a subscription, and checks of what is stored."""

from collections.abc import Callable

import pytest

from app.domain.images import Image
from app.domain.ports import Mail, Subscriptions
from app.domain.query import parse
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker
from tests.support.fakes import Clock, FakeDetector
from tests.support.sampling import TORTURE
from tests.support.uploads import MAX_BYTES, IngestBytes, make_upload


@pytest.fixture(params=["local", "aws"] if TORTURE else ["local"])
def backend(request: pytest.FixtureRequest) -> str:
    """The contract tests of the stores run on both in `make test` too."""
    name: str = request.param
    return name


@pytest.fixture
def ingest_bytes(ingest: Ingest, owner: str) -> IngestBytes:
    """A function that uploads and ingests bytes for the owner, and returns the image."""

    def upload_and_ingest(data: bytes) -> Image:
        image = ingest.ingest(owner, ingest.receive(owner, make_upload(data), max_bytes=MAX_BYTES).id)
        assert image
        return image

    return upload_and_ingest


@pytest.fixture
def ready(ingest_bytes: IngestBytes, detector: FakeDetector, photo: bytes) -> Image:
    """A ready image with a dog and two persons."""
    detector.sees = {"dog": 1, "person": 2}
    return ingest_bytes(photo)


@pytest.fixture
def trashed_id(library: Library, ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes) -> str:
    """The id of an image that was just moved to the trash."""
    detector.sees = {"dog": 1}
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ingest.ingest(owner, pending.id)
    library.trash(owner, pending.id)
    return pending.id


@pytest.fixture
def ada(subscriptions: Subscriptions, mail: Mail, owner: str) -> str:
    """An owner with a subscription to dogs and a confirmed address."""
    subscriptions.add(owner, parse("dog"))
    mail.subscribe(owner, "ada@example.com")
    return owner


@pytest.fixture
def check_finished(
    outbox_worker: OutboxWorker, subscriptions: Subscriptions, owner: str, clock: Clock, check_rows: Callable[[], None]
) -> Callable[[], None]:
    """A function that asserts that the owner has no work within an hour, and that the table is consistent."""

    def check() -> None:
        clock.ahead += 3600
        assert (outbox_worker.outbox.lease(owner), subscriptions.list_announcements(owner)) == ([], [])
        outbox_worker.process(owner)  # on AWS, the worker looks once more some time after each change
        assert outbox_worker.outbox.list_due() == []
        check_rows()

    return check
