import pytest


@pytest.fixture(autouse=True)
def run_on_aws(on_aws: None) -> None:
    """Make the app accept every Host header. The tests of one machine set their own settings."""
