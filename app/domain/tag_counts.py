"""Converts the counts of tags, and the certain parts of them, to stored maps."""

from collections.abc import Mapping
from typing import Any

from app.domain.tags import Tags

StoredCounts = dict[str, int | list[int]]
"""Maps tags to counts: `{"dog": 1, "person": [12, 3]}` means one dog and 12 people, 3 of them certain."""


def dump_counts(tags: Tags, certain: Tags) -> StoredCounts:
    """Return the stored counts. A number alone means that nothing is certain, as in PixTag before version 0.7."""
    return {tag: [count, certain[tag]] if certain.get(tag) else count for tag, count in tags.items()}


def load_counts(stored: Mapping[str, Any]) -> tuple[Tags, Tags]:
    """Return the tags of stored counts, and the certain counts of those that have any. Numbers become integers.

    Raises:
        TypeError, ValueError: the stored counts are damaged.
    """
    tags: dict[str, int] = {}
    certain: dict[str, int] = {}
    for tag, value in stored.items():
        if isinstance(value, list):
            count, certain_count = value
            if certain_count:
                certain[tag] = int(certain_count)
        else:
            count = value
        tags[tag] = int(count)
    return tags, certain
