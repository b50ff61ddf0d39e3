from dataclasses import replace
from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from app.domain.edits import TagChange
from app.domain.images import MAX_UPLOAD_BYTES, Image
from app.domain.ports import Images
from app.services.ingest import Ingest
from app.services.library import Library
from detector.picture_hash import hash_picture
from tests.support.fakes import FakeDetector
from tests.support.picture_hashes import skip_links
from tests.support.pictures import paint_picture
from tests.support.uploads import IngestBytes


@pytest.fixture
def jpeg() -> bytes:
    return cv2.imencode(".jpg", paint_picture(1, 160, 120))[1].tobytes()


@pytest.fixture
def image(ingest_bytes: IngestBytes, jpeg: bytes) -> Image:
    return ingest_bytes(jpeg)


def test_ingest_stores_the_picture_hash_which_edits_keep(
    image: Image, jpeg: bytes, library: Library, images: Images, owner: str
) -> None:
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None

    library.retag(owner, image.id, [TagChange("fox", 1)])

    assert images.get_image(owner, image.id).picture_hash == hash_picture(pixels) != ""


def test_detection_halves_a_photo_before_the_model_and_keeps_its_hash(
    ingest: Ingest, detector: FakeDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detector, "detect", received := Mock(return_value=[]))
    pixels = paint_picture(1, 1856, 960)

    result = ingest.detect_picture(cv2.imencode(".png", pixels)[1].tobytes(), max_bytes=MAX_UPLOAD_BYTES)

    assert received.call_args.args[0].shape == (240, 464, 3)
    assert (result.header.width, result.picture_hash) == (1856, hash_picture(pixels))


def test_redetection_adds_the_picture_hash_to_an_older_image(
    image: Image, library: Library, ingest: Ingest, owner: str
) -> None:
    library.change(owner, image.id, lambda current: replace(current, picture_hash=""))

    assert ingest.redetect(owner, image.id).picture_hash == image.picture_hash


def test_ingest_of_a_repeated_message_completes_the_group(
    image: Image, jpeg: bytes, ingest: Ingest, ingest_bytes: IngestBytes, images: Images, owner: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        skip_links(patch, images)
        copy = ingest_bytes(jpeg + b"another file")
    before = images.similar.list_grouped(owner, "~", 10)

    ingest.ingest(owner, copy.id)

    assert before == []
    assert [each.id for each in images.similar.list_grouped(owner, "~", 10)] == [copy.id, image.id]
