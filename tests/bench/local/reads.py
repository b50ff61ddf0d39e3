"""Times the reads of libraries through HTTP. The libraries take turns, so that a disturbance affects all of them."""

import gzip
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from tests.bench.frame import progress
from tests.bench.local.instances import Instance

TOO_MANY_REQUESTS: Final = 429

Times = dict[str, dict[Any, list[float]]]
"""Milliseconds per request, by the name of the read and the key of the library."""


@dataclass(frozen=True, slots=True)
class Read:
    """A GET request for a page.

    Attributes:
        name: The name in the tables.
        path: The path with the parameters.
        member: The member of the response that lists the results.
        finds_oldest: Whether only the oldest photos match, so that a large library needs several pages to find them.
            There is no target for such a read.
    """

    name: str
    path: str
    member: str
    finds_oldest: bool = False


def search_read(name: str, query: str, *, finds_oldest: bool = False) -> Read:
    """Return the read of the first page of a search."""
    return Read(f"{name} `{query}`", f"/search?{urlencode({'q': query, 'limit': 20})}", "images", finds_oldest)


READS: Final = (
    Read("first page", "/images?limit=50", "images"),
    search_read("search", "person, outdoor"),
    Read("tags", "/tags", "tags"),
    search_read("negation", "!person"),
    Read("export page", "/export/coco?limit=100", "images"),
)
"""The smallest library has 20 results of each search, so that all libraries return pages of the same size."""

OLDEST_READS: Final = (
    search_read("worst negation", "!sorted", finds_oldest=True),
    search_read("rare pair", "indoor, outdoor", finds_oldest=True),
)
OLDEST_ROUNDS: Final = 5  # these reads take long, so only every fifth round contains them


class Reader:
    """A client with one open connection, as a browser has. It takes little time from the server's CPU."""

    def __init__(self, instance: Instance) -> None:
        address = urlsplit(instance.url)
        self._connection = HTTPConnection(str(address.hostname), address.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {instance.token}", "Accept-Encoding": "gzip"}

    def read(self, path: str) -> tuple[float, bytes]:
        """Send a request. If PixTag limits the rate, wait until it accepts the request.

        Returns:
            The milliseconds until the whole response has arrived, and its content.

        Raises:
            RuntimeError: the response reports an error.
        """
        while True:
            start = time.perf_counter()
            self._connection.request("GET", path, headers=self._headers)
            response = self._connection.getresponse()
            body = response.read()
            milliseconds = 1000 * (time.perf_counter() - start)
            if response.status != TOO_MANY_REQUESTS:
                break
            time.sleep(float(response.headers["Retry-After"]))
        content = gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
        if response.status != 200:
            raise RuntimeError(f"GET {path} returned {response.status}: {content.decode()}")
        return milliseconds, content

    def read_pages(self, path: str, member: str) -> tuple[float, int]:
        """Read the first page. While there are no results, read the next one.

        Returns:
            The milliseconds of all requests, and the number of results.
        """
        total, cursor = 0.0, ""
        while True:
            milliseconds, content = self.read(path + cursor)
            total += milliseconds
            page = json.loads(content)
            if page[member] or not page.get("next"):
                return total, len(page[member])
            cursor = f"&cursor={page['next']}"

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def time_reads(
    instances: Mapping[Any, Instance],
    rounds: int,
    title: str,
    reads: Sequence[Read] = READS,
    oldest_reads: Sequence[Read] = OLDEST_READS,
) -> Times:
    """Send each read to each library in every round, and return the milliseconds. A first round warms up."""
    readers = {key: Reader(instance) for key, instance in instances.items()}
    times: Times = {read.name: {key: [] for key in readers} for read in (*reads, *oldest_reads)}
    with progress(title, rounds + 1) as step:
        for turn in range(rounds + 1):
            order = list(readers)[:: 1 if turn % 2 else -1]
            for read in reads if turn % OLDEST_ROUNDS else (*reads, *oldest_reads):
                measured = {key: readers[key].read_pages(read.path, read.member) for key in order}
                _require_equal(read, {key: results for key, (_, results) in measured.items()})
                if turn:
                    for key, (milliseconds, _) in measured.items():
                        times[read.name][key].append(milliseconds)
            next(step)
    for reader in readers.values():
        reader.close()
    return times


def _require_equal(read: Read, results: Mapping[Any, int]) -> None:
    """Check that the libraries return pages of the same size. Otherwise, the times cannot be compared.

    Raises:
        RuntimeError: the pages have different sizes.
    """
    if not read.finds_oldest and len(set(results.values())) > 1:
        raise RuntimeError(f"The read {read.name} returned different numbers of results: {results}.")
