from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.aws import items
from app.domain.ids import created_at, new_id
from app.domain.images import Image, ImageState, ImageSummary, make_tombstone
from app.domain.outbox import OutboxKind, OutboxRow, outbox_id
from app.domain.tags import TagEdit
from tests.support.fakes import image

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def through_dynamodb(item: items.Item) -> items.Item:
    return items.values(items.attributes(item))


def test_an_image_comes_back_from_its_row(owner: str) -> None:
    whole = replace(
        image(owner, ImageState.TRASHED, dog=2),
        taken_at=MOMENT,
        trashed_at=MOMENT,
        width=64,
        height=48,
        version=3,
        model="m@1",
        edits={"cat": TagEdit(2, MOMENT), "dog": TagEdit(0, MOMENT)},
    )

    assert items.to_image(owner, through_dynamodb(items.image_item(whole))) == whole


def test_a_card_comes_back_from_a_row_of_the_index(owner: str) -> None:
    card = ImageSummary(
        owner=owner,
        id="i",
        state=ImageState.READY,
        name="a",
        media_type="image/png",
        size=1,
        taken_at=MOMENT,
        tags={"a": 1},
    )

    assert items.to_summary(owner, through_dynamodb(items.summary_item(card))) == card


@pytest.mark.parametrize("before", [None, {}, {"dog": 1}])
def test_an_outbox_row_comes_back_as_it_was(owner: str, before: dict[str, int] | None) -> None:
    row = OutboxRow(owner, "o", OutboxKind.ANNOUNCE, "i", 2, before, {"dog": 2}, 1_800_000_000)

    assert items.to_outbox_row(through_dynamodb(items.outbox_item(row))) == row


def test_a_row_tells_when_it_was_made_however_often_it_is_postponed(owner: str) -> None:
    one = new_id()
    row = OutboxRow(owner, outbox_id(0, one), OutboxKind.DELETE_ACCOUNT, "", 0, None, {}, 0)

    assert row.created_at == replace(row, due_at=1_800_000_000).created_at == int(created_at(one).timestamp())


def test_the_shards_of_the_index_of_due_rows_hold_every_owner() -> None:
    rows = [OutboxRow(f"{owner}", "o", OutboxKind.PURGE, "i", 1, None, {}, 0) for owner in range(100)]
    shards = {items.outbox_item(row)["due_shard"] for row in rows}

    assert shards == {str(shard) for shard in range(items.SHARDS)}


def test_an_upload_that_never_came_expires_a_day_after_it_was_offered(owner: str) -> None:
    pending = image(owner, ImageState.PENDING)

    expires_at = items.image_item(pending)["expires_at"]

    assert expires_at == int((created_at(pending.id) + timedelta(days=1)).timestamp())


def test_a_tombstone_expires_after_thirty_days(owner: str) -> None:
    expires_at = items.image_item(make_tombstone(image(owner)))["expires_at"]

    left = datetime.fromtimestamp(expires_at, UTC) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


@pytest.mark.parametrize("state", [ImageState.READY, ImageState.FAILED, ImageState.TRASHED])
def test_any_other_image_stays(owner: str, state: ImageState) -> None:
    assert "expires_at" not in items.image_item(image(owner, state))


def test_no_two_rows_share_a_key(owner: str) -> None:
    one: Image = image(owner, dog=1)
    out = OutboxRow(owner, one.id, OutboxKind.PURGE, one.id, 1, None, {}, 0)
    keys = [
        items.image_key(owner, one.id),
        items.index_key(one, "dog"),
        items.counter_key(one, "dog"),
        items.hash_key(owner, one.id),
        items.outbox_key(out),
        items.subscription_key(owner, one.id),
        items.profile_key(owner),
    ]

    assert len({(key["pk"], key["sk"]) for key in keys}) == len(keys)
    assert all(key["pk"].startswith(f"U#{owner}") for key in keys)
