"""Compares the counters in DynamoDB with the images while both change.

Images are read page by page, so the images of a comparison do not belong to one moment. But versions never decrease.
If an image has the same version before and after the counters are read, it had this version in between. Only the
counters that images with other versions may have changed are compared again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from app.adapters.aws.counters import count_tags, subtract
from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.image_actions import count_usage
from app.adapters.aws.image_items import to_image
from app.adapters.aws.months import read_tag_months, read_usage_months
from app.adapters.aws.row_keys import Item, between, can_count, counted_tag, list_tag, partition_of, usage_key
from app.adapters.aws.transactions import BACKOFF_SECONDS, ConditionFailed
from app.domain.checks import (
    Comparison,
    Count,
    RowDifference,
    compare_months,
    compare_total,
    compare_usage,
    find_searchable_tags,
)
from app.domain.errors import Unavailable
from app.domain.images import Image
from app.domain.marks import describe_tag

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_READS: Final = 5  # of all images

MAX_CHANGED: Final = 40  # attributes in an expression, which may have 4 KB

_TOTAL: Final = "COUNT#"
_USAGE: Final = "USAGE#"
_LISTED: Final = "listed"

Numbers = Mapping[str, int]
"""The attributes of a counter that are not zero. `_LISTED` is 1 if the index `listed` contains the counter."""

Counts = Mapping[str, Numbers]
"""Maps the sort keys of counters to their numbers."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one version of an image adds to the counters."""

    version: int
    counts: Counts


_MISSING: Final = Contribution(0, {})


def count_image(image: Image) -> Contribution:
    """Return what an image adds to the counters."""
    counts: dict[str, Numbers] = {**count_tags(image, find_searchable_tags(image))}
    if usage := count_usage(image):
        counts[str(usage_key(image)["sk"])] = usage
    return Contribution(image.version, counts)


def add_up(contributions: Iterable[Contribution]) -> dict[str, Numbers]:
    """Return the counters of these images."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for contribution in contributions:
        for key, numbers in contribution.counts.items():
            sums[key].update(numbers)
    listed = {_LISTED: 1}
    return {key: subtract(numbers, {}) | (listed if key.startswith(_TOTAL) else {}) for key, numbers in sums.items()}


class TotalChecks(DynamoTable):
    """Compares and repairs the totals of tags and the usage."""

    def __init__(self, client: "DynamoDBClient", table: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, table)
        self._backoff_seconds = backoff_seconds

    def compare(self, owner: str, counted: Counts) -> Comparison:
        """Compare the counters with those of the images, which were just read but may have changed since."""
        differences, unsettled = self._find_differences(owner, counted)
        found = (_describe(key, *pair) for key, pair in sorted(differences.items()))
        return Comparison(list(filter(None, found)), sorted(map(_name, unsettled)))

    def repair(self, owner: str, counted: Counts) -> None:
        """Write the counters that differ. A counter that has changed since it was read is not written."""
        differences, _ = self._find_differences(owner, counted)
        for key, (stored, counted_now) in differences.items():
            with suppress(ConditionFailed, Unavailable):
                self._write({"pk": partition_of(owner), "sk": key}, stored, counted_now)

    def _find_differences(self, owner: str, counted: Counts) -> tuple[dict[str, tuple[Numbers, Numbers]], set[str]]:
        """Return the stored and the counted values that differ at one moment, and the keys that changed too often."""
        stored = self._read_counters(owner)
        suspects = {key for key in stored.keys() | counted.keys() if stored.get(key, {}) != counted.get(key, {})}
        differences: dict[str, tuple[Numbers, Numbers]] = {}
        before = self._read_contributions(owner) if suspects else {}
        for _ in range(MAX_READS):
            if not suspects:
                break
            stored = self._read_counters(owner)
            after = self._read_contributions(owner)
            settled = suspects - find_changed(before, after, suspects)
            counts = add_up(after.values())
            for key in settled:
                pair = stored.get(key, {}), counts.get(key, {})
                if pair[0] != pair[1]:
                    differences[key] = pair
            suspects -= settled
            before = after
        return differences, suspects

    def _read_counters(self, owner: str) -> dict[str, Numbers]:
        ranges = (between(partition_of(owner), prefix, f"{prefix}\U0010ffff") for prefix in (_TOTAL, _USAGE))
        items = chain.from_iterable(self._query(condition, consistent=True) for condition in ranges)
        return {item["sk"]: numbers for item in items if (numbers := _read_numbers(item))}

    def _read_contributions(self, owner: str) -> dict[str, Contribution]:
        items = self._query(between(partition_of(owner), "IMAGE#", "IMAGE$"), consistent=True)
        return {item["id"]: count_image(to_image(owner, item)) for item in items}

    def _write(self, key: Item, stored: Numbers, counted: Numbers) -> None:
        """Write the attributes of a counter that differ, if they still have the stored values."""
        if not counted:
            self._delete_counter(key, stored)
            return
        changed = {name for name in {**counted, **stored} if counted.get(name) != stored.get(name)}
        tag = counted_tag(key["sk"]) if _LISTED in changed else ""
        names = sorted(changed - {_LISTED} | ({"images"} if tag else set()))  # a row that is gone is not made again
        for start in range(0, len(names), MAX_CHANGED):
            transaction = self._transaction()
            part = names[start : start + MAX_CHANGED]
            transaction.set_numbers(key, {name: (stored.get(name, 0), counted.get(name, 0)) for name in part}, tag=tag)
            transaction.commit(self._backoff_seconds)

    def _delete_counter(self, key: Item, stored: Numbers) -> None:
        name = _name_sum(key["sk"])
        condition = " AND ".join(
            f"(attribute_not_exists({attribute}) OR {attribute} = :{attribute})" for attribute in ("images", name)
        )
        transaction = self._transaction()
        values = {":images": stored.get("images", 0), f":{name}": stored.get(name, 0)}
        transaction.delete(key, condition, values)
        transaction.commit(self._backoff_seconds)


def _read_numbers(item: Item) -> Numbers:
    numbers = {name: int(value) for name, value in item.items() if name not in {"pk", "sk", "listed"} and value}
    return numbers and numbers | _mark_listed(item["sk"], item.get("listed"))


def _mark_listed(key: str, listed: object) -> dict[str, int]:
    return {_LISTED: 1} if key.startswith(_TOTAL) and {"listed": listed} == list_tag(counted_tag(key)) else {}


def find_changed(
    before: Mapping[str, Contribution], after: Mapping[str, Contribution], keys: Iterable[str]
) -> set[str]:
    """Return those keys whose counters may have changed between two reads of all images.

    If the version of an image has increased by one, it changed once, and only its counters before and after can have
    changed. Otherwise, it may have had any tags and months in between, but its counters belong to its shard.
    """
    changed: set[str] = set()
    for image_id in before.keys() | after.keys():
        old, new = before.get(image_id, _MISSING), after.get(image_id, _MISSING)
        if old.version == new.version:
            continue
        changed |= old.counts.keys() | new.counts.keys()
        if new.version != old.version + 1:
            changed |= {key for key in keys if can_count(key, image_id)}
    return changed


def _name_sum(key: str) -> str:
    """Return the name of the second attribute of a counter."""
    return "objects" if key.startswith(_TOTAL) else "bytes"


def _split(key: str) -> tuple[str, str]:
    """Return the tag of a counter, or an empty text for the usage, and the name of its part."""
    name, _, number = key.partition("#")[2].rpartition("#")
    part = f"part {int(number) + 1 if number.isdecimal() else number}"
    if key.startswith(_TOTAL):
        return name, f" ({part})"
    return "", f" ({part}, {name})" if name else f" ({part})"


def _name(key: str) -> str:
    tag, part = _split(key)
    return f"the total{part} of {describe_tag(tag)}" if tag else f"the usage{part}"


def _describe(key: str, stored: Numbers, counted: Numbers) -> RowDifference | None:
    """Return the difference of a counter: of its totals, or else of its months."""
    tag, part = _split(key)
    old, new = (Count(numbers.get("images", 0), numbers.get(_name_sum(key), 0)) for numbers in (stored, counted))
    total = compare_total(tag, old, new, part) if tag else compare_usage(old, new, part)
    months = compare_months(tag, _read_months(key, stored), _read_months(key, counted), part)
    return (
        total or months or RowDifference(f"list{part} of {tag}", f"The list of tags lacks {describe_tag(tag)}{part}.")
    )


def _read_months(key: str, numbers: Numbers) -> dict[str, int]:
    return read_tag_months(numbers) if key.startswith(_TOTAL) else read_usage_months(key, numbers)
