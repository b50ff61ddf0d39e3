"""The tests in this folder run on one machine."""

import pytest


@pytest.fixture
def backend() -> str:
    return "local"
