"""Reads and creates the accounts of a user pool for backups, and records the state of a restore in the table.

Only the person who runs `pixtag backup` or `pixtag restore` needs the permissions for these calls. The functions have
none of them.
"""

import secrets
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.domain.backups import BackupAccount, Backups, Source

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import UserTypeTypeDef
    from mypy_boto3_dynamodb.client import DynamoDBClient

UNCONFIRMED: Final = "UNCONFIRMED"
CONFIRMED: Final = "CONFIRMED"

_RESTORE: Final = {"pk": "RESTORE", "sk": "RESTORE"}
_FINISHED: Final = {"pk": "RESTORE", "sk": "FINISHED"}


class AwsBackups(DynamoTable, Backups):
    """The accounts and the state of a restore."""

    source = Source.AWS
    folder = None

    def __init__(
        self, dynamodb: "DynamoDBClient", table: str, cognito: "CognitoIdentityProviderClient", pool_id: str
    ) -> None:
        super().__init__(dynamodb, table)
        self._cognito_client = cognito
        self._pool_id = pool_id

    @override
    def read_consistently(self) -> AbstractContextManager[None]:
        return nullcontext()

    @override
    def list_accounts(self) -> list[BackupAccount]:
        pages = self._cognito_client.get_paginator("list_users").paginate(UserPoolId=self._pool_id)
        users = [user for page in pages for user in page["Users"] if user["UserStatus"] != UNCONFIRMED]
        return sorted(map(_to_account, users), key=lambda account: (account.created_at, account.owner))

    @override
    def find_restore(self) -> str | None:
        item = self._find(_RESTORE)
        return str(item["backup"]) if item else None

    @override
    def find_finished_restore(self) -> str | None:
        item = self._find(_FINISHED)
        return str(item["backup"]) if item else None

    @override
    def begin_restore(self, backup_id: str) -> None:
        self._put(_RESTORE | {"backup": backup_id})

    @override
    def put_account(self, account: BackupAccount) -> str:
        names = {"email": account.email, "given_name": account.given_name, "family_name": account.family_name}
        with suppress(self._cognito_client.exceptions.UsernameExistsException):
            self._cognito_client.admin_create_user(
                UserPoolId=self._pool_id,
                Username=account.email,
                UserAttributes=[{"Name": name, "Value": value} for name, value in names.items()],
                MessageAction="SUPPRESS",
            )
        user = self._cognito_client.admin_get_user(UserPoolId=self._pool_id, Username=account.email)
        if user["UserStatus"] != CONFIRMED:
            self._confirm(account.email)
        return next(each["Value"] for each in user["UserAttributes"] if each["Name"] == "sub")

    def _confirm(self, email: str) -> None:
        """Set a password that nobody knows, and mark the address as verified.

        Cognito sends codes for a new password only to users who have a permanent password and a verified address.
        Source: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
        """
        password = f"{secrets.token_urlsafe(32)}aA1-"
        self._cognito_client.admin_update_user_attributes(
            UserPoolId=self._pool_id,
            Username=email,
            UserAttributes=[{"Name": "email_verified", "Value": "true"}],
        )
        self._cognito_client.admin_set_user_password(
            UserPoolId=self._pool_id, Username=email, Password=password, Permanent=True
        )

    @override
    def write_together(self) -> AbstractContextManager[None]:
        return nullcontext()

    @override
    def finish_restore(self) -> None:
        if backup_id := self.find_restore():
            self._put(_FINISHED | {"backup": backup_id})
        self._delete(_RESTORE)


def _to_account(user: "UserTypeTypeDef") -> BackupAccount:
    attributes = {each["Name"]: each.get("Value", "") for each in user["Attributes"]}
    return BackupAccount(
        owner=attributes["sub"],
        email=attributes.get("email", "").lower(),
        given_name=attributes.get("given_name", ""),
        family_name=attributes.get("family_name", ""),
        created_at=user["UserCreateDate"],
    )
