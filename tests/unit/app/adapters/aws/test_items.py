from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.aws import items
from app.domain.announcements import Announcement
from app.domain.ids import created_at, new_id
from app.domain.images import Image, ImageState, ImageSummary, make_tombstone
from app.domain.outbox import OutboxKind, OutboxRow, outbox_id
from app.domain.tags import TagEdit
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.fakes import PHOTO_METADATA, image

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def convert_through_dynamodb(item: items.Item) -> items.Item:
    return items.values(items.attributes(item))


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

    assert items.to_summary(owner, convert_through_dynamodb(items.summary_item(summary))) == summary


def test_to_outbox_row_of_outbox_item_returns_the_row(owner: str) -> None:
    row = OutboxRow(owner, "o", OutboxKind.PURGE, "i", 2, 1_800_000_000)

    assert items.to_outbox_row(convert_through_dynamodb(items.outbox_item(row))) == row


@pytest.mark.parametrize("tags", [None, {}, {"dog": 2}])
def test_to_announcement_of_announcement_item_returns_the_announcement(owner: str, tags: dict[str, int] | None) -> None:
    announcement = Announcement(owner, "i", 2, 1_800_000_000, tags, tags is not None, {"cat": 1}, is_ready=True)
    item = items.announcement_key(owner, "i") | items.announcement_item(announcement)

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
        items.image_key(owner, dog.id),
        items.index_key(dog, "dog"),
        items.counter_key(dog, "dog"),
        items.hash_key(owner, dog.id),
        items.outbox_key(row),
        items.outbox_owner_key(owner),
        items.announcement_key(owner, dog.id),
        items.subscription_key(owner, dog.id),
        items.profile_key(owner),
    ]

    assert len({(key["pk"], key["sk"]) for key in keys}) == len(keys)
    assert all(key["pk"].startswith(f"U#{owner}") for key in keys)
