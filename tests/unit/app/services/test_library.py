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
from app.domain.edits import TagChange
from app.domain.errors import (
    ImageChanged,
    ImageNotFound,
    InvalidPhoto,
    InvalidState,
    TooManyTags,
    UnsupportedType,
    WrongSize,
)
from app.domain.ids import Rendition, new_id
from app.domain.images import MAX_UPLOAD_BYTES, Image, ImageState, make_tombstone
from app.domain.query import parse
from app.services.ingest import GIVEN_UP, Ingest
from app.services.library import MAX_TRIES, Library
from detector import Detection, Detector
from detector.pixels import Pixels, read_header
from tests.support.aws import BUCKET_NAME, TABLE_NAME, before
from tests.support.fakes import FakeDetector
from tests.support.invariants import check_invariants, list_leftovers

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


def ingest_with(table: Table, bucket: Bucket, get_detector: Callable[[], Detector]) -> Ingest:
    return Ingest(table, bucket, Library(table, bucket), get_detector)


def send(bucket: Bucket, image: Image, data: bytes) -> None:
    key = Rendition.INCOMING.key(image.owner, image.id)
    bucket.delete(key)
    bucket.claim(key, upload(data))


def test_an_upload_becomes_ready_and_is_found(
    ingest: Ingest, table: Table, detector: FakeDetector, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    detector.sees = {"person": 2, "dog": 1}
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert ready == table.get_image(owner, pending.id)
    assert (ready.state, ready.width, ready.height, ready.size, ready.model) == ("ready", 64, 48, len(photo), "fake@1")
    assert [card.id for card in table.search(owner, parse("person=2, dog"), 10).images] == [ready.id]
    check()


def test_the_original_stays_as_it_was_and_the_rest_is_derived(
    ingest: Ingest, bucket: Bucket, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, upload(photo), max_bytes=MOST)

    ingest.ingest(owner, image.id)

    original, preview, thumbnail, incoming = (
        bucket.find(rendition.key(owner, image.id))
        for rendition in (Rendition.ORIGINAL, Rendition.PREVIEW, Rendition.THUMBNAIL, Rendition.INCOMING)
    )
    assert original == upload(photo)
    assert preview
    assert thumbnail
    assert (read_header(thumbnail.data).width, read_header(thumbnail.data).height) == (64, 48)
    assert incoming is None


def test_an_offer_is_pending_until_its_bytes_arrive(ingest: Ingest, table: Table, owner: str) -> None:
    image, form = ingest.offer(owner, name="../beach.jpg", media_type="image/jpeg", size=1)

    assert ingest.ingest(owner, image.id) == image
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
    ingest: Ingest, table: Table, owner: str, media_type: str, size: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        ingest.offer(owner, name="x", media_type=media_type, size=size)

    assert table.list_images(owner, 10).images == []


@pytest.mark.parametrize("data", [b"<html>", b"\xff\xd8\xff"])
def test_what_is_no_photograph_fails_with_a_reason(
    ingest: Ingest, owner: str, data: bytes, check: Callable[[], None]
) -> None:
    image = ingest.receive(owner, upload(data), max_bytes=MOST)

    failed = ingest.ingest(owner, image.id)

    assert failed
    assert failed.state == "failed"
    assert failed.reason.endswith("picture.")
    check()


def test_what_grew_on_the_way_fails_with_a_reason(
    ingest: Ingest, owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = ingest.receive(owner, upload(photo), max_bytes=MOST)
    monkeypatch.setattr(bucket_module, "MAX_UPLOAD_BYTES", 10)

    failed = ingest.ingest(owner, image.id)

    assert failed
    assert "more than" in failed.reason


@pytest.mark.parametrize("data", [b"<html>", None])
def test_a_notification_again_changes_nothing(
    ingest: Ingest, owner: str, photo: bytes, data: bytes | None, check: Callable[[], None]
) -> None:
    image = ingest.receive(owner, upload(data or photo), max_bytes=MOST)

    once = ingest.ingest(owner, image.id)

    assert [ingest.ingest(owner, image.id) for _ in range(3)] == [once] * 3
    check()


def test_an_upload_again_does_not_change_the_served_image(
    ingest: Ingest, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image = ingest.receive(owner, upload(photo), max_bytes=MOST)
    ready = ingest.ingest(owner, image.id)

    send(bucket, image, b"something else")

    assert ingest.ingest(owner, image.id) == ready
    assert bucket.find(Rendition.ORIGINAL.key(owner, image.id)) == upload(photo)
    assert bucket.find(Rendition.INCOMING.key(owner, image.id)) is None
    check()


def test_the_first_original_wins_when_a_try_was_cut_off(
    ingest: Ingest, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image = ingest.receive(owner, upload(photo), max_bytes=MOST)
    bucket.claim(Rendition.ORIGINAL.key(owner, image.id), upload(photo))
    send(bucket, image, cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[1].tobytes())

    ready = ingest.ingest(owner, image.id)

    assert ready
    assert (ready.width, ready.media_type, ready.sha256) == (64, "image/jpeg", upload(photo).sha256)
    check()


def test_a_better_upload_mends_a_failed_one(ingest: Ingest, bucket: Bucket, owner: str, photo: bytes) -> None:
    image = ingest.receive(owner, upload(b"<html>"), max_bytes=MOST)
    ingest.ingest(owner, image.id)

    send(bucket, image, photo)
    mended = ingest.ingest(owner, image.id)

    assert mended
    assert (mended.state, mended.reason) == ("ready", "")


def test_an_upload_whose_row_has_expired_is_not_lost(
    ingest: Ingest, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image_id = new_id()
    bucket.claim(Rendition.INCOMING.key(owner, image_id), upload(photo))

    ready = ingest.ingest(owner, image_id)

    assert ready
    assert (ready.state, ready.name, ready.version) == ("ready", "beach.jpg", 1)
    check()


def test_a_notification_for_nothing_makes_nothing(ingest: Ingest, table: Table, owner: str) -> None:
    assert ingest.ingest(owner, new_id()) is None
    assert table.list_images(owner, 10).images == []


def test_a_deleted_image_does_not_come_back(
    ingest: Ingest, table: Table, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image = ingest.receive(owner, upload(photo), max_bytes=MOST)
    gone = table.save(replace(image, state=ImageState.GONE), image)

    assert ingest.ingest(owner, image.id) == gone
    check()


def test_who_loses_the_race_against_a_deletion_leaves_no_object(
    table: Table, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class DeletesMeanwhile(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            table.save(replace(image, state=ImageState.GONE), image)
            return []

    ingest = ingest_with(table, bucket, DeletesMeanwhile)
    image = ingest.receive(owner, upload(photo), max_bytes=MOST)

    now = ingest.ingest(owner, image.id)

    assert now
    assert now.state == "gone"
    check()


Ingested = Callable[[bytes], Image]


@pytest.fixture
def ingested(ingest: Ingest, owner: str) -> Ingested:
    """Makes an image of the owner's from bytes, whatever becomes of it."""

    def upload_and_ingest(data: bytes) -> Image:
        image = ingest.ingest(owner, ingest.receive(owner, upload(data), max_bytes=MOST).id)
        assert image
        return image

    return upload_and_ingest


@pytest.fixture
def ready(ingested: Ingested, detector: FakeDetector, photo: bytes) -> Image:
    """An image with a dog and two persons."""
    detector.sees = {"dog": 1, "person": 2}
    return ingested(photo)


def found(table: Table, owner: str, text: str) -> list[str]:
    return [card.id for card in table.search(owner, parse(text), 10).images]


def test_what_is_in_the_trash_is_not_found_and_keeps_its_objects(
    library: Library, table: Table, bucket: Bucket, owner: str, photo: bytes, ready: Image, check: Callable[[], None]
) -> None:
    assert library.trash(owner, ready.id)

    assert found(table, owner, "dog") == []
    assert table.get_image(owner, ready.id).trashed_at
    assert bucket.find(Rendition.ORIGINAL.key(owner, ready.id)) == upload(photo)
    check()


def test_trashing_twice_is_trashing_once(library: Library, table: Table, owner: str, ready: Image) -> None:
    library.trash(owner, ready.id)
    once = table.get_image(owner, ready.id)

    assert not library.trash(owner, ready.id)
    assert table.get_image(owner, ready.id) == once


def test_a_pending_image_is_gone_at_once(
    library: Library, ingest: Ingest, table: Table, s3: "S3Client", owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)

    assert library.trash(owner, pending.id)

    assert table.find_image(owner, pending.id) == replace(make_tombstone(pending), version=2)
    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0
    check()


def test_a_failed_image_is_gone_at_once(
    library: Library, table: Table, s3: "S3Client", owner: str, ingested: Ingested, check: Callable[[], None]
) -> None:
    failed = ingested(b"<html>")

    assert library.trash(owner, failed.id)

    assert table.find_image(owner, failed.id) == replace(make_tombstone(failed), version=3)
    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0
    check()


def test_what_is_restored_is_as_it_was_before(
    library: Library, table: Table, owner: str, ready: Image, check: Callable[[], None]
) -> None:
    library.trash(owner, ready.id)

    assert library.restore(owner, ready.id)

    assert table.get_image(owner, ready.id) == replace(ready, version=ready.version + 2)
    assert found(table, owner, "dog, person=2") == [ready.id]
    check()


def test_restoring_what_is_not_in_the_trash_changes_nothing(
    library: Library, table: Table, owner: str, ready: Image
) -> None:
    assert not library.restore(owner, ready.id)
    assert table.get_image(owner, ready.id) == ready


def test_a_purge_leaves_a_tombstone_and_no_object(
    library: Library, table: Table, s3: "S3Client", owner: str, ready: Image, check: Callable[[], None]
) -> None:
    library.trash(owner, ready.id)

    library.purge(owner, ready.id)

    assert table.find_image(owner, ready.id) == replace(make_tombstone(ready), version=ready.version + 2)
    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0
    check()


def test_only_what_is_in_the_trash_is_purged(library: Library, table: Table, owner: str, ready: Image) -> None:
    with pytest.raises(InvalidState):
        library.purge(owner, ready.id)

    assert table.get_image(owner, ready.id) == ready


def test_a_purge_that_was_meant_for_earlier_trash_is_refused(
    library: Library, table: Table, owner: str, ready: Image
) -> None:
    library.trash(owner, ready.id)
    trashed = table.get_image(owner, ready.id)

    with pytest.raises(InvalidState):
        library.purge(owner, ready.id, version=trashed.version - 1)

    assert table.get_image(owner, ready.id) == trashed
    library.purge(owner, ready.id, version=trashed.version)


def test_what_was_purged_cannot_be_trashed_restored_or_purged(library: Library, owner: str, ready: Image) -> None:
    library.trash(owner, ready.id)
    library.purge(owner, ready.id)

    for act in (library.trash, library.restore, library.purge):
        with pytest.raises(ImageNotFound):
            act(owner, ready.id)


def test_a_late_notification_brings_nothing_back(
    library: Library,
    ingest: Ingest,
    bucket: Bucket,
    s3: "S3Client",
    owner: str,
    photo: bytes,
    ready: Image,
    check: Callable[[], None],
) -> None:
    library.trash(owner, ready.id)
    library.purge(owner, ready.id)
    send(bucket, ready, photo)

    late = ingest.ingest(owner, ready.id)

    assert late
    assert late.state == "gone"
    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0
    check()


def test_a_sweep_leaves_alone_what_is_not_gone(
    library: Library, owner: str, ready: Image, check: Callable[[], None]
) -> None:
    library.finish_purge(owner, ready.id)
    library.finish_purge(owner, new_id())

    check()


def test_the_same_bytes_become_one_image(
    library: Library,
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
    library: Library,
    table: Table,
    owner: str,
    photo: bytes,
    ready: Image,
    ingested: Ingested,
    check: Callable[[], None],
) -> None:
    library.trash(owner, ready.id)

    second = ingested(photo)

    assert table.get_image(owner, second.id) == replace(ready, version=ready.version + 2)
    assert found(table, owner, "dog") == [ready.id]
    check()


def test_the_same_bytes_after_a_purge_are_a_new_image(
    library: Library, owner: str, photo: bytes, ready: Image, ingested: Ingested, check: Callable[[], None]
) -> None:
    library.trash(owner, ready.id)
    library.purge(owner, ready.id)

    assert ingested(photo).state == "ready"
    check()


def test_the_same_bytes_of_two_owners_are_two_images(
    ingest: Ingest, photo: bytes, ready: Image, check: Callable[[], None]
) -> None:
    other = ingest.receive("somebody else", upload(photo), max_bytes=MOST)

    theirs = ingest.ingest("somebody else", other.id)

    assert theirs
    assert theirs.state == "ready"
    check()


def test_the_same_bytes_at_the_same_time_become_one_image(
    ingest: Ingest, table: Table, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class IngestsTheTwinMeanwhile(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            ingest.ingest(owner, twin.id)
            return []

    image, twin = (ingest.receive(owner, upload(photo), max_bytes=MOST) for _ in range(2))

    second = ingest_with(table, bucket, IngestsTheTwinMeanwhile).ingest(owner, image.id)

    assert second
    assert (second.state, second.duplicate_of) == ("gone", twin.id)
    assert table.get_image(owner, image.id).id == twin.id
    check()


def test_tags_are_corrected_by_hand(
    library: Library, table: Table, owner: str, ready: Image, check: Callable[[], None]
) -> None:
    changes = [TagChange("person", 1, removes=True), TagChange("beach", 1)]

    assert library.retag(owner, ready.id, changes)

    assert table.get_image(owner, ready.id).tags == {"dog": 1, "person": 1, "beach": 1}
    assert found(table, owner, "beach, person=1") == [ready.id]
    check()


def test_what_changes_no_tag_writes_nothing(library: Library, table: Table, owner: str, ready: Image) -> None:
    assert not library.retag(owner, ready.id, [TagChange("cat", None, removes=True)])

    assert table.get_image(owner, ready.id) == ready


@pytest.mark.parametrize(
    ("state", "change", "error"),
    [(ImageState.TRASHED, TagChange("dog", 1), InvalidState), (ImageState.READY, TagChange("dog", 999), TooManyTags)],
)
def test_what_cannot_be_retagged_stays_as_it_is(
    library: Library,
    table: Table,
    owner: str,
    ready: Image,
    state: ImageState,
    change: TagChange,
    error: type[Exception],
) -> None:
    image = table.save(replace(ready, state=state), ready)

    with pytest.raises(error):
        library.retag(owner, ready.id, [change])

    assert table.get_image(owner, ready.id) == image


def test_a_change_that_was_overtaken_is_made_again(
    library: Library, table: Table, dynamodb: "DynamoDBClient", owner: str, ready: Image, check: Callable[[], None]
) -> None:
    rival = Table(boto3.client("dynamodb"), TABLE_NAME)

    def overtake() -> None:
        with suppress(ImageChanged):
            rival.save(replace(ready, name="renamed.jpg"), ready)

    with before(dynamodb, "dynamodb.TransactWriteItems", overtake):
        library.retag(owner, ready.id, [TagChange("cat", 1)])

    now = table.get_image(owner, ready.id)
    assert (now.name, now.tags["cat"], now.version) == ("renamed.jpg", 1, ready.version + 2)
    check()


def test_a_change_that_is_overtaken_every_time_is_given_up(
    library: Library, table: Table, dynamodb: "DynamoDBClient", owner: str, ready: Image, check: Callable[[], None]
) -> None:
    rival = Table(boto3.client("dynamodb"), TABLE_NAME)

    def overtake() -> None:
        now = rival.get_image(owner, ready.id)
        rival.save(replace(now, name=f"{now.version}.jpg"), now)

    with before(dynamodb, "dynamodb.TransactWriteItems", overtake), pytest.raises(ImageChanged):
        library.retag(owner, ready.id, [TagChange("cat", 1)])

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
    library: Library, table: Table, owner: str, ready: Image, old: str, new: str, tags: dict[str, int]
) -> None:
    changed = library.rename_tag(owner, ready.id, old, new)

    assert table.get_image(owner, ready.id).tags == tags
    assert changed is (old != new)


def test_an_image_without_the_tag_keeps_its_names(library: Library, table: Table, owner: str, ready: Image) -> None:
    assert not library.rename_tag(owner, ready.id, "cat", "tiger")

    assert table.get_image(owner, ready.id) == ready


def test_a_photograph_can_be_looked_at_and_not_kept(
    ingest: Ingest, table: Table, s3: "S3Client", detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"Dog": 2}

    assert ingest.detect_tags(photo, max_bytes=MOST) == {"dog": 2}

    assert s3.list_objects_v2(Bucket=BUCKET_NAME)["KeyCount"] == 0


@pytest.mark.parametrize(("data", "error"), [(b"", WrongSize), (b"x" * (MOST + 1), WrongSize), (b"x", InvalidPhoto)])
def test_what_is_no_photograph_is_not_looked_at(ingest: Ingest, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        ingest.detect_tags(data, max_bytes=MOST)


def crashed_after_keeping(bucket: Bucket, image: Image, data: bytes) -> None:
    """A try was cut off when it had kept the original, and its form was used again for something else."""
    bucket.claim(Rendition.ORIGINAL.key(image.owner, image.id), upload(data))


def test_junk_that_comes_after_a_crash_does_not_replace_the_first_upload(
    ingest: Ingest, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)
    crashed_after_keeping(bucket, pending, photo)
    send(bucket, pending, b"<html>")

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert (ready.state, ready.sha256) == ("ready", upload(photo).sha256)
    check()


def test_what_a_crash_left_and_another_image_has_by_now_makes_no_second_image(
    ingest: Ingest, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)
    crashed_after_keeping(bucket, pending, photo)
    send(bucket, pending, photo + b"other bytes")
    twin = ingest.receive(owner, upload(photo), max_bytes=MOST)
    ingest.ingest(owner, twin.id)

    folded = ingest.ingest(owner, pending.id)

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

    ingest = ingest_with(KeepsMeanwhile(dynamodb, TABLE_NAME), bucket, FakeDetector)
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)

    ready = ingest.ingest(owner, pending.id)

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

    ingest = ingest_with(table, bucket, Looks)
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)

    with before(s3, "s3.PutObject", write):
        ready = ingest.ingest(owner, pending.id)

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

    ingest = ingest_with(table, bucket, CannotLook)
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)

    with before(s3, "s3.PutObject", fail), pytest.raises(ZeroDivisionError) as failed:
        ingest.ingest(owner, pending.id)

    assert isinstance(failed.value.__context__, ConnectionError)
    assert table.get_image(owner, pending.id) == pending


def test_what_the_model_cannot_look_at_is_kept_and_becomes_ready_once_it_can(
    ingest: Ingest, table: Table, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class CannotLook(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            raise ZeroDivisionError

    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)
    with pytest.raises(ZeroDivisionError):
        ingest_with(table, bucket, CannotLook).ingest(owner, pending.id)
    ingest.give_up(owner, pending.id)
    send(bucket, pending, b"something else, by the same form")

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert (ready.state, ready.sha256) == ("ready", upload(photo).sha256)
    check()


def test_what_is_deleted_while_the_model_cannot_look_at_it_leaves_no_object(
    ingest: Ingest, table: Table, bucket: Bucket, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    class CannotLook(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            table.save(replace(pending, state=ImageState.GONE), pending)
            raise ZeroDivisionError

    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)
    with pytest.raises(ZeroDivisionError):
        ingest_with(table, bucket, CannotLook).ingest(owner, pending.id)

    ingest.ingest(owner, pending.id)

    check()


def test_a_late_second_notification_takes_nothing_out_of_the_trash(
    library: Library, ingest: Ingest, bucket: Bucket, s3: "S3Client", owner: str, photo: bytes
) -> None:
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)
    acted: list[str] = []

    def finish_and_trash() -> None:
        if not acted:
            acted.append("once")
            ingest.ingest(owner, pending.id)
            library.trash(owner, pending.id)
            send(bucket, pending, photo)

    with before(s3, "s3.GetObject", finish_and_trash):
        now = ingest.ingest(owner, pending.id)

    assert now
    assert now.state == "trashed"


def test_a_twin_that_is_purged_meanwhile_is_no_twin(
    library: Library,
    ingest: Ingest,
    table: Table,
    bucket: Bucket,
    owner: str,
    photo: bytes,
    dynamodb: "DynamoDBClient",
    check: Callable[[], None],
) -> None:
    first = ingest.receive(owner, upload(photo), max_bytes=MOST)
    ingest.ingest(owner, first.id)
    library.trash(owner, first.id)
    second = ingest.receive(owner, upload(photo), max_bytes=MOST)
    purged: list[str] = []
    known = table.find_by_hash

    class KnowsTooMuch(Table):
        def find_by_hash(self, owner: str, sha256: str) -> str | None:
            found = known(owner, sha256)
            if not purged:
                purged.append("once")
                library.purge(owner, first.id)
            return found

    late = ingest_with(KnowsTooMuch(dynamodb, TABLE_NAME, backoff_seconds=0), bucket, FakeDetector)
    ready = late.ingest(owner, second.id)

    assert ready
    assert (ready.id, ready.state) == (second.id, "ready")
    check()


@pytest.fixture
def left(dynamodb: "DynamoDBClient", s3: "S3Client") -> Callable[[str], list[str]]:
    """The keys of what there is of an owner but for counters and outbox rows, which the table wipes."""
    return lambda owner: [
        key
        for key in list_leftovers(owner, TABLE_NAME, BUCKET_NAME)
        if not key.startswith(("COUNT#", "OUT#", "USAGE#"))
    ]


Left = Callable[[str], list[str]]


def test_of_who_is_forgotten_no_image_stays_whatever_its_state(
    library: Library,
    ingest: Ingest,
    table: Table,
    owner: str,
    photo: bytes,
    ready: Image,
    ingested: Ingested,
    left: Left,
    check: Callable[[], None],
) -> None:
    trashed, failed = ingested(photo + b"other bytes"), ingested(b"<html>")
    library.trash(owner, trashed.id)
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)
    ids = [ready.id, trashed.id, failed.id, pending.id]

    assert library.delete_images(owner, MOST)

    assert [image.state for each in ids if (image := table.find_image(owner, each))] == [ImageState.GONE] * 4
    assert left(owner) == []
    assert not library.delete_images(owner, MOST)
    check()


def test_somebody_else_is_not_forgotten(
    library: Library, ingest: Ingest, table: Table, owner: str, photo: bytes, left: Left
) -> None:
    for who in (owner, "somebody else"):
        ingest.ingest(who, ingest.receive(who, upload(photo), max_bytes=MOST).id)
    before = left("somebody else")

    while library.delete_images(owner, MOST):
        pass

    assert left("somebody else") == before != []


def test_images_are_forgotten_some_at_a_time(library: Library, ingest: Ingest, table: Table, owner: str) -> None:
    for _ in range(5):
        ingest.offer(owner, name="beach.jpg", media_type="image/jpeg", size=1)

    left = []
    while library.delete_images(owner, 2):
        left.append(len(list(table.list_ids(owner))))

    assert left == [3, 1, 0]


def test_objects_without_an_image_are_forgotten_too(
    library: Library, ingest: Ingest, bucket: Bucket, owner: str, photo: bytes, left: Left
) -> None:
    image_id = new_id()
    for rendition in Rendition:
        bucket.claim(rendition.key(owner, image_id), upload(photo))

    assert library.delete_images(owner, MOST)

    assert left(owner) == []
    assert ingest.ingest(owner, image_id) is None


def test_what_is_deleted_while_it_is_forgotten_is_no_error(
    library: Library, ingest: Ingest, table: Table, dynamodb: "DynamoDBClient", owner: str, photo: bytes, left: Left
) -> None:
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)
    rival = Table(boto3.client("dynamodb"), TABLE_NAME)

    def overtake() -> None:
        with suppress(ImageChanged):
            rival.save(make_tombstone(pending), pending)

    with before(dynamodb, "dynamodb.TransactWriteItems", overtake):
        assert library.delete_images(owner, MOST)

    assert library.delete_images(owner, MOST)  # the bytes of the upload, which its rival did not get to remove
    assert left(owner) == []
    assert not library.delete_images(owner, MOST)


def test_who_is_ingesting_what_is_forgotten_meanwhile_leaves_no_object(
    library: Library, table: Table, bucket: Bucket, owner: str, photo: bytes, left: Left, check: Callable[[], None]
) -> None:
    class ForgottenMeanwhile(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            assert library.delete_images(owner, MOST)
            return []

    ingest = ingest_with(table, bucket, ForgottenMeanwhile)
    pending = ingest.receive(owner, upload(photo), max_bytes=MOST)

    now = ingest.ingest(owner, pending.id)

    assert now
    assert now.state == "gone"
    assert left(owner) == []
    check()


def test_what_waits_is_given_up_and_still_becomes_ready(
    ingest: Ingest, table: Table, owner: str, photo: bytes, check: Callable[[], None]
) -> None:
    image = ingest.receive(owner, upload(photo), max_bytes=MOST)

    ingest.give_up(owner, image.id)

    failed = table.get_image(owner, image.id)
    check()
    ready = ingest.ingest(owner, image.id)
    assert (failed.state, failed.reason) == ("failed", GIVEN_UP)
    assert ready
    assert (ready.state, ready.reason) == ("ready", "")
    check()


@pytest.mark.parametrize("data", [b"<html>", None])
def test_only_what_waits_is_given_up(ingest: Ingest, owner: str, photo: bytes, data: bytes | None) -> None:
    image = ingest.receive(owner, upload(data or photo), max_bytes=MOST)
    before = ingest.ingest(owner, image.id)

    ingest.give_up(owner, image.id)

    assert ingest.ingest(owner, image.id) == before


def test_what_is_not_there_is_not_given_up(ingest: Ingest, table: Table, owner: str) -> None:
    image_id = new_id()

    ingest.give_up(owner, image_id)

    assert table.find_image(owner, image_id) is None
