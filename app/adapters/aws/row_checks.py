"""Compares the views, hashes and counters in DynamoDB with the images, and repairs them.

The images and their rows in views are read page by page while people change them. Therefore, each difference is read
again in one transaction before it is reported.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from typing_extensions import override

from app.adapters.aws.album_checks import AlbumChecks
from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.image_items import find_intact
from app.adapters.aws.queue import SqsQueue
from app.adapters.aws.row_keys import HASH_MARK, Item, between, partition_of
from app.adapters.aws.row_snapshots import RowSnapshots, expect_rows, has_derived_attributes
from app.adapters.aws.total_checks import Contribution, TotalChecks, add_up, count_image
from app.adapters.aws.transactions import BACKOFF_SECONDS
from app.adapters.aws.views import Key, leave_out_group
from app.domain.checks import Comparison, RowChecks
from app.domain.errors import ImageDamaged
from app.domain.images import Image
from app.domain.outbox import OutboxKind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@dataclass(slots=True)
class _Rows:
    """The rows of an owner that seem not to match their images, and what the images add to the counters.

    Attributes:
        suspects: The keys of rows to read again, by the id of their image.
        counted: What each image adds to the counters.
        damaged: The ids of images whose items are damaged.
    """

    suspects: dict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    counted: list[Contribution] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


class DynamoRowChecks(DynamoTable, RowChecks):
    """Compares and repairs the rows of an owner.

    Args:
        client: The DynamoDB client.
        table: The table's name.
        queue: The worker's queue.
        backoff_seconds: The first wait after a conflict between transactions.
    """

    def __init__(
        self, client: "DynamoDBClient", table: str, queue: SqsQueue, *, backoff_seconds: float = BACKOFF_SECONDS
    ) -> None:
        super().__init__(client, table)
        self.queue = queue
        self._snapshots = RowSnapshots(client, table, backoff_seconds=backoff_seconds)
        self._albums = AlbumChecks(client, table, backoff_seconds=backoff_seconds)
        self._totals = TotalChecks(client, table, backoff_seconds=backoff_seconds)
        self._views: dict[str, set[str]] = {}

    @override
    def list_owners(self) -> set[str]:
        """Return the owners of any rows, and remember the partitions of their tags and views.

        Only a scan of the whole table finds owners without an account, and rows of views without an image.
        """
        views: dict[str, set[str]] = defaultdict(set)
        pages = self._client.get_paginator("scan").paginate(TableName=self._table, ProjectionExpression="pk")
        for partition in {item["pk"]["S"] for page in pages for item in page["Items"]}:
            kind, _, rest = partition.partition("#")
            owner, _, view = rest.partition("#")
            if kind == "U":
                views[owner] |= {partition} if view else set()
        self._views = views
        return set(views)

    @override
    def read_images(self, owner: str, after: str = "") -> Iterator[Image]:
        images = (find_intact(owner, item) for item in self._query_images(owner, after))
        return (image for image in images if image and image.id > after)

    def _query_images(self, owner: str, after: str = "") -> Iterator[Item]:
        return self._query(between(partition_of(owner), f"IMAGE#{after}", "IMAGE$"), consistent=True)

    @override
    def compare(self, owner: str, report: Callable[[int], None]) -> Comparison:
        rows = self._read_rows(owner, report)
        albums = self._albums.compare(owner)
        differences, unsettled = albums or [], ["the titles of albums"] if albums is None else []
        for image_id, keys in rows.suspects.items():
            with suppress(ImageDamaged):
                differences.extend(self._snapshots.compare(owner, image_id, keys))
        if rows.damaged:
            return Comparison(differences, unsettled, rows.damaged)
        totals = self._totals.compare(owner, add_up(rows.counted))
        return Comparison(differences + totals.differences, unsettled + totals.unsettled)

    @override
    def repair(self, owner: str) -> None:
        self._albums.repair(owner)
        rows = self._read_rows(owner, lambda _: None)
        for image_id, keys in rows.suspects.items():
            self._snapshots.repair(owner, image_id, keys)
        if rows.damaged:
            return
        self._totals.repair(owner, add_up(rows.counted))

    @override
    def list_busy(self, owner: str, image_ids: Collection[str]) -> set[str]:
        rows = self._query(between(partition_of(owner), "OUT#", "OUT$"), consistent=True)
        kinds = {OutboxKind.PURGE, OutboxKind.EMPTY_ALBUM}
        return {row["image"] for row in rows if row["kind"] in kinds} & {*image_ids}

    @override
    def knows_messages(self) -> bool:
        return self.queue.is_empty()  # the messages of SQS cannot be searched

    def _read_rows(self, owner: str, report: Callable[[int], None]) -> _Rows:
        """Read all images, rows of views and hash rows once. Read the views again if they seem to be wrong."""
        rows = _Rows()
        digests: dict[str, int] = defaultdict(int)  # of the required rows of each image, minus those of the stored rows
        hashes: dict[Key, list[str]] = defaultdict(list)
        for item in self._query_images(owner):
            image_id = str(item["id"])
            image = find_intact(owner, item)
            if not image:
                rows.damaged.append(image_id)
                continue
            for key, row in expect_rows(image).items():
                if key[1].startswith(HASH_MARK):
                    hashes[key].append(image_id)
                else:
                    digests[image_id] += _digest(row)
            if not has_derived_attributes(image, item):
                rows.suspects[image_id] = []
            rows.counted.append(count_image(image))
            report(1)
        for image_id, _, row in self._query_views(owner):
            digests[image_id] -= _digest(row)
        self._add_suspects(owner, {image_id for image_id in digests if digests[image_id]} - {*rows.damaged}, rows)
        self._compare_hashes(owner, hashes, rows)
        return rows

    def _add_suspects(self, owner: str, image_ids: Collection[str], rows: _Rows) -> None:
        """Add the images whose rows in views do not match, and the keys of these rows, to the suspects."""
        for image_id in image_ids:
            rows.suspects[image_id] = []
        for image_id, key, _ in self._query_views(owner) if image_ids else ():
            if image_id in image_ids:
                rows.suspects[image_id].append(key)

    def _query_views(self, owner: str) -> Iterator[tuple[str, Key, Item]]:
        """Yield the rows of tags and views, with the id of their image and their key.

        In version 0.5, the sort key was the id of the image.
        """
        for partition in sorted(self._views.get(owner, ())):  # those of later images are read with their images
            for item in self._query(between(partition, " ", "~"), consistent=True):
                yield str(item["sk"]).rpartition("#")[2], (partition, str(item["sk"])), leave_out_group(item)

    def _compare_hashes(self, owner: str, expected: dict[Key, list[str]], rows: _Rows) -> None:
        """Add the hash rows that do not match to the suspects. `expected` has the ids of the images with each hash."""
        items = self._query(between(partition_of(owner), HASH_MARK, "HASH$"), consistent=True)
        stored = {(str(item["pk"]), str(item["sk"])): str(item["image"]) for item in items}
        for key in expected.keys() | stored.keys():
            ids = expected.get(key) or [stored[key]]
            if ids != [stored.get(key)] or key not in expected:
                for image_id in ids:
                    rows.suspects[image_id].append(key)


def _digest(value: object) -> int:
    """Return a number that is the same for equal items. Integers and Decimals can be equal."""
    return hash(_freeze(value))


def _freeze(value: object) -> Hashable:
    if isinstance(value, dict):
        return frozenset((name, _freeze(member)) for name, member in value.items())
    return tuple(map(_freeze, value)) if isinstance(value, list) else value
