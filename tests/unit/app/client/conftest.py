from collections.abc import Iterator
from pathlib import Path

import pytest

from app.client.connection import Connection, Waits
from app.client.index import UploadIndex
from tests.support import fake_server
from tests.support.fake_server import KEY, URL, FakeServer


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def waits() -> fake_server.Waits:
    return fake_server.Waits()


@pytest.fixture
def connection(server: FakeServer, waits: fake_server.Waits) -> Connection:
    return Connection(URL, KEY, Waits(60, waits), transport=server.transport)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[UploadIndex]:
    with UploadIndex(tmp_path / "state" / "uploads.db", URL, "ada") as index:
        yield index
