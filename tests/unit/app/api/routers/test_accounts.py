from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws.bucket import Upload
from app.adapters.aws.outbox import LEASE_SECONDS, Outbox
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.topics import EmailState, Topics
from app.api import auth
from app.api.auth import User
from app.domain.query import parse
from app.main import app
from app.services.ingest import Ingest
from app.services.outbox_worker import OutboxWorker
from tests.support.aws import BUCKET_NAME, TABLE_NAME, before
from tests.support.fakes import Clock
from tests.support.invariants import list_leftovers
from tests.support.user_pool import EMAIL, NAMES, PASSWORD, make_userpool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient

ADA = {"email": EMAIL, "password": PASSWORD, **NAMES}
OWNER, GRACE = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10", "9b1d0c5a-77aa-4c0e-8a53-6f1f2e3d4c5b"
RULES = "A password has at least 12 characters and no space at either end."


@pytest.fixture
def cognito(aws: None) -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp")


@pytest.fixture
def client(cognito: "CognitoIdentityProviderClient") -> Iterator[TestClient]:
    userpool = make_userpool(cognito)
    app.dependency_overrides[wiring.user_pool] = lambda: userpool
    yield TestClient(app)
    app.dependency_overrides.clear()


@pytest.fixture
def registered(client: TestClient) -> TestClient:
    client.post("/auth/register", json=ADA)
    client.post("/auth/confirm", json={"email": EMAIL, "code": "123456"})
    return client


def sign_in(client: TestClient, password: str = PASSWORD) -> int:
    form = {"grant_type": "password", "username": EMAIL, "password": password}
    return client.post("/auth/token", data=form).status_code


def test_a_person_registers_confirms_and_signs_in(client: TestClient) -> None:
    registered = client.post("/auth/register", json=ADA)
    early = sign_in(client)
    confirmed = client.post("/auth/confirm", json={"email": EMAIL, "code": "123456"})

    assert (registered.status_code, early, confirmed.status_code, sign_in(client)) == (202, 403, 204, 200)


def test_a_known_address_gets_the_answer_of_a_new_one(client: TestClient) -> None:
    answers = [client.post("/auth/register", json=ADA) for _ in range(2)]

    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_a_weak_password_is_refused_with_the_rules(registered: TestClient, email: str) -> None:
    answers = [
        registered.post("/auth/register", json=ADA | {"email": email, "password": "weak"}),
        registered.post("/auth/reset", json={"email": email, "code": "123456", "password": "weak"}),
    ]

    assert [(answer.status_code, answer.json()["detail"]) for answer in answers] == [(422, RULES)] * 2


def test_what_is_no_address_is_said_in_words(client: TestClient) -> None:
    answer = client.post("/auth/register", json=ADA | {"email": "ada@nowhere"})

    (fault,) = answer.json()["errors"]
    assert fault["detail"] == "this is no e-mail address like ada@example.com"


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
def test_a_registration_of_the_wrong_form_is_refused(client: TestClient, change: dict[str, object]) -> None:
    assert client.post("/auth/register", json=ADA | change).status_code == 422


def test_sending_the_code_again_answers_all_addresses_alike(
    client: TestClient, cognito: "CognitoIdentityProviderClient"
) -> None:
    with Stubber(cognito) as stub:
        stub.add_response("resend_confirmation_code", {})
        stub.add_client_error("resend_confirmation_code", "UserNotFoundException")
        stub.add_client_error("resend_confirmation_code", "InvalidParameterException")  # confirmed already

        answers = [client.post("/auth/resend", json={"email": EMAIL}) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1


def test_a_forgotten_password_is_replaced(registered: TestClient) -> None:
    forgot = registered.post("/auth/forgot", json={"email": EMAIL})
    new = {"email": EMAIL, "code": "123456", "password": "another good password"}
    reset = registered.post("/auth/reset", json=new)

    assert (forgot.status_code, reset.status_code) == (202, 204)
    assert [sign_in(registered, password) for password in (PASSWORD, new["password"])] == [401, 200]


def test_forgetting_answers_known_and_unknown_addresses_alike(registered: TestClient) -> None:
    answers = [registered.post("/auth/forgot", json={"email": email}) for email in (EMAIL, "nobody@example.com")]

    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


def test_a_wrong_code_is_told_with_what_to_do(registered: TestClient) -> None:
    registered.post("/auth/forgot", json={"email": EMAIL})

    wrong = {"email": EMAIL, "code": "moto-confirmation-code:wrong", "password": "another good password"}
    answer = registered.post("/auth/reset", json=wrong)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The code is wrong or has expired. Ask for a new one")


def test_a_person_sees_who_they_are_until_the_token_is_revoked(
    registered: TestClient, cognito: "CognitoIdentityProviderClient"
) -> None:
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    token = registered.post("/auth/token", data=form).json()["access_token"]
    app.dependency_overrides[auth.current_user] = lambda: User(OWNER, token)

    shown = registered.get("/auth/me")
    cognito.global_sign_out(AccessToken=token)
    refused = registered.get("/auth/me")

    assert shown.json() == {"id": OWNER, "email": EMAIL.lower(), **NAMES, "email_verified": False}
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:pixtag:invalid-token")


@pytest.fixture
def ada(
    registered: TestClient,
    outbox: Outbox,
    topics: Topics,
    subscriptions: Subscriptions,
    ingest: Ingest,
    photo: bytes,
) -> TestClient:
    """Ada, who is signed in, waits for dogs and has a photograph of one; and Grace, who has the same."""
    for owner in (OWNER, GRACE):
        subscriptions.add(owner, parse("dog"))
        topics.subscribe(owner, f"{owner}@example.com")
        ingest.ingest(owner, ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000).id)
    session = registered.post("/auth/session", json={"email": EMAIL, "password": PASSWORD}, headers={"X-PixTag": "1"})
    user = User(OWNER, session.json()["access_token"])
    app.dependency_overrides |= {
        auth.current_user: lambda: user,
        wiring.outbox: lambda: outbox,
        wiring.topics: lambda: topics,
    }
    return registered


@pytest.fixture
def left(
    outbox_worker: OutboxWorker, topics: Topics, dynamodb: "DynamoDBClient", s3: "S3Client", clock: Clock
) -> Callable[[str], int]:
    """How much there is of an owner when the outbox_worker has done all that it has to."""

    def left(owner: str) -> int:
        while outbox_worker.outbox.has_account_deletion(owner):
            outbox_worker.process(owner)
            clock.ahead += LEASE_SECONDS + 1
        reached = topics.state(owner) is not EmailState.NONE
        return reached + len(list_leftovers(owner, TABLE_NAME, BUCKET_NAME))

    return left


def test_an_account_is_deleted_with_everything_in_it(ada: TestClient, left: Callable[[str], int]) -> None:
    answer = ada.delete("/auth/me", params={"confirm": EMAIL.swapcase()})

    assert answer.status_code == 202
    assert answer.json()["detail"].startswith("Your account is deleted. Your library is being removed")
    assert "session" not in ada.cookies
    assert sign_in(ada) == 401
    assert left(OWNER) == 0
    assert left(GRACE) > 0


def test_who_asks_again_after_the_account_is_gone_is_not_known(ada: TestClient) -> None:
    answers = [ada.delete("/auth/me", params={"confirm": EMAIL}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 401]


@pytest.mark.parametrize("params", [{}, {"confirm": ""}, {"confirm": "grace@example.com"}, {"confirm": "x" * 129}])
def test_no_account_is_deleted_by_accident(ada: TestClient, outbox: Outbox, params: dict[str, str]) -> None:
    answer = ada.delete("/auth/me", params=params)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:pixtag:invalid-request")
    assert "confirm" in answer.json()["detail"]
    assert not outbox.has_account_deletion(OWNER)
    assert "session" in ada.cookies
    assert sign_in(ada) == 200


def test_who_has_signed_out_deletes_nothing(
    ada: TestClient, outbox: Outbox, cognito: "CognitoIdentityProviderClient"
) -> None:
    cognito.global_sign_out(AccessToken=app.dependency_overrides[auth.current_user]().token)

    answer = ada.delete("/auth/me", params={"confirm": EMAIL})

    assert (answer.status_code, outbox.has_account_deletion(OWNER)) == (401, False)


@pytest.mark.parametrize(
    ("call", "library_goes"),
    [
        ("cognito-idp.GetUser", False),
        ("dynamodb.PutItem", False),
        ("sns.DeleteTopic", True),
        ("cognito-idp.DeleteUser", True),
    ],
)
def test_what_is_cut_off_can_be_asked_for_again(
    ada: TestClient,
    cognito: "CognitoIdentityProviderClient",
    dynamodb: "DynamoDBClient",
    sns: "SNSClient",
    left: Callable[[str], int],
    call: str,
    library_goes: bool,  # noqa: FBT001 - a case
) -> None:
    clients = {"cognito-idp": cognito, "dynamodb": dynamodb, "sns": sns}

    def fail() -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    with before(clients[call.partition(".")[0]], call, fail):
        answer = ada.delete("/auth/me", params={"confirm": EMAIL})

    assert (answer.status_code, sign_in(ada), left(OWNER) == 0) == (503, 200, library_goes)
    assert "session" in ada.cookies
    assert ada.delete("/auth/me", params={"confirm": EMAIL}).status_code == 202
    assert sign_in(ada) == 401
    assert left(OWNER) == 0


def test_an_account_that_is_gone_before_its_answer_comes_takes_everything_with_it(
    ada: TestClient, cognito: "CognitoIdentityProviderClient", left: Callable[[str], int]
) -> None:
    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    cognito.meta.events.register("after-call.cognito-idp.DeleteUser", fail)

    answers = [ada.delete("/auth/me", params={"confirm": EMAIL}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [503, 401]
    assert sign_in(ada) == 401
    assert left(OWNER) == 0


def test_an_account_that_ended_meanwhile_is_deleted(
    ada: TestClient, cognito: "CognitoIdentityProviderClient", left: Callable[[str], int]
) -> None:
    pool_id = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    end = partial(cognito.admin_delete_user, UserPoolId=pool_id, Username=EMAIL.lower())

    with before(cognito, "cognito-idp.DeleteUser", end):
        answer = ada.delete("/auth/me", params={"confirm": EMAIL})

    assert (answer.status_code, left(OWNER)) == (202, 0)
