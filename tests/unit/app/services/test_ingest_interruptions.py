from collections.abc import Callable
from dataclasses import replace
from threading import Event

import cv2
import numpy as np
import pytest

from app.domain.ids import Rendition
from app.domain.images import Image, ImageState
from app.domain.ports import Images, Objects
from app.services.ingest import Ingest
from app.services.library import Library
from detector import Detection
from detector.pixels import Pixels
from tests.support.fakes import FakeDetector
from tests.support.stored_data import before_call
from tests.support.uploads import MAX_BYTES, list_keys, make_ingest, make_upload, replace_upload, store_original

TIMEOUT_SECONDS = 60  # for events that happen within milliseconds


class FailingDetector(FakeDetector):
    """Fails on every photo."""

    def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
        raise ZeroDivisionError


def test_ingest_after_interrupted_try_uses_the_stored_original(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    objects.claim(Rendition.ORIGINAL.key(owner, image.id), make_upload(photo))
    replace_upload(objects, image, cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[1].tobytes())

    ready = ingest.ingest(owner, image.id)

    assert ready
    assert (ready.width, ready.media_type, ready.sha256) == (64, "image/jpeg", make_upload(photo).sha256)
    check_consistency()


def test_ingest_of_tombstone_changes_nothing(
    ingest: Ingest, images: Images, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    gone = images.save(replace(image, state=ImageState.GONE), image)

    assert ingest.ingest(owner, image.id) == gone
    check_consistency()


def test_ingest_of_image_deleted_during_detection_leaves_no_object(
    images: Images, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    class DeletingDetector(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            images.save(replace(image, state=ImageState.GONE), image)
            return []

    ingest = make_ingest(images, objects, DeletingDetector)
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    after = ingest.ingest(owner, image.id)

    assert after
    assert after.state == "gone"
    check_consistency()


def test_ingest_after_purge_removes_the_late_upload(
    library: Library,
    ingest: Ingest,
    objects: Objects,
    owner: str,
    photo: bytes,
    ready: Image,
    check_consistency: Callable[[], None],
) -> None:
    library.trash(owner, ready.id)
    library.purge(owner, ready.id)
    replace_upload(objects, ready, photo)

    late = ingest.ingest(owner, ready.id)

    assert late
    assert late.state == "gone"
    assert list_keys(objects) == []
    check_consistency()


def test_ingest_of_invalid_upload_after_crash_uses_the_stored_original(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    store_original(objects, pending, photo)
    replace_upload(objects, pending, b"<html>")

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert (ready.state, ready.sha256) == ("ready", make_upload(photo).sha256)
    check_consistency()


def test_ingest_with_original_stored_by_another_try_uses_that_original(
    ingest: Ingest,
    images: Images,
    objects: Objects,
    owner: str,
    photo: bytes,
    check_consistency: Callable[[], None],
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    with before_call(images, "find_by_hash", lambda: store_original(objects, pending, photo + b"first")):
        ready = ingest.ingest(owner, pending.id)

    assert ready
    assert ready.sha256 == make_upload(photo + b"first").sha256
    check_consistency()


def test_ingest_detects_while_the_original_is_written(
    images: Images, objects: Objects, owner: str, photo: bytes
) -> None:
    detecting, writing = Event(), Event()

    class WaitingDetector(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            detecting.set()
            assert writing.wait(TIMEOUT_SECONDS)
            return []

    def write() -> None:
        assert detecting.wait(TIMEOUT_SECONDS)
        writing.set()

    ingest = make_ingest(images, objects, WaitingDetector)
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    with before_call(objects, "claim", write):
        ready = ingest.ingest(owner, pending.id)

    assert ready
    assert ready.state == "ready"


def test_ingest_with_failed_detection_and_write_raises_both_errors(
    images: Images, objects: Objects, owner: str, photo: bytes
) -> None:
    def fail() -> None:
        raise ConnectionError

    ingest = make_ingest(images, objects, FailingDetector)
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    with before_call(objects, "claim", fail), pytest.raises(ZeroDivisionError) as failed:
        ingest.ingest(owner, pending.id)

    assert isinstance(failed.value.__context__, ConnectionError)
    assert images.get_image(owner, pending.id) == pending


def test_ingest_after_failed_detection_makes_the_stored_original_ready(
    ingest: Ingest, images: Images, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    with pytest.raises(ZeroDivisionError):
        make_ingest(images, objects, FailingDetector).ingest(owner, pending.id)
    ingest.give_up(owner, pending.id)
    replace_upload(objects, pending, b"another file, uploaded with the same form")

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert (ready.state, ready.sha256) == ("ready", make_upload(photo).sha256)
    check_consistency()


def test_ingest_after_failed_detection_of_deleted_image_leaves_no_object(
    ingest: Ingest, images: Images, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    class DeletingDetector(FakeDetector):
        def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
            images.save(replace(pending, state=ImageState.GONE), pending)
            raise ZeroDivisionError

    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    with pytest.raises(ZeroDivisionError):
        make_ingest(images, objects, DeletingDetector).ingest(owner, pending.id)

    ingest.ingest(owner, pending.id)

    check_consistency()


def test_ingest_with_late_notification_keeps_the_image_in_the_trash(
    library: Library, ingest: Ingest, objects: Objects, owner: str, photo: bytes
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    calls: list[str] = []

    def finish_and_trash() -> None:
        if not calls:
            calls.append("find")
            ingest.ingest(owner, pending.id)
            library.trash(owner, pending.id)
            replace_upload(objects, pending, photo)

    with before_call(objects, "find", finish_and_trash):
        after = ingest.ingest(owner, pending.id)

    assert after
    assert after.state == "trashed"
