from collections.abc import Callable

import cv2
import numpy as np
import pytest

from app.domain.errors import InvalidPhoto, ObjectUnreadable, StorageFull, UnsupportedType, WrongSize
from app.domain.ids import DERIVED, Rendition, new_id
from app.domain.images import GIVEN_UP, MAX_UPLOAD_BYTES, Image
from app.domain.media_types import UNKNOWN_TYPE
from app.domain.ports import Images, Objects
from app.domain.query import parse
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.library import Library
from detector.pixels import read_header
from tests.support.fakes import FakeDetector
from tests.support.stored_data import before_call, unreadable
from tests.support.uploads import MAX_BYTES, list_keys, make_upload, replace_upload, store_original


def find_size(objects: Objects, image: Image, rendition: Rendition) -> tuple[int, int]:
    stored = objects.find(rendition.key(image.owner, image.id))
    assert stored
    header = read_header(stored.data)
    return header.width, header.height


def test_ingest_of_photo_makes_the_image_ready_and_searchable(
    ingest: Ingest,
    images: Images,
    detector: FakeDetector,
    owner: str,
    photo: bytes,
    check_consistency: Callable[[], None],
) -> None:
    detector.sees = {"person": 2, "dog": 1}
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert ready == images.get_image(owner, pending.id)
    assert (ready.state, ready.width, ready.height, ready.size, ready.model) == ("ready", 64, 48, len(photo), "fake@1")
    assert [summary.id for summary in images.search(owner, parse("person=2, dog"), 10).images] == [ready.id]
    check_consistency()


def test_receive_that_cannot_store_the_bytes_leaves_no_image(
    ingest: Ingest, images: Images, objects: Objects, owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageFull

    monkeypatch.setattr(objects, "claim", fail)

    with pytest.raises(StorageFull):
        ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    assert images.list_images(owner, 10).images == []


def test_ingest_of_photo_keeps_the_original_and_derives_the_other_objects(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    ingest.ingest(owner, image.id)

    assert objects.find(Rendition.ORIGINAL.key(owner, image.id)) == make_upload(photo)
    assert objects.find(Rendition.INCOMING.key(owner, image.id)) is None
    assert find_size(objects, image, Rendition.THUMBNAIL) == (64, 48)


def test_ingest_of_a_panorama_makes_larger_previews(ingest: Ingest, objects: Objects, owner: str) -> None:
    panorama = cv2.imencode(".jpg", np.zeros((300, 3000, 3), np.uint8))[1].tobytes()
    image = ingest.receive(owner, make_upload(panorama), max_bytes=MAX_UPLOAD_BYTES)

    ingest.ingest(owner, image.id)

    assert [find_size(objects, image, rendition) for rendition in sorted(DERIVED)] == [
        (2560, 256),  # the large thumbnail
        (2560, 256),
        (1280, 128),
    ]


@pytest.mark.parametrize("rendition", [Rendition.INCOMING, Rendition.ORIGINAL])
def test_ingest_stores_the_true_media_type(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes, rendition: Rendition
) -> None:
    image, _ = ingest.offer(owner, name="a.png", media_type="image/png", size=len(photo))
    objects.claim(rendition.key(owner, image.id), Upload(photo, "image/png", "a.png"))

    ready = ingest.ingest(owner, image.id)

    assert ready
    assert (ready.state, ready.media_type) == ("ready", "image/jpeg")
    original = objects.find(Rendition.ORIGINAL.key(owner, image.id))
    assert original == Upload(photo, "image/jpeg", "a.png")
    assert objects.find(Rendition.THUMBNAIL.key(owner, image.id))


def test_offer_creates_an_image_that_is_pending_until_its_bytes_arrive(
    ingest: Ingest, images: Images, owner: str
) -> None:
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
def test_offer_of_wrong_type_or_size_raises_and_creates_no_image(
    ingest: Ingest, images: Images, owner: str, media_type: str, size: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        ingest.offer(owner, name="x", media_type=media_type, size=size)

    assert images.list_images(owner, 10).images == []


@pytest.mark.parametrize(("data", "reason"), [(b"<html>", "photo."), (b"\xff\xd8\xff", "damaged or cut off.")])
def test_ingest_of_file_that_is_not_a_photo_fails_with_a_reason(
    ingest: Ingest, owner: str, data: bytes, reason: str, check_consistency: Callable[[], None]
) -> None:
    image = ingest.receive(owner, make_upload(data), max_bytes=MAX_BYTES)

    failed = ingest.ingest(owner, image.id)

    assert failed
    assert failed.state == "failed"
    assert failed.reason.endswith(reason)
    check_consistency()


def test_ingest_of_upload_above_the_limit_fails_with_a_reason(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    monkeypatch.setattr(f"{type(objects).__module__}.MAX_UPLOAD_BYTES", 10)

    failed = ingest.ingest(owner, image.id)

    assert failed
    assert "larger than" in failed.reason


@pytest.mark.parametrize("data", [b"<html>", None])
def test_ingest_with_repeated_notification_changes_nothing(
    ingest: Ingest, owner: str, photo: bytes, data: bytes | None, check_consistency: Callable[[], None]
) -> None:
    image = ingest.receive(owner, make_upload(data or photo), max_bytes=MAX_BYTES)

    first = ingest.ingest(owner, image.id)

    assert [ingest.ingest(owner, image.id) for _ in range(3)] == [first] * 3
    check_consistency()


def test_ingest_of_second_upload_to_the_same_form_keeps_the_ready_image(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ready = ingest.ingest(owner, image.id)

    replace_upload(objects, image, b"something else")

    assert ingest.ingest(owner, image.id) == ready
    assert objects.find(Rendition.ORIGINAL.key(owner, image.id)) == make_upload(photo)
    assert objects.find(Rendition.INCOMING.key(owner, image.id)) is None
    check_consistency()


def test_ingest_of_valid_upload_after_failed_one_makes_the_image_ready(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, make_upload(b"<html>"), max_bytes=MAX_BYTES)
    ingest.ingest(owner, image.id)

    replace_upload(objects, image, photo)
    ready = ingest.ingest(owner, image.id)

    assert ready
    assert (ready.state, ready.reason) == ("ready", "")


@pytest.mark.parametrize("failing", ["ingest", "give_up"])
def test_failed_image_keeps_its_original_until_it_is_deleted(
    ingest: Ingest,
    library: Library,
    objects: Objects,
    owner: str,
    failing: str,
    check_consistency: Callable[[], None],
) -> None:
    image = ingest.receive(owner, make_upload(b"<html>"), max_bytes=MAX_BYTES)
    original = Rendition.ORIGINAL.key(owner, image.id)

    if failing == "give_up":
        assert ingest.give_up(owner, image.id)
    failed = ingest.ingest(owner, image.id)

    assert failed
    assert (failed.state, failed.size, failed.media_type) == ("failed", 6, UNKNOWN_TYPE)
    assert objects.find(original) == Upload(b"<html>", UNKNOWN_TYPE, "beach.jpg")
    assert objects.find(Rendition.INCOMING.key(owner, image.id)) is None
    assert ingest.redetect(owner, image.id) == failed
    check_consistency()
    library.trash(owner, image.id)
    assert objects.find(original) is None


def test_give_up_of_an_unreadable_upload_keeps_it(ingest: Ingest, objects: Objects, owner: str, photo: bytes) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    incoming = Rendition.INCOMING.key(owner, image.id)

    with unreadable(objects, incoming):
        with pytest.raises(ObjectUnreadable):
            ingest.ingest(owner, image.id)
        assert ingest.give_up(owner, image.id)

    assert objects.find(incoming) == make_upload(photo)


def test_failed_image_keeps_its_first_original(ingest: Ingest, objects: Objects, owner: str) -> None:
    image = ingest.receive(owner, make_upload(b"<html>"), max_bytes=MAX_BYTES)
    ingest.ingest(owner, image.id)

    replace_upload(objects, image, b"<svg>")
    failed = ingest.ingest(owner, image.id)

    assert failed
    assert (failed.state, failed.size) == ("failed", 6)
    assert objects.find(Rendition.ORIGINAL.key(owner, image.id)) == Upload(b"<html>", UNKNOWN_TYPE, "beach.jpg")
    assert objects.find(Rendition.INCOMING.key(owner, image.id)) is None


def test_retry_of_failed_image_corrects_the_media_type_of_its_original(
    ingest: Ingest, objects: Objects, owner: str
) -> None:
    image = ingest.receive(owner, make_upload(b"<html>"), max_bytes=MAX_BYTES)
    store_original(objects, image, b"<html>")

    failed = ingest.ingest(owner, image.id)

    assert failed
    assert failed.state == "failed"
    assert objects.find(Rendition.ORIGINAL.key(owner, image.id)) == Upload(b"<html>", UNKNOWN_TYPE, "beach.jpg")


def test_failed_image_keeps_an_original_that_another_attempt_has_stored(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, make_upload(b"<html>"), max_bytes=MAX_BYTES)
    original = Rendition.ORIGINAL.key(owner, image.id)

    with before_call(objects, "claim", lambda: objects.replace(original, make_upload(photo))):
        ingest.ingest(owner, image.id)

    assert objects.find(original) == make_upload(photo)


def test_give_up_of_image_that_becomes_ready_meanwhile_changes_nothing(
    ingest: Ingest, objects: Objects, images: Images, owner: str, photo: bytes
) -> None:
    image, _ = ingest.offer(owner, name="a.png", media_type="image/png", size=len(photo))

    def finish() -> None:
        replace_upload(objects, image, photo)
        ingest.ingest(owner, image.id)

    with before_call(images, "get_image", finish):
        assert not ingest.give_up(owner, image.id)

    ready = images.get_image(owner, image.id)
    assert (ready.state, ready.media_type) == ("ready", "image/jpeg")


def test_give_up_of_an_upload_that_is_too_large_leaves_it(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    with monkeypatch.context() as patch:
        patch.setattr(f"{type(objects).__module__}.MAX_UPLOAD_BYTES", 10)

        assert ingest.give_up(owner, image.id)

    assert objects.find(Rendition.INCOMING.key(owner, image.id)) == make_upload(photo)


def test_give_up_of_image_that_is_deleted_meanwhile_leaves_no_object(
    ingest: Ingest, library: Library, images: Images, objects: Objects, owner: str
) -> None:
    image = ingest.receive(owner, make_upload(b"<html>"), max_bytes=MAX_BYTES)

    with before_call(objects, "claim", lambda: images.delete_images(owner, 1)):
        assert not ingest.give_up(owner, image.id)

    assert [*objects.list_keys("originals/"), *objects.list_keys("incoming/")] == []


def test_ingest_of_upload_with_expired_row_creates_the_image(
    ingest: Ingest, objects: Objects, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    image_id = new_id()
    objects.claim(Rendition.INCOMING.key(owner, image_id), make_upload(photo))

    ready = ingest.ingest(owner, image_id)

    assert ready
    assert (ready.state, ready.name, ready.version) == ("ready", "beach.jpg", 1)
    check_consistency()


def test_ingest_without_image_and_upload_returns_none(ingest: Ingest, images: Images, owner: str) -> None:
    assert ingest.ingest(owner, new_id()) is None
    assert images.list_images(owner, 10).images == []


def test_detect_picture_returns_detections_and_stores_nothing(
    ingest: Ingest, images: Images, objects: Objects, detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"Dog": 2}

    result = ingest.detect_picture(photo, max_bytes=MAX_BYTES)

    assert [each.label for each in result.detections] == ["Dog", "Dog"]
    assert list_keys(objects) == []


@pytest.mark.parametrize(
    ("data", "error"), [(b"", WrongSize), (b"x" * (MAX_BYTES + 1), WrongSize), (b"x", InvalidPhoto)]
)
def test_detect_picture_of_invalid_file_raises(ingest: Ingest, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        ingest.detect_picture(data, max_bytes=MAX_BYTES)


def test_give_up_of_pending_image_marks_it_failed_until_it_is_ingested(
    ingest: Ingest, images: Images, owner: str, photo: bytes, check_consistency: Callable[[], None]
) -> None:
    image = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    ingest.give_up(owner, image.id)

    failed = images.get_image(owner, image.id)
    check_consistency()
    ready = ingest.ingest(owner, image.id)
    assert (failed.state, failed.reason) == ("failed", GIVEN_UP)
    assert ready
    assert (ready.state, ready.reason) == ("ready", "")
    check_consistency()


@pytest.mark.parametrize("data", [b"<html>", None])
def test_give_up_of_image_that_is_not_pending_changes_nothing(
    ingest: Ingest, owner: str, photo: bytes, data: bytes | None
) -> None:
    image = ingest.receive(owner, make_upload(data or photo), max_bytes=MAX_BYTES)
    before = ingest.ingest(owner, image.id)

    ingest.give_up(owner, image.id)

    assert ingest.ingest(owner, image.id) == before


def test_give_up_of_unknown_image_creates_nothing(ingest: Ingest, images: Images, owner: str) -> None:
    image_id = new_id()

    ingest.give_up(owner, image_id)

    assert images.find_image(owner, image_id) is None
