from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.local.backups import LocalBackups
from app.adapters.local.deletion_markers import DeletionMarkers
from app.adapters.local.outbox import SqliteOutbox
from app.domain.errors import InvalidCredentials
from tests.support.backups import ACCOUNT
from tests.support.local_accounts import EMAIL, PASSWORD, LocalAccounts

BOB = replace(ACCOUNT, owner="3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10", email="bob@example.com", is_admin=False)


@pytest.fixture
def backups(local: LocalAccounts, tmp_path: Path) -> LocalBackups:
    return LocalBackups(tmp_path, local.database)


def list_admins(local: LocalAccounts) -> list[str]:
    return [account.email for account in local.admin.list_accounts() if account.is_admin]


def test_put_account_keeps_the_owner_the_password_and_the_administrator(
    zenobia: LocalAccounts, backups: LocalBackups
) -> None:
    [account] = backups.list_accounts()
    zenobia.admin.delete(account.owner)

    backups.put_account(BOB)
    assert backups.put_account(account) == account.owner
    backups.finish_restore()

    assert zenobia.sign_in(EMAIL, PASSWORD).access_token
    assert list_admins(zenobia) == [account.email]
    assert replace(backups.list_accounts()[1], password_hash="") == replace(account, password_hash="")


def test_put_account_with_an_owner_that_exists_uses_another_owner(backups: LocalBackups) -> None:
    assert backups.put_account(ACCOUNT) == ACCOUNT.owner

    assert backups.put_account(replace(BOB, owner=ACCOUNT.owner)) != ACCOUNT.owner


def test_put_account_of_an_account_that_is_being_deleted_uses_another_owner(
    local: LocalAccounts, backups: LocalBackups, tmp_path: Path
) -> None:
    """Otherwise, the worker would soon delete the restored library."""
    markers = DeletionMarkers(tmp_path)
    SqliteOutbox(local.database, markers).put_account_deletion(ACCOUNT.owner)
    markers.remove(ACCOUNT.owner)  # as before there were markers
    markers.add(BOB.owner)  # as if the database was lost

    assert backups.put_account(ACCOUNT) != ACCOUNT.owner
    assert backups.put_account(BOB) != BOB.owner


def test_put_account_keeps_the_existing_administrator(zenobia: LocalAccounts, backups: LocalBackups) -> None:
    backups.put_account(ACCOUNT)
    backups.finish_restore()

    assert list_admins(zenobia) == [EMAIL.lower()]


def test_finish_restore_appoints_an_administrator_if_the_backup_has_none(
    local: LocalAccounts, backups: LocalBackups
) -> None:
    backups.put_account(replace(ACCOUNT, is_admin=False))
    backups.put_account(BOB)

    backups.finish_restore()

    assert len(list_admins(local)) == 1


def test_account_without_a_password_accepts_none(local: LocalAccounts, backups: LocalBackups) -> None:
    backups.put_account(ACCOUNT)

    with pytest.raises(InvalidCredentials):
        local.sign_in(ACCOUNT.email, "")
    local.accounts.request_password_reset(ACCOUNT.email)
    local.accounts.reset_password(ACCOUNT.email, local.read_code(ACCOUNT.email), PASSWORD)
    assert local.sign_in(ACCOUNT.email, PASSWORD).access_token
