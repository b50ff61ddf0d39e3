from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from app.adapters.aws import paging
from app.adapters.aws.images import DynamoImages
from app.adapters.aws.items import SHARDS, between, partition_of
from app.adapters.aws.outbox import DynamoOutbox
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.adapters.aws.transactions import MAX_ATTEMPTS
from app.domain.errors import ImageChanged, ImageNotFound, InvalidCursor, PhotoExists, Unavailable
from app.domain.ids import new_id
from app.domain.images import Image, ImageState, ImageSummary, make_tombstone
from app.domain.query import parse
from app.domain.tags import MAX_TAGS, TagEdit, TagTotal
from tests.support.aws import TABLE_NAME
from tests.support.fakes import image
from tests.support.invariants import check_invariants

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@contextmanager
def record_calls(client: "DynamoDBClient", call: str) -> Iterator[list[dict[str, Any]]]:
    """Yield a list that receives the arguments of every such call."""
    calls: list[dict[str, Any]] = []

    def record(params: dict[str, Any], **_: object) -> None:
        calls.append(params)

    event = f"provide-client-params.dynamodb.{call}"
    client.meta.events.register(event, record)
    try:
        yield calls
    finally:
        client.meta.events.unregister(event, record)


def search(images: DynamoImages, owner: str, text: str) -> list[str]:
    return [summary.id for summary in images.search(owner, parse(text), 100).images]


def test_get_image_returns_the_saved_image(images: DynamoImages, owner: str) -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    original = replace(image(owner, dog=1), taken_at=noon, edits={"cat": TagEdit(2, noon)}, sha256="ab", model="m@1")

    saved = images.save(original)

    assert saved.version == 1
    assert images.get_image(owner, original.id) == saved
    assert saved.tags == {"dog": 1, "cat": 2}


def test_save_of_new_image_writes_index_and_counters(images: DynamoImages, owner: str) -> None:
    first, second = images.save(image(owner, dog=2, person=1)), images.save(image(owner, dog=1))

    assert search(images, owner, "dog") == sorted([first.id, second.id], reverse=True)
    assert search(images, owner, "dog>=2") == [first.id]
    assert images.count_tags(owner) == [TagTotal("dog", 2, 3), TagTotal("person", 1, 1)]
    check_invariants(TABLE_NAME)


def test_save_of_changed_tags_updates_index_and_counters(images: DynamoImages, owner: str) -> None:
    before = images.save(image(owner, dog=2, person=1))

    images.save(
        replace(
            before, detections=(), edits={"dog": TagEdit(5, datetime.now(UTC)), "cat": TagEdit(1, datetime.now(UTC))}
        ),
        before,
    )

    assert images.count_tags(owner) == [TagTotal("cat", 1, 1), TagTotal("dog", 1, 5)]
    assert search(images, owner, "person") == []
    assert search(images, owner, "dog=5, cat") == [before.id]
    check_invariants(TABLE_NAME)


@pytest.mark.parametrize("state", [ImageState.PENDING, ImageState.FAILED, ImageState.TRASHED, ImageState.GONE])
def test_save_of_image_that_is_no_longer_ready_removes_it_from_searches(
    images: DynamoImages, owner: str, state: ImageState
) -> None:
    before = images.save(image(owner, dog=1))

    images.save(replace(before, state=state), before)

    assert search(images, owner, "dog") == []
    assert images.count_tags(owner) == []
    check_invariants(TABLE_NAME)


def test_save_with_every_tag_replaced_fits_in_one_transaction(images: DynamoImages, owner: str) -> None:
    labels = [f"label {number}" for number in range(2 * MAX_TAGS)]
    before = images.save(image(owner, counts=dict.fromkeys(labels[:MAX_TAGS], 1)))

    other_detections = image(owner, counts=dict.fromkeys(labels[MAX_TAGS:], 1)).detections
    images.save(replace(before, detections=other_detections, redetection=new_id()), before)

    assert {total.tag for total in images.count_tags(owner)} == set(labels[MAX_TAGS:])
    check_invariants(TABLE_NAME)


def make_full_image(owner: str, state: ImageState, start: int = 0) -> Image:
    """Return an image with as many tags as are allowed."""
    return image(owner, state, dict.fromkeys((f"label {number}" for number in range(start, start + MAX_TAGS)), 1))


@pytest.mark.parametrize(
    ("state", "next_state", "actions"),
    [
        (None, ImageState.READY, 1 + 24 + 24 + 3),  # the row, index rows, counters; hash, usage, outbox row
        (ImageState.PENDING, ImageState.READY, 1 + 24 + 24 + 3),
        (ImageState.READY, ImageState.TRASHED, 1 + 24 + 24 + 1),
        (ImageState.TRASHED, ImageState.READY, 1 + 24 + 24),
        (ImageState.READY, ImageState.GONE, 1 + 24 + 24 + 3),
        (ImageState.TRASHED, ImageState.GONE, 1 + 3),
        (ImageState.PENDING, ImageState.GONE, 1 + 1),
        (ImageState.READY, ImageState.READY, 1 + 48 + 48 + 1),  # every tag replaced, with the same bytes
    ],
)
def test_save_of_image_with_all_tags_fits_in_one_transaction(
    images: DynamoImages,
    dynamodb: "DynamoDBClient",
    owner: str,
    state: ImageState | None,
    next_state: ImageState,
    actions: int,
) -> None:
    before = images.save(make_full_image(owner, state)) if state else None
    after = make_full_image(owner, next_state, MAX_TAGS if state is next_state else 0)
    if before:
        after = replace(after, id=before.id, sha256=before.sha256)

    with record_calls(dynamodb, "TransactWriteItems") as transactions:
        images.save(after, before)

    assert [len(call["TransactItems"]) for call in transactions] == [actions]
    assert actions <= 99
    check_invariants(TABLE_NAME)


def test_save_of_outdated_version_raises_image_changed(images: DynamoImages, owner: str) -> None:
    first = images.save(image(owner, dog=1))
    second = images.save(replace(first, name="winner"), first)

    with pytest.raises(ImageChanged):
        images.save(replace(first, name="loser"), first)
    with pytest.raises(ImageChanged):
        images.save(replace(first, name="loser"))

    assert images.get_image(owner, first.id) == second


def test_reads_by_another_owner_return_nothing(images: DynamoImages, owner: str) -> None:
    saved = images.save(image(owner, dog=1))

    with pytest.raises(ImageNotFound):
        images.get_image("another owner", saved.id)
    assert search(images, "another owner", "dog") == []
    assert images.list_images("another owner", 10).images == []
    assert images.count_tags("another owner") == []


@pytest.mark.parametrize("image_id", ["", "x", "IMAGE#", "0" * 26])
def test_get_image_with_unknown_id_raises_image_not_found(images: DynamoImages, owner: str, image_id: str) -> None:
    with pytest.raises(ImageNotFound):
        images.get_image(owner, image_id)


def test_get_image_of_tombstone_raises_image_not_found(images: DynamoImages, owner: str) -> None:
    gone = images.save(image(owner, ImageState.GONE))

    with pytest.raises(ImageNotFound):
        images.get_image(owner, gone.id)
    assert images.find_image(owner, gone.id) == gone


def test_list_images_returns_undeleted_images_newest_first(images: DynamoImages, owner: str) -> None:
    saved = [images.save(image(owner, state)) for state in ImageState]

    ids = [summary.id for summary in images.list_images(owner, 10).images]

    expected = [each.id for each in saved if each.state not in {ImageState.TRASHED, ImageState.GONE}]
    assert ids == sorted(expected, reverse=True)


def test_list_details_returns_whole_ready_images(images: DynamoImages, owner: str) -> None:
    edits = {"cat": TagEdit(2, datetime(2026, 1, 31, 12, tzinfo=UTC))}
    saved = {state: images.save(replace(image(owner, state, dog=1), edits=edits, model="m@1")) for state in ImageState}

    assert images.list_details(owner, 10).images == [saved[ImageState.READY]]
    assert images.list_details("another owner", 10).images == []


@pytest.mark.parametrize("text", ["dog", "dog|cat", "!bird", "dog<=9", "cat|dog, !bird"])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_search_with_any_page_size_returns_every_match_once(
    images: DynamoImages, owner: str, text: str, limit: int
) -> None:
    saved = [images.save(image(owner, counts={"cat": 1} if number % 2 else {}, dog=1)) for number in range(7)]

    summaries: list[ImageSummary] = []
    cursor = None
    while summaries == [] or cursor:
        page = images.search(owner, parse(text), limit, cursor)
        assert len(page.images) <= limit
        summaries += page.images
        cursor = page.cursor

    assert [summary.id for summary in summaries] == sorted((each.id for each in saved), reverse=True)


def test_search_with_rare_matches_reads_a_bounded_number_of_pages(
    images: DynamoImages, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 2)
    match = images.save(image(owner, dog=2))
    for _ in range(5):
        images.save(image(owner, dog=1))

    pages = [images.search(owner, parse("dog>=2"), 1)]
    while pages[-1].cursor:
        pages.append(images.search(owner, parse("dog>=2"), 1, pages[-1].cursor))

    assert [summary.id for page in pages for summary in page.images] == [match.id]
    assert len(pages) == 3  # of 1 + 2 rows each, and an empty page


@pytest.mark.parametrize("cursor", ["", "garbage", "~", "0" * 25, "U#another owner"])
def test_list_images_with_forged_cursor_raises_invalid_cursor(images: DynamoImages, owner: str, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        images.list_images(owner, 10, cursor)


def test_search_with_days_that_exclude_each_other_returns_nothing(images: DynamoImages, owner: str) -> None:
    images.save(image(owner, dog=1))

    assert search(images, owner, "dog, after:2026-02-01, before:2026-01-01") == []
    assert images.list_images(owner, 10, "0" * 26).images == []


def test_count_tag_ignores_tags_that_begin_with_the_tag(images: DynamoImages, owner: str) -> None:
    images.save(image(owner, counts={"dog#5": 2}, dog=1))

    assert images.count_tag(owner, "dog") == TagTotal("dog", 1, 1)
    assert images.count_tag(owner, "cat") == TagTotal("cat", 0, 0)


def test_save_of_many_images_spreads_counters_over_shards(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    for _ in range(40):
        images.save(image(owner, dog=1))

    items = dynamodb.query(
        TableName=TABLE_NAME,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": f"U#{owner}"}, ":sk": {"S": "COUNT#dog#"}},
    )["Items"]

    assert 1 < len(items) <= SHARDS


def make_cancellation(*codes: str) -> dict[str, Any]:
    return {
        "service_error_code": "TransactionCanceledException",
        "response_meta": {},
        "modeled_fields": {"CancellationReasons": [{"Code": code} for code in codes]},
    }


def test_save_with_transaction_conflict_is_retried(dynamodb: "DynamoDBClient", owner: str) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("transact_write_items", **make_cancellation("None", "TransactionConflict"))
        stub.add_response("transact_write_items", {})

        saved = DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, dog=1))

    stub.assert_no_pending_responses()
    assert saved.version == 1


def test_save_with_permanent_transaction_conflict_raises_unavailable(dynamodb: "DynamoDBClient", owner: str) -> None:
    with Stubber(dynamodb) as stub:
        for _ in range(MAX_ATTEMPTS):
            stub.add_client_error("transact_write_items", **make_cancellation("TransactionConflict"))

        with pytest.raises(Unavailable):
            DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, dog=1))


def test_save_with_other_cancellation_raises_client_error(dynamodb: "DynamoDBClient", owner: str) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("transact_write_items", **make_cancellation("ValidationError"))

        with pytest.raises(ClientError):
            DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, dog=1))


def test_save_of_known_bytes_raises_photo_exists(images: DynamoImages, owner: str) -> None:
    first = images.save(image(owner, dog=1))

    with pytest.raises(PhotoExists):
        images.save(replace(image(owner, cat=1), sha256=first.sha256))

    assert images.find_by_hash(owner, first.sha256) == first.id
    assert images.count_tags(owner) == [TagTotal("dog", 1, 1)]
    check_invariants(TABLE_NAME)


@pytest.mark.parametrize(
    ("state", "is_known"), [(ImageState.READY, True), (ImageState.TRASHED, True), (ImageState.GONE, False)]
)
def test_find_by_hash_returns_only_stored_images(
    images: DynamoImages,
    owner: str,
    state: ImageState,
    is_known: bool,  # noqa: FBT001
) -> None:
    first = images.save(image(owner))

    images.save(replace(first, state=state), first)

    assert (images.find_by_hash(owner, first.sha256) is not None) is is_known
    assert images.find_by_hash("another owner", first.sha256) is None


def test_get_image_of_duplicate_returns_the_first_image(images: DynamoImages, owner: str) -> None:
    first, second = images.save(image(owner, dog=1)), images.save(image(owner, ImageState.PENDING))

    images.save(make_tombstone(second, duplicate_of=first.id), second)

    assert images.get_image(owner, second.id) == first


def test_get_image_of_duplicate_of_gone_image_raises_image_not_found(images: DynamoImages, owner: str) -> None:
    first, second = images.save(image(owner, dog=1)), images.save(image(owner, ImageState.PENDING))
    images.save(make_tombstone(second, duplicate_of=first.id), second)

    images.save(make_tombstone(first), first)

    with pytest.raises(ImageNotFound):
        images.get_image(owner, second.id)


def test_count_tags_with_prefix_returns_only_matching_tags(images: DynamoImages, owner: str) -> None:
    images.save(image(owner, counts={"dog": 1, "door": 1, "cat": 1}))

    assert [total.tag for total in images.count_tags(owner, "do")] == ["dog", "door"]
    assert images.count_tags(owner, "x") == []


def test_list_ids_yields_all_images_except_tombstones(images: DynamoImages, owner: str) -> None:
    saved = [images.save(image(owner, state)) for state in ImageState]
    images.save(image("another owner"))

    assert list(images.list_ids(owner)) == [each.id for each in saved if each.state is not ImageState.GONE]


def test_delete_rows_keeps_images_and_account_deletions(
    images: DynamoImages,
    outbox: DynamoOutbox,
    subscriptions: DynamoSubscriptions,
    dynamodb: "DynamoDBClient",
    owner: str,
) -> None:
    subscriptions.add(owner, parse("dog"))
    subscriptions.claim_digest(owner, 0, 60)
    saved = images.save(image(owner, dog=1))
    gone = images.save(make_tombstone(saved), saved)  # leaves a counter and two outbox rows
    other = subscriptions.add("another owner", parse("dog"))
    outbox.put_account_deletion(owner)

    results = [images.delete_rows(owner, limit=3) for _ in range(3)]

    rows = dynamodb.query(TableName=TABLE_NAME, **between(partition_of(owner), " ", "~"))["Items"]
    assert results == [True, True, False]
    assert [row["sk"]["S"][:6] for row in rows] == ["IMAGE#", "OUT#00"]
    assert images.find_image(owner, gone.id) == gone
    assert subscriptions.list("another owner") == [other]
