from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.items import SHARDS
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.adapters.aws.transactions import MAX_ATTEMPTS
from app.domain.errors import Unavailable
from app.domain.images import Image, ImageState
from app.domain.query import parse
from app.domain.tags import MAX_TAGS
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


def make_full_image(owner: str, state: ImageState, start: int = 0) -> Image:
    """Return an image with as many tags as are allowed."""
    return image(owner, state, dict.fromkeys((f"label {number}" for number in range(start, start + MAX_TAGS)), 1))


@pytest.mark.parametrize(
    ("state", "next_state", "actions"),
    [
        (None, ImageState.READY, 1 + 24 + 24 + 3),  # the row, index rows, counters; hash, usage, announcement
        (ImageState.PENDING, ImageState.READY, 1 + 24 + 24 + 3),
        (ImageState.READY, ImageState.TRASHED, 1 + 24 + 24 + 2),  # with an outbox row
        (ImageState.TRASHED, ImageState.READY, 1 + 24 + 24 + 1),
        (ImageState.READY, ImageState.GONE, 1 + 24 + 24 + 4),
        (ImageState.TRASHED, ImageState.GONE, 1 + 3),
        (ImageState.PENDING, ImageState.GONE, 1 + 1),
        (ImageState.READY, ImageState.READY, 1 + 48 + 48 + 1),  # every tag replaced, with the same bytes
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
    assert actions <= 99
    check_invariants(TABLE_NAME)


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
