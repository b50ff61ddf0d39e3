"""After a deletion, no row contains a name: not of a tag, a photo or a person, also not in unused parts of a file."""

from collections.abc import Callable

import pytest

from app.domain.edits import TagChange
from app.domain.images import Image, RequestId
from app.domain.mail import MailContent
from app.domain.ports import Mail, Outbox, Subscriptions
from app.domain.query import parse
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker
from tests.support.boxes import draw_in_library, relabel_in_library
from tests.support.fakes import Clock, FakeDetector
from tests.support.stored_data import StoredData
from tests.support.uploads import MAX_BYTES

HOUR_SECONDS = 3_600
PHOTO, LABEL, TAG, CORRECTION, DRAWN = "zanzibar.jpg", "walrus", "honeymoon", "narwhal", "unicorn"
EMAIL = "ada@example.com"
PERSONAL = (PHOTO, LABEL, TAG, CORRECTION, DRAWN, EMAIL)
FindNames = Callable[[], set[str]]


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def find_names(stored: StoredData) -> FindNames:
    """A function that returns the names that the rows contain."""
    return lambda: {name for name in PERSONAL if name in stored.dump()}


@pytest.fixture
def named(ingest: Ingest, library: Library, detector: FakeDetector, owner: str, photo: bytes) -> Image:
    """A photo with a name, detected tags, an edit, a correction and a drawn box."""
    detector.sees = {LABEL: 1}
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", PHOTO), max_bytes=MAX_BYTES)
    ready = ingest.ingest(owner, pending.id)
    assert ready
    library.retag(owner, ready.id, [TagChange(TAG, 2)], RequestId("key", "body"))
    relabel_in_library(library, owner, ready.id, 0, CORRECTION)
    return draw_in_library(library, owner, ready.id, DRAWN)


def pass_hours(worker: OutboxWorker, owner: str, clock: Clock) -> None:
    """Process the owner's outbox every hour."""
    for _ in range(4):
        clock.ahead += HOUR_SECONDS
        worker.process(owner)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
def test_purge_leaves_no_name(
    outbox_worker: OutboxWorker,
    library: Library,
    named: Image,
    owner: str,
    clock: Clock,
    find_names: FindNames,
    at_once: bool,  # noqa: FBT001
) -> None:
    names_before = find_names()
    library.trash(owner, named.id)
    if at_once:
        library.purge_all(owner, [named.id])
    else:
        library.purge(owner, named.id)

    pass_hours(outbox_worker, owner, clock)

    assert names_before == {PHOTO, LABEL, TAG, CORRECTION, DRAWN}
    assert find_names() == set()


def test_account_deletion_leaves_no_name(
    outbox_worker: OutboxWorker,
    subscriptions: Subscriptions,
    mail: Mail,
    outbox: Outbox,
    named: Image,
    owner: str,
    clock: Clock,
    find_names: FindNames,
) -> None:
    subscriptions.add(owner, parse(TAG))
    mail.subscribe(owner, EMAIL)
    mail.publish(owner, MailContent("1 new image", f"{PHOTO}: {TAG}"))
    outbox.put_account_deletion(owner)

    pass_hours(outbox_worker, owner, clock)

    assert not outbox.has_account_deletion(owner)
    assert find_names() == set()
