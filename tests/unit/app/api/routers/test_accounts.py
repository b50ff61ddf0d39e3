from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from fastapi.testclient import TestClient

from app import wiring
from app.api import auth
from app.api.auth import User
from app.api.dependencies import provide
from app.domain.mail import EmailState
from app.domain.outbox import LEASE_SECONDS
from app.domain.ports import ApiKeys, Mail, Outbox, Shares, Subscriptions
from app.domain.query import parse
from app.domain.uploads import Upload
from app.main import app
from app.services.ingest import Ingest
from app.services.outbox_worker import OutboxWorker
from app.settings import LocalSettings, Settings
from tests.support.aws import BUCKET_NAME, TABLE_NAME, before
from tests.support.fakes import Clock
from tests.support.invariants import list_leftovers
from tests.support.tokens import SETTINGS
from tests.support.user_pool import EMAIL, NAMES, PASSWORD, make_user_pool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient

ADA = {"email": EMAIL, "password": PASSWORD, **NAMES}
CONFIRMATION = {"email": EMAIL, "code": "123456", "password": PASSWORD}
OWNER, GRACE = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10", "9b1d0c5a-77aa-4c0e-8a53-6f1f2e3d4c5b"
RULES = "A password has at least 12 characters and no space at either end."


@pytest.fixture
def backend() -> str:
    """The tests for one machine are in test_local_accounts.py."""
    return "aws"


@pytest.fixture
def cognito(aws: None) -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp")


@pytest.fixture
def client(cognito: "CognitoIdentityProviderClient") -> Iterator[TestClient]:
    user_pool = make_user_pool(cognito)
    app.dependency_overrides |= {provide(wiring.accounts): lambda: user_pool, provide(wiring.invitations): lambda: None}
    yield TestClient(app)
    app.dependency_overrides.clear()


@pytest.fixture
def registered(client: TestClient) -> TestClient:
    client.post("/auth/register", json=ADA)
    client.post("/auth/confirm", json=CONFIRMATION)
    return client


def sign_in(client: TestClient, password: str = PASSWORD) -> int:
    form = {"grant_type": "password", "username": EMAIL, "password": password}
    return client.post("/auth/token", data=form).status_code


def test_sign_in_after_registration_requires_confirmation(client: TestClient) -> None:
    registered = client.post("/auth/register", json=ADA)
    early = sign_in(client)
    confirmed = client.post("/auth/confirm", json=CONFIRMATION)

    assert (registered.status_code, early, confirmed.status_code, sign_in(client)) == (202, 400, 204, 200)


def test_register_with_known_address_returns_same_response(client: TestClient) -> None:
    responses = [client.post("/auth/register", json=ADA) for _ in range(2)]

    assert len({(response.status_code, response.content) for response in responses}) == 1


@pytest.mark.parametrize(
    ("settings", "mailbox"),
    [
        (SETTINGS, None),
        (replace(SETTINGS, mailbox_url="http://127.0.0.1:8025"), "http://127.0.0.1:8025/mailbox"),
        (LocalSettings(), "http://testserver/mailbox"),
        (LocalSettings(url="https://photos.example.com"), None),
        (LocalSettings(smtp_url="smtps://mail.example.com"), None),
    ],
    ids=["aws", "emulator", "one machine", "public", "smtp"],
)
def test_responses_with_code_name_mailbox_if_there_is_one(
    registered: TestClient, settings: Settings, mailbox: str | None
) -> None:
    app.dependency_overrides[provide(wiring.settings)] = lambda: settings

    responses = [registered.post("/auth/register", json=ADA), registered.post("/auth/forgot", json={"email": EMAIL})]

    assert [response.json()["mailbox"] for response in responses] == [mailbox] * 2


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_weak_password_returns_422_with_rules(registered: TestClient, email: str) -> None:
    responses = [
        registered.post("/auth/register", json=ADA | {"email": email, "password": "weak"}),
        registered.post("/auth/reset", json={"email": email, "code": "123456", "password": "weak"}),
    ]

    assert [(response.status_code, response.json()["detail"]) for response in responses] == [(422, RULES)] * 2


def test_register_with_invalid_address_returns_readable_fault(client: TestClient) -> None:
    response = client.post("/auth/register", json=ADA | {"email": "ada@nowhere"})

    (fault,) = response.json()["errors"]
    assert fault["detail"] == "This is not an e-mail address. Use the form ada@example.com."


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no address"},
        {"email": "a@b.c\r\nX: y"},
        {"email": f"{'a' * 117}@example.com"},
        {"given_name": ""},
        {"given_name": "Ada\r\nBcc: eve@example.com"},
        {"family_name": "\x1b[31mLovelace"},
        {"password": 1},
        {"sub": "x"},
    ],
)
def test_register_with_invalid_field_returns_422(client: TestClient, change: dict[str, object]) -> None:
    assert client.post("/auth/register", json=ADA | change).status_code == 422


def test_resend_code_returns_same_response_for_all_addresses(
    client: TestClient, cognito: "CognitoIdentityProviderClient"
) -> None:
    with Stubber(cognito) as stub:
        stub.add_response("resend_confirmation_code", {})
        stub.add_client_error("resend_confirmation_code", "UserNotFoundException")
        stub.add_client_error("resend_confirmation_code", "InvalidParameterException")  # confirmed already

        responses = [client.post("/auth/resend", json={"email": EMAIL}) for _ in range(3)]

    assert responses[0].json()["mailbox"] == "http://testserver/mailbox"
    assert {response.status_code for response in responses} == {202}
    assert len({response.content for response in responses}) == 1


def test_reset_with_code_replaces_forgotten_password(registered: TestClient) -> None:
    forgot = registered.post("/auth/forgot", json={"email": EMAIL})
    new = {"email": EMAIL, "code": "123456", "password": "another good password"}
    reset = registered.post("/auth/reset", json=new)

    assert (forgot.status_code, reset.status_code) == (202, 204)
    assert [sign_in(registered, password) for password in (PASSWORD, new["password"])] == [400, 200]


def test_forgot_returns_same_response_for_known_and_unknown_address(registered: TestClient) -> None:
    responses = [registered.post("/auth/forgot", json={"email": email}) for email in (EMAIL, "nobody@example.com")]

    assert len({(response.status_code, response.content) for response in responses}) == 1


def test_reset_with_wrong_code_returns_400_with_advice(registered: TestClient) -> None:
    registered.post("/auth/forgot", json={"email": EMAIL})

    wrong = {"email": EMAIL, "code": "moto-confirmation-code:wrong", "password": "another good password"}
    response = registered.post("/auth/reset", json=wrong)

    assert response.status_code == 400
    assert response.json()["detail"].startswith("The code is wrong or has expired. Request a new one")


def test_get_me_returns_account_until_token_is_revoked(
    registered: TestClient, cognito: "CognitoIdentityProviderClient"
) -> None:
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    token = registered.post("/auth/token", data=form).json()["access_token"]
    app.dependency_overrides[auth.current_user] = lambda: User(OWNER, token)

    account = registered.get("/auth/me")
    cognito.global_sign_out(AccessToken=token)
    rejected = registered.get("/auth/me")

    flags = dict.fromkeys(("email_verified", "is_admin", "can_invite"), False)
    assert account.json() == {"id": OWNER, "email": EMAIL.lower(), **NAMES} | flags
    assert (rejected.status_code, rejected.json()["type"]) == (401, "urn:pixtag:invalid-token")


@pytest.fixture
def ada(
    registered: TestClient,
    outbox: Outbox,
    mail: Mail,
    api_keys: ApiKeys,
    shares: Shares,
    subscriptions: Subscriptions,
    ingest: Ingest,
    photo: bytes,
) -> TestClient:
    """Return the client of Ada, who is signed in. She and Grace each have a photo and a subscription."""
    for owner in (OWNER, GRACE):
        subscriptions.add(owner, parse("dog"))
        mail.subscribe(owner, f"{owner}@example.com")
        ingest.ingest(owner, ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000).id)
    session = registered.post("/auth/session", json={"email": EMAIL, "password": PASSWORD}, headers={"X-PixTag": "1"})
    user = User(OWNER, session.json()["access_token"])
    app.dependency_overrides |= {
        auth.current_user: lambda: user,
        provide(wiring.outbox): lambda: outbox,
        provide(wiring.mail): lambda: mail,
        provide(wiring.api_keys): lambda: api_keys,
        provide(wiring.shares): lambda: shares,
    }
    return registered


@pytest.fixture
def count_leftovers(
    outbox_worker: OutboxWorker, mail: Mail, dynamodb: "DynamoDBClient", s3: "S3Client", clock: Clock
) -> Callable[[str], int]:
    """Return a function that processes an owner's outbox and counts what remains of the owner."""

    def count(owner: str) -> int:
        while outbox_worker.outbox.has_account_deletion(owner):
            outbox_worker.process(owner)
            clock.ahead += LEASE_SECONDS + 1
        outbox_worker.process(owner)  # the worker looks once more some time after each change
        has_topic = mail.state(owner) is not EmailState.NONE
        return has_topic + len(list_leftovers(owner, TABLE_NAME, BUCKET_NAME))

    return count


def test_delete_me_removes_account_and_only_its_data(ada: TestClient, count_leftovers: Callable[[str], int]) -> None:
    response = ada.delete("/auth/me", params={"confirm": EMAIL.swapcase()})

    assert response.status_code == 202
    assert response.json()["detail"].startswith("Your account is deleted. Your library is being removed")
    assert "session" not in ada.cookies
    assert sign_in(ada) == 400
    assert count_leftovers(OWNER) == 0
    assert count_leftovers(GRACE) > 0


def test_delete_me_repeated_after_deletion_returns_401(ada: TestClient) -> None:
    responses = [ada.delete("/auth/me", params={"confirm": EMAIL}) for _ in range(2)]

    assert [response.status_code for response in responses] == [202, 401]


@pytest.mark.parametrize("params", [{}, {"confirm": ""}, {"confirm": "grace@example.com"}, {"confirm": "x" * 129}])
def test_delete_me_unconfirmed_deletes_nothing(ada: TestClient, outbox: Outbox, params: dict[str, str]) -> None:
    response = ada.delete("/auth/me", params=params)

    assert (response.status_code, response.json()["type"]) == (422, "urn:pixtag:invalid-request")
    assert "confirm" in response.json()["detail"]
    assert not outbox.has_account_deletion(OWNER)
    assert "session" in ada.cookies
    assert sign_in(ada) == 200


def test_delete_me_after_sign_out_deletes_nothing(
    ada: TestClient, outbox: Outbox, cognito: "CognitoIdentityProviderClient"
) -> None:
    cognito.global_sign_out(AccessToken=app.dependency_overrides[auth.current_user]().token)

    response = ada.delete("/auth/me", params={"confirm": EMAIL})

    assert (response.status_code, outbox.has_account_deletion(OWNER)) == (401, False)


@pytest.mark.parametrize(
    ("call", "is_library_removed"),
    [
        ("cognito-idp.GetUser", False),
        ("dynamodb.PutItem", False),
        ("sns.DeleteTopic", True),
        ("cognito-idp.DeleteUser", True),
    ],
)
def test_delete_me_interrupted_by_failed_call_can_be_repeated(
    ada: TestClient,
    cognito: "CognitoIdentityProviderClient",
    dynamodb: "DynamoDBClient",
    sns: "SNSClient",
    count_leftovers: Callable[[str], int],
    call: str,
    is_library_removed: bool,  # noqa: FBT001 - a case
) -> None:
    clients = {"cognito-idp": cognito, "dynamodb": dynamodb, "sns": sns}

    def fail() -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    with before(clients[call.partition(".")[0]], call, fail):
        response = ada.delete("/auth/me", params={"confirm": EMAIL})

    assert (response.status_code, sign_in(ada), count_leftovers(OWNER) == 0) == (503, 200, is_library_removed)
    assert "session" in ada.cookies
    assert ada.delete("/auth/me", params={"confirm": EMAIL}).status_code == 202
    assert sign_in(ada) == 400
    assert count_leftovers(OWNER) == 0


def test_delete_me_with_lost_response_from_cognito_removes_everything(
    ada: TestClient, cognito: "CognitoIdentityProviderClient", count_leftovers: Callable[[str], int]
) -> None:
    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    cognito.meta.events.register("after-call.cognito-idp.DeleteUser", fail)

    responses = [ada.delete("/auth/me", params={"confirm": EMAIL}) for _ in range(2)]

    assert [response.status_code for response in responses] == [503, 401]
    assert sign_in(ada) == 400
    assert count_leftovers(OWNER) == 0


def test_delete_me_during_concurrent_deletion_removes_everything(
    ada: TestClient, cognito: "CognitoIdentityProviderClient", count_leftovers: Callable[[str], int]
) -> None:
    pool_id = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    end = partial(cognito.admin_delete_user, UserPoolId=pool_id, Username=EMAIL.lower())

    with before(cognito, "cognito-idp.DeleteUser", end):
        response = ada.delete("/auth/me", params={"confirm": EMAIL})

    assert (response.status_code, count_leftovers(OWNER)) == (202, 0)
