import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws.user_pool import UserPool
from app.api.routers.sessions import SESSION_SECONDS
from app.main import app, handler
from tests.support.template import declared
from tests.support.user_pool import EMAIL, NAMES, PASSWORD, make_userpool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

LOGIN = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
WHO = {"email": EMAIL, "password": PASSWORD}
SESSION_ROUTES = [("POST", "/auth/session"), ("POST", "/auth/session/refresh"), ("DELETE", "/auth/session")]


@pytest.fixture
def cognito(aws: None) -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp")


@pytest.fixture
def userpool(cognito: "CognitoIdentityProviderClient") -> UserPool:
    """A pool with Ada in it."""
    userpool = make_userpool(cognito)
    userpool.register(EMAIL, PASSWORD, **NAMES)
    userpool.confirm(EMAIL, "123456")
    return userpool


@pytest.fixture
def client(userpool: UserPool) -> Iterator[TestClient]:
    app.dependency_overrides[wiring.user_pool] = lambda: userpool
    yield TestClient(app)
    app.dependency_overrides.clear()


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    client.headers["X-PixTag"] = "1"
    return client


def test_a_program_signs_in_and_renews_its_access(client: TestClient) -> None:
    tokens = client.post("/auth/token", data=LOGIN).json()
    renewed = client.post(
        "/auth/token", data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    ).json()

    assert tokens.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert renewed == {"access_token": renewed["access_token"], "token_type": "Bearer", "expires_in": 3600}
    assert renewed["access_token"] != tokens["access_token"]


def test_the_form_of_the_docs_page_is_taken(client: TestClient) -> None:
    form = LOGIN | {"scope": "", "client_id": "", "client_secret": ""}

    answer = client.post("/auth/token", data=form, headers={"Authorization": "Basic Og=="})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "client_credentials"},
        {"grant_type": "password", "username": EMAIL},
        {"grant_type": "password", "password": PASSWORD, "refresh_token": "x"},
        {"grant_type": "refresh_token", "username": EMAIL, "password": PASSWORD},
        {"grant_type": "refresh_token", "refresh_token": ""},
        LOGIN | {"owner": "x"},
        LOGIN | {"password": "x" * 257},
    ],
)
def test_a_grant_of_the_wrong_form_is_refused(client: TestClient, form: dict[str, str]) -> None:
    assert client.post("/auth/token", data=form).status_code == 422


def test_a_grant_that_lacks_something_is_told_what(client: TestClient) -> None:
    answer = client.post("/auth/token", data={"grant_type": "refresh_token"})

    assert "grant_type=refresh_token needs refresh_token" in answer.json()["detail"]


@pytest.mark.parametrize("username", [EMAIL, "nobody@example.com"])
def test_wrong_credentials_ask_for_authentication(client: TestClient, username: str) -> None:
    answer = client.post("/auth/token", data=LOGIN | {"username": username, "password": "wrong"})

    assert (answer.status_code, answer.json()["type"]) == (401, "urn:pixtag:invalid-credentials")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_refresh_token_is_refused(client: TestClient) -> None:
    answer = client.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": "wrong"})

    assert (answer.status_code, answer.json()["type"]) == (401, "urn:pixtag:session-ended")
    assert "Set-Cookie" not in answer.headers


def test_a_program_signs_out_whatever_its_token(client: TestClient, cognito: "CognitoIdentityProviderClient") -> None:
    with Stubber(cognito) as stub:
        stub.add_response("revoke_token", {})
        stub.add_client_error("revoke_token", "UnsupportedTokenTypeException")

        answers = [client.post("/auth/revoke", json={"refresh_token": "token"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]


def test_a_browser_gets_the_refresh_token_in_a_cookie_alone(browser: TestClient) -> None:
    answer = browser.post("/auth/session", json=WHO)

    cookie, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert cookie.removeprefix("session=") not in answer.text
    assert set(attributes) == {"HttpOnly", "Max-Age=2592000", "Path=/auth/session", "SameSite=strict"}


def test_a_session_that_somebody_else_began_is_not_gone_on_with(browser: TestClient) -> None:
    answer = browser.post("/auth/session", json=WHO, headers={"Cookie": "session=of-somebody-else"})

    assert answer.status_code == 200
    assert answer.cookies["session"] not in {"", "of-somebody-else"}


def test_over_https_the_cookie_is_secure(browser: TestClient) -> None:
    browser.base_url = "https://testserver"

    answer = browser.post("/auth/session", json=WHO)

    assert "; Secure" in answer.headers["Set-Cookie"]


def test_behind_api_gateway_the_cookie_is_secure(browser: TestClient) -> None:
    request = {"method": "POST", "path": "/auth/session", "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
    event = {
        "version": "2.0",
        "rawPath": "/auth/session",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "x-pixtag": "1", "x-forwarded-proto": "https"},
        "requestContext": {"http": request, "stage": "$default"},
        "body": json.dumps(WHO),
        "isBase64Encoded": False,
    }

    answer = handler(event, {})  # type: ignore[arg-type]  # the context is not used

    assert "; Secure" in answer["cookies"][0]


def test_a_header_of_the_clients_does_not_say_what_the_scheme_is(browser: TestClient) -> None:
    answer = browser.post("/auth/session", json=WHO, headers={"X-Forwarded-Proto": "https"})

    assert "Secure" not in answer.headers["Set-Cookie"]


def test_the_cookie_lives_as_long_as_its_refresh_token() -> None:
    client = declared("Client")

    assert client["TokenValidityUnits"]["RefreshToken"] == "days"
    assert client["RefreshTokenValidity"] * 24 * 3600 == SESSION_SECONDS


def test_a_browser_renews_its_access_with_the_cookie(browser: TestClient) -> None:
    first = browser.post("/auth/session", json=WHO).json()

    renewed = browser.post("/auth/session/refresh")

    assert renewed.status_code == 200
    assert renewed.json()["access_token"] != first["access_token"]
    assert "Set-Cookie" not in renewed.headers


def test_a_cookie_that_is_no_session_is_refused_and_cleared(browser: TestClient) -> None:
    browser.cookies.set("session", "no such token", domain="testserver.local", path="/auth/session")

    answer = browser.post("/auth/session/refresh")

    assert (answer.status_code, answer.json()["type"]) == (401, "urn:pixtag:session-ended")
    assert not browser.cookies


def test_no_cookie_is_no_session(browser: TestClient) -> None:
    answer = browser.post("/auth/session/refresh")

    assert (answer.status_code, answer.json()["type"]) == (401, "urn:pixtag:session-ended")


def test_a_browser_signs_out_as_often_as_it_likes(
    browser: TestClient, cognito: "CognitoIdentityProviderClient"
) -> None:
    browser.post("/auth/session", json=WHO)
    with Stubber(cognito) as stub:
        stub.add_response("revoke_token", {})

        answers = [browser.delete("/auth/session") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert not browser.cookies
    assert browser.post("/auth/session/refresh").status_code == 401


@pytest.mark.parametrize(("method", "path"), SESSION_ROUTES)
@pytest.mark.parametrize("headers", [{}, {"X-PixTag": "0"}, {"X-PixTag": ""}])
def test_a_session_is_closed_to_other_sites(
    client: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = client.request(method, path, json=WHO, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:pixtag:csrf-header-missing")
    assert "X-PixTag: 1" in answer.json()["detail"]
    assert "Set-Cookie" not in answer.headers


def test_the_document_demands_the_header_of_every_session_route() -> None:
    paths = app.openapi()["paths"]

    for method, path in SESSION_ROUTES:
        (header,) = [each for each in paths[path][method.lower()]["parameters"] if each["in"] == "header"]
        assert (header["name"], header["required"], header["schema"]["enum"]) == ("X-PixTag", True, ["1"])
