from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.aws.backups import AwsBackups
from tests.support.aws import MotoStores, before
from tests.support.backups import ACCOUNT
from tests.support.fakes import FakeDetector
from tests.support.injected_fault import InjectedFault, fail
from tests.support.libraries import EMAIL, PASSWORD, make_library


@pytest.fixture
def stores(aws: None, tmp_path: Path) -> Iterator[MotoStores]:
    with make_library("aws", tmp_path, FakeDetector()) as library:
        assert isinstance(library.stores, MotoStores)
        yield library.stores


@pytest.fixture
def backups(stores: MotoStores) -> AwsBackups:
    return stores.backups


def find_status(stores: MotoStores) -> tuple[str, str | None]:
    """Return the status of the user, and whether the address is verified."""
    user = stores.cognito.admin_get_user(UserPoolId=stores.pool_id, Username=EMAIL)
    attributes = {each["Name"]: each.get("Value") for each in user["UserAttributes"]}
    return user["UserStatus"], attributes["email_verified"]


def test_put_account_creates_a_user_who_can_set_a_new_password(stores: MotoStores, backups: AwsBackups) -> None:
    backups.put_account(ACCOUNT)

    # Cognito sends codes only to users with this status and a verified address. moto sends them to all users.
    assert find_status(stores) == ("CONFIRMED", "true")
    response = stores.cognito.forgot_password(ClientId=stores.client_id, Username=EMAIL)
    code = response["ResponseMetadata"]["HTTPHeaders"]["x-moto-forgot-password-confirmation-code"]
    stores.accounts.reset_password(EMAIL, code, PASSWORD)
    assert stores.accounts.sign_in(EMAIL, PASSWORD).access_token


@pytest.mark.parametrize("call", ["AdminGetUser", "AdminUpdateUserAttributes", "AdminSetUserPassword"])
def test_put_account_that_is_interrupted_can_be_repeated(stores: MotoStores, backups: AwsBackups, call: str) -> None:
    with pytest.raises(InjectedFault), before(stores.cognito, f"cognito-idp.{call}", fail):
        backups.put_account(ACCOUNT)

    owner = backups.put_account(ACCOUNT)

    assert find_status(stores) == ("CONFIRMED", "true")
    assert [account.owner for account in backups.list_accounts()] == [owner]


def test_put_account_sends_no_message(stores: MotoStores, backups: AwsBackups) -> None:
    actions: list[str] = []

    def record(params: dict[str, bytes], **_: object) -> None:
        actions.append(params["body"].decode())

    stores.cognito.meta.events.register("before-call.cognito-idp.AdminCreateUser", record)

    backups.put_account(ACCOUNT)

    assert '"MessageAction": "SUPPRESS"' in actions[0]


def test_list_accounts_reads_all_pages(stores: MotoStores, backups: AwsBackups) -> None:
    emails = {f"{number}@example.com" for number in range(61)}
    for email in emails:
        stores.cognito.admin_create_user(
            UserPoolId=stores.pool_id, Username=email, UserAttributes=[{"Name": "email", "Value": email}]
        )

    assert {account.email for account in backups.list_accounts()} == emails
