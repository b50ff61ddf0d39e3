from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.images import Image
from app.domain.ports import Images, Objects
from app.services.ingest import Ingest
from app.services.library import Library
from detector import Detection
from detector.pixels import Pixels
from tests.support.fakes import OTHER_OWNER, FakeDetector
from tests.support.uploads import (
    MAX_BYTES,
    IngestBytes,
    make_ingest,
    make_upload,
    replace_upload,
    search,
    store_original,
)


def test_ingest_of_known_bytes_makes_a_duplicate_of_the_first_image(
    library: Library,
    images: Images,
    owner: str,
    photo: bytes,
    ready: Image,
    ingest_bytes: IngestBytes,
    check_consistency: Callable[[], None],
) -> None:
    second = ingest_bytes(photo)

    assert (second.state, second.duplicate_of) == ("gone", ready.id)
    assert images.get_image(owner, second.id) == ready
    assert search(images, owner, "dog") == [ready.id]
    check_consistency()


def test_ingest_of_known_bytes_restores_their_image_from_the_trash(
    library: Library,
    images: Images,
    owner: str,
    photo: bytes,
    ready: Image,
    ingest_bytes: IngestBytes,
    check_consistency: Callable[[], None],
) -> None:
    library.trash(owner, ready.id)

    second = ingest_bytes(photo)

    assert images.get_image(owner, second.id) == replace(ready, version=ready.version + 2)
    assert search(images, owner, "dog") == [ready.id]
    check_consistency()


def test_ingest_of_purged_bytes_makes_a_new_image(
    library: Library,
    owner: str,
    photo: bytes,
    ready: Image,
    ingest_bytes: IngestBytes,
    check_consistency: Callable[[], None],
) -> None:
    library.trash(owner, ready.id)
    library.purge(owner, ready.id)

    assert ingest_bytes(photo).state == "ready"
    check_consistency()


def test_ingest_of_bytes_of_another_owner_makes_a_new_image(
    ingest: Ingest, photo: bytes, ready: Image, check_consistency: Callable[[], None]
) -> None:
    other = ingest.receive(OTHER_OWNER, make_upload(photo), max_bytes=MAX_BYTES)

    other_image = ingest.ingest(OTHER_OWNER, other.id)

    assert other_image
    assert other_image.state == "ready"
    check_consistency()


def test_ingest_of_the_same_bytes_at_once_makes_one_image(
    ingest: Ingest, images: Images, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    class IngestingDetector(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            ingest.ingest(owner, twin.id)
            return []

    image, twin = (ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES) for _ in range(2))

    second = make_ingest(images, objects, IngestingDetector).ingest(owner, image.id)

    assert second
    assert (second.state, second.duplicate_of) == ("gone", twin.id)
    assert images.get_image(owner, image.id).id == twin.id
    check_consistency()


def test_ingest_after_crash_of_bytes_known_by_now_makes_a_duplicate(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    store_original(objects, pending, photo)
    replace_upload(objects, pending, photo + b"other bytes")
    twin = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ingest.ingest(owner, twin.id)

    duplicate = ingest.ingest(owner, pending.id)

    assert duplicate
    assert (duplicate.state, duplicate.duplicate_of) == ("gone", twin.id)
    check_consistency()


def test_ingest_of_bytes_purged_since_the_look_up_makes_a_new_image(
    library: Library,
    ingest: Ingest,
    images: Images,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    check_consistency: Callable[[], None],
) -> None:
    first = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ingest.ingest(owner, first.id)
    library.trash(owner, first.id)
    second = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    find_by_hash = images.find_by_hash

    def find_and_purge(owner: str, sha256: str) -> str | None:
        image_id = find_by_hash(owner, sha256)
        monkeypatch.setattr(images, "find_by_hash", find_by_hash)
        library.purge(owner, first.id)
        return image_id

    monkeypatch.setattr(images, "find_by_hash", find_and_purge)
    ready = ingest.ingest(owner, second.id)

    assert ready
    assert (ready.id, ready.state) == (second.id, "ready")
    check_consistency()
