from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from app import bucket as bucket_module
from app.bucket import Bucket, Upload
from app.catalog import Catalog
from app.errors import UnsupportedType, WrongSize
from app.images import MAX_UPLOAD_BYTES, Image, Rendition, State, new_id
from app.query import parse
from app.table import Table
from detector import Detection
from detector.pixels import Pixels, read_header
from tests.conftest import BUCKET_NAME, TABLE_NAME, FakeDetector
from tests.invariants import check_invariants

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

MOST = 10_000


@pytest.fixture
def check(dynamodb: "DynamoDBClient", s3: "S3Client") -> Callable[[], None]:
    return lambda: check_invariants(dynamodb, TABLE_NAME, s3, BUCKET_NAME)


def upload(data: bytes) -> Upload:
    return Upload(data, "image/jpeg", "beach.jpg")


def send(bucket: Bucket, image: Image, data: bytes) -> None:
    key = Rendition.INCOMING.key(image.owner, image.id)
    bucket.delete(key)
    bucket.claim(key, upload(data))


def test_an_upload_becomes_ready_and_is_found(
    catalog: Catalog, table: Table, detector: FakeDetector, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    detector.sees = {"person": 2, "dog": 1}
    pending = catalog.receive(owner, upload(photo), most=MOST)

    ready = catalog.ingest(owner, pending.id)

    assert ready
    assert ready == table.get_image(owner, pending.id)
    assert (ready.state, ready.width, ready.height, ready.size, ready.model) == ("ready", 64, 48, len(photo), "fake@1")
    assert [card.id for card in table.search(owner, parse("person=2, dog"), 10).cards] == [ready.id]
    check()


def test_the_original_stays_as_it_was_and_the_rest_is_derived(
    catalog: Catalog, bucket: Bucket, owner: str, photo: bytes
) -> None:
    image = catalog.receive(owner, upload(photo), most=MOST)

    catalog.ingest(owner, image.id)

    original, preview, thumbnail, incoming = (
        bucket.find(rendition.key(owner, image.id))
        for rendition in (Rendition.ORIGINAL, Rendition.PREVIEW, Rendition.THUMBNAIL, Rendition.INCOMING)
    )
    assert original == upload(photo)
    assert preview
    assert thumbnail
    assert (read_header(thumbnail.data).width, read_header(thumbnail.data).height) == (64, 48)
    assert incoming is None


def test_an_offer_is_pending_until_its_bytes_arrive(catalog: Catalog, table: Table, owner: str) -> None:
    image, form = catalog.offer(owner, name="../beach.jpg", media_type="image/jpeg", size=1)

    assert catalog.ingest(owner, image.id) == image
    assert (image.state, image.name) == ("pending", "beach.jpg")
    assert form.fields["key"] == Rendition.INCOMING.key(owner, image.id)


@pytest.mark.parametrize(
    ("media_type", "size", "error"),
    [
        ("image/svg+xml", 1, UnsupportedType),
        ("image/jpeg", 0, WrongSize),
        ("image/jpeg", MAX_UPLOAD_BYTES + 1, WrongSize),
    ],
)
def test_a_wrong_type_or_size_is_not_offered(
    catalog: Catalog, table: Table, owner: str, media_type: str, size: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        catalog.offer(owner, name="x", media_type=media_type, size=size)

    assert table.list_images(owner, 10).cards == []


@pytest.mark.parametrize("data", [b"<html>", b"\xff\xd8\xff"])
def test_what_is_no_photograph_fails_with_a_reason(
    catalog: Catalog, owner: str, data: bytes, check: Callable[[], None]
) -> None:
    image = catalog.receive(owner, upload(data), most=MOST)

    failed = catalog.ingest(owner, image.id)

    assert failed
    assert failed.state == "failed"
    assert failed.reason.endswith("picture.")
    check()


def test_what_grew_on_the_way_fails_with_a_reason(
    catalog: Catalog, owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = catalog.receive(owner, upload(photo), most=MOST)
    monkeypatch.setattr(bucket_module, "MAX_UPLOAD_BYTES", 10)

    failed = catalog.ingest(owner, image.id)

    assert failed
    assert "more than" in failed.reason


@pytest.mark.parametrize("data", [b"<html>", None])
def test_a_notification_again_changes_nothing(
    catalog: Catalog, owner: str, photo: bytes, data: bytes | None, check: Callable[[], None]
) -> None:
    image = catalog.receive(owner, upload(data or photo), most=MOST)

    once = catalog.ingest(owner, image.id)

    assert [catalog.ingest(owner, image.id) for _ in range(3)] == [once] * 3
    check()


def test_an_upload_again_does_not_change_the_served_image(
    catalog: Catalog, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image = catalog.receive(owner, upload(photo), most=MOST)
    ready = catalog.ingest(owner, image.id)

    send(bucket, image, b"something else")

    assert catalog.ingest(owner, image.id) == ready
    assert bucket.find(Rendition.ORIGINAL.key(owner, image.id)) == upload(photo)
    assert bucket.find(Rendition.INCOMING.key(owner, image.id)) is None
    check()


def test_the_first_original_wins_when_a_try_was_cut_off(
    catalog: Catalog, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image = catalog.receive(owner, upload(photo), most=MOST)
    bucket.claim(Rendition.ORIGINAL.key(owner, image.id), upload(photo))
    send(bucket, image, cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[1].tobytes())

    ready = catalog.ingest(owner, image.id)

    assert ready
    assert (ready.width, ready.media_type, ready.sha256) == (64, "image/jpeg", upload(photo).sha256)
    check()


def test_a_better_upload_mends_a_failed_one(catalog: Catalog, bucket: Bucket, owner: str, photo: bytes) -> None:
    image = catalog.receive(owner, upload(b"<html>"), most=MOST)
    catalog.ingest(owner, image.id)

    send(bucket, image, photo)
    mended = catalog.ingest(owner, image.id)

    assert mended
    assert (mended.state, mended.reason) == ("ready", "")


def test_an_upload_whose_row_has_expired_is_not_lost(
    catalog: Catalog, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image_id = new_id()
    bucket.claim(Rendition.INCOMING.key(owner, image_id), upload(photo))

    ready = catalog.ingest(owner, image_id)

    assert ready
    assert (ready.state, ready.name, ready.version) == ("ready", "beach.jpg", 1)
    check()


def test_a_notification_for_nothing_makes_nothing(catalog: Catalog, table: Table, owner: str) -> None:
    assert catalog.ingest(owner, new_id()) is None
    assert table.list_images(owner, 10).cards == []


def test_a_deleted_image_does_not_come_back(
    catalog: Catalog, table: Table, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image = catalog.receive(owner, upload(photo), most=MOST)
    gone = table.save(replace(image, state=State.GONE), image)

    assert catalog.ingest(owner, image.id) == gone
    check()


def test_who_loses_the_race_against_a_deletion_leaves_no_object(
    table: Table, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class DeletesMeanwhile(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            table.save(replace(image, state=State.GONE), image)
            return []

    catalog = Catalog(table, bucket, DeletesMeanwhile)
    image = catalog.receive(owner, upload(photo), most=MOST)

    now = catalog.ingest(owner, image.id)

    assert now
    assert now.state == "gone"
    check()
