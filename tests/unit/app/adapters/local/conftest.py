"""The tests in this folder run on one machine."""

from pathlib import Path

import pytest

from app.adapters.local import signing_key
from tests.support.local_accounts import LocalAccounts, make_accounts
from tests.support.tokens import private_key


@pytest.fixture
def backend() -> str:
    return "local"


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalAccounts:
    """The accounts in an empty database."""
    monkeypatch.setattr(signing_key, "_generate_key", private_key)  # generating a key takes longer than the tests
    return make_accounts(tmp_path)


@pytest.fixture
def zenobia(local: LocalAccounts) -> LocalAccounts:
    """The accounts, with one confirmed account."""
    local.add()
    return local
