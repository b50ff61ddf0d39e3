"""Reads pages of image rows from one or more sorted partitions, with a limited number of reads per request."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from app.adapters.aws.attribute_values import Attributes
from app.adapters.aws.row_keys import attributes
from app.domain.images import ImageSummary
from app.domain.pages import MAX_PAGES, Page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_PAGE_ROWS: Final = 500

Row = TypeVar("Row", bound=ImageSummary)


@dataclass(frozen=True, slots=True)
class Source:
    """A partition with rows of images, sorted by a key.

    Attributes:
        partition: The partition key.
        prefix: The text before the key in the sort key of each row.
        index: The name of the secondary index that contains the partition. Empty for the table itself.
        attributes: The names of the attributes that contain the partition key and the sort key.
    """

    partition: str
    prefix: str = ""
    index: str = ""
    attributes: tuple[str, str] = ("pk", "sk")

    def key_of(self, row: Attributes) -> str:
        """Return the key of a row."""
        return str(row[self.attributes[1]]["S"]).removeprefix(self.prefix)

    def make_query(self, keys: "KeyRange") -> dict[str, Any]:
        """Return the arguments of a query for the rows in a range."""
        # BETWEEN includes both bounds, so the upper bound is the greatest key below the end.
        end = keys.end[:-1] + chr(ord(keys.end[-1]) - 1) + "~"
        pk, sk = self.attributes
        bounds = {":pk": self.partition, ":start": self.prefix + keys.start, ":end": self.prefix + end}
        return {
            "KeyConditionExpression": f"{pk} = :pk AND {sk} BETWEEN :start AND :end",
            "ExpressionAttributeValues": attributes(bounds),
            "ScanIndexForward": not keys.newest_first,
            **({"IndexName": self.index} if self.index else {}),
        }


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The keys `start <= key < end`, and the direction in which they are read."""

    start: str
    end: str
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class PageReader(Generic[Row]):
    """Reads pages of image rows, and converts the rows to summaries or complete images.

    Attributes:
        client: The DynamoDB client.
        table: The table's name.
        convert: Converts an owner and the attributes of a row to an image. It returns None for a damaged row, which is
            left out.
        max_pages: The number of pages of rows that a request reads.
    """

    client: "DynamoDBClient"
    table: str
    convert: Callable[[str, Attributes], Row | None]
    max_pages: int = MAX_PAGES

    def read(
        self, owner: str, sources: Sequence[Source], keys: KeyRange, is_match: Callable[[Row], bool], limit: int
    ) -> Page[Row]:
        """Return a page of the rows that match. Its cursor is the key of the last row that was read.

        An image that several sources contain with the same key is returned once.
        """
        if keys.end <= keys.start:
            return Page([], None)
        reads = _BoundedReads(self.client, self.table, limit, self.max_pages)
        streams = [reads.items(source, keys) for source in sources]
        matches: list[Row] = []
        last: str | None = None
        try:
            for key, attributes in merge(*streams, key=itemgetter(0), reverse=keys.newest_first):
                if key == last:
                    continue
                last = key
                row = self.convert(owner, attributes)
                matches += [row] if row and is_match(row) else []
                if len(matches) == limit:
                    return Page(matches, last)
        except _NoReadsLeft:
            return Page(matches, last)
        return Page(matches, None)


class _NoReadsLeft(Exception):
    """The request has reached its limit of reads."""


class _BoundedReads:
    """Counts and limits the reads of one request. Each page is twice as large as the previous page."""

    def __init__(self, client: "DynamoDBClient", table: str, rows: int, reads: int) -> None:
        self._client = client
        self._table = table
        self._rows = rows
        self._reads = reads

    def items(self, source: Source, keys: KeyRange) -> Iterator[tuple[str, Attributes]]:
        """Yield the attributes of the source's rows in this range with their keys.

        Raises:
            _NoReadsLeft: there may be more rows, but no read is left.
        """
        query = source.make_query(keys)
        next_page: dict[str, Any] = {}
        rows = self._rows
        while True:
            if not self._reads:
                raise _NoReadsLeft
            self._reads -= 1
            response = self._client.query(TableName=self._table, **query, **next_page, Limit=rows)
            yield from ((source.key_of(row), row) for row in response["Items"])
            if "LastEvaluatedKey" not in response:
                return
            next_page = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
            rows = min(2 * rows, MAX_PAGE_ROWS)
