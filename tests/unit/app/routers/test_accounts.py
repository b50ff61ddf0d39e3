from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from fastapi.testclient import TestClient

from app import auth, wiring
from app.auth import User
from app.main import app
from tests.people import EMAIL, NAMES, PASSWORD, make_userpool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

ADA = {"email": EMAIL, "password": PASSWORD, **NAMES}
OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
RULES = "A password has at least 12 characters and no space at either end."


@pytest.fixture
def cognito(aws: None) -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp")


@pytest.fixture
def client(cognito: "CognitoIdentityProviderClient") -> Iterator[TestClient]:
    userpool = make_userpool(cognito)
    app.dependency_overrides[wiring.userpool] = lambda: userpool
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


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no address"},
        {"email": "a@b.c\r\nX: y"},
        {"email": f"{'a' * 117}@example.com"},
        {"given_name": ""},
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
