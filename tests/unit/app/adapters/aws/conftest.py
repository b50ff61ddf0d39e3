"""The tests in this folder run on AWS, by moto."""

import pytest


@pytest.fixture
def backend() -> str:
    return "aws"
