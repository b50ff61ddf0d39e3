from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import boto3
import cv2
import numpy as np
import pytest

from app.adapters.aws import bucket as bucket_module
from app.adapters.aws.bucket import Bucket, Upload
from app.adapters.aws.table import Table
from app.domain.errors import (
    ImageChanged,
    ImageNotFound,
    InvalidPhoto,
    NotReady,
    TooManyTags,
    UnsupportedType,
    WrongSize,
)
from app.domain.images import MAX_UPLOAD_BYTES, Change, Image, Rendition, State, new_id, tombstone
from app.domain.query import parse
from app.services.library import GIVEN_UP, MAX_TRIES, Catalog
from detector import Detection
from detector.pixels import Pixels, read_header
from tests.conftest import BUCKET_NAME, TABLE_NAME, FakeDetector, before
from tests.support.invariants import check_invariants, left_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

MOST = 10_000
PATIENCE_SECONDS = 60  # for what happens at once


@pytest.fixture
def check(aws: None) -> Callable[[], None]:
    return lambda: check_invariants(TABLE_NAME, BUCKET_NAME)


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


Ingested = Callable[[bytes], Image]


@pytest.fixture
def ingested(catalog: Catalog, owner: str) -> Ingested:
    """Makes an image of the owner's from bytes, whatever becomes of it."""

    def ingest(data: bytes) -> Image:
        image = catalog.ingest(owner, catalog.receive(owner, upload(data), most=MOST).id)
        assert image
        return image

    return ingest


@pytest.fixture
def ready(ingested: Ingested, detector: FakeDetector, photo: bytes) -> Image:
    """An image with a dog and two persons."""
    detector.sees = {"dog": 1, "person": 2}
    return ingested(photo)


def found(table: Table, owner: str, text: str) -> list[str]:
    return [card.id for card in table.search(owner, parse(text), 10).cards]


def test_what_is_in_the_trash_is_not_found_and_keeps_its_objects(
    catalog: Catalog, table: Table, bucket: Bucket, owner: str, photo: bytes, ready: Image, check: Callable[[], None]
) -> None:
    assert catalog.trash(owner, ready.id)

    assert found(table, owner, "dog") == []
    assert table.get_image(owner, ready.id).trashed_at
    assert bucket.find(Rendition.ORIGINAL.key(owner, ready.id)) == upload(photo)
    check()


def test_trashing_twice_is_trashing_once(catalog: Catalog, table: Table, owner: str, ready: Image) -> None:
    catalog.trash(owner, ready.id)
    once = table.get_image(owner, ready.id)

    assert not catalog.trash(owner, ready.id)
    assert table.get_image(owner, ready.id) == once


def test_a_pending_image_is_gone_at_once(
    catalog: Catalog, table: Table, s3: "S3Client", owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    pending = catalog.receive(owner, upload(photo), most=MOST)

    assert catalog.trash(owner, pending.id)

    assert table.find_image(owner, pending.id) == replace(tombstone(pending), version=2)
    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0
    check()


def test_a_failed_image_is_gone_at_once(
    catalog: Catalog, table: Table, s3: "S3Client", owner: str, ingested: Ingested, check: Callable[[], None]
) -> None:
    failed = ingested(b"<html>")

    assert catalog.trash(owner, failed.id)

    assert table.find_image(owner, failed.id) == replace(tombstone(failed), version=3)
    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0
    check()


def test_what_is_restored_is_as_it_was_before(
    catalog: Catalog, table: Table, owner: str, ready: Image, check: Callable[[], None]
) -> None:
    catalog.trash(owner, ready.id)

    assert catalog.restore(owner, ready.id)

    assert table.get_image(owner, ready.id) == replace(ready, version=ready.version + 2)
    assert found(table, owner, "dog, person=2") == [ready.id]
    check()


def test_restoring_what_is_not_in_the_trash_changes_nothing(
    catalog: Catalog, table: Table, owner: str, ready: Image
) -> None:
    assert not catalog.restore(owner, ready.id)
    assert table.get_image(owner, ready.id) == ready


def test_a_purge_leaves_a_tombstone_and_no_object(
    catalog: Catalog, table: Table, s3: "S3Client", owner: str, ready: Image, check: Callable[[], None]
) -> None:
    catalog.trash(owner, ready.id)

    catalog.purge(owner, ready.id)

    assert table.find_image(owner, ready.id) == replace(tombstone(ready), version=ready.version + 2)
    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0
    check()


def test_only_what_is_in_the_trash_is_purged(catalog: Catalog, table: Table, owner: str, ready: Image) -> None:
    with pytest.raises(NotReady):
        catalog.purge(owner, ready.id)

    assert table.get_image(owner, ready.id) == ready


def test_a_purge_that_was_meant_for_earlier_trash_is_refused(
    catalog: Catalog, table: Table, owner: str, ready: Image
) -> None:
    catalog.trash(owner, ready.id)
    trashed = table.get_image(owner, ready.id)

    with pytest.raises(NotReady):
        catalog.purge(owner, ready.id, version=trashed.version - 1)

    assert table.get_image(owner, ready.id) == trashed
    catalog.purge(owner, ready.id, version=trashed.version)


def test_what_was_purged_cannot_be_trashed_restored_or_purged(catalog: Catalog, owner: str, ready: Image) -> None:
    catalog.trash(owner, ready.id)
    catalog.purge(owner, ready.id)

    for act in (catalog.trash, catalog.restore, catalog.purge):
        with pytest.raises(ImageNotFound):
            act(owner, ready.id)


def test_a_late_notification_brings_nothing_back(
    catalog: Catalog, bucket: Bucket, s3: "S3Client", owner: str, photo: bytes, ready: Image, check: Callable[[], None]
) -> None:
    catalog.trash(owner, ready.id)
    catalog.purge(owner, ready.id)
    send(bucket, ready, photo)

    late = catalog.ingest(owner, ready.id)

    assert late
    assert late.state == "gone"
    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0
    check()


def test_a_sweep_leaves_alone_what_is_not_gone(
    catalog: Catalog, owner: str, ready: Image, check: Callable[[], None]
) -> None:
    catalog.sweep(owner, ready.id)
    catalog.sweep(owner, new_id())

    check()


def test_the_same_bytes_become_one_image(
    catalog: Catalog,
    table: Table,
    owner: str,
    photo: bytes,
    ready: Image,
    ingested: Ingested,
    check: Callable[[], None],
) -> None:
    second = ingested(photo)

    assert (second.state, second.duplicate_of) == ("gone", ready.id)
    assert table.get_image(owner, second.id) == ready
    assert found(table, owner, "dog") == [ready.id]
    check()


def test_the_same_bytes_bring_their_image_back_from_the_trash(
    catalog: Catalog,
    table: Table,
    owner: str,
    photo: bytes,
    ready: Image,
    ingested: Ingested,
    check: Callable[[], None],
) -> None:
    catalog.trash(owner, ready.id)

    second = ingested(photo)

    assert table.get_image(owner, second.id) == replace(ready, version=ready.version + 2)
    assert found(table, owner, "dog") == [ready.id]
    check()


def test_the_same_bytes_after_a_purge_are_a_new_image(
    catalog: Catalog, owner: str, photo: bytes, ready: Image, ingested: Ingested, check: Callable[[], None]
) -> None:
    catalog.trash(owner, ready.id)
    catalog.purge(owner, ready.id)

    assert ingested(photo).state == "ready"
    check()


def test_the_same_bytes_of_two_owners_are_two_images(
    catalog: Catalog, photo: bytes, ready: Image, check: Callable[[], None]
) -> None:
    other = catalog.receive("somebody else", upload(photo), most=MOST)

    theirs = catalog.ingest("somebody else", other.id)

    assert theirs
    assert theirs.state == "ready"
    check()


def test_the_same_bytes_at_the_same_time_become_one_image(
    catalog: Catalog, table: Table, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class IngestsTheTwinMeanwhile(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            catalog.ingest(owner, twin.id)
            return []

    image, twin = (catalog.receive(owner, upload(photo), most=MOST) for _ in range(2))

    second = Catalog(table, bucket, IngestsTheTwinMeanwhile).ingest(owner, image.id)

    assert second
    assert (second.state, second.duplicate_of) == ("gone", twin.id)
    assert table.get_image(owner, image.id).id == twin.id
    check()


def test_tags_are_corrected_by_hand(
    catalog: Catalog, table: Table, owner: str, ready: Image, check: Callable[[], None]
) -> None:
    changes = [Change("person", 1, removes=True), Change("beach", 1)]

    assert catalog.retag(owner, ready.id, changes)

    assert table.get_image(owner, ready.id).tags == {"dog": 1, "person": 1, "beach": 1}
    assert found(table, owner, "beach, person=1") == [ready.id]
    check()


def test_what_changes_no_tag_writes_nothing(catalog: Catalog, table: Table, owner: str, ready: Image) -> None:
    assert not catalog.retag(owner, ready.id, [Change("cat", None, removes=True)])

    assert table.get_image(owner, ready.id) == ready


@pytest.mark.parametrize(
    ("state", "change", "error"),
    [(State.TRASHED, Change("dog", 1), NotReady), (State.READY, Change("dog", 999), TooManyTags)],
)
def test_what_cannot_be_retagged_stays_as_it_is(
    catalog: Catalog, table: Table, owner: str, ready: Image, state: State, change: Change, error: type[Exception]
) -> None:
    image = table.save(replace(ready, state=state), ready)

    with pytest.raises(error):
        catalog.retag(owner, ready.id, [change])

    assert table.get_image(owner, ready.id) == image


def test_a_change_that_was_overtaken_is_made_again(
    catalog: Catalog, table: Table, dynamodb: "DynamoDBClient", owner: str, ready: Image, check: Callable[[], None]
) -> None:
    rival = Table(boto3.client("dynamodb"), TABLE_NAME)

    def overtake() -> None:
        with suppress(ImageChanged):
            rival.save(replace(ready, name="renamed.jpg"), ready)

    with before(dynamodb, "dynamodb.TransactWriteItems", overtake):
        catalog.retag(owner, ready.id, [Change("cat", 1)])

    now = table.get_image(owner, ready.id)
    assert (now.name, now.tags["cat"], now.version) == ("renamed.jpg", 1, ready.version + 2)
    check()


def test_a_change_that_is_overtaken_every_time_is_given_up(
    catalog: Catalog, table: Table, dynamodb: "DynamoDBClient", owner: str, ready: Image, check: Callable[[], None]
) -> None:
    rival = Table(boto3.client("dynamodb"), TABLE_NAME)

    def overtake() -> None:
        now = rival.get_image(owner, ready.id)
        rival.save(replace(now, name=f"{now.version}.jpg"), now)

    with before(dynamodb, "dynamodb.TransactWriteItems", overtake), pytest.raises(ImageChanged):
        catalog.retag(owner, ready.id, [Change("cat", 1)])

    now = table.get_image(owner, ready.id)
    assert (now.tags, now.version) == (ready.tags, ready.version + MAX_TRIES)
    check()


@pytest.mark.parametrize(
    ("old", "new", "tags"),
    [
        ("dog", "hound", {"hound": 1, "person": 2}),
        ("dog", "person", {"person": 3}),
        ("dog", "dog", {"dog": 1, "person": 2}),
    ],
)
def test_a_tag_is_called_by_another_name(
    catalog: Catalog, table: Table, owner: str, ready: Image, old: str, new: str, tags: dict[str, int]
) -> None:
    changed = catalog.rename_tag(owner, ready.id, old, new)

    assert table.get_image(owner, ready.id).tags == tags
    assert changed is (old != new)


def test_an_image_without_the_tag_keeps_its_names(catalog: Catalog, table: Table, owner: str, ready: Image) -> None:
    assert not catalog.rename_tag(owner, ready.id, "cat", "tiger")

    assert table.get_image(owner, ready.id) == ready


def test_a_photograph_can_be_looked_at_and_not_kept(
    catalog: Catalog, table: Table, s3: "S3Client", detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"Dog": 2}

    assert catalog.see(photo, most=MOST) == {"dog": 2}

    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0


@pytest.mark.parametrize(("data", "error"), [(b"", WrongSize), (b"x" * (MOST + 1), WrongSize), (b"x", InvalidPhoto)])
def test_what_is_no_photograph_is_not_looked_at(catalog: Catalog, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        catalog.see(data, most=MOST)


def crashed_after_keeping(bucket: Bucket, image: Image, data: bytes) -> None:
    """A try was cut off when it had kept the original, and its form was used again for something else."""
    bucket.claim(Rendition.ORIGINAL.key(image.owner, image.id), upload(data))


def test_junk_that_comes_after_a_crash_does_not_replace_the_first_upload(
    catalog: Catalog, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    pending = catalog.receive(owner, upload(photo), most=MOST)
    crashed_after_keeping(bucket, pending, photo)
    send(bucket, pending, b"<html>")

    ready = catalog.ingest(owner, pending.id)

    assert ready
    assert (ready.state, ready.sha256) == ("ready", upload(photo).sha256)
    check()


def test_what_a_crash_left_and_another_image_has_by_now_makes_no_second_image(
    catalog: Catalog, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    pending = catalog.receive(owner, upload(photo), most=MOST)
    crashed_after_keeping(bucket, pending, photo)
    send(bucket, pending, photo + b"other bytes")
    twin = catalog.receive(owner, upload(photo), most=MOST)
    catalog.ingest(owner, twin.id)

    folded = catalog.ingest(owner, pending.id)

    assert folded
    assert (folded.state, folded.duplicate_of) == ("gone", twin.id)
    check()


def test_other_bytes_that_were_kept_meanwhile_are_the_ones_that_count(
    dynamodb: "DynamoDBClient", bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class KeepsMeanwhile(Table):
        def find_by_hash(self, owner: str, sha256: str) -> str | None:
            crashed_after_keeping(bucket, pending, photo + b"first")
            return super().find_by_hash(owner, sha256)

    catalog = Catalog(KeepsMeanwhile(dynamodb, TABLE_NAME), bucket, FakeDetector)
    pending = catalog.receive(owner, upload(photo), most=MOST)

    ready = catalog.ingest(owner, pending.id)

    assert ready
    assert ready.sha256 == upload(photo + b"first").sha256
    check()


def test_the_model_looks_while_the_original_is_written(
    table: Table, bucket: Bucket, s3: "S3Client", owner: str, photo: bytes
) -> None:
    looks, writes = Event(), Event()

    class Looks(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            looks.set()
            assert writes.wait(PATIENCE_SECONDS)
            return []

    def write() -> None:
        assert looks.wait(PATIENCE_SECONDS)
        writes.set()

    catalog = Catalog(table, bucket, Looks)
    pending = catalog.receive(owner, upload(photo), most=MOST)

    with before(s3, "s3.PutObject", write):
        ready = catalog.ingest(owner, pending.id)

    assert ready
    assert ready.state == "ready"


def test_when_looking_and_writing_fail_together_both_are_told(
    table: Table, bucket: Bucket, s3: "S3Client", owner: str, photo: bytes
) -> None:
    class CannotLook(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            raise ZeroDivisionError

    def fail() -> None:
        raise ConnectionError

    catalog = Catalog(table, bucket, CannotLook)
    pending = catalog.receive(owner, upload(photo), most=MOST)

    with before(s3, "s3.PutObject", fail), pytest.raises(ZeroDivisionError) as failed:
        catalog.ingest(owner, pending.id)

    assert isinstance(failed.value.__context__, ConnectionError)
    assert table.get_image(owner, pending.id) == pending


def test_what_the_model_cannot_look_at_is_kept_and_becomes_ready_once_it_can(
    catalog: Catalog, table: Table, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class CannotLook(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            raise ZeroDivisionError

    pending = catalog.receive(owner, upload(photo), most=MOST)
    with pytest.raises(ZeroDivisionError):
        Catalog(table, bucket, CannotLook).ingest(owner, pending.id)
    catalog.give_up(owner, pending.id)
    send(bucket, pending, b"something else, by the same form")

    ready = catalog.ingest(owner, pending.id)

    assert ready
    assert (ready.state, ready.sha256) == ("ready", upload(photo).sha256)
    check()


def test_what_is_deleted_while_the_model_cannot_look_at_it_leaves_no_object(
    catalog: Catalog, table: Table, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class CannotLook(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            table.save(replace(pending, state=State.GONE), pending)
            raise ZeroDivisionError

    pending = catalog.receive(owner, upload(photo), most=MOST)
    with pytest.raises(ZeroDivisionError):
        Catalog(table, bucket, CannotLook).ingest(owner, pending.id)

    catalog.ingest(owner, pending.id)

    check()


def test_a_late_second_notification_takes_nothing_out_of_the_trash(
    table: Table, bucket: Bucket, s3: "S3Client", owner: str, photo: bytes
) -> None:
    catalog = Catalog(table, bucket, FakeDetector)
    pending = catalog.receive(owner, upload(photo), most=MOST)
    acted: list[str] = []

    def finish_and_trash() -> None:
        if not acted:
            acted.append("once")
            catalog.ingest(owner, pending.id)
            catalog.trash(owner, pending.id)
            send(bucket, pending, photo)

    with before(s3, "s3.GetObject", finish_and_trash):
        now = catalog.ingest(owner, pending.id)

    assert now
    assert now.state == "trashed"


def test_a_twin_that_is_purged_meanwhile_is_no_twin(
    catalog: Catalog,
    table: Table,
    bucket: Bucket,
    owner: str,
    photo: bytes,
    dynamodb: "DynamoDBClient",
    check: Callable[[], None],
) -> None:
    first = catalog.receive(owner, upload(photo), most=MOST)
    catalog.ingest(owner, first.id)
    catalog.trash(owner, first.id)
    second = catalog.receive(owner, upload(photo), most=MOST)
    purged: list[str] = []
    known = table.find_by_hash

    class KnowsTooMuch(Table):
        def find_by_hash(self, owner: str, sha256: str) -> str | None:
            found = known(owner, sha256)
            if not purged:
                purged.append("once")
                catalog.purge(owner, first.id)
            return found

    late = Catalog(KnowsTooMuch(dynamodb, TABLE_NAME, backoff_seconds=0), bucket, FakeDetector)
    ready = late.ingest(owner, second.id)

    assert ready
    assert (ready.id, ready.state) == (second.id, "ready")
    check()


@pytest.fixture
def left(dynamodb: "DynamoDBClient", s3: "S3Client") -> Callable[[str], list[str]]:
    """The keys of what there is of an owner but for counters and outbox rows, which the table wipes."""
    return lambda owner: [
        key for key in left_of(owner, TABLE_NAME, BUCKET_NAME) if not key.startswith(("COUNT#", "OUT#", "USAGE#"))
    ]


Left = Callable[[str], list[str]]


def test_of_who_is_forgotten_no_image_stays_whatever_its_state(
    catalog: Catalog,
    table: Table,
    owner: str,
    photo: bytes,
    ready: Image,
    ingested: Ingested,
    left: Left,
    check: Callable[[], None],
) -> None:
    trashed, failed = ingested(photo + b"other bytes"), ingested(b"<html>")
    catalog.trash(owner, trashed.id)
    pending = catalog.receive(owner, upload(photo), most=MOST)
    ids = [ready.id, trashed.id, failed.id, pending.id]

    assert catalog.forget(owner, MOST)

    assert [image.state for each in ids if (image := table.find_image(owner, each))] == [State.GONE] * 4
    assert left(owner) == []
    assert not catalog.forget(owner, MOST)
    check()


def test_somebody_else_is_not_forgotten(catalog: Catalog, table: Table, owner: str, photo: bytes, left: Left) -> None:
    for who in (owner, "somebody else"):
        catalog.ingest(who, catalog.receive(who, upload(photo), most=MOST).id)
    before = left("somebody else")

    while catalog.forget(owner, MOST):
        pass

    assert left("somebody else") == before != []


def test_images_are_forgotten_some_at_a_time(catalog: Catalog, table: Table, owner: str) -> None:
    for _ in range(5):
        catalog.offer(owner, name="beach.jpg", media_type="image/jpeg", size=1)

    left = []
    while catalog.forget(owner, 2):
        left.append(len(list(table.list_ids(owner))))

    assert left == [3, 1, 0]


def test_objects_without_an_image_are_forgotten_too(
    catalog: Catalog, bucket: Bucket, owner: str, photo: bytes, left: Left
) -> None:
    image_id = new_id()
    for rendition in Rendition:
        bucket.claim(rendition.key(owner, image_id), upload(photo))

    assert catalog.forget(owner, MOST)

    assert left(owner) == []
    assert catalog.ingest(owner, image_id) is None


def test_what_is_deleted_while_it_is_forgotten_is_no_error(
    catalog: Catalog, table: Table, dynamodb: "DynamoDBClient", owner: str, photo: bytes, left: Left
) -> None:
    pending = catalog.receive(owner, upload(photo), most=MOST)
    rival = Table(boto3.client("dynamodb"), TABLE_NAME)

    def overtake() -> None:
        with suppress(ImageChanged):
            rival.save(tombstone(pending), pending)

    with before(dynamodb, "dynamodb.TransactWriteItems", overtake):
        assert catalog.forget(owner, MOST)

    assert catalog.forget(owner, MOST)  # the bytes of the upload, which its rival did not get to remove
    assert left(owner) == []
    assert not catalog.forget(owner, MOST)


def test_who_is_ingesting_what_is_forgotten_meanwhile_leaves_no_object(
    table: Table, bucket: Bucket, owner: str, photo: bytes, left: Left, check: Callable[[], None]
) -> None:
    class ForgottenMeanwhile(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            assert catalog.forget(owner, MOST)
            return []

    catalog = Catalog(table, bucket, ForgottenMeanwhile)
    pending = catalog.receive(owner, upload(photo), most=MOST)

    now = catalog.ingest(owner, pending.id)

    assert now
    assert now.state == "gone"
    assert left(owner) == []
    check()


def test_what_waits_is_given_up_and_still_becomes_ready(
    catalog: Catalog, table: Table, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image = catalog.receive(owner, upload(photo), most=MOST)

    catalog.give_up(owner, image.id)

    failed = table.get_image(owner, image.id)
    check()
    ready = catalog.ingest(owner, image.id)
    assert (failed.state, failed.reason) == ("failed", GIVEN_UP)
    assert ready
    assert (ready.state, ready.reason) == ("ready", "")
    check()


@pytest.mark.parametrize("data", [b"<html>", None])
def test_only_what_waits_is_given_up(catalog: Catalog, owner: str, photo: bytes, data: bytes | None) -> None:
    image = catalog.receive(owner, upload(data or photo), most=MOST)
    before = catalog.ingest(owner, image.id)

    catalog.give_up(owner, image.id)

    assert catalog.ingest(owner, image.id) == before


def test_what_is_not_there_is_not_given_up(catalog: Catalog, table: Table, owner: str) -> None:
    image_id = new_id()

    catalog.give_up(owner, image_id)

    assert table.find_image(owner, image_id) is None
