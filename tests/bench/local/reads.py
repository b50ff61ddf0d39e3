"""Times the reads of libraries through HTTP. The libraries take turns, so that a disturbance affects all of them."""

import gzip
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from tests.bench.frame import progress
from tests.bench.local.instances import Instance

Times = dict[str, dict[Any, list[float]]]
"""Milliseconds per request, by the name of the read and the key of the library."""


@dataclass(frozen=True, slots=True)
class Read:
    """A GET request. All libraries give the same number of `results` unless only this version finds all of them."""

    name: str
    path: str
    results: str  # the member of the response that lists the results
    is_target: bool = True  # whether the issue has a target for it


def _search(name: str, query: str, *, is_target: bool = True) -> Read:
    return Read(f"{name} `{query}`", f"/search?{urlencode({'q': query, 'limit': 20})}", "images", is_target)


READS: Final = (
    Read("first page", "/images?limit=50", "images"),
    _search("search", "person, outdoor"),
    Read("tags", "/tags", "tags"),
    _search("negation", "!person"),
    Read("export page", "/export?format=coco&limit=100", "images"),
    _search("worst negation", "!sorted", is_target=False),  # the 20 oldest photos
    _search("rare pair", "indoor, outdoor", is_target=False),  # the 20 oldest photos
)
"""A page of 20 results exists even in the smallest library, so that all libraries return pages of the same size."""


class Reader:
    """A client with one open connection, as a browser has. It takes little time from the server's CPU."""

    def __init__(self, instance: Instance) -> None:
        address = urlsplit(instance.url)
        self._connection = HTTPConnection(str(address.hostname), address.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {instance.token}", "Accept-Encoding": "gzip"}

    def read(self, path: str) -> tuple[float, bytes]:
        """Send a request. Return the milliseconds until the whole response has arrived, and its content.

        Raises:
            RuntimeError: the response reports an error.
        """
        start = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        milliseconds = 1000 * (time.perf_counter() - start)
        content = gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
        if response.status != 200:
            raise RuntimeError(f"GET {path} returned {response.status}: {content.decode()}")
        return milliseconds, content

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def time_reads(instances: Mapping[Any, Instance], rounds: int, title: str) -> Times:
    """Send each read to each library in every round, and return the milliseconds. A first round warms up."""
    readers = {key: Reader(instance) for key, instance in instances.items()}
    times: Times = {read.name: {key: [] for key in readers} for read in READS}
    with progress(title, rounds + 1) as step:
        for turn in range(rounds + 1):
            order = list(readers)[:: 1 if turn % 2 else -1]
            for read in READS:
                results = {}
                for key in order:
                    milliseconds, content = readers[key].read(read.path)
                    results[key] = len(json.loads(content)[read.results])
                    if turn:
                        times[read.name][key].append(milliseconds)
                _require_equal(read, results)
            next(step)
    for reader in readers.values():
        reader.close()
    return times


def _require_equal(read: Read, results: Mapping[Any, int]) -> None:
    """Check that the libraries return pages of the same size. Otherwise, the times cannot be compared.

    Raises:
        RuntimeError: the pages have different sizes.
    """
    if read.is_target and len(set(results.values())) > 1:
        raise RuntimeError(f"The read {read.name} returned different numbers of results: {results}.")
