import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from app.adapters.aws.user_pool import Account, PasswordPolicy, UserPool
from app.domain.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCode,
    InvalidCredentials,
    InvalidToken,
    PixTagError,
    SessionEnded,
    TooManyRequests,
)
from tests.support.user_pool import EMAIL, NAMES, PASSWORD, make_userpool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

POLICY = {"UserPool": {"Policies": {"PasswordPolicy": {"MinimumLength": 12}}}}


@pytest.fixture
def cognito(aws: None) -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp")


@pytest.fixture
def userpool(cognito: "CognitoIdentityProviderClient") -> UserPool:
    return make_userpool(cognito)


@pytest.fixture
def ada(userpool: UserPool) -> UserPool:
    """The pool with Ada in it, who has confirmed her address."""
    register(userpool)
    userpool.confirm(EMAIL, "123456")
    return userpool


def register(userpool: UserPool, password: str = PASSWORD) -> None:
    userpool.register(EMAIL, password, **NAMES)


def test_a_confirmed_person_signs_in_however_the_address_is_spelt(ada: UserPool) -> None:
    tokens = ada.sign_in(EMAIL.upper(), PASSWORD)

    assert tokens.expires_in == 3600
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)


def test_an_unconfirmed_person_is_told_so(userpool: UserPool) -> None:
    register(userpool)

    with pytest.raises(AccountNotConfirmed):
        userpool.sign_in(EMAIL, PASSWORD)


@pytest.mark.parametrize(("email", "password"), [("nobody@example.com", PASSWORD), (EMAIL, "wrong")])
def test_unknown_and_wrong_are_the_same_answer(ada: UserPool, email: str, password: str) -> None:
    with pytest.raises(InvalidCredentials, match=r"^The e-mail address or the password is wrong\.$"):
        ada.sign_in(email, password)


def test_a_question_that_nobody_can_answer_here_is_no_way_in(
    ada: UserPool, cognito: "CognitoIdentityProviderClient"
) -> None:
    pool_id = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=EMAIL.lower(), Password=PASSWORD, Permanent=False)

    with pytest.raises(InvalidCredentials):
        ada.sign_in(EMAIL, PASSWORD)


def test_registering_twice_tells_nothing_to_the_caller_and_no_address_to_the_log(
    ada: UserPool, caplog: pytest.LogCaptureFixture
) -> None:
    register(ada, "another good password")

    assert caplog.messages == ["register: Cognito said UsernameExists, which its caller is not told"]
    with pytest.raises(InvalidCredentials):
        ada.sign_in(EMAIL, "another good password")


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_a_weak_password_is_refused_alike_for_known_and_unknown_addresses(ada: UserPool, email: str) -> None:
    rules = r"^A password has at least 12 characters and no space at either end\.$"

    with pytest.raises(InvalidAccount, match=rules):
        ada.register(email, "x" * 11, **NAMES)
    with pytest.raises(InvalidAccount, match=rules):
        ada.reset(email, "123456", "x" * 12 + " ")


def test_the_rules_for_passwords_are_asked_once(userpool: UserPool, cognito: "CognitoIdentityProviderClient") -> None:
    asked = []
    cognito.meta.events.register("before-call.cognito-idp.DescribeUserPool", lambda **_: asked.append(1))

    for _ in range(3):
        register(userpool)

    assert asked == [1]


def test_rules_that_cannot_be_asked_just_now_are_asked_again(cognito: "CognitoIdentityProviderClient") -> None:
    userpool = UserPool(cognito, pool_id="pool", client_id="client")
    with Stubber(cognito) as stub:
        stub.add_client_error("describe_user_pool", "TooManyRequestsException")
        stub.add_response("describe_user_pool", POLICY)

        with pytest.raises(TooManyRequests):
            register(userpool, "weak")
        with pytest.raises(InvalidAccount):
            register(userpool, "weak")


KINDS = ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols")


def test_every_rule_is_in_the_sentence() -> None:
    assert str(PasswordPolicy(8, KINDS)) == (
        "A password has at least 8 characters, an upper-case letter, a lower-case letter, a digit, a symbol"
        " and no space at either end."
    )


@pytest.mark.parametrize("password", ["Aa1!567", "aa1!5678", "AA1!5678", "Aaa!aaaa", "Aa145678", ""])
def test_a_password_that_breaks_a_rule_is_refused(password: str) -> None:
    with pytest.raises(InvalidAccount):
        PasswordPolicy(8, KINDS).require(password)


@pytest.mark.parametrize("password", ["Aa1!5678", "Aa1 5678", "A long passphrase, 1"])
def test_a_password_within_the_rules_is_taken(password: str) -> None:
    PasswordPolicy(8, KINDS).require(password)


def test_a_forgotten_password_is_replaced(ada: UserPool) -> None:
    ada.forget(EMAIL)
    ada.reset(EMAIL, "123456", "another good password")

    assert ada.sign_in(EMAIL, "another good password").expires_in == 3600
    with pytest.raises(InvalidCredentials):
        ada.sign_in(EMAIL, PASSWORD)


def test_a_wrong_code_replaces_nothing(ada: UserPool) -> None:
    ada.forget(EMAIL)

    with pytest.raises(InvalidCode):
        ada.reset(EMAIL, "moto-confirmation-code:wrong", "another good password")

    assert ada.sign_in(EMAIL, PASSWORD).expires_in == 3600


def test_a_refresh_token_gives_new_access_and_stays(ada: UserPool) -> None:
    tokens = ada.sign_in(EMAIL, PASSWORD)

    access = [ada.refresh(tokens.refresh_token) for _ in range(2)]

    assert len({tokens.access_token, *(each.access_token for each in access)}) == 3
    assert access[0].access_token not in repr(access)


@pytest.mark.parametrize("token", ["", "x", "no such token"])
def test_what_is_no_refresh_token_gives_nothing(ada: UserPool, token: str) -> None:
    with pytest.raises(SessionEnded):
        ada.refresh(token)


def test_an_access_token_tells_who_its_person_is(ada: UserPool) -> None:
    account = ada.get_account(ada.sign_in(EMAIL, PASSWORD).access_token)

    assert account == Account("ada@example.com", "Ada", "Lovelace", email_verified=False)
    assert "ada@" not in repr(account)


def test_a_revoked_access_token_tells_nothing(ada: UserPool, cognito: "CognitoIdentityProviderClient") -> None:
    token = ada.sign_in(EMAIL, PASSWORD).access_token
    cognito.global_sign_out(AccessToken=token)

    with pytest.raises(InvalidToken, match="revoked"):
        ada.get_account(token)


def test_a_person_who_left_cannot_sign_in_and_may_leave_again(ada: UserPool) -> None:
    tokens = ada.sign_in(EMAIL, PASSWORD)

    for _ in range(2):
        ada.delete(tokens.access_token)

    with pytest.raises(InvalidCredentials):
        ada.sign_in(EMAIL, PASSWORD)
    with pytest.raises(InvalidToken, match="revoked"):
        ada.get_account(tokens.access_token)


# From here on it is about what Cognito says and moto does not. First, all that Cognito's own model says it can.

ACTS: dict[str, tuple[str, Callable[[UserPool], object]]] = {
    "register": ("SignUp", register),
    "confirm": ("ConfirmSignUp", lambda pool: pool.confirm(EMAIL, "123456")),
    "resend": ("ResendConfirmationCode", lambda pool: pool.resend(EMAIL)),
    "forget": ("ForgotPassword", lambda pool: pool.forget(EMAIL)),
    "reset": ("ConfirmForgotPassword", lambda pool: pool.reset(EMAIL, "123456", PASSWORD)),
    "sign_in": ("InitiateAuth", lambda pool: pool.sign_in(EMAIL, PASSWORD)),
    "refresh": ("InitiateAuth", lambda pool: pool.refresh("token")),
    "revoke": ("RevokeToken", lambda pool: pool.revoke("token")),
    "get_account": ("GetUser", lambda pool: pool.get_account("token")),
    "delete": ("DeleteUser", lambda pool: pool.delete("token")),
}
OURS_TO_MEND = {  # faults of the service or of how the pool is set up, whatever a caller sends
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
SAID = [
    (act, shape.name) for act, (operation, _) in ACTS.items() for shape in MODEL.operation_model(operation).error_shapes
]


@pytest.fixture(scope="module")
def scripted() -> Iterator[tuple[UserPool, Stubber]]:
    """A pool whose Cognito says what a test says, and has told its rules."""
    cognito = boto3.client("cognito-idp", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    userpool = UserPool(cognito, pool_id="pool", client_id="client")
    with Stubber(cognito) as stub:
        stub.add_response("describe_user_pool", POLICY, {"UserPoolId": "pool"})
        assert userpool.password_policy.length == 12
        yield userpool, stub


def outcome(scripted: tuple[UserPool, Stubber], act: str, code: str) -> type[Exception] | None:
    """The error that comes of what Cognito says, if any."""
    userpool, stub = scripted
    operation, do = ACTS[act]
    stub.add_client_error(botocore.xform_name(operation), code, "What Cognito says")
    try:
        do(userpool)
    except (PixTagError, ClientError) as error:
        return type(error)
    return None


@pytest.mark.parametrize(("act", "code"), SAID)
def test_only_what_is_ours_to_mend_ends_as_a_failure_of_ours(
    scripted: tuple[UserPool, Stubber], act: str, code: str
) -> None:
    error = outcome(scripted, act, code)

    assert bool(error and not issubclass(error, PixTagError)) == (code in OURS_TO_MEND)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("code", ["TooManyRequestsException", "ForbiddenException"])
def test_too_many_requests_are_told(scripted: tuple[UserPool, Stubber], act: str, code: str) -> None:
    assert outcome(scripted, act, code) is TooManyRequests


@pytest.mark.parametrize(
    ("act", "code", "error"),
    [
        ("register", "InvalidPasswordException", InvalidAccount),
        ("register", "InvalidParameterException", InvalidAccount),
        ("confirm", "CodeMismatchException", InvalidCode),
        ("reset", "ExpiredCodeException", InvalidCode),
        ("reset", "PasswordHistoryPolicyViolationException", InvalidAccount),
        ("sign_in", "NotAuthorizedException", InvalidCredentials),
        ("sign_in", "UserNotConfirmedException", AccountNotConfirmed),
        ("refresh", "NotAuthorizedException", SessionEnded),
        ("revoke", "UnauthorizedException", None),
        ("revoke", "UnsupportedTokenTypeException", None),
        ("get_account", "NotAuthorizedException", InvalidToken),
        ("get_account", "UserNotFoundException", InvalidToken),
        ("delete", "NotAuthorizedException", InvalidToken),
        ("delete", "UserNotFoundException", None),
    ],
)
def test_cognitos_errors_become_ours(
    scripted: tuple[UserPool, Stubber], act: str, code: str, error: type[PixTagError] | None
) -> None:
    assert outcome(scripted, act, code) is error


@pytest.mark.parametrize(
    ("act", "unknown", "known"),
    [
        ("confirm", "CodeMismatch", ["NotAuthorized", "LimitExceeded", "TooManyFailedAttempts", "AliasExists"]),
        ("confirm", "UserNotFound", ["CodeMismatch", "ExpiredCode", "InvalidParameter"]),
        ("reset", "CodeMismatch", ["UserNotConfirmed", "LimitExceeded", "TooManyFailedAttempts", "NotAuthorized"]),
        ("reset", "UserNotFound", ["CodeMismatch", "ExpiredCode", "InvalidParameter"]),
        ("sign_in", "UserNotFound", ["NotAuthorized", "PasswordResetRequired", "InvalidParameter"]),
    ],
)
def test_what_is_said_of_known_addresses_alone_is_told_as_of_unknown_ones(
    scripted: tuple[UserPool, Stubber], act: str, unknown: str, known: list[str]
) -> None:
    told = outcome(scripted, act, f"{unknown}Exception")

    assert told
    assert {outcome(scripted, act, f"{code}Exception") for code in known} == {told}


@pytest.mark.parametrize("act", ["resend", "forget"])
@pytest.mark.parametrize(
    "code", ["UserNotFound", "InvalidParameter", "NotAuthorized", "LimitExceeded", "CodeDeliveryFailure"]
)
def test_asking_for_a_code_tells_nothing(scripted: tuple[UserPool, Stubber], act: str, code: str) -> None:
    assert outcome(scripted, act, f"{code}Exception") is None


@pytest.mark.parametrize("code", ["UsernameExists", "LimitExceeded", "CodeDeliveryFailure"])
def test_registering_tells_neither_that_the_address_is_known_nor_that_it_is_not(
    scripted: tuple[UserPool, Stubber], caplog: pytest.LogCaptureFixture, code: str
) -> None:
    assert outcome(scripted, "register", f"{code}Exception") is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_code_is_asked_for_and_a_token_ended_in_cognitos_words(scripted: tuple[UserPool, Stubber]) -> None:
    userpool, stub = scripted
    stub.add_response("resend_confirmation_code", {}, {"ClientId": "client", "Username": EMAIL.lower()})
    stub.add_response("revoke_token", {}, {"ClientId": "client", "Token": "token"})

    userpool.resend(EMAIL)
    userpool.revoke("token")
    userpool.revoke("")

    stub.assert_no_pending_responses()
