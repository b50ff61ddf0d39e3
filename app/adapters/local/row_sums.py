"""The sums that triggers keep: the totals of tags, the numbers of images by month, and the usage of an owner."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.domain.checks import (
    Count,
    RowDifference,
    compare_months,
    compare_total,
    compare_usage,
    find_searchable_tags,
    measure_usage,
)
from app.domain.images import Image, ImageState

_NOTHING: Final = Count(0, 0)

_LIBRARY: Final = ""  # instead of a tag
_MONTHS: Final = """
    SELECT '' AS tag, month, images FROM month_total WHERE owner = :owner UNION ALL
    SELECT tag, month, images FROM tag_month_total WHERE owner = :owner
"""

_DELETIONS: Final = (
    "DELETE FROM tag_total WHERE owner = :owner",
    "DELETE FROM tag_month_total WHERE owner = :owner",
    "DELETE FROM month_total WHERE owner = :owner",
)
_WRITES: Final = (
    """
    INSERT INTO tag_total (owner, tag, images, objects)
    SELECT owner, tag, count(*), sum(count) FROM image_tag WHERE owner = :owner GROUP BY tag
    """,
    """
    INSERT INTO tag_month_total (owner, tag, month, images)
    SELECT owner, tag, month, count(*) FROM image_tag WHERE owner = :owner GROUP BY tag, month
    """,
    """
    INSERT INTO month_total (owner, month, images)
    SELECT owner, month, count(*) FROM image WHERE owner = :owner AND state = 'ready' GROUP BY month
    """,
)
_WRITE_USAGE: Final = """
    INSERT OR REPLACE INTO usage (owner, images, bytes)
    SELECT :owner, count(*), coalesce(sum(size), 0) FROM image WHERE owner = :owner AND counted
"""


@dataclass(slots=True)
class Sums:
    """The sums of an owner.

    Attributes:
        totals: The totals by tag.
        months: The numbers of images by tag and month. Those of the whole library have the tag "".
        usage: The usage.
    """

    totals: dict[str, Count] = field(default_factory=lambda: defaultdict(lambda: _NOTHING))
    months: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    usage: Count = _NOTHING

    def add(self, image: Image) -> None:
        """Add an image."""
        self.usage = _add(self.usage, measure_usage(image))
        if image.state is ImageState.READY:
            self.months[_LIBRARY][image.month] += 1
        for tag, count in find_searchable_tags(image).items():
            self.totals[tag] = _add(self.totals[tag], Count(1, count))
            self.months[tag][image.month] += 1

    def compare(self, stored: "Sums") -> Iterator[RowDifference]:
        """Yield the differences of stored sums from these."""
        for tag in sorted(self.totals.keys() | stored.totals.keys()):
            if difference := compare_total(tag, stored.totals[tag], self.totals[tag]):
                yield difference
        for tag in sorted(self.months.keys() | stored.months.keys()):
            if difference := compare_months(tag, stored.months[tag], self.months[tag]):
                yield difference
        if difference := compare_usage(stored.usage, self.usage):
            yield difference


def read_sums(connection: sqlite3.Connection, owner: str) -> Sums:
    """Return the stored sums."""
    sums = Sums()
    for row in connection.execute("SELECT tag, images, objects FROM tag_total WHERE owner = ?", (owner,)):
        sums.totals[row["tag"]] = Count(row["images"], row["objects"])
    for row in connection.execute(_MONTHS, {"owner": owner}):
        sums.months[row["tag"]][row["month"]] = row["images"]
    row = connection.execute("SELECT images, bytes FROM usage WHERE owner = ?", (owner,)).fetchone()
    sums.usage = Count(*row) if row else _NOTHING
    return sums


def delete_totals(connection: sqlite3.Connection, owner: str) -> None:
    """Delete all sums except the usage. Wrong ones could violate a constraint when triggers change them."""
    for statement in _DELETIONS:
        connection.execute(statement, {"owner": owner})


def rewrite_totals(connection: sqlite3.Connection, owner: str) -> None:
    """Write all sums except the usage again."""
    delete_totals(connection, owner)
    for statement in _WRITES:
        connection.execute(statement, {"owner": owner})


def rewrite_usage(connection: sqlite3.Connection, owner: str) -> None:
    """Write the usage again."""
    connection.execute(_WRITE_USAGE, {"owner": owner})


def _add(first: Count, second: Count) -> Count:
    return Count(first.images + second.images, first.sum + second.sum)
