import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.api.routers.sessions import SESSION_SECONDS
from app.domain.ports import Accounts
from app.main import app, handler
from tests.support.template import resource_properties
from tests.support.user_pool import EMAIL, NAMES, PASSWORD, make_user_pool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

LOGIN = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}
SESSION_ROUTES = [("POST", "/auth/session"), ("POST", "/auth/session/refresh"), ("DELETE", "/auth/session")]


@pytest.fixture
def cognito(aws: None) -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp")


@pytest.fixture
def accounts(cognito: "CognitoIdentityProviderClient") -> Accounts:
    """Return a user pool in which Ada has a confirmed account."""
    accounts = make_user_pool(cognito)
    accounts.register(EMAIL, PASSWORD, **NAMES)
    accounts.confirm(EMAIL, "123456", PASSWORD)
    return accounts


@pytest.fixture
def client(accounts: Accounts) -> Iterator[TestClient]:
    app.dependency_overrides[provide(wiring.accounts)] = lambda: accounts
    yield TestClient(app)
    app.dependency_overrides.clear()


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    client.headers["X-PixTag"] = "1"
    return client


def test_token_is_renewed_with_refresh_token(client: TestClient) -> None:
    tokens = client.post("/auth/token", data=LOGIN).json()
    renewed = client.post(
        "/auth/token", data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    ).json()

    assert tokens.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert renewed == {"access_token": renewed["access_token"], "token_type": "Bearer", "expires_in": 3600}
    assert renewed["access_token"] != tokens["access_token"]


@pytest.mark.parametrize("username", [EMAIL, "nobody@example.com"])
def test_token_with_wrong_credentials_returns_invalid_grant(client: TestClient, username: str) -> None:
    response = client.post("/auth/token", data=LOGIN | {"username": username, "password": "wrong"})

    assert (response.status_code, response.json()["type"]) == (400, "urn:pixtag:invalid-credentials")
    assert response.json()["error"] == "invalid_grant"


def test_token_with_wrong_refresh_token_returns_invalid_grant(client: TestClient) -> None:
    response = client.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": "wrong"})

    assert (response.status_code, response.json()["type"]) == (400, "urn:pixtag:session-ended")
    assert response.json()["error"] == "invalid_grant"
    assert "Set-Cookie" not in response.headers


def test_revoke_with_valid_or_invalid_token_returns_200(
    client: TestClient, cognito: "CognitoIdentityProviderClient"
) -> None:
    with Stubber(cognito) as stub:
        stub.add_response("revoke_token", {})
        stub.add_client_error("revoke_token", "UnsupportedTokenTypeException")

        responses = [client.post("/auth/revoke", data={"token": "token"}) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 200]


def test_session_returns_refresh_token_only_in_protected_cookie(browser: TestClient) -> None:
    response = browser.post("/auth/session", json=CREDENTIALS)

    cookie, *attributes = response.headers["Set-Cookie"].split("; ")
    assert response.json().keys() == {"access_token", "token_type", "expires_in"}
    assert response.headers["Cache-Control"] == "no-store"
    assert cookie.removeprefix("session=") not in response.text
    assert set(attributes) == {"HttpOnly", "Max-Age=2592000", "Path=/auth/session", "SameSite=strict"}


def test_session_with_existing_cookie_sets_new_cookie(browser: TestClient) -> None:
    response = browser.post("/auth/session", json=CREDENTIALS, headers={"Cookie": "session=of-another-person"})

    assert response.status_code == 200
    assert response.cookies["session"] not in {"", "of-another-person"}


def test_session_over_https_sets_secure_cookie(browser: TestClient) -> None:
    browser.base_url = "https://testserver"

    response = browser.post("/auth/session", json=CREDENTIALS)

    assert "; Secure" in response.headers["Set-Cookie"]


def test_session_behind_api_gateway_sets_secure_cookie(browser: TestClient) -> None:
    request = {"method": "POST", "path": "/auth/session", "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
    event = {
        "version": "2.0",
        "rawPath": "/auth/session",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "x-pixtag": "1", "x-forwarded-proto": "https"},
        "requestContext": {"http": request, "stage": "$default"},
        "body": json.dumps(CREDENTIALS),
        "isBase64Encoded": False,
    }

    response = handler(event, {})  # type: ignore[arg-type]  # the context is not used

    assert "; Secure" in response["cookies"][0]


def test_session_ignores_forwarded_scheme_of_client(browser: TestClient) -> None:
    response = browser.post("/auth/session", json=CREDENTIALS, headers={"X-Forwarded-Proto": "https"})

    assert "Secure" not in response.headers["Set-Cookie"]


def test_session_cookie_has_lifetime_of_refresh_token() -> None:
    client = resource_properties("Client")

    assert client["TokenValidityUnits"]["RefreshToken"] == "days"
    assert client["RefreshTokenValidity"] * 24 * 3600 == SESSION_SECONDS


def test_refresh_with_cookie_returns_new_access_token(browser: TestClient) -> None:
    first = browser.post("/auth/session", json=CREDENTIALS).json()

    renewed = browser.post("/auth/session/refresh")

    assert renewed.status_code == 200
    assert renewed.json()["access_token"] != first["access_token"]
    assert "Set-Cookie" not in renewed.headers


def test_refresh_with_invalid_cookie_returns_401_and_deletes_cookie(browser: TestClient) -> None:
    browser.cookies.set("session", "no such token", domain="testserver.local", path="/auth/session")

    response = browser.post("/auth/session/refresh")

    assert (response.status_code, response.json()["type"]) == (401, "urn:pixtag:session-ended")
    assert not browser.cookies


def test_refresh_without_cookie_returns_401(browser: TestClient) -> None:
    response = browser.post("/auth/session/refresh")

    assert (response.status_code, response.json()["type"]) == (401, "urn:pixtag:session-ended")


def test_delete_session_twice_returns_204_and_ends_session(
    browser: TestClient, cognito: "CognitoIdentityProviderClient"
) -> None:
    browser.post("/auth/session", json=CREDENTIALS)
    with Stubber(cognito) as stub:
        stub.add_response("revoke_token", {})

        responses = [browser.delete("/auth/session") for _ in range(2)]

    assert [response.status_code for response in responses] == [204, 204]
    assert not browser.cookies
    assert browser.post("/auth/session/refresh").status_code == 401


@pytest.mark.parametrize(("method", "path"), SESSION_ROUTES)
@pytest.mark.parametrize("headers", [{}, {"X-PixTag": "0"}, {"X-PixTag": ""}])
def test_session_route_without_csrf_header_returns_403(
    client: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    response = client.request(method, path, json=CREDENTIALS, headers=headers)

    assert (response.status_code, response.json()["type"]) == (403, "urn:pixtag:csrf-header-missing")
    assert "X-PixTag: 1" in response.json()["detail"]
    assert "Set-Cookie" not in response.headers


def test_openapi_document_requires_csrf_header_on_session_routes() -> None:
    paths = app.openapi()["paths"]

    for method, path in SESSION_ROUTES:
        (header,) = [each for each in paths[path][method.lower()]["parameters"] if each["in"] == "header"]
        assert (header["name"], header["required"], header["schema"]["enum"]) == ("X-PixTag", True, ["1"])
