"""The token endpoint and the revocation endpoint (RFC 6749, RFC 7009)."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import EndpointConnectionError
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.domain.accounts import AccessToken
from app.domain.errors import AccountNotConfirmed, TooManyRequests
from app.main import app
from app.settings import LocalSettings
from tests.support.local_accounts import EMAIL, PASSWORD, LocalAccounts, make_accounts

LOGIN: Final = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
ACCESS_TOKEN: Final = "e30.e30.e30"
PROBLEM: Final = {"type", "title", "status", "detail", "error", "error_description"}

Form = dict[str, str]


@pytest.fixture
def local(tmp_path: Path) -> LocalAccounts:
    local = make_accounts(tmp_path)
    local.add()
    return local


@pytest.fixture
def visitor(local: LocalAccounts) -> Iterator[TestClient]:
    app.dependency_overrides |= {
        provide(wiring.settings): LocalSettings,
        provide(wiring.accounts): lambda: local.accounts,
    }
    yield TestClient(app)
    app.dependency_overrides.clear()


def get_token(visitor: TestClient, **changes: str) -> Any:
    return visitor.post("/auth/token", data=LOGIN | changes)


def basic(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(text.encode()).decode()}"}


def test_token_is_never_cached(visitor: TestClient) -> None:
    for response in (get_token(visitor), get_token(visitor, password="wrong"), visitor.post("/auth/revoke")):
        assert (response.headers["Cache-Control"], response.headers["Pragma"]) == ("no-store", "no-cache")
        assert response.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
        ({"grant_type": "PASSWORD"}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": EMAIL}, "invalid_request"),
        ({"grant_type": "password", "password": PASSWORD, "refresh_token": "x"}, "invalid_request"),
        ({"grant_type": "refresh_token", "username": EMAIL, "password": PASSWORD}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": ""}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "\u00e4"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "wrong"}, "invalid_grant"),
        (LOGIN | {"password": "x" * 257}, "invalid_request"),
        (LOGIN | {"password": "wrong"}, "invalid_grant"),
        (LOGIN | {"username": "nobody@example.com"}, "invalid_grant"),
        (LOGIN | {"scope": 'a"b'}, "invalid_scope"),
        (LOGIN | {"scope": " read"}, "invalid_scope"),
        (LOGIN | {"scope": "read  edit"}, "invalid_scope"),
    ],
)
def test_error_of_token_has_members_of_oauth_and_of_a_problem(visitor: TestClient, form: Form, error: str) -> None:
    response = visitor.post("/auth/token", data=form)

    assert (response.status_code, response.json()["error"]) == (400, error)
    assert response.json().keys() - {"errors"} == PROBLEM
    assert (response.json()["status"], response.json()["title"]) == (400, "Bad Request")
    assert "WWW-Authenticate" not in response.headers


def test_error_description_has_only_characters_that_rfc_6749_allows(visitor: TestClient) -> None:
    response = visitor.post("/auth/token", data={"grant_type": 'a"\\\u00e4\u2026'})

    assert re.fullmatch(r"[ !#-\[\]-~]+", response.json()["error_description"])
    assert len(response.json()["error_description"]) > 20


@pytest.mark.parametrize("content", ["", "a", '{"grant_type": "password"}', "grant_type=%ff", "\xff"])
@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "application/json", "text/plain"])
def test_unreadable_body_is_an_invalid_request(visitor: TestClient, content: str, media_type: str) -> None:
    for path in ("/auth/token", "/auth/revoke"):
        response = visitor.post(path, content=content.encode("latin-1"), headers={"Content-Type": media_type})

        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "media_type", ["Application/X-WWW-Form-URLencoded", "application/x-www-form-urlencoded ; charset=UTF-8"]
)
def test_media_type_of_a_form_is_compared_as_rfc_9110_says(visitor: TestClient, media_type: str) -> None:
    body = f"grant_type=password&username={EMAIL}&password={PASSWORD.replace(' ', '+')}"

    assert visitor.post("/auth/token", content=body, headers={"Content-Type": media_type}).status_code == 200


def test_repeated_parameter_is_an_invalid_request_and_an_unknown_one_is_ignored(visitor: TestClient) -> None:
    form = [*LOGIN.items(), ("resource", "https://photos.example.com"), ("audience", "pixtag")]

    def send(parameters: list[tuple[str, str]]) -> Any:
        body = "&".join(f"{name}={value.replace(' ', '+')}" for name, value in parameters)
        return visitor.post("/auth/token", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert send(form).status_code == 200
    for repeated in (("grant_type", "password"), ("audience", "other")):
        assert send([*form, repeated]).json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({}, {}),
        ({}, {"client_id": "pixtag"}),
        ({}, {"client_id": "pixtag", "client_secret": "any"}),
        ({}, {"client_id": "", "client_secret": ""}),
        (basic(":"), {"scope": "", "client_id": "", "client_secret": ""}),  # the page /docs
        (basic("pixtag:"), {}),
        (basic("pixtag:any:thing"), {"client_id": "pixtag"}),
        ({"Authorization": "basic  cGl4dGFnOg=="}, {}),
        ({"Authorization": "Basic cGl4dGFnOvw="}, {}),  # Latin-1
        ({"Authorization": "Bearer old"}, {}),  # clients that send their token with each request
    ],
)
def test_client_authenticates_in_each_way(visitor: TestClient, headers: dict[str, str], fields: Form) -> None:
    assert visitor.post("/auth/token", data=LOGIN | fields, headers=headers).status_code == 200


@pytest.mark.parametrize("credentials", ["", "%%%", "cGl4dGFn", "cGl4dGFnO", "\xe4"])
def test_unreadable_client_credentials_return_401(visitor: TestClient, credentials: str) -> None:
    for path, form in (("/auth/token", LOGIN), ("/auth/revoke", {"token": "x"})):
        headers = {b"Authorization": f"Basic {credentials}".encode("latin-1")}
        response = visitor.post(path, data=form, headers=headers)

        assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
        assert response.headers["WWW-Authenticate"] == 'Basic realm="PixTag"'


def test_client_that_authenticates_twice_is_refused(visitor: TestClient) -> None:
    for path, form in (("/auth/token", LOGIN), ("/auth/revoke", {"token": "x"})):
        response = visitor.post(path, data=form | {"client_secret": "any"}, headers=basic("pixtag:any"))

        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("requested", "granted"),
    [("", None), ("edit upload read", None), ("read", "edit read upload"), ("openid profile", "edit read upload")],
)
def test_response_names_the_scope_if_it_is_not_the_requested_one(
    visitor: TestClient, requested: str, granted: str | None
) -> None:
    assert get_token(visitor, scope=requested).json().get("scope") == granted


@pytest.mark.parametrize(
    ("failure", "status", "error"),
    [
        (AccountNotConfirmed(), 400, "invalid_grant"),
        (TooManyRequests(), 429, "temporarily_unavailable"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), 503, "temporarily_unavailable"),
    ],
)
def test_other_failures_have_members_of_oauth_too(
    visitor: TestClient, failure: Exception, status: int, error: str
) -> None:
    class Failing:
        def sign_in(self, *_: str) -> AccessToken:
            raise failure

        def revoke(self, _: str) -> None:
            raise failure

    app.dependency_overrides[provide(wiring.accounts)] = Failing

    for response in (get_token(visitor), visitor.post("/auth/revoke", data={"token": "x"})):
        assert (response.status_code, response.json()["error"]) == (status, error)
        assert ("Retry-After" in response.headers) == (status != 400)


def test_revoked_token_ends_its_session(visitor: TestClient) -> None:
    token = get_token(visitor).json()["refresh_token"]

    revoked = [
        visitor.post("/auth/revoke", data={"token": token, "token_type_hint": hint, "extra": "x"})
        for hint in ("refresh_token", "access_token", "unknown")
    ]
    renewed = visitor.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})

    assert [(response.status_code, response.content) for response in revoked] == [(200, b"")] * 3
    assert (renewed.status_code, renewed.json()["error"]) == (400, "invalid_grant")


def test_revocation_of_unknown_token_succeeds(visitor: TestClient) -> None:
    assert visitor.post("/auth/revoke", data={"token": "unknown"}).status_code == 200


@pytest.mark.parametrize("token", [ACCESS_TOKEN, "pixtag_abc"])
def test_revocation_of_another_kind_of_token_is_refused(visitor: TestClient, token: str) -> None:
    response = visitor.post("/auth/revoke", data={"token": token})

    assert (response.status_code, response.json()["error"]) == (400, "unsupported_token_type")


def test_revocation_without_token_is_an_invalid_request(visitor: TestClient) -> None:
    for form in ({}, {"token": ""}, {"refresh_token": "x"}):
        assert visitor.post("/auth/revoke", data=form).json()["error"] == "invalid_request"
