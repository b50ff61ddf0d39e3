from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import chain, repeat

import pytest

from app.domain.ids import Rendition, new_id
from app.domain.images import ImageState
from app.domain.mail import EmailState
from app.domain.outbox import LATE_WRITE_SECONDS, LEASE_SECONDS
from app.domain.ports import Images, Mail, Objects, Outbox, Subscriptions
from app.domain.query import parse
from app.domain.uploads import FORM_SECONDS, Upload
from app.services import outbox_worker as outbox_worker_module
from app.services.ingest import Ingest
from app.services.outbox_worker import OutboxWorker
from tests.support.fakes import Clock, image
from tests.support.injected_fault import InjectedFault, fail
from tests.support.stored_data import StoredData, before_call
from tests.support.template import resource_properties
from tests.support.uploads import MAX_BYTES, make_upload

ListRemaining = Callable[[], list[str]]


@pytest.fixture
def list_remaining(stored: StoredData, mail: Mail, owner: str) -> ListRemaining:
    """A function that lists the kinds of the owner's rows, the owner's objects, and the e-mail subscription."""

    def list_all() -> list[str]:
        is_subscribed = mail.state(owner) is not EmailState.NONE
        return stored.list_leftovers(owner) + (["subscriber"] if is_subscribed else [])

    return list_all


@pytest.fixture
def deleted_owner(ada: str, trashed_id: str, ingest: Ingest, images: Images, outbox: Outbox, photo: bytes) -> str:
    """An owner with images in every state, who has just deleted their account."""
    images.save(image(ada, dog=1))
    for data in (photo + b"other bytes", b"<html>"):
        ingest.ingest(ada, ingest.receive(ada, make_upload(data), max_bytes=MAX_BYTES).id)
    ingest.receive(ada, make_upload(photo), max_bytes=MAX_BYTES)
    outbox.put_account_deletion(ada)
    return ada


def process_until_deleted(outbox_worker: OutboxWorker, owner: str, clock: Clock) -> None:
    """Process the outbox until the account deletion is complete."""
    while outbox_worker.outbox.has_account_deletion(owner):
        outbox_worker.process(owner)
        clock.ahead += LEASE_SECONDS + 1


def test_account_deletion_removes_everything(
    outbox_worker: OutboxWorker,
    images: Images,
    deleted_owner: str,
    clock: Clock,
    list_remaining: ListRemaining,
    check_finished: Callable[[], None],
) -> None:
    other_image = images.save(image("another owner", dog=1))
    remaining_before = list_remaining()

    process_until_deleted(outbox_worker, deleted_owner, clock)

    assert remaining_before
    assert list_remaining() == []
    assert images.get_image("another owner", other_image.id) == other_image
    outbox_worker.process("another owner")
    check_finished()


def test_account_deletion_ends_after_tokens_and_forms_have_expired(
    outbox_worker: OutboxWorker, deleted_owner: str, clock: Clock, list_remaining: ListRemaining
) -> None:
    clock.ahead = LATE_WRITE_SECONDS - 600
    for _ in range(3):
        outbox_worker.process(deleted_owner)
        clock.ahead += LEASE_SECONDS + 1
    remaining = list_remaining()

    clock.ahead = LATE_WRITE_SECONDS + 60
    outbox_worker.process(deleted_owner)

    assert (remaining, list_remaining()) == (["outbox"], [])
    assert resource_properties("Client")["TokenValidityUnits"]["AccessToken"] == "minutes"
    assert resource_properties("Client")["AccessTokenValidity"] * 60 + FORM_SECONDS < LATE_WRITE_SECONDS


def test_account_deletion_removes_late_writes(
    outbox_worker: OutboxWorker,
    ingest: Ingest,
    objects: Objects,
    images: Images,
    subscriptions: Subscriptions,
    mail: Mail,
    deleted_owner: str,
    photo: bytes,
    clock: Clock,
    list_remaining: ListRemaining,
) -> None:
    offered, _ = ingest.offer(deleted_owner, name="a.jpg", media_type="image/jpeg", size=1)
    for _ in range(3):
        outbox_worker.process(deleted_owner)
        clock.ahead += LEASE_SECONDS + 1
    upload = Upload(photo, "image/jpeg", "late.jpg")
    without_row = new_id()
    for image_id in (offered.id, without_row):
        objects.claim(Rendition.INCOMING.key(deleted_owner, image_id), upload)
        ingest.ingest(deleted_owner, image_id)
    subscriptions.add(deleted_owner, parse("dog"))
    mail.subscribe(deleted_owner, "ada@example.com")
    states = [found.state for found in images.find_images(deleted_owner, [offered.id, without_row])]

    clock.ahead = LATE_WRITE_SECONDS + 60
    process_until_deleted(outbox_worker, deleted_owner, clock)

    assert sorted(states) == [ImageState.GONE, ImageState.READY]  # both have the same bytes
    assert list_remaining() == []


def test_announce_during_account_deletion_sends_nothing(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    mail: Mail,
    ada: str,
    outbox: Outbox,
    clock: Clock,
    stored: StoredData,
) -> None:
    images.save(image(ada, dog=1))
    outbox.put_account_deletion(ada)
    outbox_worker.process(ada)
    subscriptions.add(ada, parse("dog"))
    mail.subscribe(ada, "ada@example.com")
    images.save(image(ada, dog=1))

    outbox_worker.process(ada)

    assert stored.mails(ada) == []


def test_account_deletion_without_time_continues_in_the_next_run(
    outbox_worker: OutboxWorker,
    images: Images,
    outbox: Outbox,
    owner: str,
    clock: Clock,
    list_remaining: ListRemaining,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_worker_module, "MAX_DELETED_IMAGES", 2)
    for _ in range(5):
        images.save(image(owner, dog=1))
    outbox.put_account_deletion(owner)

    counts = []
    for _ in range(3):
        answers = chain([True], repeat(False))  # noqa: FBT003 - there is time to begin, and none after the first step
        outbox_worker.process(owner, partial(next, answers))
        clock.ahead += 1
        counts.append(len(list(images.list_ids(owner))))

    assert counts == [3, 1, 0]
    process_until_deleted(outbox_worker, owner, clock)
    assert list_remaining() == []


def test_account_deletion_requested_again_removes_new_images(
    outbox_worker: OutboxWorker,
    images: Images,
    outbox: Outbox,
    deleted_owner: str,
    clock: Clock,
    list_remaining: ListRemaining,
) -> None:
    process_until_deleted(outbox_worker, deleted_owner, clock)
    images.save(image(deleted_owner, dog=1))
    outbox.put_account_deletion(deleted_owner)
    outbox.put_account_deletion(deleted_owner)

    process_until_deleted(outbox_worker, deleted_owner, clock)

    assert list_remaining() == []


def list_methods(worker: OutboxWorker) -> list[tuple[object, str]]:
    """Return the stores of the outbox worker with the names of their public methods."""
    images, objects = worker.images, worker.library._objects  # noqa: SLF001 - the library has no other use for it
    return [
        (store, name)
        for store in (images, objects, worker.outbox, worker.mail)
        for name, member in vars(type(store)).items()
        if callable(member) and not name.startswith("_")
    ]


def test_account_deletion_interrupted_before_any_call_is_completed_later(
    outbox_worker: OutboxWorker,
    deleted_owner: str,
    clock: Clock,
    list_remaining: ListRemaining,
    check_finished: Callable[[], None],
) -> None:
    def run_with(calls: int) -> bool:
        """Process the outbox with a limited number of calls of the stores. Return whether they were enough."""
        allowed = iter(range(calls))

        def allow_or_fail() -> None:
            if next(allowed, None) is None:
                fail()

        with ExitStack() as hooks:
            for store, method in list_methods(outbox_worker):
                hooks.enter_context(before_call(store, method, allow_or_fail))
            try:
                outbox_worker.process(deleted_owner)
            except InjectedFault:
                return False
        return True

    calls_per_run = []
    while outbox_worker.outbox.has_account_deletion(deleted_owner):
        calls = 0
        while not run_with(calls):
            clock.ahead += LEASE_SECONDS + 1
            calls += 1
        clock.ahead += LEASE_SECONDS + 1
        calls_per_run.append(calls)

    assert len(calls_per_run) >= 3  # one for the images, one for the rows, and one that finds nothing
    assert list_remaining() == []
    check_finished()
