from datetime import UTC, datetime, timedelta

import pytest

from app.domain import images
from app.domain.corrections import Correction
from app.domain.images import Image, ImageState, ImageSummary
from app.domain.snapshots import Snapshot
from app.domain.tags import MAX_COUNT, TagEdit
from detector import CERTAIN_CONFIDENCE, BoundingBox, Detection
from detector.metadata.values import CaptureTime, Metadata, TimeSource
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


UPLOADED = "01jd8xk3v5m0z8q4n2c7r9t1wy"  # 2024-11-22T03:10:32.293Z
SUMMER = CaptureTime(datetime.fromisoformat("2019-07-28T01:03:00.5"), TimeSource.EXIF, timedelta(hours=9))
FUTURE = CaptureTime(datetime.fromisoformat("2106-02-07T06:28:15"), TimeSource.EXIF, plausible=False)


@pytest.mark.parametrize(
    ("image", "sorted_at"),
    [
        (make_image(id=UPLOADED, taken=SUMMER), "2019-07-28T01:03:00"),
        (make_image(id=UPLOADED, taken=FUTURE), "!2106-02-07T06:28:15"),
        (make_image(id=UPLOADED), "2024-11-22T03:10:32"),
        (make_image(id=UPLOADED, taken=SUMMER, state=ImageState.PENDING), "2024-11-22T03:10:32"),
        (make_image(id=UPLOADED, taken=SUMMER, state=ImageState.FAILED), "2024-11-22T03:10:32"),
        (make_image(id=UPLOADED, taken=SUMMER, state=ImageState.TRASHED), "2024-11-22T03:10:32"),
        (
            make_image(
                id=UPLOADED,
                taken=SUMMER,
                state=ImageState.TRASHED,
                trashed_at=datetime.fromisoformat("2026-01-31T01:00:00.9+02:00"),
            ),
            "2026-01-30T23:00:00",
        ),
    ],
)
def test_sorted_at_is_the_time_by_which_the_list_of_its_state_is_sorted(image: Image, sorted_at: str) -> None:
    assert image.sorted_at == sorted_at
    assert image.sort_key == f"{sorted_at}#{UPLOADED}"
    assert image.added_key == f"2024-11-22T03:10:32#{UPLOADED}"


@pytest.mark.parametrize(
    ("taken", "month", "is_undated"), [(SUMMER, "2019-07", False), (FUTURE, "", False), (None, "2024-11", True)]
)
def test_month_is_that_of_a_plausible_capture_time(taken: CaptureTime | None, month: str, *, is_undated: bool) -> None:
    image = make_image(id=UPLOADED, taken=taken)

    assert (image.month, image.is_undated) == (month, is_undated)


def test_snapshot_of_image_in_the_trash_equals_that_of_the_ready_image() -> None:
    image = make_image(id=UPLOADED, taken=SUMMER, detections=make_detections(dog=1))

    assert image.snapshot == Snapshot({"dog": 1}, UPLOADED, "2019-07-28T01:03:00", undated=False, certain={"dog": 1})
    assert images.move_to_trash(image, NOW).snapshot == image.snapshot


def make_unsure(*confidences: float, label: str = "dog") -> tuple[Detection, ...]:
    return tuple(
        Detection(label, confidence, BoundingBox(0, row, 1, row + 1)) for row, confidence in enumerate(confidences)
    )


def correct(detection: Detection, label: str | None, *, renamed: bool = False) -> Correction:
    return Correction(detection.label, detection.box, label, NOW, renamed=renamed)


def test_certain_counts_confident_detections() -> None:
    image = make_image(detections=make_unsure(0.9, CERTAIN_CONFIDENCE, CERTAIN_CONFIDENCE - 0.0001))

    assert (image.tags, image.certain, image.doubt) == ({"dog": 3}, {"dog": 2}, 1)


def test_certain_of_unsure_tag_has_no_entry() -> None:
    image = make_image(detections=make_unsure(0.2))

    assert (image.tags, image.certain, image.doubt) == ({"dog": 1}, {}, 1)


def test_certain_counts_detections_that_a_person_has_checked() -> None:
    first, second, third = detections = make_unsure(0.3, 0.2, 0.1)
    corrections = correct(first, "dog"), correct(second, "cat"), correct(third, None)

    image = make_image(detections=detections, corrections=corrections)

    assert (image.tags, image.certain, image.doubt) == ({"cat": 1, "dog": 1}, {"cat": 1, "dog": 1}, 0)


def test_certain_does_not_count_detections_whose_tag_was_renamed() -> None:
    detections = make_unsure(0.9, 0.2)

    image = make_image(detections=detections, corrections=[correct(each, "cat", renamed=True) for each in detections])

    assert (image.tags, image.certain) == ({"cat": 2}, {"cat": 1})


def test_certain_counts_an_edit_in_whole_and_at_least_one_of_a_keyword() -> None:
    image = make_image(
        detections=make_unsure(0.9, 0.9, 0.2) + make_unsure(0.2, 0.1, label="cat"),
        edits={"dog": TagEdit(1, NOW), "bird": TagEdit(7, NOW), "cow": TagEdit(5, NOW, 3), "fox": TagEdit(0, NOW)},
        metadata=Metadata(keywords=("cat", "beach")),
    )

    assert image.tags == {"dog": 1, "bird": 7, "cow": 5, "cat": 2, "beach": 1}
    assert image.certain == {"dog": 1, "bird": 7, "cow": 3, "cat": 1, "beach": 1}
    assert image.doubt == 3


def test_doubt_is_at_most_the_largest_count() -> None:
    tags = {"dog": MAX_COUNT, "cat": MAX_COUNT}

    assert (
        ImageSummary(owner="o", id="i", state=ImageState.READY, name="", media_type="", size=1, tags=tags).doubt
        == MAX_COUNT
    )
