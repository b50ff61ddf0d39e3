"""Compares the tag index, totals and usage in SQLite with the images, and repairs them."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.adapters.local.rows import image_row, to_image
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
    """Compares and repairs the rows of an owner. There are no hash rows: a unique index replaces them."""

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
                rows = connection.execute(
                    "SELECT * FROM image WHERE owner = ? AND id > ? ORDER BY id LIMIT ?", (owner, after, _PAGE)
                )
                images = [to_image(row) for row in rows]
            yield from images
            if len(images) < _PAGE:
                return
            after = images[-1].id

    @override
    def compare(self, owner: str, report: Callable[[int], None]) -> Comparison:
        comparison = Comparison()
        totals: dict[str, Count] = defaultdict(lambda: _NOTHING)
        usage = _NOTHING
        with self._database.read() as connection:  # all reads see the same moment
            for image_id, row, index in _read_rows(connection, owner):
                image = to_image(row) if row else None
                expected = find_searchable_tags(image)
                differences = [compare_index(image_id, image, expected, index)]
                if row and image:
                    differences.append(compare_tags(image, json.loads(row["tags"])))
                    usage = _add(usage, measure_usage(image))
                    report(1)
                for tag, count in expected.items():
                    totals[tag] = _add(totals[tag], Count(1, count))
                comparison.differences.extend(filter(None, differences))
            stored, stored_usage = _read_totals(connection, owner), _read_usage(connection, owner)
        comparison.differences.extend(
            difference
            for tag in sorted(totals.keys() | stored.keys())
            if (difference := compare_total(tag, stored.get(tag, _NOTHING), totals[tag]))
        )
        comparison.differences.extend(filter(None, [compare_usage(stored_usage, usage)]))
        return comparison

    @override
    def repair(self, owner: str) -> None:
        differences = self.compare(owner, lambda _: None).differences
        ids = sorted({difference.image_id for difference in differences} - {""})
        for start in range(0, len(ids), _REPAIRED):
            with self._database.write() as connection:
                _repair_images(connection, owner, ids[start : start + _REPAIRED])
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


def _read_rows(connection: sqlite3.Connection, owner: str) -> Iterator[tuple[str, sqlite3.Row | None, dict[str, int]]]:
    """Yield each id of an image or of index rows, with the row of the image, or None, and the counts in the index."""
    images = connection.execute("SELECT * FROM image WHERE owner = ? ORDER BY id", (owner,))
    index = connection.execute("SELECT id, tag, count FROM image_tag WHERE owner = ? ORDER BY id", (owner,))
    rows: list[Iterator[tuple[str, str, Any]]] = [
        ((row["id"], "", row) for row in images),
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
    parameters = {"owner": owner, "ids": json.dumps(ids)}
    rows = connection.execute(f"SELECT * FROM image WHERE owner = :owner AND id IN {_IDS}", parameters)  # noqa: S608 - a constant
    images = {row["id"]: row for row in rows}
    connection.execute(_DELETE_TOTALS, {"owner": owner})
    for image_id in ids:
        row = images.get(image_id)
        image = to_image(row) if row else None
        if row and image and json.loads(row["tags"]) != dict(image.tags):
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
