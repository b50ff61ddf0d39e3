from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from app.adapters.aws import paging
from app.adapters.aws.items import SHARDS, between, partition_of
from app.adapters.aws.outbox import Outbox
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table, TagTotal
from app.adapters.aws.transactions import MAX_TRIES
from app.domain.errors import ImageChanged, ImageNotFound, InvalidCursor, PhotoExists, Unavailable
from app.domain.ids import new_id
from app.domain.images import Image, ImageState, ImageSummary, make_tombstone
from app.domain.query import parse
from app.domain.tags import MAX_TAGS, TagEdit
from tests.support.aws import TABLE_NAME
from tests.support.fakes import image
from tests.support.invariants import check_invariants

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@contextmanager
def sent(client: "DynamoDBClient", call: str) -> Iterator[list[dict[str, Any]]]:
    """The arguments of every such call."""
    calls: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        calls.append(params)

    event = f"provide-client-params.dynamodb.{call}"
    client.meta.events.register(event, note)
    try:
        yield calls
    finally:
        client.meta.events.unregister(event, note)


def found(table: Table, owner: str, text: str) -> list[str]:
    return [card.id for card in table.search(owner, parse(text), 100).images]


def test_an_image_is_read_as_it_was_saved(table: Table, owner: str) -> None:
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    image_ = replace(image(owner, dog=1), taken_at=moment, edits={"cat": TagEdit(2, moment)}, sha256="ab", model="m@1")

    saved = table.save(image_)

    assert saved.version == 1
    assert table.get_image(owner, image_.id) == saved
    assert saved.tags == {"dog": 1, "cat": 2}


def test_a_saved_image_is_found_counted_and_announced(table: Table, owner: str) -> None:
    one, two = table.save(image(owner, dog=2, person=1)), table.save(image(owner, dog=1))

    assert found(table, owner, "dog") == sorted([one.id, two.id], reverse=True)
    assert found(table, owner, "dog>=2") == [one.id]
    assert table.count_tags(owner) == [TagTotal("dog", 2, 3), TagTotal("person", 1, 1)]
    check_invariants(TABLE_NAME)


def test_a_change_moves_index_and_counters_along(table: Table, owner: str) -> None:
    before = table.save(image(owner, dog=2, person=1))

    table.save(
        replace(
            before, detections=(), edits={"dog": TagEdit(5, datetime.now(UTC)), "cat": TagEdit(1, datetime.now(UTC))}
        ),
        before,
    )

    assert table.count_tags(owner) == [TagTotal("cat", 1, 1), TagTotal("dog", 1, 5)]
    assert found(table, owner, "person") == []
    assert found(table, owner, "dog=5, cat") == [before.id]
    check_invariants(TABLE_NAME)


@pytest.mark.parametrize("state", [ImageState.PENDING, ImageState.FAILED, ImageState.TRASHED, ImageState.GONE])
def test_only_a_ready_image_is_found(table: Table, owner: str, state: ImageState) -> None:
    before = table.save(image(owner, dog=1))

    table.save(replace(before, state=state), before)

    assert found(table, owner, "dog") == []
    assert table.count_tags(owner) == []
    check_invariants(TABLE_NAME)


def test_replacing_every_tag_fits_in_one_transaction(table: Table, owner: str) -> None:
    labels = [f"label {number}" for number in range(2 * MAX_TAGS)]
    before = table.save(image(owner, counts=dict.fromkeys(labels[:MAX_TAGS], 1)))

    others = image(owner, counts=dict.fromkeys(labels[MAX_TAGS:], 1)).detections
    table.save(replace(before, detections=others, redetection=new_id()), before)

    assert {total.tag for total in table.count_tags(owner)} == set(labels[MAX_TAGS:])
    check_invariants(TABLE_NAME)


def full(owner: str, state: ImageState, first: int = 0) -> Image:
    """An image with as many tags as one may have."""
    return image(owner, state, dict.fromkeys((f"label {number}" for number in range(first, first + MAX_TAGS)), 1))


@pytest.mark.parametrize(
    ("state", "then", "actions"),
    [
        (None, ImageState.READY, 1 + 24 + 24 + 3),  # the row, index, counters; hash, usage, outbox
        (ImageState.PENDING, ImageState.READY, 1 + 24 + 24 + 3),
        (ImageState.READY, ImageState.TRASHED, 1 + 24 + 24 + 1),
        (ImageState.TRASHED, ImageState.READY, 1 + 24 + 24),
        (ImageState.READY, ImageState.GONE, 1 + 24 + 24 + 3),
        (ImageState.TRASHED, ImageState.GONE, 1 + 3),
        (ImageState.PENDING, ImageState.GONE, 1 + 1),
        (ImageState.READY, ImageState.READY, 1 + 48 + 48 + 1),  # every tag replaced, and no byte
    ],
)
def test_the_largest_change_fits_in_one_transaction(
    table: Table, dynamodb: "DynamoDBClient", owner: str, state: ImageState | None, then: ImageState, actions: int
) -> None:
    before = table.save(full(owner, state)) if state else None
    after = full(owner, then, MAX_TAGS if state is then else 0)
    if before:
        after = replace(after, id=before.id, sha256=before.sha256)

    with sent(dynamodb, "TransactWriteItems") as transactions:
        table.save(after, before)

    assert [len(one["TransactItems"]) for one in transactions] == [actions]
    assert actions <= 99
    check_invariants(TABLE_NAME)


def test_who_read_an_older_version_changes_nothing(table: Table, owner: str) -> None:
    first = table.save(image(owner, dog=1))
    second = table.save(replace(first, name="winner"), first)

    with pytest.raises(ImageChanged):
        table.save(replace(first, name="loser"), first)
    with pytest.raises(ImageChanged):
        table.save(replace(first, name="loser"))

    assert table.get_image(owner, first.id) == second


def test_another_owner_sees_nothing(table: Table, owner: str) -> None:
    mine = table.save(image(owner, dog=1))

    with pytest.raises(ImageNotFound):
        table.get_image("somebody else", mine.id)
    assert found(table, "somebody else", "dog") == []
    assert table.list_images("somebody else", 10).images == []
    assert table.count_tags("somebody else") == []


@pytest.mark.parametrize("image_id", ["", "x", "IMAGE#", "0" * 26])
def test_an_image_that_is_not_there_is_not_found(table: Table, owner: str, image_id: str) -> None:
    with pytest.raises(ImageNotFound):
        table.get_image(owner, image_id)


def test_a_gone_image_is_not_found_though_its_tombstone_stays(table: Table, owner: str) -> None:
    gone = table.save(image(owner, ImageState.GONE))

    with pytest.raises(ImageNotFound):
        table.get_image(owner, gone.id)
    assert table.find_image(owner, gone.id) == gone


def test_the_list_shows_what_is_not_deleted_newest_first(table: Table, owner: str) -> None:
    saved = [table.save(image(owner, state)) for state in ImageState]

    listed = [card.id for card in table.list_images(owner, 10).images]

    shown = [one.id for one in saved if one.state not in {ImageState.TRASHED, ImageState.GONE}]
    assert listed == sorted(shown, reverse=True)


def test_whole_images_are_listed_as_they_were_saved(table: Table, owner: str) -> None:
    edits = {"cat": TagEdit(2, datetime(2026, 1, 31, 12, tzinfo=UTC))}
    saved = {state: table.save(replace(image(owner, state, dog=1), edits=edits, model="m@1")) for state in ImageState}

    assert table.list_details(owner, 10).images == [saved[ImageState.READY]]
    assert table.list_details("somebody else", 10).images == []


@pytest.mark.parametrize("text", ["dog", "dog|cat", "!bird", "dog<=9", "cat|dog, !bird"])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_together_hold_every_match_once(table: Table, owner: str, text: str, limit: int) -> None:
    saved = [table.save(image(owner, counts={"cat": 1} if number % 2 else {}, dog=1)) for number in range(7)]

    cards: list[ImageSummary] = []
    cursor = None
    while cards == [] or cursor:
        page = table.search(owner, parse(text), limit, cursor)
        assert len(page.images) <= limit
        cards += page.images
        cursor = page.cursor

    assert [card.id for card in cards] == sorted((one.id for one in saved), reverse=True)


def test_one_request_reads_a_bounded_number_of_pages(table: Table, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 2)
    wanted = table.save(image(owner, dog=2))
    for _ in range(5):
        table.save(image(owner, dog=1))

    pages = [table.search(owner, parse("dog>=2"), 1)]
    while pages[-1].cursor:
        pages.append(table.search(owner, parse("dog>=2"), 1, pages[-1].cursor))

    assert [card.id for page in pages for card in page.images] == [wanted.id]
    assert len(pages) == 3  # of 1 + 2 rows each, and an empty one


@pytest.mark.parametrize("cursor", ["", "garbage", "~", "0" * 25, "U#somebody else"])
def test_a_cursor_of_nobodys_making_is_refused(table: Table, owner: str, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        table.list_images(owner, 10, cursor)


def test_days_that_exclude_each_other_find_nothing(table: Table, owner: str) -> None:
    table.save(image(owner, dog=1))

    assert found(table, owner, "dog, after:2026-02-01, before:2026-01-01") == []
    assert table.list_images(owner, 10, "0" * 26).images == []


def test_a_tag_that_another_begins_with_is_counted_apart(table: Table, owner: str) -> None:
    table.save(image(owner, counts={"dog#5": 2}, dog=1))

    assert table.count_tag(owner, "dog") == TagTotal("dog", 1, 1)
    assert table.count_tag(owner, "cat") == TagTotal("cat", 0, 0)


def test_counters_are_spread_over_shards(table: Table, dynamodb: "DynamoDBClient", owner: str) -> None:
    for _ in range(40):
        table.save(image(owner, dog=1))

    items = dynamodb.query(
        TableName=TABLE_NAME,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": f"U#{owner}"}, ":sk": {"S": "COUNT#dog#"}},
    )["Items"]

    assert 1 < len(items) <= SHARDS


def cancelled(*codes: str) -> dict[str, Any]:
    return {
        "service_error_code": "TransactionCanceledException",
        "response_meta": {},
        "modeled_fields": {"CancellationReasons": [{"Code": code} for code in codes]},
    }


def test_a_transaction_that_was_only_in_the_way_is_tried_again(dynamodb: "DynamoDBClient", owner: str) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("transact_write_items", **cancelled("None", "TransactionConflict"))
        stub.add_response("transact_write_items", {})

        saved = Table(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, dog=1))

    stub.assert_no_pending_responses()
    assert saved.version == 1


def test_a_transaction_that_is_always_in_the_way_is_given_up(dynamodb: "DynamoDBClient", owner: str) -> None:
    with Stubber(dynamodb) as stub:
        for _ in range(MAX_TRIES):
            stub.add_client_error("transact_write_items", **cancelled("TransactionConflict"))

        with pytest.raises(Unavailable):
            Table(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, dog=1))


def test_a_transaction_cancelled_for_another_reason_is_an_error(dynamodb: "DynamoDBClient", owner: str) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("transact_write_items", **cancelled("ValidationError"))

        with pytest.raises(ClientError):
            Table(dynamodb, TABLE_NAME, backoff_seconds=0).save(image(owner, dog=1))


def test_the_same_bytes_are_kept_as_one_image(table: Table, owner: str) -> None:
    first = table.save(image(owner, dog=1))

    with pytest.raises(PhotoExists):
        table.save(replace(image(owner, cat=1), sha256=first.sha256))

    assert table.find_by_hash(owner, first.sha256) == first.id
    assert table.count_tags(owner) == [TagTotal("dog", 1, 1)]
    check_invariants(TABLE_NAME)


@pytest.mark.parametrize(
    ("state", "known"), [(ImageState.READY, True), (ImageState.TRASHED, True), (ImageState.GONE, False)]
)
def test_bytes_are_known_as_long_as_their_image_is_kept(
    table: Table,
    owner: str,
    state: ImageState,
    known: bool,  # noqa: FBT001
) -> None:
    first = table.save(image(owner))

    table.save(replace(first, state=state), first)

    assert (table.find_by_hash(owner, first.sha256) is not None) is known
    assert table.find_by_hash("somebody else", first.sha256) is None


def test_a_duplicate_leads_to_the_image_that_was_first(table: Table, owner: str) -> None:
    first, second = table.save(image(owner, dog=1)), table.save(image(owner, ImageState.PENDING))

    table.save(make_tombstone(second, duplicate_of=first.id), second)

    assert table.get_image(owner, second.id) == first


def test_a_duplicate_of_what_is_gone_is_not_found(table: Table, owner: str) -> None:
    first, second = table.save(image(owner, dog=1)), table.save(image(owner, ImageState.PENDING))
    table.save(make_tombstone(second, duplicate_of=first.id), second)

    table.save(make_tombstone(first), first)

    with pytest.raises(ImageNotFound):
        table.get_image(owner, second.id)


def test_tags_are_counted_by_how_they_begin(table: Table, owner: str) -> None:
    table.save(image(owner, counts={"dog": 1, "door": 1, "cat": 1}))

    assert [total.tag for total in table.count_tags(owner, "do")] == ["dog", "door"]
    assert table.count_tags(owner, "x") == []


def test_the_ids_of_all_images_are_listed_but_for_tombstones(table: Table, owner: str) -> None:
    saved = [table.save(image(owner, state)) for state in ImageState]
    table.save(image("somebody else"))

    assert list(table.list_ids(owner)) == [one.id for one in saved if one.state is not ImageState.GONE]


def test_what_is_no_image_is_wiped_but_for_the_wish_to_be_forgotten(
    table: Table, outbox: Outbox, subscriptions: Subscriptions, dynamodb: "DynamoDBClient", owner: str
) -> None:
    subscriptions.add(owner, parse("dog"))
    subscriptions.claim_digest(owner, 0, 60)
    saved = table.save(image(owner, dog=1))
    gone = table.save(make_tombstone(saved), saved)  # leaves a counter and two outbox rows
    theirs = subscriptions.add("somebody else", parse("dog"))
    outbox.put_account_deletion(owner)

    wiped = [table.delete_rows(owner, limit=3) for _ in range(3)]

    rows = dynamodb.query(TableName=TABLE_NAME, **between(partition_of(owner), " ", "~"))["Items"]
    assert wiped == [True, True, False]
    assert [row["sk"]["S"][:6] for row in rows] == ["IMAGE#", "OUT#00"]
    assert table.find_image(owner, gone.id) == gone
    assert subscriptions.list("somebody else") == [theirs]
