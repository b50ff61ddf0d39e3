"""The route that receives parts of files, with files in a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from app import wiring
from app.api import problems
from app.api.dependencies import provide
from app.api.routers import objects as objects_router
from app.domain.parts import PartLink
from app.domain.ports import Objects
from app.main import app
from app.services.part_uploads import PartUploads
from tests.support.asgi import Received, make_scope, receive_nothing, request, run, split
from tests.support.local_objects import list_files
from tests.support.parts import offer

DATA = bytes(range(250)) * 4  # three parts


@pytest.fixture
def backend() -> str:
    return "local"


@pytest.fixture
def links(small_parts: PartUploads, objects: Objects, owner: str) -> Iterator[list[PartLink]]:
    """The links of the parts of a new upload, which the app serves."""
    app.dependency_overrides |= {provide(wiring.object_server): lambda: objects}
    yield offer(small_parts, owner, len(DATA))[1]
    app.dependency_overrides.clear()


@pytest.fixture
def http(links: list[PartLink]) -> TestClient:
    return TestClient(app)


def test_part_is_stored(http: TestClient, links: list[PartLink], tmp_path: Path) -> None:
    response = http.put(links[1].url, content=DATA[400:800])

    assert (response.status_code, response.content) == (200, b"")
    (stored,) = list_files(tmp_path)
    assert stored.endswith("/2")
    assert (tmp_path / "objects" / stored).read_bytes() == DATA[400:800]


def test_part_in_small_chunks_is_stored(
    http: TestClient, links: list[PartLink], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.form_stream.BATCH_BYTES", 10)

    assert http.put(links[0].url, content=iter(split(DATA[:400], 7))).status_code == 200

    (stored,) = list_files(tmp_path)
    assert (tmp_path / "objects" / stored).read_bytes() == DATA[:400]


@pytest.mark.parametrize("size", [0, 399, 401, 2**20])
def test_part_of_wrong_size_returns_413(http: TestClient, links: list[PartLink], tmp_path: Path, size: int) -> None:
    response = http.put(links[0].url, content=bytes(size))

    assert (response.status_code, response.json()["type"]) == (413, "urn:pixtag:wrong-size")
    assert list_files(tmp_path) == []


def test_part_above_the_limit_of_bodies_is_not_read(
    http: TestClient, links: list[PartLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "MAX_FORM_BYTES", 100)

    response = http.put(links[0].url, content=bytes(400))

    assert (response.status_code, response.json()["type"]) == (413, "urn:pixtag:wrong-size")


def test_body_of_part_with_altered_link_is_read_to_its_end(links: list[PartLink], tmp_path: Path) -> None:
    read = 0

    def body() -> Iterator[bytes]:
        nonlocal read
        for chunk in split(bytes(2**20)):
            read += len(chunk)
            yield chunk

    assert request(app, "PUT", links[0].url.replace("part=1", "part=2"), {}, body()).status == 403
    assert read == 2**20
    assert list_files(tmp_path) == []


def test_link_with_a_line_break_at_the_end_of_its_path_returns_403(http: TestClient, links: list[PartLink]) -> None:
    assert http.put(links[0].url.replace("?", "%0a?"), content=DATA[:400]).status_code == 403


def test_client_that_disconnects_leaves_nothing(links: list[PartLink], tmp_path: Path) -> None:
    files_during: list[str] = []

    def disconnect() -> Message:
        files_during.extend(list_files(tmp_path))
        return {"type": "http.disconnect"}

    assert request(app, "PUT", links[0].url, {}, split(DATA[:300]), on_end=disconnect).status == 400
    assert len(files_during) == 1
    assert list_files(tmp_path) == []


def test_client_that_sends_nothing_for_a_minute_gets_408_and_leaves_nothing(
    links: list[PartLink], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_router, "PAUSE_SECONDS", 0.05)
    received = Received()

    run(app, make_scope("PUT", links[0].url), receive_nothing, received.take)

    assert received.status == 408
    assert list_files(tmp_path) == []
