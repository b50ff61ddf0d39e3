"""The tests in this folder run on one machine."""

from pathlib import Path

import pytest

from tests.support.local_accounts import LocalAccounts, make_accounts


@pytest.fixture
def backend() -> str:
    return "local"


@pytest.fixture
def local(tmp_path: Path) -> LocalAccounts:
    """The accounts in an empty database."""
    return make_accounts(tmp_path)


@pytest.fixture
def zenobia(local: LocalAccounts) -> LocalAccounts:
    """The accounts, with one confirmed account."""
    local.add()
    return local
