"""The bytes that count: those that are stored toward the quota, and all that arrived toward the limit per day."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.errors import DailyLimitReached, ObjectTooLarge, UnsupportedType, WrongSize
from app.domain.ids import Rendition
from app.domain.images import MAX_UPLOAD_BYTES, Image
from app.domain.ports import Images, Objects, Quotas
from app.domain.quotas import Usage
from app.services.ingest import Ingest
from app.services.library import Library
from tests.support.services import Services
from tests.support.stored_data import before_call
from tests.support.uploads import MAX_BYTES, IngestBytes, list_keys, make_upload

PAGE = b"<html>"


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def offer(ingest: Ingest, owner: str, size: int) -> Image:
    image, _ = ingest.offer(owner, name="beach.jpg", media_type="image/jpeg", size=size)
    return image


def test_failed_upload_counts_the_bytes_that_it_has(
    ingest: Ingest, objects: Objects, quotas: Quotas, owner: str, check_rows: Callable[[], None]
) -> None:
    image = offer(ingest, owner, 1_000_000)
    objects.claim(Rendition.INCOMING.key(owner, image.id), make_upload(PAGE))

    failed = ingest.ingest(owner, image.id)

    assert failed
    assert (failed.state, failed.size) == ("failed", len(PAGE))
    assert quotas.usage(owner) == Usage(1, len(PAGE))
    check_rows()


def test_failed_upload_that_is_too_large_counts_its_bytes(
    ingest: Ingest, objects: Objects, quotas: Quotas, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_key: str) -> None:
        raise ObjectTooLarge(10**8, MAX_UPLOAD_BYTES)

    image = offer(ingest, owner, 1)
    monkeypatch.setattr(objects, "find", fail)

    failed = ingest.ingest(owner, image.id)

    assert failed
    assert (failed.state, failed.reason) == ("failed", "The file is larger than 200 MiB. Upload a smaller file.")
    assert quotas.usage(owner) == Usage(1, 10**8)


def test_uploads_count_toward_the_day_when_they_begin(ingest: Ingest, quotas: Quotas, owner: str) -> None:
    offer(ingest, owner, 700)
    ingest.receive(owner, make_upload(PAGE), max_bytes=MAX_BYTES)

    assert quotas.received(owner) == 700 + len(PAGE)


def test_deleted_bytes_still_count_toward_the_day(
    library: Library, quotas: Quotas, owner: str, ready: Image, photo: bytes
) -> None:
    library.trash(owner, ready.id)
    library.purge(owner, ready.id)

    assert quotas.usage(owner) == Usage(0, 0)
    assert quotas.received(owner) == len(photo)


def test_upload_above_the_limit_of_the_day_leaves_nothing(
    ingest: Ingest, images: Images, objects: Objects, quotas: Quotas, owner: str
) -> None:
    quotas.limits = replace(quotas.limits, bytes_per_day=10)
    quotas.receive(owner, 10)

    with pytest.raises(DailyLimitReached):
        offer(ingest, owner, 1)
    with pytest.raises(DailyLimitReached):
        ingest.receive(owner, make_upload(PAGE), max_bytes=MAX_BYTES)

    assert list(images.list_ids(owner)) == list_keys(objects) == []


def test_refused_upload_does_not_count(ingest: Ingest, quotas: Quotas, owner: str) -> None:
    with pytest.raises(WrongSize):
        offer(ingest, owner, 0)
    with pytest.raises(UnsupportedType):
        ingest.offer(owner, name="a", media_type="text/html", size=1)

    assert quotas.received(owner) == 0


def test_each_further_post_of_a_form_counts_once(
    ingest: Ingest, quotas: Quotas, owner: str, ready: Image, ingest_bytes: IngestBytes
) -> None:
    failed = ingest_bytes(PAGE)
    before = quotas.received(owner)

    for image in (ready, failed):
        ingest.ingest(owner, image.id, posted_bytes=1_000)
        ingest.ingest(owner, image.id)  # the same message again

    assert quotas.received(owner) == before + 2_000


def test_first_post_of_a_form_counts_once(ingest: Ingest, quotas: Quotas, owner: str, photo: bytes) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    ingest.ingest(owner, image.id, posted_bytes=len(photo))

    assert quotas.received(owner) == len(photo)


def test_second_post_that_is_processed_at_the_same_time_counts(
    ingest: Ingest, images: Images, rival: Services, quotas: Quotas, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    def process_first() -> None:
        rival.ingest.ingest(owner, image.id, posted_bytes=len(photo))

    with before_call(images, "save", process_first):
        ingest.ingest(owner, image.id, posted_bytes=len(photo))

    assert quotas.received(owner) == 2 * len(photo)
