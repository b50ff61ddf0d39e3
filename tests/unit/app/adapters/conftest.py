"""The tests in this folder run on AWS, by moto, and on one machine. The folders below have the tests of one of them."""

import pytest


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name
