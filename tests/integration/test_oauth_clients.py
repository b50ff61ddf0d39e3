"""Three OAuth 2 libraries sign in, refresh, meet errors and revoke, with a running PixTag.

PixTag's client is public, so each library uses the way in which it authenticates a client without a secret, or one of
any secret.
"""

import secrets
import warnings
from collections.abc import Iterator
from typing import Any, Final

import httpx
import httpx_auth
import pytest
from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient
from requests import Request, Session
from requests_oauthlib import OAuth2Session

from infra.local.pixtag import PixTag

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib warns of its next major version
    from authlib.integrations.base_client.errors import OAuthError
    from authlib.integrations.httpx_client import OAuth2Client

CLIENT_ID: Final = "program"
AUTHENTICATION: Final = [
    {"token_endpoint_auth_method": "none"},
    {"token_endpoint_auth_method": "client_secret_post", "client_secret": "any"},  # pragma: allowlist secret
    {"token_endpoint_auth_method": "client_secret_basic", "client_secret": "a:n y"},  # pragma: allowlist secret
]


@pytest.fixture(scope="module")
def login(pixtag: PixTag) -> dict[str, str]:
    """The e-mail address and the password of a new account."""
    email, password = f"{secrets.token_hex(4)}@example.com", secrets.token_urlsafe()
    with httpx.Client(base_url=pixtag.url, trust_env=False) as client:
        account = {"email": email, "password": password, "given_name": "Ada", "family_name": "Lovelace"}
        client.post("/auth/register", json=account).raise_for_status()
        confirmation = {"email": email, "code": pixtag.find_code(email), "password": password}
        client.post("/auth/confirm", json=confirmation).raise_for_status()
    return {"username": email, "password": password}


@pytest.fixture(autouse=True)
def allow_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """PixTag has no TLS on this machine."""
    for name in ("AUTHLIB_INSECURE_TRANSPORT", "OAUTHLIB_INSECURE_TRANSPORT"):
        monkeypatch.setenv(name, "1")


@pytest.fixture(params=AUTHENTICATION, ids=lambda options: options["token_endpoint_auth_method"])
def authlib(pixtag: PixTag, request: pytest.FixtureRequest) -> Iterator[OAuth2Client]:
    with OAuth2Client(
        CLIENT_ID,
        token_endpoint=f"{pixtag.url}/auth/token",
        base_url=pixtag.url,
        trust_env=False,
        **request.param,
    ) as client:
        yield client


def test_authlib_signs_in_refreshes_and_revokes(authlib: OAuth2Client, pixtag: PixTag, login: dict[str, str]) -> None:
    first = dict(authlib.fetch_token(grant_type="password", **login))
    assert authlib.get("/auth/me").json()["email"] == login["username"]

    second = dict(authlib.refresh_token())
    assert second["refresh_token"] != first["refresh_token"]
    assert authlib.get("/images").status_code == 200

    response = authlib.revoke_token(f"{pixtag.url}/auth/revoke", token_type_hint="refresh_token")
    assert response.status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant: You are not signed in"):
        authlib.refresh_token()


def test_authlib_refreshes_an_expired_token_by_itself(authlib: OAuth2Client, login: dict[str, str]) -> None:
    token = authlib.fetch_token(grant_type="password", **login)
    authlib.token = {**token, "expires_at": 1}

    assert authlib.get("/images").status_code == 200
    assert authlib.token["access_token"] != token["access_token"]


def test_authlib_learns_of_a_wrong_password_and_of_other_errors(authlib: OAuth2Client, login: dict[str, str]) -> None:
    with pytest.raises(OAuthError) as wrong:
        authlib.fetch_token(grant_type="password", username=login["username"], password="wrong")
    with pytest.raises(OAuthError) as unsupported:
        authlib.fetch_token(grant_type="client_credentials")

    assert (wrong.value.error, unsupported.value.error) == ("invalid_grant", "unsupported_grant_type")
    assert wrong.value.description == "The e-mail address or the password is wrong."


@pytest.mark.parametrize(
    "options", [{}, {"include_client_id": True}, {"client_secret": "any"}], ids=["basic", "post", "secret"]
)
def test_requests_oauthlib_signs_in_refreshes_and_revokes(
    pixtag: PixTag, login: dict[str, str], options: dict[str, Any]
) -> None:
    with OAuth2Session(client=LegacyApplicationClient(CLIENT_ID)) as session:
        session.trust_env = False
        url = f"{pixtag.url}/auth/token"
        with pytest.raises(InvalidGrantError, match="password is wrong"):
            session.fetch_token(url, username=login["username"], password="wrong", **options)

        first = session.fetch_token(url, **login, **options)
        assert session.get(f"{pixtag.url}/auth/me").json()["email"] == login["username"]
        second = session.refresh_token(url, client_id=CLIENT_ID)
        assert second["refresh_token"] != first["refresh_token"]

        client: Any = LegacyApplicationClient(CLIENT_ID)
        address, headers, body = client.prepare_token_revocation_request(
            f"{pixtag.url}/auth/revoke".replace("http:", "https:"), second["refresh_token"], "refresh_token"
        )
        request = Request("POST", address.replace("https:", "http:"), headers, data=body).prepare()
        with Session() as plain:
            plain.trust_env = False
            assert plain.send(request).status_code == 200
        with pytest.raises(InvalidGrantError, match="session has ended"):
            session.refresh_token(url)


def test_httpx_auth_signs_in_refreshes_and_learns_of_errors(pixtag: PixTag, login: dict[str, str]) -> None:
    url = f"{pixtag.url}/auth/token"
    with httpx.Client(base_url=pixtag.url, trust_env=False) as client:
        auth = httpx_auth.OAuth2ResourceOwnerPasswordCredentials(url, **login, client=client, early_expiry=3_700)
        wrong = httpx_auth.OAuth2ResourceOwnerPasswordCredentials(
            url, username=login["username"], password="wrong", client=client
        )
        forms = [client.get("/images", auth=auth).status_code for _ in range(2)]  # the second one refreshes

        assert forms == [200, 200]
        with pytest.raises(httpx_auth.InvalidGrantRequest, match="invalid_grant: The e-mail address or the password"):
            client.get("/images", auth=wrong)
