"""Reads the counters of images: the totals of tags, and the numbers of images by month."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.months import read_tag_months, read_usage_months
from app.adapters.aws.row_keys import (
    SHARDS,
    Item,
    between,
    counted_tag,
    listed_tag,
    marks_between,
    partition_of,
    tags_between,
)
from app.domain.images import MonthTotal
from app.domain.marks import is_mark
from app.domain.tags import TagTotal, make_total

LAST_CHARACTER: Final = "\U0010ffff"


class ImageTotals(DynamoTable):
    """The part of the store of images that reads counters. `save` writes them."""

    def count_tag(self, owner: str, tag: str) -> TagTotal:
        """Return the totals of a tag or a mark. They are zero if the owner does not have it."""
        condition = marks_between(owner, tag, tag) if is_mark(tag) else tags_between(owner, tag, tag)
        shards = [_to_total(item) for item in self._query(condition)]
        return _sum_totals(shards or [TagTotal(tag, 0, 0)])

    def count_tags(self, owner: str, prefix: str = "") -> list[TagTotal]:
        """Return the totals of every tag with this prefix, most frequent first."""
        shards: dict[str, list[TagTotal]] = {}
        for shard in map(_to_total, self._query(tags_between(owner, prefix, prefix + LAST_CHARACTER))):
            shards.setdefault(shard.tag, []).append(shard)
        totals = [total for tag in shards if (total := _sum_totals(shards[tag])).images]
        return sorted(totals, key=lambda total: (-total.images, total.tag))

    def count_months(self, owner: str, tag: str | None = None) -> list[MonthTotal]:
        """Return the number of ready images in each month, oldest first. If a tag is given, only its images count."""
        if tag is not None:
            return _sum_months(read_tag_months(item) for item in self._query_tag(owner, tag))
        items = self._query(between(partition_of(owner), "USAGE#", "USAGE$"))
        return _sum_months(read_usage_months(item["sk"], item) for item in items)

    def _query_tag(self, owner: str, tag: str) -> Iterator[Item]:
        items = self._query(between(partition_of(owner), f"COUNT#{tag}#0", f"COUNT#{tag}#{SHARDS - 1}"))
        return (item for item in items if counted_tag(item["sk"]) == tag)


def _to_total(item: Item) -> TagTotal:
    """Convert a counter. It lacks a number if it was lost and has only counted changes since then."""
    return TagTotal(listed_tag(item), int(item.get("images", 0)), int(item.get("objects", 0)))


def _sum_totals(shards: list[TagTotal]) -> TagTotal:
    return make_total(shards[0].tag, sum(shard.images for shard in shards), sum(shard.objects for shard in shards))


def _sum_months(shards: Iterable[Mapping[str, int]]) -> list[MonthTotal]:
    """Add up the months of counters. Counters can be wrong until `pixtag doctor` repairs them."""
    images = Counter[str]()
    for months in shards:
        images.update(months)
    return [MonthTotal(month, images[month]) for month in sorted(images) if images[month] > 0]
