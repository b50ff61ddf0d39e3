"""Compares the tag index, totals and usage in SQLite with the images, and repairs them."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.adapters.local.rows import image_row, name_damage, to_image, to_tags
from app.domain.checks import (
    Comparison,
    Count,
    RowChecks,
    compare_index,
    compare_tags,
    compare_total,
    compare_usage,
    find_searchable_tags,
    measure_usage,
)
from app.domain.errors import ImageDamaged
from app.domain.images import Image
from app.domain.messages import Message
from app.domain.tags import Tags

_PAGE: Final = 200
_REPAIRED: Final = 100  # images per transaction
_NOTHING: Final = Count(0, 0)

_OWNERS: Final = " UNION ".join(f"SELECT owner FROM {table}" for table in ("image", "image_tag", "tag_total", "usage"))  # noqa: S608 - our tables
_IDS: Final = "(SELECT value FROM json_each(:ids))"

_DELETE_TOTALS: Final = "DELETE FROM tag_total WHERE owner = :owner"
_WRITE_TOTALS: Final = """
    INSERT INTO tag_total (owner, tag, images, objects)
    SELECT owner, tag, count(*), sum(count) FROM image_tag WHERE owner = :owner GROUP BY tag
"""
_WRITE_USAGE: Final = """
    INSERT OR REPLACE INTO usage (owner, images, bytes)
    SELECT :owner, count(*), coalesce(sum(size), 0) FROM image WHERE owner = :owner AND counted
"""


class SqliteRowChecks(RowChecks):
    """Compares and repairs the rows of an owner. A unique index replaces the hash rows of DynamoDB."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def list_owners(self) -> set[str]:
        with self._database.read() as connection:
            return {row["owner"] for row in connection.execute(_OWNERS)}

    @override
    def read_images(self, owner: str, after: str = "") -> Iterator[Image]:
        while True:  # short transactions, because the caller reads the objects of the images
            with self._database.read() as connection:
                reads = _read_page(connection, owner, after)
            yield from (read.image for read in reads if read.image)
            if len(reads) < _PAGE:
                return
            after = reads[-1].id

    @override
    def compare(self, owner: str, report: Callable[[int], None]) -> Comparison:
        comparison = Comparison()
        totals: dict[str, Count] = defaultdict(lambda: _NOTHING)
        usage = _NOTHING
        with self._database.read() as connection:  # all reads see the same moment
            for image_id, read, index in _read_rows(connection, owner):
                image = read.image if read else None
                if read and not image:
                    comparison.damaged.append(image_id)
                    continue
                expected = find_searchable_tags(image)
                differences = [compare_index(image_id, image, expected, index)]
                if read and image:
                    differences.append(compare_tags(image, read.tags))
                    usage = _add(usage, measure_usage(image))
                    report(1)
                for tag, count in expected.items():
                    totals[tag] = _add(totals[tag], Count(1, count))
                comparison.differences.extend(filter(None, differences))
            stored, stored_usage = _read_totals(connection, owner), _read_usage(connection, owner)
        if comparison.damaged:
            return comparison
        comparison.differences.extend(
            difference
            for tag in sorted(totals.keys() | stored.keys())
            if (difference := compare_total(tag, stored.get(tag, _NOTHING), totals[tag]))
        )
        comparison.differences.extend(filter(None, [compare_usage(stored_usage, usage)]))
        return comparison

    @override
    def repair(self, owner: str) -> None:
        comparison = self.compare(owner, lambda _: None)
        ids = sorted({difference.image_id for difference in comparison.differences} - {""})
        for start in range(0, len(ids), _REPAIRED):
            with self._database.write() as connection:
                _repair_images(connection, owner, ids[start : start + _REPAIRED])
        if comparison.damaged:
            return
        with self._database.write() as connection:
            _rewrite_totals(connection, owner)
            connection.execute(_WRITE_USAGE, {"owner": owner})

    @override
    def list_busy(self, owner: str, image_ids: Collection[str]) -> set[str]:
        bodies = {Message(owner, image_id).to_json(): image_id for image_id in image_ids}
        with self._database.read() as connection:
            messages = connection.execute(
                f"SELECT body FROM message WHERE NOT dead AND body IN {_IDS}",  # noqa: S608 - a constant
                {"ids": json.dumps(list(bodies))},
            )
            purges = connection.execute(
                f"SELECT image FROM outbox WHERE owner = :owner AND kind = 'purge' AND image IN {_IDS}",  # noqa: S608 - a constant
                {"owner": owner, "ids": json.dumps(list(image_ids))},
            )
            return {bodies[row["body"]] for row in messages} | {row["image"] for row in purges}

    @override
    def knows_messages(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class _Read:
    """The row of an image.

    Attributes:
        id: The id of the image.
        image: The image, or None if the row is damaged.
        tags: The stored tags, or None if they are damaged.
    """

    id: str
    image: Image | None = None
    tags: Tags | None = None


def _read_page(connection: sqlite3.Connection, owner: str, after: str) -> list[_Read]:
    """Return the next rows of images, oldest first."""
    rows = connection.execute(
        "SELECT id FROM image WHERE owner = ? AND id > ? ORDER BY id LIMIT ?", (owner, after, _PAGE)
    )
    ids = [row["id"] for row in rows]
    try:
        return _read_images(connection, owner, ids)
    except ImageDamaged:
        return [read for image_id in ids if (read := _read_one(connection, owner, image_id))]


def _read_one(connection: sqlite3.Connection, owner: str, image_id: str) -> _Read | None:
    """Return the row of an image, or None if it has none."""
    try:
        return next(iter(_read_images(connection, owner, [image_id])), None)
    except ImageDamaged:
        return _Read(image_id)


def _read_images(connection: sqlite3.Connection, owner: str, ids: list[str]) -> list[_Read]:
    """Return the rows with these ids, oldest first.

    Raises:
        ImageDamaged: one of the rows is damaged.
    """
    found = connection.execute(
        f"SELECT * FROM image WHERE owner = :owner AND id IN {_IDS} ORDER BY id",  # noqa: S608 - a constant
        {"owner": owner, "ids": json.dumps(ids)},
    )
    with name_damage(""), closing(found) as rows:
        return [_Read(row["id"], to_image(row), _parse_tags(row["tags"])) for row in rows]


def _parse_tags(text: str) -> Tags | None:
    """Return the stored tags, or None if they are damaged. A repair computes them again."""
    try:
        return to_tags(text)
    except (TypeError, ValueError):
        return None


def _read_all(connection: sqlite3.Connection, owner: str) -> Iterator[_Read]:
    after = ""
    while reads := _read_page(connection, owner, after):
        yield from reads
        after = reads[-1].id


def _read_rows(connection: sqlite3.Connection, owner: str) -> Iterator[tuple[str, _Read | None, dict[str, int]]]:
    """Yield each id of an image or of index rows, with the row of the image, or None, and the counts in the index."""
    index = connection.execute("SELECT id, tag, count FROM image_tag WHERE owner = ? ORDER BY id", (owner,))
    rows: list[Iterator[tuple[str, str, Any]]] = [
        ((read.id, "", read) for read in _read_all(connection, owner)),
        ((row["id"], row["tag"], row["count"]) for row in index),
    ]
    for image_id, group in groupby(merge(*rows, key=itemgetter(0)), key=itemgetter(0)):
        by_tag = {tag: value for _, tag, value in group}
        yield image_id, by_tag.pop("", None), by_tag


def _read_totals(connection: sqlite3.Connection, owner: str) -> dict[str, Count]:
    rows = connection.execute("SELECT tag, images, objects FROM tag_total WHERE owner = ?", (owner,))
    return {row["tag"]: Count(row["images"], row["objects"]) for row in rows}


def _read_usage(connection: sqlite3.Connection, owner: str) -> Count:
    row = connection.execute("SELECT images, bytes FROM usage WHERE owner = ?", (owner,)).fetchone()
    return Count(*row) if row else _NOTHING


def _add(first: Count, second: Count) -> Count:
    return Count(first.images + second.images, first.sum + second.sum)


def _repair_images(connection: sqlite3.Connection, owner: str, ids: list[str]) -> None:
    """Write the tags and the index rows of images. Afterwards, all totals match the index.

    The triggers on the index change totals, and wrong totals could violate a constraint. So they are deleted before.
    """
    connection.execute(_DELETE_TOTALS, {"owner": owner})
    for image_id in ids:
        read = _read_one(connection, owner, image_id)
        image = read.image if read else None
        if read and not image:
            continue
        if read and image and compare_tags(image, read.tags):
            connection.execute(
                "UPDATE image SET tags = :tags WHERE owner = :owner AND id = :id",
                {"tags": image_row(image)["tags"], "owner": owner, "id": image_id},
            )
        _repair_index(connection, owner, image_id, find_searchable_tags(image))
    _rewrite_totals(connection, owner)


def _repair_index(connection: sqlite3.Connection, owner: str, image_id: str, expected: Tags) -> None:
    rows = connection.execute("SELECT tag, count FROM image_tag WHERE owner = ? AND id = ?", (owner, image_id))
    found = {row["tag"]: row["count"] for row in rows}
    connection.executemany(
        "DELETE FROM image_tag WHERE owner = ? AND tag = ? AND id = ?",
        [(owner, tag, image_id) for tag, count in found.items() if expected.get(tag) != count],
    )
    connection.executemany(
        "INSERT INTO image_tag (owner, tag, id, count) VALUES (?, ?, ?, ?)",
        [(owner, tag, image_id, count) for tag, count in expected.items() if found.get(tag) != count],
    )


def _rewrite_totals(connection: sqlite3.Connection, owner: str) -> None:
    connection.execute(_DELETE_TOTALS, {"owner": owner})
    connection.execute(_WRITE_TOTALS, {"owner": owner})
