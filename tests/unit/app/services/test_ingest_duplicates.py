import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.ids import DERIVED, Rendition, new_id
from app.domain.images import Image
from app.domain.ports import Images, Objects
from app.services.ingest import Ingest
from app.services.library import Library
from detector import Detection
from detector.pixels import Pixels
from tests.support.fakes import OTHER_OWNER, FakeDetector
from tests.support.stored_data import before_call
from tests.support.uploads import (
    MAX_BYTES,
    IngestBytes,
    list_keys,
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


def lose_original(objects: Objects, image: Image) -> None:
    objects.delete(Rendition.ORIGINAL.key(image.owner, image.id))


def cut_original(objects: Objects, image: Image) -> None:
    objects.replace(Rendition.ORIGINAL.key(image.owner, image.id), make_upload(b"photo"))


def zero_original(objects: Objects, image: Image) -> None:
    objects.replace(Rendition.ORIGINAL.key(image.owner, image.id), make_upload(bytes(image.size)))


Damage = Callable[[Objects, Image], None]
LOST: list[tuple[str, Damage]] = [("aws", lose_original), ("aws", cut_original)]
DAMAGED = pytest.mark.parametrize(
    ("backend", "damage"), [*LOST, *(("local", each) for each in (lose_original, cut_original, zero_original))]
)


@DAMAGED
def test_ingest_of_known_bytes_repairs_a_damaged_original_and_its_previews(
    images: Images,
    objects: Objects,
    owner: str,
    photo: bytes,
    ready: Image,
    ingest_bytes: IngestBytes,
    damage: Damage,
    check_consistency: Callable[[], None],
) -> None:
    stored = list_keys(objects)
    damage(objects, ready)
    objects.delete(*(rendition.key(owner, ready.id) for rendition in DERIVED))

    second = ingest_bytes(photo)

    assert (second.state, second.duplicate_of) == ("gone", ready.id)
    assert images.get_image(owner, ready.id) == ready
    assert objects.find(Rendition.ORIGINAL.key(owner, ready.id)) == make_upload(photo)
    assert list_keys(objects) == stored
    check_consistency()


@DAMAGED
def test_find_known_of_a_photo_with_a_damaged_original_returns_none(
    library: Library,
    ingest: Ingest,
    images: Images,
    objects: Objects,
    owner: str,
    photo: bytes,
    ready: Image,
    damage: Damage,
) -> None:
    library.trash(owner, ready.id)
    damage(objects, ready)

    assert ingest.duplicates.find_known(owner, hashlib.sha256(photo).hexdigest()) is None
    assert images.get_image(owner, ready.id).state == "trashed"


def test_original_unknown_to_an_old_database_is_not_deleted_as_a_duplicate_of_a_lost_one(
    ingest: Ingest,
    objects: Objects,
    owner: str,
    photo: bytes,
    ready: Image,
    check_consistency: Callable[[], None],
) -> None:
    objects.delete(*(rendition.key(owner, ready.id) for rendition in Rendition))
    later = replace(ready, id=new_id())
    store_original(objects, later, photo)

    ingest.ingest(owner, later.id)

    assert objects.find(Rendition.ORIGINAL.key(owner, ready.id)) == make_upload(photo)
    check_consistency()


def test_ingest_of_bytes_whose_image_is_purged_during_its_repair_makes_a_new_image(
    library: Library,
    ingest: Ingest,
    objects: Objects,
    owner: str,
    photo: bytes,
    ready: Image,
    check_consistency: Callable[[], None],
) -> None:
    lose_original(objects, ready)
    second = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    def purge() -> None:
        library.trash(owner, ready.id)
        library.purge(owner, ready.id)

    with before_call(objects, "replace", purge):
        image = ingest.ingest(owner, second.id)

    assert image
    assert (image.id, image.state) == (second.id, "ready")
    assert not [key for key in list_keys(objects) if ready.id in key]
    check_consistency()
