from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.images import Image
from app.services.doctor import object_check
from tests.support.breakage import OLD_SECONDS, Breaker, LocalBreaker, MotoBreaker
from tests.support.fakes import Clock, FakeDetector
from tests.support.libraries import Library, make_library


@pytest.fixture
def library(backend: str, aws: None, tmp_path: Path) -> Iterator[Library]:
    with make_library(backend, tmp_path / "library", FakeDetector({"dog": 2})) as library:
        yield library


@pytest.fixture
def breaker(backend: str, tmp_path: Path) -> Breaker:
    return MotoBreaker() if backend == "aws" else LocalBreaker(tmp_path / "library")


@pytest.fixture
def owner(library: Library) -> str:
    return library.add_account()


@pytest.fixture
def ready(library: Library, owner: str, photo: bytes) -> Image:
    return library.add_photo(owner, photo)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the check, an hour ahead, when all objects are old."""
    clock = Clock(OLD_SECONDS)
    monkeypatch.setattr(object_check, "time", clock)
    return clock
