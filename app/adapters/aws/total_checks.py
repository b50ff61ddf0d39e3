"""Compares the counters in DynamoDB with the images while both change.

Images are read page by page, so the images of a comparison do not belong to one moment. But versions never decrease.
If an image has the same version before and after the counters are read, it had this version in between. Only the
counters that images with other versions may have changed are compared again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.image_items import to_image
from app.adapters.aws.items import (
    SHARDS,
    Item,
    between,
    counter_key,
    partition_of,
    shard,
    usage_key,
)
from app.adapters.aws.transactions import BACKOFF_SECONDS, ConditionFailed
from app.domain.checks import (
    Comparison,
    Count,
    RowDifference,
    compare_total,
    compare_usage,
    find_searchable_tags,
    measure_usage,
)
from app.domain.errors import Unavailable
from app.domain.images import Image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_READS: Final = 5  # of all images

_NOTHING: Final = Count(0, 0)
_TOTAL: Final = "COUNT#"
_USAGE: Final = "USAGE#"

Counts = Mapping[str, Count]
"""Maps the sort keys of counters to counts."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one version of an image adds to the counters."""

    version: int
    counts: Counts


_MISSING: Final = Contribution(0, {})


def count_image(image: Image) -> Contribution:
    """Return what an image adds to the counters."""
    counts = {str(counter_key(image, tag)["sk"]): Count(1, count) for tag, count in find_searchable_tags(image).items()}
    usage = measure_usage(image)
    if usage != _NOTHING:
        counts[str(usage_key(image)["sk"])] = usage
    return Contribution(image.version, counts)


def add_up(contributions: Iterable[Contribution]) -> dict[str, Count]:
    """Return the counters of these images."""
    sums: dict[str, Count] = defaultdict(lambda: _NOTHING)
    for contribution in contributions:
        for key, count in contribution.counts.items():
            sums[key] = Count(sums[key].images + count.images, sums[key].sum + count.sum)
    return sums


class TotalChecks(DynamoTable):
    """Compares and repairs the totals of tags and the usage."""

    def __init__(self, client: "DynamoDBClient", table: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, table)
        self._backoff_seconds = backoff_seconds

    def compare(self, owner: str, counted: Counts) -> Comparison:
        """Compare the counters with those of the images, which were just read but may have changed since."""
        differences, unsettled = self._find_differences(owner, counted)
        found = (_describe(key, *counts) for key, counts in sorted(differences.items()))
        return Comparison(list(filter(None, found)), sorted(map(_name, unsettled)))

    def repair(self, owner: str, counted: Counts) -> None:
        """Write the counters that differ. A counter that has changed since it was read is not written."""
        differences, _ = self._find_differences(owner, counted)
        for key, (stored, count) in differences.items():
            with suppress(ConditionFailed, Unavailable):
                self._write(owner, key, stored, count)

    def _find_differences(self, owner: str, counted: Counts) -> tuple[dict[str, tuple[Count, Count]], set[str]]:
        """Return the stored and the counted values that differ at one moment, and the keys that changed too often."""
        stored = self._read_counters(owner)
        suspects = {key for key in stored.keys() | counted.keys() if stored.get(key) != counted.get(key)}
        differences: dict[str, tuple[Count, Count]] = {}
        before = self._read_contributions(owner) if suspects else {}
        for _ in range(MAX_READS):
            if not suspects:
                break
            stored = self._read_counters(owner)
            after = self._read_contributions(owner)
            settled = suspects - find_changed(before, after, suspects)
            counts = add_up(after.values())
            for key in settled:
                pair = stored.get(key, _NOTHING), counts.get(key, _NOTHING)
                if pair[0] != pair[1]:
                    differences[key] = pair
            suspects -= settled
            before = after
        return differences, suspects

    def _read_counters(self, owner: str) -> dict[str, Count]:
        ranges = (between(partition_of(owner), prefix, f"{prefix}\U0010ffff") for prefix in (_TOTAL, _USAGE))
        items = chain.from_iterable(self._query(condition, consistent=True) for condition in ranges)
        counts = {
            item["sk"]: Count(int(item.get("images", 0)), int(item.get(_name_sum(item["sk"]), 0))) for item in items
        }
        return {key: count for key, count in counts.items() if count != _NOTHING}

    def _read_contributions(self, owner: str) -> dict[str, Contribution]:
        items = self._query(between(partition_of(owner), "IMAGE#", "IMAGE$"), consistent=True)
        return {item["id"]: count_image(to_image(owner, item)) for item in items}

    def _write(self, owner: str, key: str, stored: Count, count: Count) -> None:
        """Write a counter, if it still has the stored value."""
        name = _name_sum(key)
        item: Item = {"pk": partition_of(owner), "sk": key}
        condition = " AND ".join(
            f"(attribute_not_exists({attribute}) OR {attribute} = :{attribute})" for attribute in ("images", name)
        )
        values = {":images": stored.images, f":{name}": stored.sum}
        transaction = self._transaction()
        if count == _NOTHING:
            transaction.delete(item, condition, values)
        else:
            transaction.put(item | {"images": count.images, name: count.sum}, condition, values)
        transaction.commit(self._backoff_seconds)


def find_changed(
    before: Mapping[str, Contribution], after: Mapping[str, Contribution], keys: Iterable[str]
) -> set[str]:
    """Return those keys whose counters may have changed between two reads of all images.

    If the version of an image has increased by one, it changed once, and only its counters before and after can have
    changed. Otherwise, it may have had any tags in between, but its counters have the number of its shard.
    """
    changed: set[str] = set()
    for image_id in before.keys() | after.keys():
        old, new = before.get(image_id, _MISSING), after.get(image_id, _MISSING)
        if old.version == new.version:
            continue
        changed |= old.counts.keys() | new.counts.keys()
        if new.version != old.version + 1:
            changed |= {key for key in keys if key.endswith(f"#{shard(image_id)}")}
    return changed


def _name_sum(key: str) -> str:
    """Return the name of the second attribute of a counter."""
    return "objects" if key.startswith(_TOTAL) else "bytes"


def _split(key: str) -> tuple[str, str]:
    """Return the tag of a counter, or an empty text for the usage, and the name of its part."""
    name, _, number = key.rpartition("#")
    part = int(number) + 1 if number.isdecimal() else number
    return name.partition("#")[2], f" (part {part} of {SHARDS})"


def _name(key: str) -> str:
    tag, part = _split(key)
    return f"the total{part} of the tag {tag}" if tag else f"the usage{part}"


def _describe(key: str, stored: Count, counted: Count) -> RowDifference | None:
    tag, part = _split(key)
    return compare_total(tag, stored, counted, part) if tag else compare_usage(stored, counted, part)
