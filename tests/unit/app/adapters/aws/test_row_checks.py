from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from app.adapters.aws import row_keys, total_checks
from app.adapters.aws.items import summary_item
from app.adapters.aws.row_checks import DynamoRowChecks
from app.adapters.aws.row_keys import attributes, shard, tag_partition, view_partition
from app.adapters.aws.row_snapshots import MAX_TOGETHER
from app.adapters.aws.total_checks import MAX_READS, Contribution, find_changed
from app.adapters.aws.transactions import MAX_ATTEMPTS
from app.domain.checks import Comparison
from app.domain.edits import TagChange, retag
from app.domain.errors import Unavailable
from app.domain.images import Image, ImageState
from app.domain.plans import View
from app.domain.ports import Images
from app.domain.tags import TagTotal
from tests.support.aws import TABLE_NAME, before, dynamodb_client
from tests.support.breakage import MotoBreaker
from tests.support.fakes import image as make
from tests.support.services import Services

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

EDIT = [TagChange("dog", 1), TagChange("owl", 1)]


@pytest.fixture
def rows(services: Services, images: Images, sqs: object) -> DynamoRowChecks:
    rows = services.stores.row_checks
    assert isinstance(rows, DynamoRowChecks)
    return rows


@pytest.fixture
def saved(images: Images, owner: str) -> list[Image]:
    return [images.save(make(owner, dog=number)) for number in (1, 2)]


def edit(images: Images, image: Image) -> Image:
    """Add tags, or remove the image."""
    current = images.get_image(image.owner, image.id)
    return images.save(retag(current, EDIT, datetime.now(UTC)), current)


def list_sort_keys(owner: str, prefix: str) -> list[str]:
    """Return the sort keys of the owner's rows that begin with a prefix."""
    rows = dynamodb_client().query(TableName=TABLE_NAME, **row_keys.between(f"U#{owner}", prefix, f"{prefix}~"))
    return [row["sk"]["S"] for row in rows["Items"]]


@contextmanager
def edit_before(call: str, number: int, act: Callable[[], object]) -> Iterator[list[int]]:
    """Act before the call with this number, or before each call if the number is negative. Yield the calls."""
    calls: list[int] = []
    is_acting = False

    def hook() -> None:
        nonlocal is_acting
        if is_acting:
            return
        calls.append(1)
        if number < 0 or len(calls) == number + 1:
            is_acting = True
            act()
            is_acting = False

    with before(dynamodb_client(), call, hook):
        yield calls


def compare(rows: DynamoRowChecks, owner: str) -> Comparison:
    rows.list_owners()
    return rows.compare(owner, lambda _: None)


def test_compare_while_an_image_changes_finds_nothing(
    rows: DynamoRowChecks, images: Images, saved: list[Image], owner: str
) -> None:
    rows.list_owners()
    number, made = 0, 1
    while number < made:
        with edit_before("dynamodb.Query", number, lambda: edit(images, saved[0])) as calls:
            assert compare(rows, owner) == Comparison()
        number, made = number + 1, len(calls)

    assert made > 5  # for images, the index of each tag, hashes and counters


def test_compare_finds_a_wrong_total_of_a_tag_while_other_tags_change(
    rows: DynamoRowChecks, images: Images, saved: list[Image], owner: str
) -> None:
    others = (image for _ in range(100) if shard((image := make(owner, cat=1)).id) != shard(saved[0].id))
    cat = images.save(next(others))
    MotoBreaker().lose_total(0)

    with edit_before("dynamodb.Query", -1, lambda: edit(images, saved[0])):
        comparison = compare(rows, owner)

    part = shard(cat.id) + 1
    assert [difference.subject for difference in comparison.differences] == [f"total (part {part}) of cat"]


def test_compare_of_a_wrong_total_that_always_changes_is_unsettled(
    rows: DynamoRowChecks, images: Images, saved: list[Image], owner: str
) -> None:
    MotoBreaker().alter_total(0)
    key = MotoBreaker().find_key(0, "COUNT#")
    image = next(image for image in saved if key.endswith(str(shard(image.id))))

    with edit_before("dynamodb.Query", -1, lambda: edit(images, image)) as calls:
        comparison = compare(rows, owner)

    assert comparison.differences == []
    assert f"the total (part {shard(image.id) + 1}) of the tag dog" in comparison.unsettled
    assert len(calls) > 2 * MAX_READS


def test_repair_of_a_total_that_changes_meanwhile_changes_nothing(
    rows: DynamoRowChecks, images: Images, saved: list[Image], owner: str, check_rows: Callable[[], None]
) -> None:
    MotoBreaker().alter_total(0)
    key = MotoBreaker().find_key(0, "COUNT#")
    image = next(image for image in saved if key.endswith(str(shard(image.id))))
    rows.list_owners()

    with edit_before("dynamodb.TransactWriteItems", 0, lambda: edit(images, image)):
        rows.repair(owner)

    (difference,) = compare(rows, owner).differences
    assert " is -3 photos with " in difference.text  # as before the repair
    rows.repair(owner)
    assert compare(rows, owner) == Comparison()
    check_rows()


def test_repair_of_an_image_that_changes_meanwhile_starts_again(
    rows: DynamoRowChecks, images: Images, saved: list[Image], owner: str, check_rows: Callable[[], None]
) -> None:
    MotoBreaker().lose_index_row(0)
    MotoBreaker().lose_index_row(0)
    rows.list_owners()

    with edit_before("dynamodb.TransactWriteItems", 0, lambda: edit(images, saved[0])):
        rows.repair(owner)

    assert compare(rows, owner) == Comparison()
    check_rows()


def test_images_with_the_same_bytes_are_reported_and_not_changed(
    rows: DynamoRowChecks, images: Images, saved: list[Image], owner: str
) -> None:
    MotoBreaker().lose_hash(0)
    twins = [image for image in saved if images.find_by_hash(owner, image.sha256) is None]
    twin = images.save(replace(make(owner), sha256=twins[0].sha256))

    rows.repair(owner)

    [difference] = compare(rows, owner).differences
    assert difference.text == (
        f"Its bytes are those of the photo beach.jpg ({twins[0].id}) and of the photo beach.jpg ({twin.id}). Delete one"
        " of them."
    )
    assert images.find_by_hash(owner, twin.sha256) == twin.id


def test_many_index_rows_of_one_image_are_repaired(
    dynamodb: "DynamoDBClient", rows: DynamoRowChecks, saved: list[Image], owner: str, check_rows: Callable[[], None]
) -> None:
    for number in range(MAX_TOGETHER + 1):
        row = {"pk": tag_partition(owner, f"tag{number}"), "sk": saved[0].id, "id": saved[0].id, "tags": {}}
        dynamodb.put_item(TableName=TABLE_NAME, Item=attributes(row))

    differences = compare(rows, owner).differences
    rows.repair(owner)

    assert {difference.image_id for difference in differences} == {saved[0].id}
    assert compare(rows, owner) == Comparison()
    check_rows()


def test_rows_of_views_are_compared_and_repaired(
    dynamodb: "DynamoDBClient", rows: DynamoRowChecks, images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    tagged, untagged = images.save(make(owner, dog=1)), images.save(make(owner))
    lost = {"pk": view_partition(owner, View.READY), "sk": tagged.sort_key}
    added = {"pk": view_partition(owner, View.UNTAGGED), "sk": tagged.sort_key}
    altered = {"pk": view_partition(owner, View.UNTAGGED), "sk": untagged.sort_key}
    dynamodb.delete_item(TableName=TABLE_NAME, Key=attributes(lost))
    for key, image in ((added, tagged), (altered, untagged)):
        item = key | summary_item(image) | {"name": "other.jpg"}
        dynamodb.put_item(TableName=TABLE_NAME, Item=attributes(item))

    differences = compare(rows, owner).differences
    rows.repair(owner)

    assert {difference.text for difference in differences} == {
        f"The photo beach.jpg ({tagged.id}) is missing in the list ready and is wrongly in the list untagged.",
        f"The photo beach.jpg ({untagged.id}) has outdated values in the list untagged.",
    }
    assert compare(rows, owner) == Comparison()
    check_rows()


def test_counter_with_many_months_is_repaired_in_parts(
    rows: DynamoRowChecks,
    saved: list[Image],
    owner: str,
    check_rows: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(total_checks, "MAX_CHANGED", 2)  # of the images, the objects and a month
    MotoBreaker().lose_total(0)
    rows.list_owners()

    rows.repair(owner)

    assert compare(rows, owner) == Comparison()
    check_rows()


def test_rows_of_no_owner_are_ignored(dynamodb: "DynamoDBClient", rows: DynamoRowChecks) -> None:
    dynamodb.put_item(TableName=TABLE_NAME, Item=attributes({"pk": "RESTORE", "sk": "RESTORE"}))

    assert rows.list_owners() == set()


@contextmanager
def conflict(times: int) -> Iterator[list[int]]:
    """Let the first reads in transactions conflict with other transactions. Yield the calls."""
    calls: list[int] = []
    response = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [{"Code": "None"}]}

    def hook(**_: object) -> Any:
        calls.append(1)
        return (AWSResponse("", 400, HTTPHeaders(), None), response) if len(calls) <= times else None

    events = dynamodb_client().meta.events
    events.register_first("before-call.dynamodb.TransactGetItems", hook)
    try:
        yield calls
    finally:
        events.unregister("before-call.dynamodb.TransactGetItems", hook)


@pytest.fixture
def immediate(services: Services, dynamodb: "DynamoDBClient", rows: DynamoRowChecks) -> DynamoRowChecks:
    """Checks that repeat transactions at once."""
    return DynamoRowChecks(dynamodb, TABLE_NAME, rows.queue, backoff_seconds=0)


def test_compare_repeats_a_read_that_conflicts(immediate: DynamoRowChecks, saved: list[Image], owner: str) -> None:
    MotoBreaker().lose_index_row(0)

    with conflict(2) as calls:
        assert len(compare(immediate, owner).differences) == 1

    assert len(calls) == 3


def test_compare_raises_if_a_read_always_conflicts(immediate: DynamoRowChecks, saved: list[Image], owner: str) -> None:
    MotoBreaker().lose_index_row(0)

    with conflict(MAX_ATTEMPTS), pytest.raises(Unavailable):
        compare(immediate, owner)


def test_repair_skips_an_image_whose_read_always_conflicts(
    immediate: DynamoRowChecks, saved: list[Image], owner: str
) -> None:
    MotoBreaker().lose_index_row(0)
    immediate.list_owners()  # finds the views, so that only the image without its row is read again

    with conflict(MAX_ATTEMPTS**2):
        immediate.repair(owner)

    assert len(compare(immediate, owner).differences) == 1


DOG = {"COUNT#dog#1": {"images": 1, "objects": 1}}
CAT = {"COUNT#cat#1": {"images": 1, "objects": 1}}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (Contribution(3, DOG), Contribution(3, DOG), set[str]()),
        (Contribution(3, DOG), Contribution(4, CAT), {*DOG, *CAT}),
        (Contribution(3, DOG), Contribution(5, DOG), {*DOG, "COUNT#bear#{}"}),
        (None, Contribution(1, CAT), {*CAT}),
        (None, Contribution(2, CAT), {*CAT, "COUNT#bear#{}"}),
        (Contribution(3, DOG), None, {*DOG, "COUNT#bear#{}"}),
    ],
)
def test_find_changed_returns_the_counters_that_an_image_may_have_changed(
    old: Contribution | None, new: Contribution | None, changed: set[str]
) -> None:
    own, other = f"COUNT#bear#{shard('i')}", f"COUNT#bear#{(shard('i') + 1) % 8}"

    found = find_changed({"i": old} if old else {}, {"i": new} if new else {}, {own, other})

    assert found == {key.format(shard("i")) for key in changed}


@pytest.mark.parametrize("tag", [None, "cat"])
def test_total_that_the_list_of_tags_lacks_is_repaired(
    rows: DynamoRowChecks,
    images: Images,
    saved: list[Image],
    owner: str,
    tag: str | None,
    check_rows: Callable[[], None],
) -> None:
    MotoBreaker().rename_total(0, tag)
    found = compare(rows, owner)

    rows.repair(owner)

    (difference,) = found.differences
    assert difference.text.startswith("The list of tags lacks the tag dog (part ")
    assert images.count_tags(owner) == [TagTotal("dog", 2, 3)]
    assert compare(rows, owner) == Comparison()
    check_rows()


def test_counters_of_version_0_6_for_the_usage_are_joined(
    rows: DynamoRowChecks, images: Images, saved: list[Image], owner: str, check_rows: Callable[[], None]
) -> None:
    moved = MotoBreaker().move_usage(0, 7)  # since version 0.7, a year has 4 counters instead of 8
    assert sum(month.images for month in images.count_months(owner)) == len(saved)

    rows.repair(owner)

    assert moved not in list_sort_keys(owner, "USAGE#")
    assert compare(rows, owner) == Comparison()
    check_rows()


def test_counters_of_version_0_10_for_other_tags_are_joined(
    rows: DynamoRowChecks, images: Images, owner: str, monkeypatch: pytest.MonkeyPatch, check_rows: Callable[[], None]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(row_keys, "counter_shard", lambda _tag, image_id: shard(image_id))
        saved = [images.save(make(owner, kyoto=1)) for _ in range(20)]
    assert images.count_tag(owner, "kyoto") == TagTotal("kyoto", 20, 20)

    rows.repair(owner)

    assert list_sort_keys(owner, "COUNT#") == ["COUNT#kyoto#0"]
    assert images.count_tag(owner, "kyoto") == TagTotal("kyoto", len(saved), len(saved))
    assert compare(rows, owner) == Comparison()
    check_rows()


def test_repair_of_the_list_of_tags_does_not_write_a_total_that_was_just_deleted(
    rows: DynamoRowChecks, images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    saved = images.save(make(owner, dog=1))
    MotoBreaker().rename_total(0, None)
    rows.list_owners()

    with edit_before(
        "dynamodb.TransactWriteItems", 0, lambda: images.save(replace(saved, state=ImageState.TRASHED), saved)
    ):
        rows.repair(owner)

    assert images.count_tags(owner) == []
    check_rows()
