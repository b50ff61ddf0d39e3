"""Changes of many images together, on DynamoDB: the transactions, and what happens if one of them fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from app.adapters.aws.image_groups import ATTEMPTS, MAX_TOGETHER
from app.adapters.aws.images import DynamoImages
from app.adapters.aws.operations import DynamoOperations
from app.adapters.aws.row_keys import between
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.domain.edits import TagChange, retag
from app.domain.images import Image, move_to_trash
from app.domain.operations import ImageChange
from app.domain.query import parse
from app.domain.tags import TagTotal
from app.domain.undo_values import make_undo_row
from tests.support.aws import TABLE_NAME, before
from tests.support.fakes import image
from tests.support.invariants import check_invariants

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
TRANSACTION = "dynamodb.TransactWriteItems"
OPERATION = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
LOST = EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


@pytest.fixture(autouse=True)
def check_rows(aws: None) -> Iterator[None]:
    yield
    check_invariants(TABLE_NAME)


def add_tag(before: Image, tag: str) -> ImageChange:
    return ImageChange(before, retag(before, [TagChange(tag, 1)], NOON))


def count_calls(dynamodb: "DynamoDBClient", act: Callable[[], object]) -> int:
    calls: list[None] = []
    with before(dynamodb, TRANSACTION, lambda: calls.append(None)):
        act()
    return len(calls)


def do_in_turn(*acts: Callable[[], object]) -> Callable[[], None]:
    """Return a function whose first calls do these acts. Later calls do nothing."""
    remaining = iter(acts)

    def act() -> None:
        next(remaining, lambda: None)()

    return act


def fail() -> None:
    raise LOST


def always(reason: str, dynamodb: "DynamoDBClient") -> Callable[[], None]:
    """Return a function that fails as a transaction does for this reason."""

    def cancel() -> None:
        error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [{"Code": reason}]}
        raise dynamodb.exceptions.TransactionCanceledException(error, "TransactWriteItems")  # type: ignore[arg-type]

    return cancel


def test_save_all_writes_up_to_sixteen_images_per_transaction(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    saved = [images.save(image(owner)) for _ in range(2 * MAX_TOGETHER)]
    changes = [add_tag(each, "kyoto") for each in saved]

    assert count_calls(dynamodb, lambda: images.save_all(changes)) == 2


def test_save_all_of_images_with_many_tags_fits_into_transactions(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    counts = {f"tag {number}": 1 for number in range(20)}
    saved = [images.save(image(owner, counts=counts)) for _ in range(4)]
    changes = [ImageChange(each, move_to_trash(each, NOON)) for each in saved]

    assert 2 <= count_calls(dynamodb, lambda: images.save_all(changes)) <= 4
    assert images.count_tags(owner) == []


def test_save_all_reports_a_lost_transaction_and_writes_the_others(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    saved = [images.save(image(owner)) for _ in range(MAX_TOGETHER + 1)]
    changes = [add_tag(each, "kyoto") for each in saved]

    with before(dynamodb, TRANSACTION, do_in_turn(fail)):
        results = images.save_all(changes)

    assert results.keys() == {each.id for each in saved}
    assert [*results.values()].count(LOST) == MAX_TOGETHER
    assert images.count_tag(owner, "kyoto") == TagTotal("kyoto", 1, 1)


def test_save_all_leaves_out_images_after_too_many_conflicts(dynamodb: "DynamoDBClient", owner: str) -> None:
    images = DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0)
    saved = images.save(image(owner))
    attempts = do_in_turn(*[always("TransactionConflict", dynamodb)] * ATTEMPTS)

    with before(dynamodb, TRANSACTION, attempts):
        assert images.save_all([add_tag(saved, "kyoto")]) == {}

    assert images.save_all([add_tag(saved, "kyoto")]).keys() == {saved.id}


def test_save_all_leaves_out_images_whose_transaction_is_refused(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    saved = images.save(image(owner))

    with before(dynamodb, TRANSACTION, always("ValidationError", dynamodb)):
        assert images.save_all([add_tag(saved, "kyoto")]) == {}


def test_save_all_reports_a_failed_transaction(images: DynamoImages, dynamodb: "DynamoDBClient", owner: str) -> None:
    error = ClientError({"Error": {"Code": "InternalServerError"}}, "TransactWriteItems")
    saved = images.save(image(owner))

    def fail_inside() -> None:
        raise error

    with before(dynamodb, TRANSACTION, fail_inside):
        assert images.save_all([add_tag(saved, "kyoto")]) == {saved.id: error}


def test_save_all_in_an_operation_that_has_changed_an_image_leaves_it_out(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    operation = DynamoOperations(dynamodb, TABLE_NAME).proceed(owner, OPERATION)

    def change(each: Image, tag: str) -> ImageChange:
        added = add_tag(each, tag)
        return replace(added, undo=make_undo_row(operation, added.before, added.after))

    first, second = images.save(image(owner)), images.save(image(owner))
    written = images.save_all([change(first, "kyoto")])[first.id]
    assert isinstance(written, Image)

    assert images.save_all([change(written, "osaka"), change(second, "osaka")]).keys() == {second.id}


def test_save_all_during_another_change_of_a_counter_leaves_the_images_out(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    ready, other = (images.save(image(owner, kyoto=1)) for _ in range(2))  # they have one counter

    with before(dynamodb, TRANSACTION, do_in_turn(lambda: images.save(move_to_trash(other, NOON), other))):
        assert images.save_all([ImageChange(ready, move_to_trash(ready, NOON))]) == {}

    assert images.count_tag(owner, "kyoto") == TagTotal("kyoto", 1, 1)


def test_save_all_announces_the_changes_to_a_first_subscription(
    images: DynamoImages, dynamodb: "DynamoDBClient", owner: str
) -> None:
    subscriptions = DynamoSubscriptions(dynamodb, TABLE_NAME)
    saved = [images.save(image(owner)) for _ in range(MAX_TOGETHER + 1)]

    with before(dynamodb, TRANSACTION, do_in_turn(lambda: subscriptions.add(owner, parse("kyoto")), fail)):
        results = images.save_all([add_tag(each, "kyoto") for each in saved])

    written = [each for each, result in results.items() if isinstance(result, Image)]
    rows = dynamodb.query(TableName=TABLE_NAME, **between(f"U#{owner}", "ANNOUNCE#", "ANNOUNCE$"))["Items"]
    assert (len(written), len(results)) == (MAX_TOGETHER, MAX_TOGETHER + 1)
    assert {row["sk"]["S"] for row in rows} == {f"ANNOUNCE#{each}#2" for each in written}
