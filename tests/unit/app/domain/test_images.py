from datetime import UTC, datetime

from app.domain import images
from app.domain.images import Image, ImageState
from app.domain.tags import TagEdit
from detector import BoundingBox, Detection
from tests.support.domain_images import make_detections, make_image
from tests.support.fakes import PHOTO_METADATA

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_tags_of_image_count_its_detections() -> None:
    assert make_image(detections=make_detections(dog=1, person=2)).tags == {"person": 2, "dog": 1}


def test_tags_of_edited_image_use_edited_counts_and_omit_rejected_tags() -> None:
    edits = {"person": TagEdit(3, NOW), "dog": TagEdit(0, NOW), "beach": TagEdit(1, NOW)}

    assert make_image(detections=make_detections(dog=1, person=2, cat=1), edits=edits).tags == {
        "person": 3,
        "cat": 1,
        "beach": 1,
    }


def test_round_detections_rounds_edges_and_confidences() -> None:
    detection = Detection("dog", 0.123456, BoundingBox(0.04, 1.06, 2.123, 3.0))

    assert images.round_detections([detection]) == (Detection("dog", 0.1235, BoundingBox(0.0, 1.1, 2.1, 3.0)),)


def test_make_tombstone_keeps_only_id_and_version() -> None:
    before = make_image(
        detections=make_detections(dog=1),
        edits={"cat": TagEdit(1, NOW)},
        sha256="ab",
        model="m@1",
        width=64,
        height=48,
        taken=PHOTO_METADATA.taken,
        metadata=PHOTO_METADATA,
        trashed_at=NOW,
        version=3,
    )

    tombstone = images.make_tombstone(before, duplicate_of="j")

    assert tombstone == Image(
        owner="o", id="i", state=ImageState.GONE, name="", media_type="", size=0, version=3, duplicate_of="j"
    )


def test_give_up_of_an_image_that_is_not_pending_changes_nothing() -> None:
    image = make_image()

    assert images.give_up(image) is image
