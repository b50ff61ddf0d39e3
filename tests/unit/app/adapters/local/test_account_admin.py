from pathlib import Path

import pytest

from app.adapters.local.deletion_markers import DeletionMarkers
from app.adapters.local.outbox import SqliteOutbox
from app.domain.errors import InvalidAccount, InvalidCredentials, SessionEnded
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import (
    EMAIL,
    NAMES,
    NEW_PASSWORD,
    NOBODY,
    PASSWORD,
    LocalAccounts,
    patch_clock,
)

UNCONFIRMED = "yorick@example.com"
OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def test_list_accounts_returns_the_oldest_first(local: LocalAccounts, clock: StoppedClock) -> None:
    local.add()
    clock.ahead = 10
    local.register(UNCONFIRMED)

    first, second = local.admin.list_accounts()

    assert (first.email, first.name, first.is_confirmed, first.is_admin) == (EMAIL.lower(), "Zenobia Quill", True, True)
    assert (second.email, second.is_confirmed, second.is_admin) == (UNCONFIRMED, False, False)
    assert first.created_at < second.created_at
    assert EMAIL.lower() not in repr(first)
    assert "Zenobia" not in repr(first)


def test_add_creates_a_confirmed_account_without_e_mail(local: LocalAccounts) -> None:
    local.admin.add(EMAIL, PASSWORD, **NAMES)

    account = local.accounts.get_account(local.sign_in().access_token)
    assert (account.email, account.given_name, account.family_name) == (EMAIL.lower(), "Zenobia", "Quill")
    assert account.email_verified
    assert local.count_mails() == 0


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        (EMAIL.upper(), PASSWORD, "This address already has an account."),
        ("not an address", PASSWORD, "This is not an e-mail address"),
        (NOBODY, "short", "A password has at least 12 characters"),
    ],
)
def test_add_of_invalid_account_changes_nothing(local: LocalAccounts, email: str, password: str, message: str) -> None:
    local.add()

    with pytest.raises(InvalidAccount, match=message):
        local.admin.add(email, password, given_name="", family_name="")

    assert len(local.admin.list_accounts()) == 1


def test_add_with_owner_of_existing_photos_creates_the_account_of_this_owner(local: LocalAccounts) -> None:
    local.admin.add(EMAIL, PASSWORD, **NAMES, owner=OWNER)

    assert local.admin.find_owner(EMAIL) == OWNER


@pytest.mark.parametrize(
    ("owner", "message"),
    [("U#1", "This is not the id of an owner"), (OWNER, "This address or this owner already has an account")],
)
def test_add_with_invalid_or_taken_owner_changes_nothing(local: LocalAccounts, owner: str, message: str) -> None:
    local.admin.add(EMAIL, PASSWORD, **NAMES, owner=OWNER)

    with pytest.raises(InvalidAccount, match=message):
        local.admin.add(NOBODY, PASSWORD, **NAMES, owner=owner)

    assert len(local.admin.list_accounts()) == 1


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_set_password_ends_all_sessions_and_waits_and_confirms_the_account(
    local: LocalAccounts,
    is_confirmed: bool,  # noqa: FBT001 - a case
) -> None:
    local.register()
    if is_confirmed:
        local.accounts.confirm(EMAIL, local.read_code())
        tokens = local.sign_in()
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            local.sign_in(EMAIL, "wrong")

    local.admin.set_password(EMAIL.upper(), NEW_PASSWORD)

    assert local.sign_in(EMAIL, NEW_PASSWORD).expires_in == 3600
    if is_confirmed:
        with pytest.raises(SessionEnded):
            local.refresh(tokens)


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "short"), (NOBODY, NEW_PASSWORD)])
def test_set_password_with_invalid_argument_changes_nothing(local: LocalAccounts, email: str, password: str) -> None:
    local.add()

    with pytest.raises(InvalidAccount):
        local.admin.set_password(email, password)

    assert local.sign_in().expires_in == 3600


def test_delete_twice_removes_the_account(local: LocalAccounts) -> None:
    local.add()
    owner = local.admin.find_owner(EMAIL)

    for _ in range(2):
        local.admin.delete(owner)

    with pytest.raises(InvalidAccount, match="There is no account with this address"):
        local.admin.find_owner(EMAIL)


def test_add_with_the_owner_of_a_library_that_is_being_deleted_is_refused(local: LocalAccounts, tmp_path: Path) -> None:
    """Otherwise, the deletion would delete all new photos of the account."""
    SqliteOutbox(local.database, DeletionMarkers(tmp_path)).put_account_deletion(OWNER)

    with pytest.raises(InvalidAccount, match=r"are being deleted\. Add the account without --owner\."):
        local.admin.add(EMAIL, PASSWORD, **NAMES, owner=OWNER)

    assert local.admin.list_accounts() == []
