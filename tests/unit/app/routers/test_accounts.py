from collections.abc import Iterator

import boto3
import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.main import app
from app.userpool import UserPool

ADA = {
    "email": "Ada@example.com",
    "password": "Correct-horse-battery-1",
    "given_name": "Ada",
    "family_name": "Lovelace",
}
LOGIN = {"grant_type": "password", "username": ADA["email"], "password": ADA["password"]}


@pytest.fixture
def client(aws: None) -> Iterator[TestClient]:
    cognito = boto3.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people", UsernameAttributes=["email"])["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )
    app.dependency_overrides[wiring.userpool] = lambda: UserPool(cognito, client["UserPoolClient"]["ClientId"])
    yield TestClient(app)
    app.dependency_overrides.clear()


def test_a_person_registers_confirms_and_signs_in(client: TestClient) -> None:
    registered = client.post("/auth/register", json=ADA)
    early = client.post("/auth/token", data=LOGIN)
    confirmed = client.post("/auth/confirm", json={"email": ADA["email"], "code": "123456"})
    tokens = client.post("/auth/token", data=LOGIN)

    assert (registered.status_code, early.status_code, confirmed.status_code) == (202, 403, 204)
    assert tokens.status_code == 200
    assert tokens.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token"}


def test_a_known_address_gets_the_answer_of_a_new_one(client: TestClient) -> None:
    answers = [client.post("/auth/register", json=ADA) for _ in range(2)]

    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


def test_a_weak_password_is_refused_with_the_reason(client: TestClient) -> None:
    answer = client.post("/auth/register", json=ADA | {"password": "weak"})

    assert answer.status_code == 422
    assert "password policy" in answer.json()["detail"]


def test_wrong_credentials_ask_for_authentication(client: TestClient) -> None:
    answer = client.post("/auth/token", data=LOGIN)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "change", [{"email": "no address"}, {"email": "a@b.c\r\nX: y"}, {"given_name": ""}, {"password": 1}, {"sub": "x"}]
)
def test_a_registration_of_the_wrong_form_is_refused(client: TestClient, change: dict[str, object]) -> None:
    assert client.post("/auth/register", json=ADA | change).status_code == 422
