"""Reads pages of image rows from one or more sorted partitions, with a limited number of reads per request."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from app.adapters.aws.items import Item, between, partition_of, tag_partition, values
from app.domain.images import ImageSummary
from app.domain.pages import MAX_PAGES, Page
from app.domain.query import Plan, continue_plan

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_PAGE_ROWS: Final = 500

Row = TypeVar("Row", bound=ImageSummary)


@dataclass(frozen=True, slots=True)
class PageReader(Generic[Row]):
    """Reads pages of image rows, and converts the rows to summaries or complete images.

    Attributes:
        client: The DynamoDB client.
        table: The table's name.
        convert: Converts an owner and an item to an image. Damaged images, for which it returns None, are left out.
        projection: Query arguments that select attributes. If empty, all attributes are read.
        max_pages: The number of pages of rows that a request reads.
    """

    client: "DynamoDBClient"
    table: str
    convert: Callable[[str, Item], Row | None]
    projection: Mapping[str, Any]
    max_pages: int = MAX_PAGES

    def read(
        self, owner: str, plan: Plan, is_match: Callable[[Row], bool], limit: int, cursor: str | None
    ) -> Page[Row]:
        """Return a page of the planned rows that match.

        Raises:
            InvalidCursor: the cursor does not have the form of an image id.
        """
        plan = continue_plan(plan, cursor)
        if plan.end <= plan.start:
            return Page([], None)
        partitions = [(tag_partition(owner, tag), "") for tag in plan.tags] or [(partition_of(owner), "IMAGE#")]
        reads = _BoundedReads(self.client, self.table, limit, self.max_pages, self.projection)
        streams = [reads.items(partition, prefix, plan.start, plan.end) for partition, prefix in partitions]
        matches: list[Row] = []
        last = plan.end
        try:
            for item in merge(*streams, key=lambda item: str(item["id"]), reverse=True):
                if item["id"] < last:
                    last = item["id"]
                    row = self.convert(owner, item)
                    matches += [row] if row and is_match(row) else []
                if len(matches) == limit:
                    return Page(matches, last)
        except _NoReadsLeft:
            return Page(matches, last)
        return Page(matches, None)


def before_key(partition: str, prefix: str, start: str, end: str) -> dict[str, Any]:
    """Return the arguments of a query for `prefix + start <= sk < prefix + end`."""
    # BETWEEN includes both bounds, so the upper bound is the greatest key below `end`.
    before_end = end[:-1] + chr(ord(end[-1]) - 1) + "~"
    return between(partition, prefix + start, prefix + before_end)


class _NoReadsLeft(Exception):
    """The request has reached its limit of reads."""


class _BoundedReads:
    """Counts and limits the reads of one request. Each page is twice as large as the previous page."""

    def __init__(
        self, client: "DynamoDBClient", table: str, rows: int, reads: int, projection: Mapping[str, Any]
    ) -> None:
        self._client = client
        self._table = table
        self._rows = rows
        self._reads = reads
        self._projection = projection

    def items(self, partition: str, prefix: str, start: str, end: str) -> Iterator[Item]:
        """Yield the partition's items with `start <= id < end`, newest first.

        Raises:
            _NoReadsLeft: there may be more items, but no read is left.
        """
        condition = before_key(partition, prefix, start, end)
        next_page: dict[str, Any] = {}
        rows = self._rows
        while True:
            if not self._reads:
                raise _NoReadsLeft
            self._reads -= 1
            response = self._client.query(
                TableName=self._table, **condition, **self._projection, **next_page, Limit=rows, ScanIndexForward=False
            )
            yield from map(values, response["Items"])
            if "LastEvaluatedKey" not in response:
                return
            next_page = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
            rows = min(2 * rows, MAX_PAGE_ROWS)
