from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from app.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCode,
    InvalidCredentials,
    PixTagError,
    TooManyRequests,
)
from app.userpool import UserPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

EMAIL, PASSWORD = "Ada@Example.com", "Correct-horse-battery-1"


@pytest.fixture
def cognito(aws: None) -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp")


@pytest.fixture
def pool_id(cognito: "CognitoIdentityProviderClient") -> str:
    return cognito.create_user_pool(
        PoolName="people", UsernameAttributes=["email"], Policies={"PasswordPolicy": {"MinimumLength": 12}}
    )["UserPool"]["Id"]


@pytest.fixture
def userpool(cognito: "CognitoIdentityProviderClient", pool_id: str) -> UserPool:
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )
    return UserPool(cognito, client["UserPoolClient"]["ClientId"])


def register(userpool: UserPool) -> None:
    userpool.register(EMAIL, PASSWORD, given_name="Ada", family_name="Lovelace")


def test_a_confirmed_person_signs_in_however_the_address_is_spelt(
    userpool: UserPool, cognito: "CognitoIdentityProviderClient", pool_id: str
) -> None:
    register(userpool)
    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=EMAIL.lower())

    tokens = userpool.sign_in(EMAIL.upper(), PASSWORD)

    assert tokens.expires_in == 3600
    assert tokens.access_token not in repr(tokens)


def test_an_unconfirmed_person_is_told_so(userpool: UserPool) -> None:
    register(userpool)

    with pytest.raises(AccountNotConfirmed):
        userpool.sign_in(EMAIL, PASSWORD)


def test_registering_twice_tells_nothing(userpool: UserPool) -> None:
    register(userpool)

    register(userpool)


@pytest.mark.parametrize(("email", "password"), [("nobody@example.com", PASSWORD), (EMAIL, "wrong")])
def test_unknown_and_wrong_are_the_same_answer(
    userpool: UserPool, cognito: "CognitoIdentityProviderClient", pool_id: str, email: str, password: str
) -> None:
    register(userpool)
    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=EMAIL.lower())

    with pytest.raises(InvalidCredentials, match=r"^The e-mail address or the password is wrong\.$"):
        userpool.sign_in(email, password)


@pytest.mark.parametrize(
    ("operation", "code", "error"),
    [
        ("sign_up", "InvalidPasswordException", InvalidAccount),
        ("sign_up", "InvalidParameterException", InvalidAccount),
        ("sign_up", "TooManyRequestsException", TooManyRequests),
        ("sign_up", "LimitExceededException", TooManyRequests),
        ("confirm_sign_up", "CodeMismatchException", InvalidCode),
        ("confirm_sign_up", "ExpiredCodeException", InvalidCode),
        ("confirm_sign_up", "UserNotFoundException", InvalidCode),
        ("confirm_sign_up", "NotAuthorizedException", InvalidCode),
        ("confirm_sign_up", "InvalidParameterException", InvalidCode),
        ("confirm_sign_up", "TooManyFailedAttemptsException", TooManyRequests),
        ("confirm_sign_up", "LimitExceededException", TooManyRequests),
        ("initiate_auth", "PasswordResetRequiredException", InvalidCredentials),
        ("initiate_auth", "InvalidParameterException", InvalidCredentials),
        ("initiate_auth", "TooManyRequestsException", TooManyRequests),
    ],
)
def test_cognitos_errors_become_ours(
    cognito: "CognitoIdentityProviderClient", operation: str, code: str, error: type[PixTagError]
) -> None:
    userpool = UserPool(cognito, "client")
    act: dict[str, Callable[[], object]] = {
        "sign_up": lambda: register(userpool),
        "confirm_sign_up": lambda: userpool.confirm(EMAIL, "123456"),
        "initiate_auth": lambda: userpool.sign_in(EMAIL, PASSWORD),
    }

    with Stubber(cognito) as stub:
        stub.add_client_error(operation, code, "Password not long enough")

        with pytest.raises(error):
            act[operation]()
