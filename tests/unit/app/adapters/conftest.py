"""The tests in this folder run on AWS, by moto, and on one machine. The folders below have the tests of one of them."""

from pathlib import Path

import pytest

from tests.support.breakage import Breaker, LocalBreaker, MotoBreaker
from tests.support.damaged_values import ItemDamage, LocalDamage, RowDamage


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def breaker(backend: str, tmp_path: Path) -> Breaker:
    return MotoBreaker() if backend == "aws" else LocalBreaker(tmp_path)


@pytest.fixture
def damage(backend: str, tmp_path: Path, owner: str) -> RowDamage:
    return ItemDamage(lambda: owner) if backend == "aws" else LocalDamage(tmp_path)
