"""Libraries whose backups the tests write and restore."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fakes import FakeDetector
from tests.support.libraries import Library, make_library


@pytest.fixture(params=["local", "aws"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def source(backend: str, aws: None, tmp_path: Path, detector: FakeDetector) -> Iterator[Library]:
    """An empty library to back up."""
    detector.sees = {"dog": 2}
    with make_library(backend, tmp_path / "source", detector) as library:
        yield library


@pytest.fixture
def target(backend: str, aws: None, tmp_path: Path, detector: FakeDetector) -> Iterator[Library]:
    """An empty library to restore into. If the source is on AWS, it is on this machine, and the other way round."""
    with make_library("local" if backend == "aws" else "aws", tmp_path / "target", detector) as library:
        yield library
