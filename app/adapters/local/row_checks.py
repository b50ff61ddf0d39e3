"""Compares the tag index, the order, the sums and the usage in SQLite with the images, and repairs them."""

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

from app.adapters.local.album_checks import compare_albums, repair_albums
from app.adapters.local.database import Database
from app.adapters.local.image_writes import write_tags
from app.adapters.local.row_sums import Sums, delete_totals, read_sums, rewrite_totals, rewrite_usage
from app.adapters.local.rows import image_row, name_damage, to_image, to_tags
from app.domain.checks import (
    Comparison,
    RowChecks,
    compare_index,
    compare_order,
    compare_tags,
    compare_texts,
    find_searchable_tags,
)
from app.domain.errors import ImageDamaged
from app.domain.images import Image
from app.domain.messages import Message
from app.domain.tags import Tags

_PAGE: Final = 200
_REPAIRED: Final = 100  # images per transaction

_TABLES: Final = ("album", "album_order", "image", "image_tag", "tag_total", "tag_month_total", "month_total", "usage")
_OWNERS: Final = " UNION ".join(f"SELECT owner FROM {table}" for table in _TABLES)  # noqa: S608 - our tables
_KINDS: Final = "('purge', 'empty-album')"
_IDS: Final = "(SELECT value FROM json_each(:ids))"


IndexRows = list[tuple[str, int, int]]
"""The times, counts and certain counts in the index rows of an image and a tag. A damaged index has several."""


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
        comparison, sums = Comparison(), Sums()
        with self._database.read() as connection:  # all reads see the same moment
            for image_id, read, index in _read_rows(connection, owner):
                image = read.image if read else None
                if read and not image:
                    comparison.damaged.append(image_id)
                    continue
                differences = [compare_index(image_id, image, _list_index_rows(image), index)]
                if read and image:
                    differences.append(compare_tags(image, read.counts, (image.tags, image.certain, image.marks)))
                    differences.append(
                        compare_order(image, read.place, _write_place(image.sorted_at, image.review_key))
                    )
                    differences.append(compare_texts(image, read.texts))
                    sums.add(image)
                    report(1)
                comparison.differences.extend(filter(None, differences))
            stored = read_sums(connection, owner)
            comparison.differences.extend(compare_albums(connection, owner))
        if not comparison.damaged:
            comparison.differences.extend(sums.compare(stored))
        return comparison

    @override
    def repair(self, owner: str) -> None:
        comparison = self.compare(owner, lambda _: None)
        with self._database.write() as connection:
            repair_albums(connection, owner)
        ids = sorted({difference.image_id for difference in comparison.differences} - {""})
        for start in range(0, len(ids), _REPAIRED):
            with self._database.write() as connection:
                _repair_images(connection, owner, ids[start : start + _REPAIRED])
        if comparison.damaged:
            return
        with self._database.write() as connection:
            rewrite_totals(connection, owner)
            rewrite_usage(connection, owner)

    @override
    def list_busy(self, owner: str, image_ids: Collection[str]) -> set[str]:
        bodies = {Message(owner, image_id).to_json(): image_id for image_id in image_ids}
        with self._database.read() as connection:
            messages = connection.execute(
                f"SELECT body FROM message WHERE NOT dead AND body IN {_IDS}",  # noqa: S608 - a constant
                {"ids": json.dumps(list(bodies))},
            )
            purges = connection.execute(
                f"SELECT image FROM outbox WHERE owner = :owner AND kind IN {_KINDS} AND image IN {_IDS}",  # noqa: S608 - constants
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
        counts: The stored tags, certain counts and marks. Each is None if it is damaged.
        place: The stored place of the image in lists.
        texts: The stored texts that searches compare.
    """

    id: str
    image: Image | None = None
    counts: tuple[Tags | None, ...] = ()
    place: str = ""
    texts: str = ""


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
        return [
            _Read(
                row["id"],
                to_image(row),
                tuple(_parse_tags(row[name]) for name in ("tags", "certain", "marks")),
                _write_place(row["sorted_at"], row["review_key"]),
                row["texts"],
            )
            for row in rows
        ]


def _write_place(sorted_at: str, review_key: str) -> str:
    """Return the place of an image in the library and in the list of images to review, for a sentence."""
    return f"{sorted_at} and review {review_key}" if review_key else sorted_at


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


def _read_rows(connection: sqlite3.Connection, owner: str) -> Iterator[tuple[str, _Read | None, dict[str, IndexRows]]]:
    """Yield each id of an image or of index rows, with the row of the image, or None, and the index rows by tag."""
    index = connection.execute(
        "SELECT id, tag, sorted_at, count, certain FROM image_tag WHERE owner = ? ORDER BY id, tag, sorted_at", (owner,)
    )
    rows: list[Iterator[tuple[str, str, Any]]] = [
        ((read.id, "", read) for read in _read_all(connection, owner)),
        ((row["id"], row["tag"], (row["sorted_at"], row["count"], row["certain"])) for row in index),
    ]
    for image_id, group in groupby(merge(*rows, key=itemgetter(0)), key=itemgetter(0)):
        by_tag: dict[str, list[Any]] = defaultdict(list)
        for _, tag, value in group:
            by_tag[tag].append(value)
        yield image_id, next(iter(by_tag.pop("", [])), None), dict(by_tag)


def _list_index_rows(image: Image | None) -> dict[str, IndexRows]:
    """Return the rows that an image has in the tag index, by tag."""
    return {
        tag: [(image.sorted_at, count, image.certain.get(tag, 0))]
        for tag, count in find_searchable_tags(image).items()
        if image
    }


def _repair_images(connection: sqlite3.Connection, owner: str, ids: list[str]) -> None:
    """Write the tags, the order and the index rows of images. Afterwards, all totals match the index.

    Wrong totals could violate a constraint when triggers change them. So they are deleted before.
    """
    delete_totals(connection, owner)
    reads = {image_id: _read_one(connection, owner, image_id) for image_id in ids}
    intact = {image_id: read.image if read else None for image_id, read in reads.items() if not read or read.image}
    connection.execute(
        f"DELETE FROM image_tag WHERE owner = :owner AND id IN {_IDS}",  # noqa: S608 - a constant
        {"owner": owner, "ids": json.dumps(list(intact))},
    )
    for image in filter(None, intact.values()):
        connection.execute(
            "UPDATE image SET tags = :tags, certain = :certain, marks = :marks, sorted_at = :sorted_at,"
            " review_key = :review_key, texts = :texts WHERE owner = :owner AND id = :id",
            image_row(image),
        )
        write_tags(connection, None, image)
    rewrite_totals(connection, owner)
