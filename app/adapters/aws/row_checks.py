"""Compares the tag index, hashes and counters in DynamoDB with the images, and repairs them.

The images and their index rows are read page by page while people change them. Therefore, each difference is read again
in one transaction before it is reported.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.image_items import find_intact
from app.adapters.aws.items import Item, between, partition_of, tag_partition
from app.adapters.aws.queue import SqsQueue
from app.adapters.aws.row_snapshots import Key, RowSnapshots, expect_rows
from app.adapters.aws.total_checks import Contribution, TotalChecks, add_up, count_image
from app.adapters.aws.transactions import BACKOFF_SECONDS
from app.domain.checks import Comparison, RowChecks, RowDifference
from app.domain.errors import ImageDamaged
from app.domain.images import Image
from app.domain.outbox import OutboxKind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

INDEX_PAGE: Final = 200  # rows of each tag in memory

_HASH: Final = "HASH#"


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
        self._totals = TotalChecks(client, table, backoff_seconds=backoff_seconds)
        self._tags: dict[str, set[str]] = {}

    @override
    def list_owners(self) -> set[str]:
        """Return the owners of any rows, and remember the tags in their indexes.

        Only a scan of the whole table finds owners without an account, and index rows without an image.
        """
        tags: dict[str, set[str]] = defaultdict(set)
        pages = self._client.get_paginator("scan").paginate(TableName=self._table, ProjectionExpression="pk")
        for partition in (item["pk"]["S"] for page in pages for item in page["Items"]):
            library, _, tag = partition.partition("#TAG#")
            if library.startswith("U#"):
                tags[library.removeprefix("U#")] |= {tag} if tag else set()
        self._tags = tags
        return set(tags)

    @override
    def read_images(self, owner: str, after: str = "") -> Iterator[Image]:
        images = (find_intact(owner, item) for item in self._query_images(owner, after))
        return (image for image in images if image and image.id > after)

    def _query_images(self, owner: str, after: str = "") -> Iterator[Item]:
        return self._query(between(partition_of(owner), f"IMAGE#{after}", "IMAGE$"), consistent=True)

    @override
    def compare(self, owner: str, report: Callable[[int], None]) -> Comparison:
        rows = self._read_rows(owner, report)
        differences: list[RowDifference] = []
        for image_id, keys in rows.suspects.items():
            with suppress(ImageDamaged):
                differences.extend(self._snapshots.compare(owner, image_id, keys))
        if rows.damaged:
            return Comparison(differences, damaged=rows.damaged)
        totals = self._totals.compare(owner, add_up(rows.counted))
        return Comparison(differences + totals.differences, totals.unsettled)

    @override
    def repair(self, owner: str) -> None:
        rows = self._read_rows(owner, lambda _: None)
        for image_id, keys in rows.suspects.items():
            self._snapshots.repair(owner, image_id, keys)
        if rows.damaged:
            return
        self._totals.repair(owner, add_up(rows.counted))

    @override
    def list_busy(self, owner: str, image_ids: Collection[str]) -> set[str]:
        rows = self._query(between(partition_of(owner), "OUT#", "OUT$"), consistent=True)
        return {row["image"] for row in rows if row["kind"] == OutboxKind.PURGE} & {*image_ids}

    @override
    def knows_messages(self) -> bool:
        return self.queue.is_empty()  # nobody can search the messages of SQS

    def _read_rows(self, owner: str, report: Callable[[int], None]) -> _Rows:
        """Read all images, index rows and hash rows once."""
        rows = _Rows()
        hashes: dict[Key, list[str]] = defaultdict(list)
        for image_id, item, stored in self._merge_rows(owner):
            image = find_intact(owner, item) if item else None
            if item and not image:
                rows.damaged.append(image_id)
                continue
            expected = expect_rows(image)
            index = {key: row for key, row in expected.items() if not key[1].startswith(_HASH)}
            for key in expected.keys() - index.keys():
                hashes[key].append(image_id)
            if index != stored or (item and image and item.get("tags") != dict(image.tags)):
                rows.suspects[image_id] += sorted(index.keys() | stored.keys())
            if image:
                rows.counted.append(count_image(image))
                report(1)
        self._compare_hashes(owner, hashes, rows)
        return rows

    def _merge_rows(self, owner: str) -> Iterator[tuple[str, Item | None, dict[Key, Item]]]:
        """Yield each id of an image or of index rows, with the image's item, if there is one, and its index rows."""
        streams = [((str(item["id"]), item) for item in self._query_images(owner))]
        streams += [
            ((str(item["sk"]), item) for item in self._query_index(tag_partition(owner, tag)))
            for tag in sorted(self._tags.get(owner, ()))  # those of later images are read with their images
        ]
        for image_id, group in groupby(merge(*streams, key=itemgetter(0)), key=itemgetter(0)):
            items = {(item["pk"], item["sk"]): item for _, item in group}
            yield image_id, items.pop((partition_of(owner), f"IMAGE#{image_id}"), None), items

    def _query_index(self, partition: str) -> Iterator[Item]:
        return self._query(between(partition, " ", "~"), consistent=True, PaginationConfig={"PageSize": INDEX_PAGE})

    def _compare_hashes(self, owner: str, expected: dict[Key, list[str]], rows: _Rows) -> None:
        """Add the hash rows that do not match to the suspects. `expected` has the ids of the images with each hash."""
        items = self._query(between(partition_of(owner), _HASH, "HASH$"), consistent=True)
        stored = {(str(item["pk"]), str(item["sk"])): str(item["image"]) for item in items}
        for key in expected.keys() | stored.keys():
            ids = expected.get(key) or [stored[key]]
            if ids != [stored.get(key)] or key not in expected:
                for image_id in ids:
                    rows.suspects[image_id].append(key)
