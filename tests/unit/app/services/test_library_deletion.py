from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, cast

import pytest

from app.domain.errors import ImageChanged
from app.domain.ids import Rendition, new_id
from app.domain.images import Image, make_tombstone
from app.domain.ports import Images, Objects
from app.services.image_objects import delete_objects
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.outbox_worker import MAX_DELETED_IMAGES
from detector import Detection
from detector.pixels import Pixels
from tests.support.fakes import OTHER_OWNER, FakeDetector
from tests.support.services import Services
from tests.support.stored_data import StoredData, before_call
from tests.support.uploads import MAX_BYTES, IngestBytes, make_ingest, make_upload

ListRemaining = Callable[[str], list[str]]


@pytest.fixture
def list_remaining(stored: StoredData) -> Callable[[str], list[str]]:
    """A function that lists the kinds of an owner's rows, and the keys of the owner's objects.

    Counters and outbox rows are omitted, because `Images.delete_rows` removes them.
    """
    others = {"announcement", "hash", "outbox", "outbox_lease", "rate", "tag_total", "usage"}
    return lambda owner: [each for each in stored.list_leftovers(owner) if each not in others]


def test_delete_images_removes_images_in_every_state(
    library: Library,
    ingest: Ingest,
    images: Images,
    owner: str,
    photo: bytes,
    ready: Image,
    ingest_bytes: IngestBytes,
    list_remaining: ListRemaining,
    check_consistency: Callable[[], None],
) -> None:
    trashed, failed = ingest_bytes(photo + b"other bytes"), ingest_bytes(b"<html>")
    library.trash(owner, trashed.id)
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ids = [ready.id, trashed.id, failed.id, pending.id]

    assert library.delete_images(owner, MAX_BYTES)

    assert images.find_images(owner, ids) == []
    assert list_remaining(owner) == []
    assert not library.delete_images(owner, MAX_BYTES)
    while images.delete_rows(owner, MAX_BYTES):
        pass
    check_consistency()


def test_objects_of_many_images_are_deleted_in_requests_that_s3_accepts() -> None:
    class Deletions:
        sizes: ClassVar[list[int]] = []

        def delete(self, *keys: str) -> None:
            self.sizes.append(len(set(keys)))

    delete_objects(cast("Objects", Deletions()), OTHER_OWNER, [new_id() for _ in range(MAX_DELETED_IMAGES)])

    assert max(Deletions.sizes) == 1_000
    assert sum(Deletions.sizes) == MAX_DELETED_IMAGES * len(Rendition)


def test_delete_images_keeps_the_images_of_other_owners(
    library: Library, ingest: Ingest, images: Images, owner: str, photo: bytes, list_remaining: ListRemaining
) -> None:
    for each in (owner, OTHER_OWNER):
        ingest.ingest(each, ingest.receive(each, make_upload(photo), max_bytes=MAX_BYTES).id)
    before = list_remaining(OTHER_OWNER)

    while library.delete_images(owner, MAX_BYTES):
        pass

    assert list_remaining(OTHER_OWNER) == before != []


def test_delete_images_with_limit_removes_some_images_per_call(
    library: Library, ingest: Ingest, images: Images, owner: str
) -> None:
    for _ in range(5):
        ingest.offer(owner, name="beach.jpg", media_type="image/jpeg", size=1)

    counts = []
    while library.delete_images(owner, 2):
        counts.append(len(list(images.list_ids(owner))))

    assert counts == [3, 1, 0]


def test_delete_images_removes_objects_without_an_image(
    library: Library, ingest: Ingest, objects: Objects, owner: str, photo: bytes, list_remaining: ListRemaining
) -> None:
    image_id = new_id()
    for rendition in Rendition:
        objects.claim(rendition.key(owner, image_id), make_upload(photo))

    assert library.delete_images(owner, MAX_BYTES)

    assert list_remaining(owner) == []
    assert ingest.ingest(owner, image_id) is None


def test_delete_images_with_concurrent_deletion_continues(
    library: Library,
    ingest: Ingest,
    images: Images,
    rival: Services,
    owner: str,
    photo: bytes,
    list_remaining: ListRemaining,
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    def write_first() -> None:
        with suppress(ImageChanged):
            rival.images.save(make_tombstone(pending), pending)

    with before_call(images, "delete_images", write_first):
        assert library.delete_images(owner, MAX_BYTES)

    assert list_remaining(owner) == []
    assert not library.delete_images(owner, MAX_BYTES)


def test_ingest_of_image_deleted_with_the_account_leaves_no_object(
    library: Library,
    images: Images,
    objects: Objects,
    owner: str,
    photo: bytes,
    list_remaining: ListRemaining,
    check_consistency: Callable[[], None],
) -> None:
    class DeletingDetector(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            assert library.delete_images(owner, MAX_BYTES)
            return []

    ingest = make_ingest(images, objects, DeletingDetector)
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    after = ingest.ingest(owner, pending.id)

    assert after is None
    assert list_remaining(owner) == []
    check_consistency()
