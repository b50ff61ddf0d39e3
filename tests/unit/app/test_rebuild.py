from dataclasses import replace
from uuid import uuid4

import pytest
from moto.dynamodb.models import dynamodb_backends

from app import wiring
from app.adapters.aws.bucket import Bucket, Upload
from app.adapters.aws.table import Table
from app.domain.images import Image, State
from app.rebuild import rebuild
from app.services.library import Catalog
from tests.conftest import BUCKET_NAME, TABLE_NAME, FakeDetector
from tests.support.invariants import check_invariants


@pytest.fixture(autouse=True)
def wired(catalog: Catalog, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "catalog", lambda: catalog)
    monkeypatch.setattr(wiring, "bucket", lambda: bucket)


def uploaded(catalog: Catalog, owner: str, data: bytes) -> Image:
    return catalog.receive(owner, Upload(data, "image/jpeg", "Strand 🏖.jpg"), most=10_000)


def ready(catalog: Catalog, owner: str, data: bytes) -> Image:
    image = catalog.ingest(owner, uploaded(catalog, owner, data).id)
    assert image
    return image


def lose_the_table() -> None:
    dynamodb_backends["123456789012"]["us-east-1"].tables[TABLE_NAME].items.clear()


def test_a_lost_table_is_written_anew_from_the_objects(
    catalog: Catalog, table: Table, detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"dog": 2}
    images = [ready(catalog, owner, photo + bytes([number])) for number in range(3)]
    other = ready(catalog, str(uuid4()), photo)
    waiting = uploaded(catalog, owner, photo + b"unseen")
    lose_the_table()

    assert rebuild() == 0

    for image in (*images, other):
        found = table.find_image(image.owner, image.id)
        assert found
        assert replace(found, version=image.version) == image
    assert table.get_image(owner, waiting.id).state is State.READY
    assert table.count_tag(owner, "dog").images == 4
    check_invariants(TABLE_NAME, BUCKET_NAME)


def test_what_the_table_has_stays_as_it_is(catalog: Catalog, table: Table, owner: str, photo: bytes) -> None:
    image = ready(catalog, owner, photo)
    catalog.trash(owner, image.id)

    rebuild()
    rebuild()

    assert table.get_image(owner, image.id).state is State.TRASHED


def test_what_cannot_be_brought_back_is_counted(catalog: Catalog, table: Table, bucket: Bucket, owner: str) -> None:
    broken = uploaded(catalog, owner, b"no photograph")
    bucket.put_derived("originals/by-somebody-else.txt", b"text")
    lose_the_table()

    assert rebuild() == 2

    assert table.get_image(owner, broken.id).state is State.FAILED
