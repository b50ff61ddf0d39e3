"""Each request that reads the library makes a limited number of queries, also in the worst case."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api import auth
from app.domain.albums import Album
from app.domain.clauses import MAX_ALTERNATIVES, MAX_TERMS
from app.domain.ids import new_id
from app.domain.query import parse
from app.domain.subscriptions import MAX_SUBSCRIPTIONS
from app.main import app
from tests.support.boxes import NOW
from tests.support.fakes import FakeDetector, image
from tests.support.wired_app import wire_app

MAX_PAGES: Final = 8
MAX_QUERIES: Final = 20
MAX_SUGGESTION_QUERIES: Final = 26  # of 21 pages
MAX_SUGGESTION_PAGES: Final = 21
MAX_ALBUMS: Final = 100  # in a response; one row is read for the cover of each
OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
IMAGES: Final = 20
ALTERNATIVES: Final = [f"tag {number}" for number in range(MAX_ALTERNATIVES)]
OTHER_TAGS: Final = [f"other {number}" for number in range(MAX_TERMS - MAX_ALTERNATIVES)]

WORST: Final[dict[str, Callable[[TestClient, bytes], Any]]] = {
    "alternatives that rarely match": lambda client, _: client.get(
        "/search", params={"q": f"{'|'.join(ALTERNATIVES)}, !tag 0", "limit": 1}
    ),
    "suggestions for as many clauses as possible": lambda client, _: client.get(
        "/search", params={"q": ",".join([*ALTERNATIVES, *OTHER_TAGS]), "limit": 1}
    ),
    "suggestions for clauses with alternatives": lambda client, _: client.get(
        "/search", params={"q": f"{'|'.join(ALTERNATIVES)}, {'|'.join(OTHER_TAGS[:8])}, tag 0>=9", "limit": 1}
    ),
    "suggestions for unknown tags": lambda client, _: client.get(
        "/search", params={"q": "tag 0>=2|tags, tag 1|tags, tag 2|tags, tag 3|tags, tag 4|tags", "limit": 1}
    ),
    "suggestions for words in texts": lambda client, _: client.get(
        "/search", params={"q": "two of the tag 0 and three tag 1 or one tag 2 at the beach", "limit": 1}
    ),
    "suggestions for a sentence": lambda client, _: client.get(
        "/search", params={"q": "two of the tag 0 and three tag 1 or one tag 2 without a tag 3", "limit": 1}
    ),
    "texts": lambda client, _: client.get(
        "/search", params={"q": f"{'|'.join(ALTERNATIVES)}, name:nothing, title:nothing", "limit": 1}
    ),
    "facets": lambda client, _: client.get(
        "/search/facets", params={"q": f"{'|'.join(ALTERNATIVES)}, {', '.join(OTHER_TAGS)}", "tag": "tag 0"}
    ),
    "tags": lambda client, _: client.post(
        "/search", json={"tags": [{"tag": tag, "count": 2} for tag in (*ALTERNATIVES, *OTHER_TAGS)], "limit": 1}
    ),
    "picture": lambda client, photo: client.post("/search/image", files={"file": ("a.jpg", photo, "image/jpeg")}),
    "dry run": lambda client, _: client.post(
        "/tags",
        json={"add": [{"tag": "x"}], "images": {"query": f"{'|'.join(ALTERNATIVES)}, !tag 0", "dry_run": True}},
    ),
    "dry run in the trash": lambda client, _: client.post(
        "/images/purge", json={"images": {"query": "tag 0>=9", "dry_run": True}}
    ),
    "library": lambda client, _: client.get("/images", params={"limit": 1}),
    "empty trash": lambda client, _: client.get("/images", params={"state": "trashed", "limit": 1}),
    "export": lambda client, _: client.get("/export/csv", params={"limit": 1}),
    "subscriptions": lambda client, _: client.get("/subscriptions"),
    "subscription": lambda client, _: client.get(f"/subscriptions/{wiring.subscriptions().list(OWNER)[0].id}"),
    "albums": lambda client, _: client.get("/albums", params={"limit": MAX_ALBUMS}),
    "images of an album": lambda client, _: client.get(
        f"/albums/{wiring.albums().list(OWNER)[0].id}/images", params={"limit": 1}
    ),
    "alternatives of albums": lambda client, _: client.get(
        "/search", params={"q": "|".join(f"album:{tag}" for tag in ALTERNATIVES), "limit": 1}
    ),
    "suggestions for unknown albums": lambda client, _: client.get(
        "/search", params={"q": ",".join(f"album:{tag}" for tag in [*ALTERNATIVES, *OTHER_TAGS]), "limit": 1}
    ),
    "tag list": lambda client, _: client.get("/tags", params={"prefix": "tag"}),
    "usage": lambda client, _: client.get("/usage"),
}


class CountingConnection(sqlite3.Connection):
    """Counts the statements that read rows."""

    reads: Final[list[str]] = []

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        if sql.lstrip().startswith(("SELECT", "WITH")):
            self.reads.append(sql)
        return super().execute(sql, *arguments)


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def client(
    backend: str, tmp_path: Path, detector: FakeDetector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A client whose library has images, a trash and as many subscriptions as possible."""
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=CountingConnection))
    detector.sees = dict.fromkeys([*ALTERNATIVES, *OTHER_TAGS], 1)
    with wire_app(backend, tmp_path, detector), TestClient(app, base_url="http://127.0.0.1") as client:
        app.dependency_overrides[auth.current_user] = lambda: auth.User(OWNER, "token")
        for _ in range(IMAGES):
            wiring.images().save(image(OWNER, counts=dict.fromkeys(ALTERNATIVES, 1)))
        for tag in [*ALTERNATIVES, *map(str, range(MAX_ALBUMS))]:
            wiring.albums().put(OWNER, Album(new_id(), tag, NOW))
        for number in range(MAX_SUBSCRIPTIONS):
            wiring.subscriptions().add(OWNER, parse(f"tag {number}"))
        yield client


@contextmanager
def count_reads(backend: str) -> Iterator[list[str]]:
    """Yield a list to which each query of the block is added: its key condition, or its statement in SQLite."""
    if backend == "local":
        CountingConnection.reads.clear()
        yield CountingConnection.reads
        return
    queries: list[str] = []

    def record(params: dict[str, Any], **_: object) -> None:
        queries.append(str(params))

    events = vars(wiring.images())["_client"].meta.events
    events.register("provide-client-params.dynamodb.Query", record)
    try:
        yield queries
    finally:
        events.unregister("provide-client-params.dynamodb.Query", record)


def test_reads_of_the_worst_requests_are_bounded(client: TestClient, backend: str, photo: bytes) -> None:
    numbers: dict[str, tuple[int, int]] = {}
    excess: dict[str, tuple[int, int]] = {}
    for name, send in WORST.items():
        with count_reads(backend) as queries:
            response = send(client, photo)
        assert response.status_code < 300, (name, response.text)
        pages = [query for query in queries if "ScanIndexForward" in query]
        numbers[name] = len(queries), len(pages)
        is_suggested, more = name.startswith("suggestions"), (name == "albums") * MAX_ALBUMS
        max_queries = MAX_QUERIES + is_suggested * MAX_SUGGESTION_QUERIES + more
        max_pages = MAX_PAGES + is_suggested * MAX_SUGGESTION_PAGES + more
        excess |= {name: numbers[name]} if len(queries) > max_queries or len(pages) > max_pages else {}

    assert excess == {}
    assert all(queries for queries, _ in numbers.values()), numbers
