"""Uploads in parts on both stores, from the offer to the image."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.domain.errors import (
    DailyLimitReached,
    ImageNotFound,
    UnsupportedType,
    UploadExpired,
    UploadHasNoParts,
    UploadIncomplete,
    WrongSize,
)
from app.domain.ids import Rendition, new_id
from app.domain.images import MAX_UPLOAD_BYTES, Image, ImageState
from app.domain.parts import PartRule
from app.domain.ports import Images, Objects, Quotas
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.part_uploads import PartUploads
from detector.metadata.values import Metadata
from tests.support.injected_fault import fail
from tests.support.parts import offer, send_parts
from tests.support.services import Services
from tests.support.stored_data import ON_AWS, before_call
from tests.support.uploads import list_keys

DATA = bytes(range(250)) * 4  # three parts
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SIDECAR = Metadata(title="Tower")


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def image(small_parts: PartUploads, objects: Objects, owner: str) -> Image:
    """An image whose first and last part have arrived."""
    image, links = offer(small_parts, owner, len(DATA))
    send_parts(objects, [links[0], links[2]], DATA)
    return image


def send_rest(part_uploads: PartUploads, objects: Objects, image: Image, data: bytes = DATA) -> None:
    """Send the missing parts."""
    _, links = part_uploads.resume(image.owner, image.id)
    send_parts(objects, links, data)


@pytest.mark.parametrize(
    ("size", "parts"),
    [(1, [(1, 0, 1)]), (400, [(1, 0, 400)]), (401, [(1, 0, 400), (2, 400, 1)]), (800, [(1, 0, 400), (2, 400, 400)])],
)
def test_split_returns_all_bytes_in_parts(size: int, parts: list[tuple[int, int, int]]) -> None:
    rule = PartRule(part_bytes=400)

    assert [(part.number, part.start, part.size) for part in rule.split(size)] == parts


def test_parts_of_largest_file_have_s3_minimum_size_and_fit_one_response() -> None:
    rule = PartRule()
    parts = rule.split(MAX_UPLOAD_BYTES)

    assert not rule.applies_to(50 * 2**20)
    assert rule.applies_to(50 * 2**20 + 1)
    assert sum(part.size for part in parts) == MAX_UPLOAD_BYTES
    assert min(part.size for part in parts[:-1]) >= 5 * 2**20
    assert len(parts) <= 1_000


def test_offer_stores_a_pending_image_and_counts_its_bytes(
    small_parts: PartUploads, images: Images, quotas: Quotas, owner: str
) -> None:
    image, links = small_parts.offer(
        owner, name="a/b.jpg", media_type="image/jpeg", size=900, file_time=NOON, sidecar=SIDECAR
    )

    assert images.get_image(owner, image.id) == image
    assert (image.state, image.name, image.size) == (ImageState.PENDING, "b.jpg", 900)
    assert (image.file_time, image.sidecar) == (NOON, SIDECAR)
    assert [link.part.size for link in links] == [400, 400, 100]
    assert quotas.received(owner) == 900


@pytest.mark.parametrize(
    ("media_type", "size", "error"),
    [("text/html", 900, UnsupportedType), ("image/jpeg", MAX_UPLOAD_BYTES + 1, WrongSize)],
)
def test_offer_of_unaccepted_file_stores_nothing(
    small_parts: PartUploads,
    images: Images,
    objects: Objects,
    owner: str,
    media_type: str,
    size: int,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        small_parts.offer(owner, name="a", media_type=media_type, size=size)

    assert images.list_images(owner, 10).images == []
    assert not objects.parts.abort_all(owner)


def test_offer_above_the_limit_of_the_day_leaves_no_upload(
    small_parts: PartUploads, images: Images, objects: Objects, quotas: Quotas, owner: str
) -> None:
    quotas.receive(owner, quotas.limits.bytes_per_day)

    with pytest.raises(DailyLimitReached):
        offer(small_parts, owner, 900)

    assert images.list_images(owner, 10).images == []
    assert not objects.parts.abort_all(owner)


def test_complete_upload_becomes_a_ready_image(
    small_parts: PartUploads,
    ingest: Ingest,
    objects: Objects,
    quotas: Quotas,
    owner: str,
    photo: bytes,
    check_consistency: Callable[[], None],
) -> None:
    image, links = offer(small_parts, owner, len(photo))
    send_parts(objects, reversed(links), photo)

    completed = small_parts.complete(owner, image.id)
    ready = ingest.ingest(owner, image.id, posted_bytes=len(photo))

    assert completed == image
    assert ready
    assert (ready.state, ready.name, ready.size) == (ImageState.READY, "Düne.jpg", len(photo))
    original = objects.find(Rendition.ORIGINAL.key(owner, image.id))
    assert original
    assert (original.data, original.media_type, original.name) == (photo, "image/jpeg", "Düne.jpg")
    assert quotas.received(owner) == len(photo)
    assert not objects.parts.abort_all(owner)
    check_consistency()


def test_resume_returns_new_links_of_the_missing_parts(
    small_parts: PartUploads, objects: Objects, image: Image
) -> None:
    resumed, links = small_parts.resume(image.owner, image.id)

    assert resumed == image
    assert [link.part.number for link in links] == [2]
    send_parts(objects, links, DATA)
    assert small_parts.resume(image.owner, image.id) == (image, [])


def test_part_of_another_size_is_missing(small_parts: PartUploads, image: Image) -> None:
    small_parts.rule = PartRule(max_form_bytes=100, part_bytes=500)

    _, links = small_parts.resume(image.owner, image.id)

    assert [link.part.number for link in links] == [1, 2]


def test_part_that_is_sent_again_replaces_the_first_one(
    small_parts: PartUploads, objects: Objects, image: Image
) -> None:
    other = b"x" * len(DATA)
    _, links = small_parts.resume(image.owner, image.id)
    send_parts(objects, links, other)
    send_parts(objects, links, DATA)

    small_parts.complete(image.owner, image.id)

    upload = objects.find(Rendition.INCOMING.key(image.owner, image.id))
    assert upload
    assert upload.data == DATA


def test_complete_without_all_parts_names_the_missing_ones(
    small_parts: PartUploads, objects: Objects, image: Image
) -> None:
    with pytest.raises(UploadIncomplete, match="have not arrived: 2"):
        small_parts.complete(image.owner, image.id)

    assert list_keys(objects) == []
    send_rest(small_parts, objects, image)
    assert small_parts.complete(image.owner, image.id) == image


def test_complete_again_changes_nothing(
    small_parts: PartUploads, ingest: Ingest, objects: Objects, image: Image
) -> None:
    send_rest(small_parts, objects, image)
    small_parts.complete(image.owner, image.id)

    assert small_parts.complete(image.owner, image.id) == image
    assert small_parts.resume(image.owner, image.id) == (image, [])
    failed = ingest.ingest(image.owner, image.id)
    assert failed
    assert small_parts.complete(image.owner, image.id) == failed
    assert small_parts.resume(image.owner, image.id) == (failed, [])


def test_complete_while_the_worker_processes_the_file_returns_its_image(
    small_parts: PartUploads, ingest: Ingest, objects: Objects, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_rest(small_parts, objects, image)
    find_entry = objects.find_entry

    def process_and_find(key: str) -> object:
        objects.delete(key)
        ingest.give_up(image.owner, image.id)
        return find_entry(key)

    small_parts.complete(image.owner, image.id)
    monkeypatch.setattr(objects, "find_entry", process_and_find)

    assert small_parts.complete(image.owner, image.id).state is ImageState.FAILED


@ON_AWS  # on one machine, the row of the image is deleted together with its parts
def test_upload_whose_parts_were_removed_has_expired(small_parts: PartUploads, objects: Objects, image: Image) -> None:
    objects.parts.abort(image)
    objects.parts.abort(image)

    for operation in (small_parts.resume, small_parts.complete):
        with pytest.raises(UploadExpired):
            operation(image.owner, image.id)


def test_upload_with_a_form_has_no_parts(small_parts: PartUploads, ingest: Ingest, owner: str) -> None:
    pending, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=1)

    for operation in (small_parts.resume, small_parts.complete):
        with pytest.raises(UploadHasNoParts):
            operation(owner, pending.id)


def test_upload_of_another_owner_is_not_found(small_parts: PartUploads, image: Image) -> None:
    for owner, image_id in ((new_id(), image.id), (image.owner, new_id()), (image.owner, "x")):
        for operation in (small_parts.resume, small_parts.complete):
            with pytest.raises(ImageNotFound):
                operation(owner, image_id)


def test_cancelled_upload_leaves_no_parts(
    small_parts: PartUploads, library: Library, objects: Objects, image: Image
) -> None:
    _, links = small_parts.resume(image.owner, image.id)

    library.trash(image.owner, image.id)

    assert not objects.parts.abort_all(image.owner)
    with pytest.raises(ImageNotFound):
        small_parts.complete(image.owner, image.id)
    with pytest.raises((UploadExpired, KeyError)):  # moto has no error for this
        send_parts(objects, links, DATA)
    assert not objects.parts.abort_all(image.owner)


def test_interrupted_removal_of_parts_is_repeated_by_the_worker(
    small_parts: PartUploads, services: Services, library: Library, objects: Objects, image: Image
) -> None:
    with before_call(objects.parts, "abort", fail):
        library.trash(image.owner, image.id)
    tombstone = services.images.find_image(image.owner, image.id)
    assert tombstone

    library.purge_versions(image.owner, {(image.id, tombstone.version)})

    assert not objects.parts.abort_all(image.owner)


def test_deletion_of_an_account_removes_its_parts_only(
    small_parts: PartUploads, library: Library, objects: Objects, image: Image
) -> None:
    other, links = offer(small_parts, str(uuid4()), len(DATA))
    send_parts(objects, links, DATA)

    deleted = [library.delete_images(image.owner, 100) for _ in range(3)]

    assert deleted == [True, True, False]
    assert len(objects.parts.received(other)) == len(links)


def test_complete_upload_of_a_deleted_image_is_ignored(
    small_parts: PartUploads, library: Library, ingest: Ingest, objects: Objects, image: Image
) -> None:
    send_rest(small_parts, objects, image)
    small_parts.complete(image.owner, image.id)
    library.trash(image.owner, image.id)

    ingest.ingest(image.owner, image.id)

    assert list_keys(objects) == []
