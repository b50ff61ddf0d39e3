import pytest

from tests.support.sampling import TORTURE


@pytest.fixture(params=["local", "aws"] if TORTURE else ["local"])
def backend(request: pytest.FixtureRequest) -> str:
    """The tests of the stores run on both in `make test` too."""
    name: str = request.param
    return name


@pytest.fixture(autouse=True)
def run_on_aws(on_aws: None) -> None:
    """Make the app accept every Host header. The tests of one machine set their own settings."""
