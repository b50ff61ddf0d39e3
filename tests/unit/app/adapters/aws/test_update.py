"""The update of a table of version 0.5: `pixtag doctor --repair` writes the views, the months and the index `state`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.row_checks import DynamoRowChecks
from app.adapters.aws.row_keys import Item, attributes, shard, values
from app.adapters.aws.row_snapshots import PLACE
from app.domain.checks import Comparison
from app.domain.edits import TagChange, retag
from app.domain.images import Image, ImageState, MonthTotal, make_tombstone
from app.domain.ports import Quotas
from app.domain.query import parse
from app.domain.quotas import Usage
from app.domain.tag_counts import load_counts
from app.domain.tags import MAX_TAGS
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.aws import TABLE_NAME
from tests.support.fakes import image
from tests.support.services import Services

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

OLD_MAX_TAGS = 24


def downgrade(client: "DynamoDBClient", full: Image) -> None:
    """Change all rows to what version 0.5 wrote. `full` gets more tags than an image can have today."""
    rows = [values(item) for item in client.scan(TableName=TABLE_NAME)["Items"]]
    old = [each for row in rows if (each := downgrade_row(row))] + downgrade_usage(rows)
    (row,) = (row for row in old if row["sk"] == f"IMAGE#{full.id}")
    row["tags"] |= {f"tag {number}": 1 for number in range(OLD_MAX_TAGS - len(row["tags"]))}
    for tag in row["tags"].keys() - full.tags.keys():
        old.append(row | {"pk": f"{row['pk']}#TAG#{tag}", "sk": full.id})
        old.append({"pk": row["pk"], "sk": f"COUNT#{tag}#{shard(full.id)}", "images": 1, "objects": 1})
    for each in rows:
        client.delete_item(TableName=TABLE_NAME, Key=attributes({name: each[name] for name in ("pk", "sk")}))
    for each in old:
        client.put_item(TableName=TABLE_NAME, Item=attributes(each))


def downgrade_row(row: Item) -> Item | None:
    if "#VIEW#" in row["pk"] or row["sk"].startswith("USAGE#"):
        return None
    if "#TAG#" in row["pk"]:
        return row | {"sk": row["id"], "tags": load_counts(row["tags"])[0]}
    if row["sk"].startswith("COUNT#"):
        return {name: row[name] for name in ("pk", "sk", "images", "objects")}
    tags = {"tags": load_counts(row["tags"])[0]} if "tags" in row else {}
    return {name: value for name, value in row.items() if name not in PLACE} | tags


def downgrade_usage(rows: list[Item]) -> list[Item]:
    """Return the counters of the usage without years and months."""
    totals: dict[str, Item] = {}
    for row in rows:
        if row["sk"].startswith("USAGE#"):
            key = {"pk": row["pk"], "sk": f"USAGE#{row['sk'].rpartition('#')[2]}"}
            total = totals.setdefault(key["sk"], key | {"images": 0, "bytes": 0})
            total["images"] += row.get("images", 0)
            total["bytes"] += row.get("bytes", 0)
    return [*totals.values()]


@pytest.fixture
def saved(images: DynamoImages, dynamodb: "DynamoDBClient", owner: str) -> list[Image]:
    """A library of version 0.5."""
    taken = CaptureTime(datetime(2019, 7, 28, 1, 3), TimeSource.EXIF)  # noqa: DTZ001 - a local time
    full = image(owner, counts={f"label {number}": 1 for number in range(MAX_TAGS)})
    made = [replace(image(owner, dog=1), taken=taken), image(owner), full]
    made += [image(owner, ImageState.PENDING), image(owner, ImageState.FAILED)]
    made += [replace(image(owner, ImageState.TRASHED, dog=1), trashed_at=datetime.now(UTC))]
    saved = [images.save(each) for each in made]
    gone = images.save(image(owner, ImageState.TRASHED))
    images.save(make_tombstone(gone), gone)
    downgrade(dynamodb, saved[2])
    return saved


@pytest.fixture
def rows(services: Services, images: DynamoImages, sqs: object) -> DynamoRowChecks:
    rows = services.stores.row_checks
    assert isinstance(rows, DynamoRowChecks)
    return rows


def compare(rows: DynamoRowChecks, owner: str) -> Comparison:
    rows.list_owners()
    return rows.compare(owner, lambda _: None)


def test_repair_updates_a_table_of_version_0_5(
    rows: DynamoRowChecks, images: DynamoImages, saved: list[Image], owner: str, check_rows: Callable[[], None]
) -> None:
    found = compare(rows, owner)

    rows.repair(owner)

    assert {difference.image_id for difference in found.differences} >= {each.id for each in saved}
    assert compare(rows, owner) == Comparison()
    check_rows()
    dated, *undated = saved[:3]
    assert [each.id for each in images.list_images(owner, 9, states=frozenset({ImageState.READY})).images] == [
        *sorted((each.id for each in undated), reverse=True),
        dated.id,
    ]
    assert [each.id for each in images.search(owner, parse("taken:2019, dog"), 9).images] == [dated.id]
    assert images.count_months(owner, "dog") == [MonthTotal("2019-07", 1)]


def test_library_of_version_0_5_can_be_changed_before_the_repair(
    rows: DynamoRowChecks,
    images: DynamoImages,
    quotas: Quotas,
    saved: list[Image],
    owner: str,
    check_rows: Callable[[], None],
) -> None:
    usages = [quotas.usage(owner)]
    edited, trashed = (images.get_image(owner, saved[number].id) for number in (0, 5))
    images.save(retag(edited, [TagChange("cat", 1)], datetime.now(UTC)), edited)
    images.save(make_tombstone(trashed), trashed)
    usages.append(quotas.usage(owner))
    rows.list_owners()

    rows.repair(owner)

    assert [*usages, quotas.usage(owner)] == [Usage(5, 5), Usage(4, 4), Usage(4, 4)]
    assert [each.id for each in images.search(owner, parse("cat, dog"), 9).images] == [edited.id]
    assert compare(rows, owner) == Comparison()
    check_rows()
