from dataclasses import replace
from uuid import uuid4

import pytest
from moto.dynamodb.models import dynamodb_backends

from app import wiring
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState
from app.domain.ports import Images, Objects
from app.domain.uploads import Upload
from app.rebuild import rebuild
from app.services.ingest import Ingest
from app.services.library import Library
from tests.support.aws import BUCKET_NAME, TABLE_NAME
from tests.support.fakes import FakeDetector
from tests.support.invariants import check_invariants
from tests.support.stored_data import unreadable


@pytest.fixture(autouse=True)
def use_fakes(ingest: Ingest, images: Images, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "ingest", lambda: ingest)
    monkeypatch.setattr(wiring, "images", lambda: images)
    monkeypatch.setattr(wiring, "objects", lambda: objects)


def receive(ingest: Ingest, owner: str, data: bytes) -> Image:
    return ingest.receive(owner, Upload(data, "image/jpeg", "Strand 🏖.jpg"), max_bytes=10_000)


def make_ready(ingest: Ingest, owner: str, data: bytes) -> Image:
    image = ingest.ingest(owner, receive(ingest, owner, data).id)
    assert image
    return image


def lose_the_table() -> None:
    dynamodb_backends["123456789012"]["us-east-1"].tables[TABLE_NAME].items.clear()


def test_rebuild_of_lost_table_restores_it_from_the_objects(
    ingest: Ingest, images: Images, detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"dog": 2}
    saved = [make_ready(ingest, owner, photo + bytes([number])) for number in range(3)]
    other = make_ready(ingest, str(uuid4()), photo)
    pending = receive(ingest, owner, photo + b"not processed")
    lose_the_table()

    assert rebuild() == 0

    for image in (*saved, other):
        restored = images.find_image(image.owner, image.id)
        assert restored
        assert replace(restored, version=image.version) == image
    assert images.get_image(owner, pending.id).state is ImageState.READY
    assert images.count_tag(owner, "dog").images == 4
    check_invariants(TABLE_NAME, BUCKET_NAME)


def test_rebuild_of_complete_table_changes_nothing(
    library: Library, ingest: Ingest, images: Images, owner: str, photo: bytes
) -> None:
    image = make_ready(ingest, owner, photo)
    library.trash(owner, image.id)

    rebuild()
    rebuild()

    assert images.get_image(owner, image.id).state is ImageState.TRASHED


def test_rebuild_deletes_no_original_of_a_purged_image(
    library: Library, ingest: Ingest, images: Images, objects: Objects, owner: str, photo: bytes
) -> None:
    """Somebody has put the file back. PixTag cannot know whether it is still needed."""
    image = make_ready(ingest, owner, photo)
    library.trash(owner, image.id)
    library.purge(owner, image.id)
    key = Rendition.ORIGINAL.key(owner, image.id)
    objects.claim(key, Upload(photo, "image/jpeg", "a.jpg"))

    assert rebuild() == 0

    assert objects.find(key)
    tombstone = images.find_image(owner, image.id)
    assert tombstone
    assert tombstone.state is ImageState.GONE


def test_rebuild_returns_the_number_of_failed_objects(
    ingest: Ingest, images: Images, objects: Objects, owner: str
) -> None:
    invalid = receive(ingest, owner, b"not a photo")
    objects.put_derived("originals/notes.txt", b"text")
    lose_the_table()

    assert rebuild() == 2

    assert images.get_image(owner, invalid.id).state is ImageState.FAILED


def test_rebuild_continues_after_an_unreadable_original(
    ingest: Ingest, images: Images, objects: Objects, owner: str, photo: bytes
) -> None:
    lost, other = (make_ready(ingest, owner, photo + bytes([number])) for number in range(2))
    lose_the_table()

    with unreadable(objects, Rendition.ORIGINAL.key(owner, lost.id)):
        assert rebuild() == 1

    assert list(images.list_ids(owner)) == [other.id]
