import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.aws import items, row_keys
from app.domain.announcements import Announcement
from app.domain.boxes import MAX_DRAWN
from app.domain.corrections import Correction, DrawnBox
from app.domain.ids import created_at, new_id
from app.domain.images import Image, ImageState, ImageSummary, make_tombstone
from app.domain.outbox import OutboxKind, OutboxRow, outbox_id
from app.domain.plans import View
from app.domain.tags import TagEdit
from detector import BoundingBox
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.fakes import PHOTO_METADATA, image

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def convert_through_dynamodb(item: row_keys.Item) -> row_keys.Item:
    return row_keys.values(row_keys.attributes(item))


def test_to_image_of_image_item_returns_the_image(owner: str) -> None:
    stored = replace(
        image(owner, ImageState.TRASHED, dog=2),
        taken=PHOTO_METADATA.taken,
        metadata=PHOTO_METADATA,
        trashed_at=NOON,
        width=64,
        height=48,
        version=3,
        model="m@1",
        edits={"cat": TagEdit(2, NOON), "dog": TagEdit(0, NOON)},
    )

    assert items.to_image(owner, convert_through_dynamodb(items.image_item(stored))) == stored


def test_to_image_of_earlier_version_has_no_metadata(owner: str) -> None:
    stored = image(owner, dog=2)
    item = items.image_item(stored) | {"taken_at": "2026-01-31T12:00:00+02:00"}
    del item["metadata"]

    taken = CaptureTime(datetime(2026, 1, 31, 12), TimeSource.EXIF, timedelta(hours=2))  # noqa: DTZ001 - a local time
    assert items.to_image(owner, convert_through_dynamodb(item)) == replace(stored, taken=taken)


def test_image_item_of_earlier_version_has_no_drawn_boxes(owner: str) -> None:
    stored = image(owner, dog=2)
    confirmed = replace(stored, corrections=(Correction("dog", stored.detections[0].box, "dog", NOON),))

    item = items.image_item(confirmed)

    assert "drawn" not in item
    assert item["corrections"][0].keys() == {"detected_label", "box", "label", "at"}


def test_image_item_of_many_boxes_is_small(owner: str) -> None:
    box = BoundingBox(1234.5, 1234.6, 3456.7, 2345.6)
    stored = image(owner, dog=1)
    drawn = tuple(DrawnBox(new_id(), "dining table", box, NOON) for _ in range(MAX_DRAWN))

    assert len(json.dumps(row_keys.attributes(items.image_item(replace(stored, drawn=drawn))))) < 40_000


def test_to_summary_of_summary_item_returns_the_summary(owner: str) -> None:
    summary = ImageSummary(
        owner=owner,
        id="i",
        state=ImageState.READY,
        name="a",
        media_type="image/png",
        size=1,
        taken=PHOTO_METADATA.taken,
        tags={"a": 1},
    )

    assert items.to_summary(owner, row_keys.attributes(items.summary_item(summary))) == summary


def test_to_outbox_row_of_outbox_item_returns_the_row(owner: str) -> None:
    row = OutboxRow(owner, "o", OutboxKind.PURGE, "i", 2, 1_800_000_000)

    assert items.to_outbox_row(convert_through_dynamodb(items.outbox_item(row))) == row


@pytest.mark.parametrize("taken", [None, PHOTO_METADATA.taken])
@pytest.mark.parametrize("is_new", [True, False])
def test_to_announcement_of_announcement_item_returns_the_announcement(
    owner: str,
    taken: CaptureTime | None,
    is_new: bool,  # noqa: FBT001
) -> None:
    before = None if is_new else image(owner, dog=2).snapshot
    after = replace(image(owner, cat=1), taken=taken).snapshot
    announcement = Announcement(owner, after.id, 2, 1_800_000_000, before, not is_new, after, is_ready=True)
    if before:
        announcement = replace(announcement, before=replace(before, id=after.id))
    item = row_keys.announcement_key(owner, after.id) | items.announcement_item(announcement)

    assert items.to_announcement(owner, convert_through_dynamodb(item)) == announcement


def test_to_announcement_of_earlier_version_has_the_time_of_the_upload(owner: str) -> None:
    after = image(owner, dog=2).snapshot
    announcement = Announcement(
        owner, f"{after.id}#3", 3, 1_800_000_000, None, was_ready=False, after=after, is_ready=True
    )
    item = row_keys.announcement_key(owner, announcement.id) | items.announcement_item(announcement)
    del item["before_taken"], item["after_taken"]

    assert items.to_announcement(owner, convert_through_dynamodb(item)) == announcement


def test_created_at_of_postponed_row_does_not_change(owner: str) -> None:
    unique_id = new_id()
    row = OutboxRow(owner, outbox_id(0, unique_id), OutboxKind.DELETE_ACCOUNT, "", 0, 0)

    assert row.created_at == replace(row, due_at=1_800_000_000).created_at == int(created_at(unique_id).timestamp())


def test_image_item_of_pending_image_expires_a_day_after_its_creation(owner: str) -> None:
    pending = image(owner, ImageState.PENDING)

    expires_at = items.image_item(pending)["expires_at"]

    assert expires_at == int((created_at(pending.id) + timedelta(days=1)).timestamp())


def test_image_item_of_tombstone_expires_in_thirty_days(owner: str) -> None:
    expires_at = items.image_item(make_tombstone(image(owner)))["expires_at"]

    lifetime = datetime.fromtimestamp(expires_at, UTC) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < lifetime <= timedelta(days=30)


@pytest.mark.parametrize("state", [ImageState.READY, ImageState.FAILED, ImageState.TRASHED])
def test_image_item_of_stored_or_failed_image_does_not_expire(owner: str, state: ImageState) -> None:
    assert "expires_at" not in items.image_item(image(owner, state))


def test_keys_of_all_row_types_are_distinct(owner: str) -> None:
    dog: Image = image(owner, dog=1)
    row = OutboxRow(owner, dog.id, OutboxKind.PURGE, dog.id, 1, 0)
    keys = [
        row_keys.image_key(owner, dog.id),
        {"pk": row_keys.tag_partition(owner, "dog"), "sk": dog.sort_key},
        {"pk": row_keys.view_partition(owner, View.READY), "sk": dog.sort_key},
        {"pk": row_keys.view_partition(owner, View.UNTAGGED), "sk": dog.sort_key},
        row_keys.usage_key(dog),
        row_keys.counter_key(dog, "dog"),
        row_keys.hash_key(owner, dog.id),
        row_keys.outbox_key(row),
        row_keys.outbox_owner_key(owner),
        row_keys.announcement_key(owner, dog.id),
        row_keys.subscription_key(owner, dog.id),
        row_keys.profile_key(owner),
    ]

    assert len({(key["pk"], key["sk"]) for key in keys}) == len(keys)
    assert all(key["pk"].startswith(f"U#{owner}") for key in keys)
