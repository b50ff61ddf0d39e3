from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from app.adapters.aws import dynamodb as dynamodb_module
from app.adapters.aws.albums import DynamoAlbums
from app.adapters.aws.images import DynamoImages
from app.adapters.aws.items import image_item, summary_item
from app.adapters.aws.operations import DynamoOperations
from app.adapters.aws.row_keys import SHARDS, Item, attributes, between, hash_key, image_key, view_partition
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.adapters.aws.transactions import MAX_ACTIONS, MAX_ATTEMPTS
from app.domain.albums import MAX_JOINED, Album, limit_joins
from app.domain.errors import Unavailable
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.domain.operations import UndoRow
from app.domain.outbox import make_purge
from app.domain.plans import Order, View
from app.domain.query import Query, parse
from app.domain.tags import MAX_TAGS, TagEdit
from app.domain.undo_values import make_undo_row
from app.services.undo import Undo
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.aws import TABLE_NAME, before
from tests.support.fakes import image
from tests.support.invariants import check_invariants
from tests.support.picture_hashes import make_hash

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


def take_at(year: int) -> CaptureTime:
    return CaptureTime(datetime(year, 7, 28), TimeSource.EXIF)  # noqa: DTZ001 - a local time


def make_full_image(owner: str, state: ImageState, start: int = 0) -> Image:
    """Return an image with as many tags as are allowed."""
    return image(owner, state, dict.fromkeys((f"label {number}" for number in range(start, start + MAX_TAGS)), 1))


def add_albums(client: "DynamoDBClient", owner: str, count: int) -> tuple[str, ...]:
    """Add albums. Return their ids in order."""
    ids = sorted(new_id() for _ in range(count))
    for album_id in ids:
        DynamoAlbums(client, TABLE_NAME).put(owner, Album(album_id, f"Album {album_id}", datetime.now(UTC)))
    return tuple(ids)


@pytest.mark.parametrize(
    ("state", "next_state", "actions"),
    [
        # The row, the tags, the view of ready photos, the counters; hash, usage, announcement.
        (None, ImageState.READY, 1 + 22 + 1 + 22 + 3),
        (ImageState.PENDING, ImageState.READY, 1 + 22 + 1 + 22 + 3),
        (ImageState.READY, ImageState.TRASHED, 1 + 22 + 1 + 22 + 3),  # the month in the usage, and an outbox row
        (ImageState.TRASHED, ImageState.READY, 1 + 22 + 1 + 22 + 2),
        (ImageState.READY, ImageState.GONE, 1 + 22 + 1 + 22 + 4),
        (ImageState.TRASHED, ImageState.GONE, 1 + 3),
        (ImageState.PENDING, ImageState.GONE, 1 + 1),
        (ImageState.READY, ImageState.READY, 1 + 44 + 1 + 44 + 1),  # every tag replaced, with the same bytes
    ],
)
def test_save_of_image_with_all_tags_fits_in_one_transaction(
    images: DynamoImages,
    subscriptions: DynamoSubscriptions,
    dynamodb: "DynamoDBClient",
    owner: str,
    state: ImageState | None,
    next_state: ImageState,
    actions: int,
) -> None:
    subscriptions.add(owner, parse("dog"))
    before = images.save(make_full_image(owner, state)) if state else None
    after = make_full_image(owner, next_state, MAX_TAGS if state is next_state else 0)
    if before:
        after = replace(after, id=before.id, sha256=before.sha256)

    with record_calls(dynamodb, "TransactWriteItems") as transactions:
        images.save(after, before)

    assert [len(call["TransactItems"]) for call in transactions] == [actions]
    check_invariants(TABLE_NAME)


def test_largest_transaction_with_an_undo_row_fits(
    images: DynamoImages, subscriptions: DynamoSubscriptions, dynamodb: "DynamoDBClient", owner: str
) -> None:
    subscriptions.add(owner, parse("dog"))
    before = images.save(
        replace(make_full_image(owner, ImageState.READY), taken=take_at(2019), picture_hash=make_hash(1))
    )
    detections = make_full_image(owner, ImageState.READY, MAX_TAGS).detections
    after = replace(before, taken=take_at(2020), detections=detections, redetection=new_id(), picture_hash=make_hash(2))

    undo = UndoRow(owner, new_id(), before.id, before.version + 1, before.version, "{}", expires_at=0)

    with record_calls(dynamodb, "TransactWriteItems") as transactions:
        images.save(after, before, undo=undo)

    # The row, the tags, two views, the counters, the usage of two years, the announcement, the redetection job and the
    # undo row. No change has the last two.
    actions = 1 + 44 + 2 + 2 + 44 + 2 + 1 + 1 + 1
    assert [len(call["TransactItems"]) for call in transactions] == [actions]
    assert actions <= MAX_ACTIONS
    check_invariants(TABLE_NAME)


def test_undo_that_replaces_all_tags_with_albums_fits(
    images: DynamoImages, subscriptions: DynamoSubscriptions, dynamodb: "DynamoDBClient", owner: str
) -> None:
    subscriptions.add(owner, parse("dog"))
    operations = DynamoOperations(dynamodb, TABLE_NAME)
    albums = add_albums(dynamodb, owner, MAX_TAGS)
    before = images.save(replace(image(owner), albums=albums, taken=take_at(2019), picture_hash=make_hash(1)))
    operation = operations.proceed(owner, new_id())
    edits = {f"tag {number}": TagEdit(1, datetime.now(UTC)) for number in range(MAX_TAGS)}
    changed = replace(before, albums=(), edits=edits, taken=take_at(2020))
    changed = images.save(changed, before, undo=make_undo_row(operation, before, changed))
    [row] = operations.list_rows(operation, 2)

    with record_calls(dynamodb, "TransactWriteItems") as transactions:
        Undo(images, operations).undo(row)

    # The row, the first albums, the tags, the views of ready and untagged photos, the counters, the usage of two years
    # and the announcement. Then the same for the other albums, and the undo row.
    tags, others = MAX_TAGS + MAX_JOINED, MAX_TAGS - MAX_JOINED
    first = 1 + MAX_JOINED + tags + 3 + tags + 2 + 1
    second = 1 + others + MAX_TAGS + 2 + others + 1 + 1
    assert [len(call["TransactItems"]) for call in transactions] == [first, second]
    restored = images.get_image(owner, before.id)
    assert restored == replace(before, version=changed.version + 2, undone_to=before.version)
    check_invariants(TABLE_NAME)


@pytest.mark.parametrize("number", [0, 1])
def test_largest_change_with_albums_fits(
    images: DynamoImages, subscriptions: DynamoSubscriptions, dynamodb: "DynamoDBClient", owner: str, number: int
) -> None:
    """An undo replaces 22 albums with others and with tags. If it joins too many, the last ones come later."""
    subscriptions.add(owner, parse("dog"))
    old, new = (add_albums(dynamodb, owner, count) for count in (MAX_TAGS, MAX_JOINED + number))
    before = images.save(replace(image(owner), albums=old, taken=take_at(2019)))
    detections = make_full_image(owner, ImageState.READY).detections[len(new) :]
    after = replace(before, albums=new, detections=detections, taken=take_at(2020))
    undo = UndoRow(owner, new_id(), before.id, before.version + 1, before.version, "{}", expires_at=0)

    with record_calls(dynamodb, "TransactWriteItems") as transactions:
        images.save(limit_joins(before, after), before, undo=undo)

    tags = MAX_TAGS + MAX_TAGS - number
    # The row, the albums, the tags, the views of ready and untagged photos, the counters, the usage of two years, the
    # announcement and the undo row.
    assert [len(call["TransactItems"]) for call in transactions] == [1 + MAX_JOINED + tags + 3 + tags + 2 + 1 + 1]
    assert len(transactions[0]["TransactItems"]) <= MAX_ACTIONS


def test_search_with_rare_matches_reads_a_bounded_number_of_pages(images: DynamoImages, owner: str) -> None:
    match = images.save(image(owner, dog=2))
    for _ in range(5):
        images.save(image(owner, dog=1))

    pages = [images.search(owner, parse("dog>=2"), 1, max_pages=2)]
    while pages[-1].cursor:
        pages.append(images.search(owner, parse("dog>=2"), 1, pages[-1].cursor, max_pages=2))

    assert [summary.id for page in pages for summary in page.images] == [match.id]
    assert len(pages) == 3  # of 1 + 2 rows each, and an empty page


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


def test_tag_that_is_not_detected_has_one_counter(images: DynamoImages, dynamodb: "DynamoDBClient", owner: str) -> None:
    for _ in range(10):
        images.save(image(owner, kyoto=1))

    rows = dynamodb.query(TableName=TABLE_NAME, **between(f"U#{owner}", "COUNT#", "COUNT$"))["Items"]

    assert [row["sk"]["S"] for row in rows] == ["COUNT#kyoto#0"]


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

        saved = DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, ImageState.PENDING))

    stub.assert_no_pending_responses()
    assert saved.version == 1


def test_save_with_permanent_transaction_conflict_raises_unavailable(dynamodb: "DynamoDBClient", owner: str) -> None:
    with Stubber(dynamodb) as stub:
        for _ in range(MAX_ATTEMPTS):
            stub.add_client_error("transact_write_items", **make_cancellation("TransactionConflict"))

        with pytest.raises(Unavailable):
            DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, ImageState.PENDING))


def test_save_with_other_cancellation_raises_client_error(dynamodb: "DynamoDBClient", owner: str) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("transact_write_items", **make_cancellation("ValidationError"))

        with pytest.raises(ClientError):
            DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, ImageState.PENDING))


def test_find_images_reads_unprocessed_keys_again(dynamodb: "DynamoDBClient", owner: str) -> None:
    saved = [DynamoImages(dynamodb, TABLE_NAME).save(image(owner)) for _ in range(2)]
    key = attributes(image_key(owner, saved[1].id))
    with Stubber(dynamodb) as stub:
        for item, unprocessed in ((saved[0], {TABLE_NAME: {"Keys": [key]}}), (saved[1], {})):
            found = {"Responses": {TABLE_NAME: [attributes(image_item(item))]}, "UnprocessedKeys": unprocessed}
            stub.add_response("batch_get_item", found)

        images = DynamoImages(dynamodb, TABLE_NAME).find_images(owner, [each.id for each in saved])

    assert images == saved


def test_delete_rows_sends_unprocessed_items_again(dynamodb: "DynamoDBClient", owner: str) -> None:
    keys = [hash_key(owner, sha256) for sha256 in "ab"]
    unprocessed = {TABLE_NAME: [{"DeleteRequest": {"Key": attributes(keys[1])}}]}
    with Stubber(dynamodb) as stub:
        for rows in ([attributes(key) for key in keys], []):
            stub.add_response("query", {"Items": rows})
        stub.add_response("batch_write_item", {"UnprocessedItems": unprocessed})
        stub.add_response("batch_write_item", {}, {"RequestItems": unprocessed})

        assert DynamoImages(dynamodb, TABLE_NAME).delete_rows(owner, 10)

    stub.assert_no_pending_responses()


def test_batch_that_is_always_throttled_raises_unavailable(
    dynamodb: "DynamoDBClient", owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamodb_module, "back_off", lambda _attempt: None)
    key = attributes(hash_key(owner, "a"))
    images = DynamoImages(dynamodb, TABLE_NAME)
    with Stubber(dynamodb) as stub:
        for _ in range(MAX_ATTEMPTS):
            stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {TABLE_NAME: {"Keys": [key]}}})
        with pytest.raises(Unavailable):
            images.find_images(owner, ["a"])
        for rows in ([key], []):
            stub.add_response("query", {"Items": rows})
        for _ in range(MAX_ATTEMPTS):
            stub.add_response("batch_write_item", {"UnprocessedItems": {TABLE_NAME: [{"DeleteRequest": {"Key": key}}]}})
        with pytest.raises(Unavailable):
            images.delete_rows(owner, 10)

    stub.assert_no_pending_responses()


def test_batches_have_the_sizes_that_dynamodb_accepts(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    trashed = [images.save(replace(make_full_image(owner, ImageState.TRASHED), size=5)) for _ in range(60)]
    for _ in range(5):
        images.save(make_full_image(owner, ImageState.READY))
    rows = [make_purge(each) for each in trashed[:40]]

    with record_calls(dynamodb, "TransactWriteItems") as transactions:
        purged = images.purge(trashed[:40], rows) + images.purge(trashed[40:])
        ids = images.delete_images(owner, 100)
    with record_calls(dynamodb, "BatchGetItem") as reads, record_calls(dynamodb, "BatchWriteItem") as writes:
        images.find_images(owner, [f"{number}" for number in range(101)])
        assert images.delete_rows(owner, 1_000)

    assert (len(purged), len(ids)) == (60, 65)
    assert max(len(call["TransactItems"]) for call in transactions) <= MAX_ACTIONS
    assert len(transactions) == 2 + 1 + 2
    assert [len(call["RequestItems"][TABLE_NAME]["Keys"]) for call in reads] == [100, 1]
    assert {len(call["RequestItems"][TABLE_NAME]) for call in writes[:-1]} == {25}
    check_invariants(TABLE_NAME)


def test_delete_images_leaves_an_image_that_changes_for_the_next_call(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    ready = images.save(image(owner, dog=1))
    unchanged = iter([ready])

    def change_once() -> None:
        for each in unchanged:
            images.save(replace(each, detections=()), each)

    with before(dynamodb, "dynamodb.TransactWriteItems", change_once):
        results = [images.delete_images(owner, 10) for _ in range(3)]

    assert results == [[ready.id], [ready.id], []]
    while images.delete_rows(owner, 10):
        pass
    check_invariants(TABLE_NAME)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("damage", [{"tags": ["dog"]}, {"taken_at": "2019"}, {"width": None}])
def test_lists_leave_out_a_damaged_summary(
    dynamodb: "DynamoDBClient",
    images: DynamoImages,
    owner: str,
    caplog: pytest.LogCaptureFixture,
    damage: Item,
    order: Order,
) -> None:
    intact, damaged = (images.save(image(owner, dog=1)) for _ in range(2))
    key = {"pk": view_partition(owner, View.READY), "sk": damaged.sort_key}
    for item in (image_item(damaged), key | summary_item(damaged)):
        dynamodb.put_item(TableName=TABLE_NAME, Item=attributes(item | damage))

    assert [summary.id for summary in images.list_images(owner, 10, order=order).images] == [intact.id]

    assert [damaged.id in message for message in caplog.messages] == [True]


@pytest.mark.parametrize(("attribute", "value"), [("tags", ["dog"]), ("taken_at", "2019")])
def test_delete_images_deletes_the_row_of_a_damaged_image(
    dynamodb: "DynamoDBClient", images: DynamoImages, owner: str, attribute: str, value: object
) -> None:
    damaged = images.save(image(owner, dog=1))
    dynamodb.put_item(TableName=TABLE_NAME, Item=attributes(image_item(damaged) | {attribute: value}))

    assert images.delete_images(owner, 10) == [damaged.id]

    assert images.find_image(owner, damaged.id) is None


def test_first_pages_read_few_partitions_once(images: DynamoImages, dynamodb: "DynamoDBClient", owner: str) -> None:
    for state in (ImageState.READY, ImageState.TRASHED):
        for _ in range(9):
            images.save(image(owner, state, dog=1))
    requests: dict[str, Callable[[], object]] = {
        "list": lambda: images.list_images(owner, 5),
        "added": lambda: images.list_images(owner, 5, order=Order.ADDED),
        "trash": lambda: images.list_images(owner, 5, states=frozenset({ImageState.TRASHED})),
        "search of the trash": lambda: images.search_trash(owner, Query(), 5),
        "tag": lambda: images.search(owner, parse("dog, taken>=2019"), 5),
        "undated": lambda: images.search(owner, parse("undated"), 5),
        "untagged": lambda: images.search(owner, parse("untagged"), 5),
        "months": lambda: images.count_months(owner),
        "months of a tag": lambda: images.count_months(owner, "dog"),
    }

    calls: dict[str, int] = {}
    for name, request in requests.items():
        with record_calls(dynamodb, "Query") as queries:
            request()
        calls[name] = len(queries)

    # A list merges the ready, pending and failed images. By upload, undated images are in a partition of their own.
    assert calls == {name: {"list": 3, "added": 4}.get(name, 1) for name in requests}


def test_largest_transaction_of_a_favourite_is_not_larger(
    images: DynamoImages, subscriptions: DynamoSubscriptions, dynamodb: "DynamoDBClient", owner: str
) -> None:
    subscriptions.add(owner, parse("dog"))
    before = images.save(replace(make_full_image(owner, ImageState.READY), taken=take_at(2019), favourite=True))
    detections = make_full_image(owner, ImageState.READY, MAX_TAGS).detections
    after = replace(before, taken=take_at(2020), detections=detections, redetection=new_id())

    with record_calls(dynamodb, "TransactWriteItems") as transactions:
        images.save(after, before)

    # The mark needs a row in another place, and changes the months of its counter.
    assert [len(call["TransactItems"]) for call in transactions] == [1 + 42 + 2 + 2 + 42 + 1 + 2 + 1 + 1]
    check_invariants(TABLE_NAME)
