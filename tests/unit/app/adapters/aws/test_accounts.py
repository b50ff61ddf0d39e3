import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from app.adapters.aws.accounts import CognitoAccounts
from app.domain.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCode,
    InvalidCredentials,
    InvalidToken,
    PixTagError,
    RegistrationClosed,
    SessionEnded,
    TooManyRequests,
    Unavailable,
    WrongPassword,
)
from tests.support.user_pool import EMAIL, NAMES, PASSWORD, make_user_pool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

POLICY = {"UserPool": {"Policies": {"PasswordPolicy": {"MinimumLength": 12}}}}


@pytest.fixture
def cognito(aws: None) -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp")


@pytest.fixture
def accounts(cognito: "CognitoIdentityProviderClient") -> CognitoAccounts:
    return make_user_pool(cognito)


@pytest.fixture
def ada(accounts: CognitoAccounts) -> CognitoAccounts:
    """The pool with the confirmed account of Ada."""
    register(accounts)
    accounts.confirm(EMAIL, "123456", PASSWORD)
    return accounts


def register(accounts: CognitoAccounts, password: str = PASSWORD) -> None:
    accounts.register(EMAIL, password, **NAMES)


def test_sign_in_with_further_challenge_raises_invalid_credentials(
    ada: CognitoAccounts, cognito: "CognitoIdentityProviderClient"
) -> None:
    pool_id = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=EMAIL.lower(), Password=PASSWORD, Permanent=False)

    with pytest.raises(InvalidCredentials):
        ada.sign_in(EMAIL, PASSWORD)


def test_register_of_known_address_changes_nothing_and_logs_no_address(
    ada: CognitoAccounts, caplog: pytest.LogCaptureFixture
) -> None:
    register(ada, "another good password")

    assert caplog.messages == ["register: suppressed Cognito's error UsernameExists"]
    with pytest.raises(InvalidCredentials):
        ada.sign_in(EMAIL, "another good password")


def test_password_policy_is_requested_once(accounts: CognitoAccounts, cognito: "CognitoIdentityProviderClient") -> None:
    calls = []
    cognito.meta.events.register("before-call.cognito-idp.DescribeUserPool", lambda **_: calls.append(1))

    for _ in range(3):
        register(accounts)

    assert calls == [1]


def test_password_policy_is_requested_again_after_a_failure(cognito: "CognitoIdentityProviderClient") -> None:
    accounts = CognitoAccounts(cognito, pool_id="pool", client_id="client")
    with Stubber(cognito) as stub:
        stub.add_client_error("describe_user_pool", "TooManyRequestsException")
        stub.add_response("describe_user_pool", POLICY)

        with pytest.raises(TooManyRequests):
            register(accounts, "weak")
        with pytest.raises(InvalidAccount):
            register(accounts, "weak")


# moto does not return the errors of the following tests.
# `MODELED_ERRORS` contains every error in botocore's model of Cognito.

OPERATIONS: dict[str, tuple[str, Callable[[CognitoAccounts], object]]] = {
    "register": ("SignUp", register),
    "confirm": ("ConfirmSignUp", lambda pool: pool.confirm(EMAIL, "123456", PASSWORD)),
    "resend_code": ("ResendConfirmationCode", lambda pool: pool.resend_code(EMAIL)),
    "request_password_reset": ("ForgotPassword", lambda pool: pool.request_password_reset(EMAIL)),
    "reset_password": ("ConfirmForgotPassword", lambda pool: pool.reset_password(EMAIL, "123456", PASSWORD)),
    "sign_in": ("InitiateAuth", lambda pool: pool.sign_in(EMAIL, PASSWORD)),
    "refresh": ("InitiateAuth", lambda pool: pool.refresh("token")),
    "revoke": ("RevokeToken", lambda pool: pool.revoke("token")),
    "end_sessions": ("GlobalSignOut", lambda pool: pool.end_sessions("token")),
    "change_names": ("UpdateUserAttributes", lambda pool: pool.change_names("token", given_name="Ada")),
    "get_account": ("GetUser", lambda pool: pool.get_account("token")),
    "delete_account": ("DeleteUser", lambda pool: pool.delete_account("token")),
}
SERVICE_FAULTS = {  # faults of the service or of the pool's configuration, which no caller can cause
    "FeatureUnavailableInTierException",
    "InternalErrorException",
    "InvalidEmailRoleAccessPolicyException",
    "InvalidLambdaResponseException",
    "InvalidSmsRoleAccessPolicyException",
    "InvalidSmsRoleTrustRelationshipException",
    "InvalidUserPoolConfigurationException",
    "OperationNotEnabledException",
    "ResourceNotFoundException",
    "UnexpectedLambdaException",
    "UnsupportedOperationException",
    "UserLambdaValidationException",
}
MODEL = botocore.session.get_session().get_service_model("cognito-idp")
MODELED_ERRORS = [
    (name, shape.name)
    for name, (operation, _) in OPERATIONS.items()
    for shape in MODEL.operation_model(operation).error_shapes
]


@pytest.fixture(scope="module")
def stubbed_pool() -> Iterator[tuple[CognitoAccounts, Stubber]]:
    """A pool with stubbed responses, which has requested the password policy."""
    cognito = boto3.client("cognito-idp", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    accounts = CognitoAccounts(cognito, pool_id="pool", client_id="client")
    with Stubber(cognito) as stub:
        stub.add_response("describe_user_pool", POLICY, {"UserPoolId": "pool"})
        assert accounts.password_policy.min_length == 12
        yield accounts, stub


def find_error(stubbed_pool: tuple[CognitoAccounts, Stubber], name: str, code: str) -> type[Exception] | None:
    """Return the type of the error that an operation raises for an error code of Cognito, or None."""
    accounts, stub = stubbed_pool
    operation, operate = OPERATIONS[name]
    stub.add_client_error(botocore.xform_name(operation), code, "Message of Cognito")
    try:
        operate(accounts)
    except (PixTagError, ClientError) as error:
        return type(error)
    return None


@pytest.mark.parametrize(("name", "code"), MODELED_ERRORS)
def test_operation_with_modeled_error_raises_client_error_only_for_service_faults(
    stubbed_pool: tuple[CognitoAccounts, Stubber], name: str, code: str
) -> None:
    error = find_error(stubbed_pool, name, code)

    is_refused_by_trigger = (name, code) == ("register", "UserLambdaValidationException")
    is_fault = code in SERVICE_FAULTS and not is_refused_by_trigger
    assert bool(error and not issubclass(error, PixTagError)) == is_fault


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("code", ["TooManyRequestsException", "ForbiddenException"])
def test_operation_with_throttling_error_raises_too_many_requests(
    stubbed_pool: tuple[CognitoAccounts, Stubber], name: str, code: str
) -> None:
    assert find_error(stubbed_pool, name, code) is TooManyRequests


@pytest.mark.parametrize(
    ("name", "code", "error"),
    [
        ("register", "InvalidPasswordException", InvalidAccount),
        ("register", "InvalidParameterException", InvalidAccount),
        ("register", "UserLambdaValidationException", RegistrationClosed),
        ("confirm", "CodeMismatchException", InvalidCode),
        ("reset_password", "ExpiredCodeException", InvalidCode),
        ("reset_password", "PasswordHistoryPolicyViolationException", InvalidAccount),
        ("sign_in", "NotAuthorizedException", InvalidCredentials),
        ("sign_in", "UserNotConfirmedException", AccountNotConfirmed),
        ("refresh", "NotAuthorizedException", SessionEnded),
        ("revoke", "UnauthorizedException", None),
        ("revoke", "UnsupportedTokenTypeException", None),
        ("end_sessions", "NotAuthorizedException", InvalidToken),
        ("get_account", "NotAuthorizedException", InvalidToken),
        ("get_account", "UserNotFoundException", InvalidToken),
        ("change_names", "NotAuthorizedException", InvalidToken),
        ("delete_account", "NotAuthorizedException", InvalidToken),
        ("delete_account", "UserNotFoundException", None),
    ],
)
def test_operation_with_cognito_error_raises_the_error_of_pixtag(
    stubbed_pool: tuple[CognitoAccounts, Stubber], name: str, code: str, error: type[PixTagError] | None
) -> None:
    assert find_error(stubbed_pool, name, code) is error


@pytest.mark.parametrize(
    ("name", "unknown", "known"),
    [
        ("confirm", "CodeMismatch", ["NotAuthorized", "LimitExceeded", "TooManyFailedAttempts", "AliasExists"]),
        ("confirm", "UserNotFound", ["CodeMismatch", "ExpiredCode", "InvalidParameter"]),
        (
            "reset_password",
            "CodeMismatch",
            ["UserNotConfirmed", "LimitExceeded", "TooManyFailedAttempts", "NotAuthorized"],
        ),
        ("reset_password", "UserNotFound", ["CodeMismatch", "ExpiredCode", "InvalidParameter"]),
        ("sign_in", "UserNotFound", ["NotAuthorized", "PasswordResetRequired", "InvalidParameter"]),
    ],
)
def test_operation_with_error_of_known_address_raises_the_error_of_an_unknown_one(
    stubbed_pool: tuple[CognitoAccounts, Stubber], name: str, unknown: str, known: list[str]
) -> None:
    error = find_error(stubbed_pool, name, f"{unknown}Exception")

    assert error
    assert {find_error(stubbed_pool, name, f"{code}Exception") for code in known} == {error}


USER = {"UserAttributes": [{"Name": "email", "Value": EMAIL}], "Username": "ada"}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("NotAuthorizedException", WrongPassword),
        ("LimitExceededException", TooManyRequests),
        ("PasswordHistoryPolicyViolationException", InvalidAccount),
        ("InternalErrorException", ClientError),
    ],
)
def test_change_password_with_cognito_error_raises_the_error_of_pixtag(
    stubbed_pool: tuple[CognitoAccounts, Stubber], code: str, error: type[Exception]
) -> None:
    accounts, stub = stubbed_pool
    stub.add_response("get_user", USER, {"AccessToken": "token"})
    stub.add_client_error("change_password", code)

    with pytest.raises(error):
        accounts.change_password("token", "old", PASSWORD)


def test_change_to_the_address_of_another_account_raises_invalid_code(
    stubbed_pool: tuple[CognitoAccounts, Stubber],
) -> None:
    accounts, stub = stubbed_pool
    stub.add_response("get_user", USER, {"AccessToken": "token"})
    stub.add_client_error("verify_user_attribute", "AliasExistsException")

    with pytest.raises(InvalidCode):
        accounts.change_address("token", "123456")


@pytest.mark.parametrize("code", ["AliasExistsException", "CodeDeliveryFailureException"])
def test_request_of_an_address_with_revealing_error_does_not_raise(
    stubbed_pool: tuple[CognitoAccounts, Stubber], code: str
) -> None:
    accounts, stub = stubbed_pool
    stub.add_response("get_user", USER, {"AccessToken": "token"})
    tokens = {"AccessToken": "access", "ExpiresIn": 3600, "RefreshToken": "refresh"}
    stub.add_response("initiate_auth", {"AuthenticationResult": tokens})
    stub.add_response("revoke_token", {}, {"ClientId": "client", "Token": "refresh"})
    stub.add_client_error("update_user_attributes", code)

    accounts.request_address("token", "grace@example.com", PASSWORD)

    stub.assert_no_pending_responses()


def test_confirm_sets_the_password_before_it_ends_the_sessions(
    stubbed_pool: tuple[CognitoAccounts, Stubber],
) -> None:
    accounts, stub = stubbed_pool
    user = {"UserPoolId": "pool", "Username": EMAIL.lower()}
    stub.add_response(
        "confirm_sign_up", {}, {"ClientId": "client", "Username": EMAIL.lower(), "ConfirmationCode": "123456"}
    )
    stub.add_response("admin_set_user_password", {}, user | {"Password": PASSWORD, "Permanent": True})
    stub.add_response("admin_user_global_sign_out", {}, user)
    names = [{"Name": "given_name", "Value": "Ada"}]
    stub.add_response("admin_update_user_attributes", {}, user | {"UserAttributes": names})

    accounts.confirm(EMAIL, "123456", PASSWORD, given_name="Ada")

    stub.assert_no_pending_responses()


def test_confirm_that_fails_after_the_code_tells_how_to_set_a_password(
    stubbed_pool: tuple[CognitoAccounts, Stubber],
) -> None:
    accounts, stub = stubbed_pool
    stub.add_response("confirm_sign_up", {})
    stub.add_client_error("admin_set_user_password", "InternalErrorException")

    with pytest.raises(Unavailable, match=r"confirmed, but .* Request a code for a new password\."):
        accounts.confirm(EMAIL, "123456", PASSWORD)


def test_reset_password_ends_the_sessions_after_it_has_set_the_password(
    stubbed_pool: tuple[CognitoAccounts, Stubber],
) -> None:
    accounts, stub = stubbed_pool
    user = {"Username": EMAIL.lower()}
    reset = {"ClientId": "client", "ConfirmationCode": "123456", "Password": PASSWORD}
    stub.add_response("confirm_forgot_password", {}, user | reset)
    stub.add_response("admin_user_global_sign_out", {}, user | {"UserPoolId": "pool"})

    accounts.reset_password(EMAIL, "123456", PASSWORD)

    stub.assert_no_pending_responses()


def test_register_passes_the_invitation_to_the_trigger(stubbed_pool: tuple[CognitoAccounts, Stubber]) -> None:
    accounts, stub = stubbed_pool
    expected = {"ClientId": "client", "Username": EMAIL.lower(), "Password": PASSWORD, "UserAttributes": ANY}
    expected |= {"ClientMetadata": {"invitation": "token"}}
    stub.add_response("sign_up", {"UserConfirmed": False, "UserSub": "ada"}, expected)

    accounts.register(EMAIL, PASSWORD, **NAMES, invitation="token")

    stub.assert_no_pending_responses()


@pytest.mark.parametrize("name", ["resend_code", "request_password_reset"])
@pytest.mark.parametrize(
    "code", ["UserNotFound", "InvalidParameter", "NotAuthorized", "LimitExceeded", "CodeDeliveryFailure"]
)
def test_code_request_with_revealing_error_does_not_raise(
    stubbed_pool: tuple[CognitoAccounts, Stubber], name: str, code: str
) -> None:
    assert find_error(stubbed_pool, name, f"{code}Exception") is None


@pytest.mark.parametrize("code", ["UsernameExists", "LimitExceeded", "CodeDeliveryFailure"])
def test_register_with_revealing_error_logs_a_warning_and_does_not_raise(
    stubbed_pool: tuple[CognitoAccounts, Stubber], caplog: pytest.LogCaptureFixture, code: str
) -> None:
    assert find_error(stubbed_pool, "register", f"{code}Exception") is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_resend_code_and_revoke_send_the_parameters_of_cognito(stubbed_pool: tuple[CognitoAccounts, Stubber]) -> None:
    accounts, stub = stubbed_pool
    stub.add_response("resend_confirmation_code", {}, {"ClientId": "client", "Username": EMAIL.lower()})
    stub.add_response("revoke_token", {}, {"ClientId": "client", "Token": "token"})

    accounts.resend_code(EMAIL)
    accounts.revoke("token")
    accounts.revoke("")

    stub.assert_no_pending_responses()
